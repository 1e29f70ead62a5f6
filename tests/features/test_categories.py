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
    assert found == Category("city", ("Berlin", "Bonn", "Kiel"), missing_words=True)
    assert said == ['Column "city" takes part by 3 levels. It weighs as much as 2 numbers.']


def test_rare_levels_are_pooled_and_said():
    city = ["Berlin"] * 60 + ["Bonn"] * 34 + ["Ulm"] * 3 + ["Kiel"] * 2 + ["Jena"]
    (found,), (said,) = find_categories(table(city=city), ["city"])
    assert found == Category("city", ("Berlin", "Bonn"), rest=True, missing_words=True)
    assert said == (
        'Column "city" takes part by 3 levels; "other" stands for 3 rare ones (6.0% of the '
        "customers, each below 5%) and for new ones. It weighs as much as 2 numbers."
    )


def test_a_single_rare_level_keeps_its_name():
    (found,), _ = find_categories(table(city=["Berlin"] * 99 + ["Ulm"]), ["city"])
    assert found == Category("city", ("Berlin", "Ulm"), missing_words=True)


def test_of_very_many_levels_the_common_ones_are_found():
    city = ["Berlin"] * 500 + [f"village {i}" for i in range(500)]
    (found,), (said,) = find_categories(table(city=city), ["city"])
    assert found == Category("city", ("Berlin",), rest=True, missing_words=True)
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


def test_words_for_missing_are_no_levels_and_are_said():
    city = ["Berlin"] * 40 + ["Bonn"] * 30 + ["n/a"] * 20 + [" Unknown"] * 8 + ["-", "?"]
    (found,), (words, said) = find_categories(table(city=city), ["city"])
    assert found == Category("city", ("Berlin", "Bonn"), missing_words=True)
    assert words == (
        'Column "city": 30 values such as "-" count as missing (otherwise: --as-text city).'
    )
    assert said.startswith('Column "city" takes part by 2 levels.')


def test_a_column_that_is_kept_as_written_has_such_levels():
    city = ["Berlin"] * 40 + ["Bonn"] * 30 + ["NA"] * 30
    kept = cl.read(pd.DataFrame({"city": city}), as_text=["city"])
    (found,), (said,) = find_categories(kept, ["city"])
    assert found == Category("city", ("Berlin", "Bonn", "NA"))
    assert "3 levels" in said
    for given, fault in (("ctiy", 'no column "ctiy"'), ("n", 'column "n" holds integer, not text')):
        with pytest.raises(ColumnError, match="can't be kept as text") as error:
            cl.read(pd.DataFrame({"city": city, "n": 1}), as_text=given)
        assert fault in error.value.faults[0]


VALUES = ["Berlin", " Bonn ", "Kiel", "", "  ", None, "berlin"]
WORDS = ["NA", " n/a ", "Unknown", "-", "k.A."]


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("rest", [True, False])
def test_the_columns_are_what_a_single_value_gives(rest, words):
    category = Category("city", ("Berlin", "Bonn"), rest, words)
    values = [*VALUES, *WORDS]
    found = levels_table(table(city=values), [category]).df()[category.names].to_numpy()
    expected = np.array([category.row(each) for each in values])
    assert np.array_equal(found, expected, equal_nan=True)
    others = 2 if words else 2 + len(WORDS)
    assert np.nansum(found) == (2 + others if rest else 2)


@pytest.mark.parametrize("rest", [True, False])
def test_a_level_is_a_level_though_it_is_such_a_word(rest):
    category = Category("city", ("None", "Bonn"), rest, missing_words=True)
    values = ["None", "none", "NA", "Bonn", "Kiel"]
    found = levels_table(table(city=values), [category]).df()[category.names].to_numpy()
    expected = np.array([category.row(each) for each in values])
    assert np.array_equal(found, expected, equal_nan=True)
    assert found[0].tolist() == [1.0, 0.0, 0.0][: len(category.values)]
    assert np.isnan(found[1:3]).all()


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
    assert np.isnan([*gold.row("n/a"), *plan.row("?")]).all()
    for category, value in ((gold, "perhaps"), (plan, "two"), (Category("a", ("b",)), 3)):
        with pytest.raises(ValueError, match=str(value)):
            category.row(value)


def test_levels_of_text_find_truths_where_no_other_words_are_left(tmp_path):
    category = Category("gold", ("False", "perhaps", "True"))
    path = tmp_path / "customers.csv"
    path.write_text("id,gold\n1,true\n2,False\n3,\n")
    found = levels_table(cl.read(path), [category]).df()[category.names].to_numpy(dtype=float)
    wanted = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [np.nan, np.nan, np.nan]]
    np.testing.assert_array_equal(found, wanted)


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
