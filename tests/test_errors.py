"""The tree of errors, how a message reads, and the names that are offered."""

import pytest

from clienteling import errors
from clienteling.errors import (
    ClientelingError,
    DataError,
    EngineError,
    InputError,
    MissingExtra,
    columns_are,
    near_names,
)

TREE = {
    "ClientelingError": Exception,
    "InputError": ClientelingError,
    "SourceError": InputError,
    "ColumnError": InputError,
    "DataError": InputError,
    "DocumentError": InputError,
    "OutputError": InputError,
    "MissingExtra": InputError,
    "LimitError": errors.ClientelingError,
    "EngineError": ClientelingError,
}


def test_the_tree_is_the_one_that_is_drawn():
    for name, parent in TREE.items():
        assert getattr(errors, name).__bases__ == (parent,)
        assert name in (errors.__doc__ or "")
    assert errors.__all__ == sorted([*TREE, "columns_are", "near_names"])


def test_a_message_with_faults_and_a_hint():
    error = DataError("Two things are wrong.", faults=["this.", "that."], hint="Mend them.")
    assert str(error) == "Two things are wrong.\n  - this.\n  - that.\nMend them."
    assert error.message == "Two things are wrong."
    assert error.faults == ("this.", "that.")
    assert error.hint == "Mend them."
    assert error.args == (str(error),)


def test_a_message_alone():
    assert str(InputError("Wrong.")) == "Wrong."


def test_the_engines_error_has_its_sql():
    error = EngineError("Refused.", sql="SELECT 1")
    assert error.sql == "SELECT 1"
    assert str(error) == "Refused.\nThe query was:\nSELECT 1"
    assert not isinstance(error, InputError)


def test_a_missing_part_has_its_pip_line():
    assert str(MissingExtra("Pictures", "plots")) == (
        "Pictures need an optional part that is not installed.\n"
        'Install it with: pip install "clienteling[plots]"'
    )


@pytest.mark.parametrize(
    ("wanted", "available", "expected"),
    [
        ("Incme", ["Income", "Age"], 'Did you mean "Income"?'),
        ("INCOME", ["income", "Age"], 'Did you mean "income"?'),
        ("inc", ["income", "incline", "ince", "inch"], None),
        ("zzz", ["Income"], ""),
        ("", ["Income"], ""),
        ("Income", [], ""),
        ("Incom", ["Age", "Annual Income (k$)"], 'Did you mean "Annual Income (k$)"?'),
    ],
)
def test_near_names(wanted, available, expected):
    said = near_names(wanted, available)
    if expected is None:
        assert said.count(" or ") <= 2
    else:
        assert said == expected


def test_of_many_columns_the_nearest_are_named_and_the_others_counted():
    names = [f"filler_{number}" for number in range(40)] + ["Umsatz 2023", "Umsatz 2024"]
    said = columns_are(names, ["Umsatz"])
    assert said.startswith('The columns are: "filler_')
    assert said.endswith('"Umsatz 2023", "Umsatz 2024" and 34 others.')
    assert columns_are(names[:12]).endswith('"filler_11".')
