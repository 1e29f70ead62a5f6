"""Find the columns that are meant: by their name, by a short form of it, by a known other name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.header_words import in_a_sentence
from clienteling.data.sql import chain, column
from clienteling.data.table import Table
from clienteling.errors import ColumnError, columns_are, near_names

__all__ = [
    "COUNTED",
    "ID_ALIASES",
    "Found",
    "count_repeated",
    "find_column",
    "find_columns",
    "find_id",
    "is_taken",
    "label_and_unit",
    "normalise",
    "repeated_ids",
    "repeated_words",
]

#: Up to this many rows repeated ids are counted; beyond, that costs more than it tells.
COUNTED = 1_000_000

#: Names under which shops export the customer's id.
ID_ALIASES = (
    "CustomerID",
    "Customer",
    "CustID",
    "ClientID",
    "UserID",
    "MemberID",
    "ShopperID",
    "BuyerID",
    "AccountID",
    "CustomerNumber",
    "CustomerNo",
    "CustomerNr",
    "CustomerKey",
    "CustNumber",
    "CustNo",
    "CustNr",
    "CustKey",
    "ClientNumber",
    "ClientNo",
    "MemberNumber",
    "MemberNo",
    "AccountNumber",
    "AccountNo",
    "HouseholdID",
    "HouseholdKey",
    "KundenID",
    "Kundennummer",
    "KundenNr",
    "Kunde",
    "ID",
)


#: Columns of the result beside the features; engines know no difference in case.
_TAKEN = {
    *("customer_id", "segment_id", "segment", "margin", "runner_up"),
    *("offer_1", "offer_2", "offer_3", "note", "reason"),
}


@dataclass(frozen=True)
class Found:
    """A column that was found, and what was assumed to find it (empty: its exact name)."""

    name: str
    note: str = ""


def normalise(column: str) -> str:
    """Reduce a column's name to what people agree on.

    Examples
    --------
    >>> normalise(" Annual_Income (k$)"), normalise("annualIncome")
    ('annualincome', 'annualincome')
    """
    bare = re.sub(r"\([^)]*\)", "", column)
    return re.sub(r"[\W_]", "", bare).lower() or re.sub(r"\s", "", column).lower()


def label_and_unit(column: str) -> tuple[str, str]:
    """Split a column's name into words for people and the unit in its parentheses.

    Examples
    --------
    >>> label_and_unit("Annual Income (k$)"), label_and_unit("Spending Score (1-100)")
    (('annual income', 'k$'), ('spending score', ''))
    >>> label_and_unit("Bestellungen"), label_and_unit("VIP_Orders (€)")
    (('Bestellungen', ''), ('VIP orders', '€'))
    """
    inside = re.search(r"\(([^)]*)\)\s*$", column)
    unit = inside[1].strip() if inside else ""
    if re.fullmatch(r"[\d\s.,–-]*", unit):  # a range such as 1-100 is no unit
        unit = ""
    words = re.sub(r"\([^)]*\)\s*$", "", column)
    apart = r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})"
    words = re.sub(apart, " ", words).replace("_", " ")
    return in_a_sentence(words) or column, unit


def is_taken(feature: str) -> bool:
    """Whether a feature is called like a column of the result, or like our own steps.

    Examples
    --------
    >>> is_taken("Margin"), is_taken("margins")
    (True, False)
    """
    return feature.lower() in _TAKEN or feature.lower().startswith("cl_")


def find_column(wanted: str, available: Sequence[str], aliases: Sequence[str] = ()) -> Found | None:
    """Find the column that ``wanted`` means, or None.

    The exact name comes first, then the same name but for case, blanks and the unit, then the
    known other names. Among several candidates nothing is guessed: the answer is None.

    Examples
    --------
    >>> find_column("Gender", ["id", "Genre"], aliases=["Genre"])
    Found(name='Genre', note='Column "Genre" is read as Gender.')
    """
    if wanted in available:
        return Found(wanted)
    for names in ((wanted,), tuple(aliases)):
        keys = {normalise(each) for each in names}
        matches = [each for each in available if normalise(each) in keys]
        if len(matches) == 1:
            return Found(matches[0], f'Column "{matches[0]}" is read as {wanted}.')
        if matches:
            return None
    return None


def find_columns(
    table: Table, wanted: Sequence[str], aliases: Mapping[str, Sequence[str]] | None = None
) -> list[Found]:
    """Find each of the ``wanted`` columns, or say all that are missing at once.

    Raises
    ------
    ColumnError
        With a fault per missing column, the nearest names, and the columns that there are.
    """
    found, faults = [], []
    for each in wanted:
        match = find_column(each, table.names, (aliases or {}).get(each, ()))
        if match is None:
            hint = near_names(each, table.names)
            faults.append(f'there is no column "{each}".' + (f" {hint}" if hint else ""))
        else:
            found.append(match)
    if faults:
        raise ColumnError(
            f"{table.source}: columns are missing.",
            faults=faults,
            hint=columns_are(table.names, wanted),
        )
    repeated = sorted({each.name for each in found if sum(o.name == each.name for o in found) > 1})
    if repeated:
        raise ColumnError(
            f"{table.source}: "
            + ", ".join(f'"{each}"' for each in repeated)
            + " is named more than once among the features.",
            hint="Name each feature once.",
        )
    return found


def columns_named(table: Table, wanted: Sequence[str], hint: str = "") -> dict[str, str]:
    """Return what each wanted column is called; ``customer_id`` is found as an id is.

    Raises
    ------
    ColumnError
        With a fault per missing column and the nearest names.
    """
    found, faults = {}, []
    for each in wanted:
        match = find_id(table) if each == "customer_id" else find_column(each, table.names)
        if match is None:
            faults.append(f'there is no column "{each}". {near_names(each, table.names)}'.strip())
        else:
            found[each] = match.name
    if faults:
        raise ColumnError(f"{table.source}: columns are missing.", faults=faults, hint=hint)
    return found


def repeated_ids(table: Table, id: str) -> list[str]:
    """Say, in a sentence, that customer ids stand more than once; an empty list where none does."""
    return repeated_words(id, count_repeated(table, id)[1])


def repeated_words(id: str, more: int) -> list[str]:
    """Say how many rows have an id that stands before; an empty list where none has."""
    if not more:
        return []
    rows = "1 row has" if more == 1 else f"{more:,} rows have"
    return [f'{rows} an id that stands before in "{id}"; each row counts as a customer.']


def count_repeated(table: Table, id: str) -> tuple[int, int]:
    """Return how many rows have an id, and how many of them one that stands before."""
    # By groups and not by COUNT(DISTINCT …), for which DuckDB needs memory for all ids at once.
    present = exp.Not(this=exp.Is(this=column(id), expression=exp.null()))
    per_id = exp.select(exp.Count(this=exp.Star()).as_("n")).where(present).group_by(column(id))
    counts = exp.select(
        exp.Sum(this=exp.column("n")).as_("present"),
        exp.Count(this=exp.Star()).as_("distinct_ids"),
    )
    steps = chain(table.subquery, ("ids", per_id), ("counted", counts))
    row = table.engine.query(steps).to_pylist()[0]
    with_id = int(row["present"] or 0)
    return with_id, with_id - int(row["distinct_ids"])


def find_id(table: Table, wanted: str | None = None) -> Found | None:
    """Find the customer's id: the column that is named, else one with a usual name, else None."""
    if wanted is not None:
        return find_columns(table, [wanted])[0]
    for alias in ID_ALIASES:
        match = find_column(alias, table.names)
        if match is not None:
            return Found(match.name, f'Column "{match.name}" is taken as the customer id.')
    return None
