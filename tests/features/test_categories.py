"""Levels as features: found, pooled, coded in numpy as in SQL, and refused where they are none."""

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import ColumnError, DataError
from clienteling.features.categories import Category, find_categories, levels_table


def table(**columns) -> cl.Table:
    return cl.read(pd.DataFrame(columns))


def test_levels_come_by_their_number_of_customers():
    city = ["Bonn"] * 30 + ["Berlin"] * 50 + ["Kiel"] * 20
    (found,), said = find_categories(table(city=city), ["city"])
    assert found == Category("city", ("Berlin", "Bonn", "Kiel"))
    assert said == ['Column "city" takes part by 3 levels. It weighs as much as 2 numbers.']


def test_rare_levels_are_pooled_and_said():
    city = ["Berlin"] * 60 + ["Bonn"] * 34 + ["Ulm"] * 3 + ["Kiel"] * 2 + ["Jena"]
    (found,), (said,) = find_categories(table(city=city), ["city"])
    assert found == Category("city", ("Berlin", "Bonn"), rest=True)
    assert said == (
        'Column "city" takes part by 3 levels; "other" stands for 3 rare ones (6.0% of the '
        "customers, each below 5%) and for new ones. It weighs as much as 2 numbers."
    )


def test_a_single_rare_level_keeps_its_name():
    (found,), _ = find_categories(table(city=["Berlin"] * 99 + ["Ulm"]), ["city"])
    assert found == Category("city", ("Berlin", "Ulm"))


def test_of_very_many_levels_the_common_ones_are_found():
    city = ["Berlin"] * 500 + [f"village {i}" for i in range(500)]
    (found,), (said,) = find_categories(table(city=city), ["city"])
    assert found == Category("city", ("Berlin",), rest=True)
    assert "500 rare ones (50.0% of the customers" in said


@pytest.mark.parametrize(
    ("values", "levels", "kind"),
    [
        ([1, 1, 2, 3, 3, 3], (3, 1, 2), "integer"),
        ([True, False, False], (False, True), "boolean"),
        ([" a", "a ", "b"], ("a", "b"), "text"),
    ],
)
def test_whole_numbers_and_flags_are_levels_too(values, levels, kind):
    (found,), _ = find_categories(table(x=values), ["x"])
    assert found.levels == levels
    assert [type(each) for each in found.levels] == [type(each) for each in levels]
    assert found.kind == kind


def test_all_columns_that_are_none_are_named_at_once():
    amounts = table(a=[1.5, 2.5], b=pd.to_datetime(["2024-01-01", "2024-01-02"]), c=["x", "y"])
    with pytest.raises(ColumnError) as error:
        find_categories(amounts, ["a", "b", "c"])
    assert error.value.faults == ('"a" holds numbers with decimals.', '"b" holds dates.')


def test_levels_that_tell_nothing_are_refused():
    odd = table(
        same=["x"] * 200,
        names=[f"name {i}" for i in range(200)],
        none=pd.Series([None] * 200, dtype="string"),
    )
    with pytest.raises(DataError) as error:
        find_categories(odd, ["same", "names", "none"])
    assert error.value.faults == (
        'column "same" is "x" for every customer.',
        'column "names" has 200 levels, and none has 5% of the customers.',
        'column "none" is empty in all rows.',
    )


VALUES = ["Berlin", " Bonn ", "Kiel", "", "  ", None, "berlin"]


@pytest.mark.parametrize("rest", [True, False])
def test_the_columns_are_what_a_single_value_gives(rest):
    category = Category("city", ("Berlin", "Bonn"), rest)
    found = levels_table(table(city=VALUES), [category]).df()[category.names].to_numpy()
    expected = np.array([category.row(each) for each in VALUES])
    assert np.array_equal(found, expected, equal_nan=True)
    assert np.nansum(found) == (4 if rest else 2)


NUMBERS = [1.0, 2.0, 3.0, 1.5, np.nan, np.inf, -np.inf]


@pytest.mark.parametrize("rest", [True, False])
def test_the_same_of_numbers(rest):
    category = Category("plan", (1, 2), rest)
    found = levels_table(table(plan=NUMBERS), [category]).df()[category.names].to_numpy()
    expected = np.array([category.row(each) for each in NUMBERS])
    assert np.array_equal(found, expected, equal_nan=True)
    assert np.isnan(found).all(axis=1).tolist() == [False, False, *[not rest] * 2, *[True] * 3]


def test_a_value_may_come_as_people_write_it():
    gold, plan = Category("gold", (False, True)), Category("plan", (1, 2))
    assert gold.row("yes") == gold.row(True) == gold.row("1") == [0.0, 1.0]
    assert gold.row("No") == gold.row(0) == [1.0, 0.0]
    assert plan.row("2") == plan.row(2.0) == [0.0, 1.0]
    for category, value in ((gold, "perhaps"), (plan, "two"), (Category("a", ("b",)), 3)):
        with pytest.raises(ValueError, match=str(value)):
            category.row(value)


def test_names_differ_by_more_than_their_case():
    category = Category("city", ("Bonn", "bonn", "BONN", "other"), rest=True)
    assert category.names == [
        "city = Bonn",
        "city = bonn (2)",
        "city = BONN (3)",
        "city = other",
        "city = other (2)",
    ]
    found = levels_table(table(city=["Bonn", "bonn", "BONN", "Kiel"]), [category]).df()
    assert found[category.names].to_numpy().argmax(axis=1).tolist() == [0, 1, 2, 4]


def test_a_column_that_is_called_like_a_level_is_refused():
    with pytest.raises(ColumnError, match='there is a column "a = x" already'):
        levels_table(table(**{"a": ["x", "y"], "a = x": [1, 2]}), [Category("a", ("x", "y"))])
