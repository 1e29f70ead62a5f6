"""A log of purchases that was given where a table of customers belongs: seen, and said.

A table of customers has a row per customer. Where most rows repeat an id, there is a column of
dates and one of amounts, and these differ between the rows of one customer, the rows are
purchases: segments of them would be segments of purchases.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.columns import find_id
from clienteling.data.inspection import EXACT, is_exact
from clienteling.data.sql import case, chain, column
from clienteling.data.table import Table
from clienteling.data.urls import is_url
from clienteling.errors import DataError
from clienteling.features.roles import is_code, words_of
from clienteling.features.transactions import usual_columns

__all__ = ["PurchaseLog", "find_purchase_log", "refuse_purchase_log"]

#: A date that belongs to a person, not to a purchase.
_OF_A_PERSON = re.compile(
    r"^(birth\w*|born|dob|join\w*|regist\w*|enrol\w*|sign\w*|since|start\w*|open\w*)$"
)
#: The share of rows that repeat an id, and that differ from others with the same, from which a
#: table is no longer one of customers.
_MOST = 0.5
_ONE = exp.Literal.number(1)


@dataclass(frozen=True)
class PurchaseLog:
    """Purchases, a row each, and which of their columns says what.

    Parameters
    ----------
    source : the table, as messages call it
    rows : rows with an id
    customers : different ids
    exact : whether the customers are counted, or the engine's approximation
    columns : by what ``clienteling rfm`` calls it, the column; without ``amount``, and without
        ``quantity`` and ``price``, where no column is called like one
    amounts : columns of numbers that could be the amount, where none is called like one
    """

    source: str
    rows: int
    customers: int
    exact: bool
    columns: Mapping[str, str]
    amounts: tuple[str, ...] = ()

    @property
    def repeated(self) -> int:
        """Rows whose id stands before."""
        return self.rows - self.customers

    @property
    def sentence(self) -> str:
        """What the table is taken for, and why."""
        share = min(99, round(100 * self.repeated / self.rows))
        many = f"{self.repeated:,}" if self.exact else f"about {share} %"
        return (
            "This looks like a log of purchases, not like a table of customers: "
            f"{many} of {self.rows:,} rows have an id that stands before in "
            f'"{self.columns["customer"]}", and what stands in {_listed(self._differing)} differs '
            "between the rows of one customer."
        )

    @property
    def _differing(self) -> list[str]:
        amount = [self.columns[each] for each in ("amount", "quantity") if each in self.columns]
        return [self.columns["date"], *(amount or self.amounts)[:1]]

    @property
    def command(self) -> str:
        """The command that makes a row per customer of it, its columns filled in."""
        known = {"amount": "AMOUNT"} if self.amounts else {}
        options = [f"--{role} {_word(found)}" for role, found in {**self.columns, **known}.items()]
        named = not is_url(self.source) and os.path.exists(self.source)
        where = _word(self.source) if named else "TRANSACTIONS"
        return " ".join(("clienteling rfm", where, *options, "--out customers.csv"))

    @property
    def next_step(self) -> str:
        """What to do with it, the command on a line of its own."""
        said = f"Make a row per customer of it first:\n  {self.command}\n"
        if self.amounts:
            said += f"with the column of the amounts for AMOUNT: {_listed(self.amounts)}. "
        return said + (
            "That names segments by recency, frequency and monetary value; with --behaviour DIR "
            "it forms segments by these measures too, with offers and a report."
        )

    def as_document(self) -> dict[str, Any]:
        """Return it as a part of a JSON document."""
        return {
            "rows": self.rows,
            "customers": self.customers,
            "columns": dict(self.columns),
            "command": self.command,
        }


def find_purchase_log(table: Table, id: str | None = None) -> PurchaseLog | None:
    """Return what the columns of a log of purchases are, or None: the rows are customers.

    Asks the engine only where there is an id, a column of dates and one of amounts. Of more than a
    million rows the ids are counted by the engine's approximation, and it is asked of the first
    million whether they differ.

    Parameters
    ----------
    table : any open table
    id : the column with the customer's id; by default the one with a usual name

    Examples
    --------
    >>> import clienteling as cl
    >>> import pandas as pd
    >>> days = pd.date_range("2026-01-01", periods=40)
    >>> bought = {"Customer": [n % 9 for n in range(40)], "Day": days, "Total": range(40)}
    >>> found = find_purchase_log(cl.read(pd.DataFrame(bought)))
    >>> found.customers, found.repeated
    (9, 31)
    >>> found.command
    'clienteling rfm TRANSACTIONS --customer Customer --date Day --amount Total --out customers.csv'
    """
    found_id = find_id(table, id)
    if found_id is None:
        return None
    columns = usual_columns(table, customer=found_id.name)
    day = _day(table, columns)
    if day is None:
        return None
    columns["date"] = day
    if "amount" in columns or not {"quantity", "price"} <= set(columns):
        columns.pop("price", None)
        columns.pop("quantity", None)
    amounts = () if {"amount", "quantity"} & set(columns) else _amounts(table, columns)
    telling = [columns[each] for each in ("amount", "quantity") if each in columns]
    if not telling and not amounts:
        return None
    if len(amounts) == 1:
        columns["amount"], amounts = amounts[0], ()
    rows, present, customers = _ids(table, found_id.name)
    if present - customers <= _MOST * present:
        return None
    whole = rows <= EXACT
    alike, seen, differing = _groups(table, found_id.name, [day, *(telling or amounts)], whole)
    if differing <= _MOST * seen:
        return None
    order = ("customer", "date", "amount", "quantity", "price", "invoice")
    return PurchaseLog(
        table.source,
        present,
        alike if whole else customers,
        whole,
        {each: columns[each] for each in order if each in columns},
        amounts,
    )


def refuse_purchase_log(table: Table, id: str | None = None) -> None:
    """Refuse a log of purchases where a table of customers belongs.

    Raises
    ------
    DataError
        With the command that makes a row per customer of it.
    """
    found = find_purchase_log(table, id)
    if found is None:
        return
    raise DataError(
        f"{table.source}: {found.sentence[0].lower()}{found.sentence[1:]}",
        hint=f"{found.next_step}\nIf each row is a customer all the same, say so with "
        "--rows-are-customers (in Python rows_are_customers=True).",
    )


def _day(table: Table, columns: Mapping[str, str]) -> str | None:
    usual = columns.get("date")
    if usual is not None and table[usual].kind in ("date", "text"):
        return usual
    dates = [
        each.name
        for each in table.columns
        if each.kind == "date" and not any(_OF_A_PERSON.match(w) for w in words_of(each.name))
    ]
    return next(iter(dates), None)


def _amounts(table: Table, columns: Mapping[str, str]) -> tuple[str, ...]:
    taken = set(columns.values())
    return tuple(
        each.name
        for each in table.columns
        if each.kind in ("integer", "number") and each.name not in taken and not is_code(each.name)
    )


def _ids(table: Table, id: str) -> tuple[int, int, int]:
    """Return the rows, those with an id, and about how many different ids there are."""
    exact = table.engine.dialect != "spark" and is_exact(table, EXACT + 1)
    distinct = exp.Count(this=exp.Distinct(expressions=[column(id)]))
    row = table.query(
        exp.select(
            exp.Count(this=exp.Star()).as_("n"),
            exp.Count(this=column(id)).as_("present"),
            (distinct if exact else exp.ApproxDistinct(this=column(id))).as_("ids"),
        )
    ).to_pylist()[0]
    return int(row["n"]), int(row["present"]), int(row["ids"])


def _groups(table: Table, id: str, telling: list[str], whole: bool) -> tuple[int, int, int]:
    """Return the ids, the rows, and the rows that differ from others with the same id."""
    asked = exp.select(column(id), *(column(each) for each in telling)).from_(table.subquery)
    present = exp.Not(this=exp.Is(this=column(id), expression=exp.null()))
    asked = asked.where(present) if whole else asked.where(present).limit(EXACT)
    differ = exp.or_(
        *(
            exp.LT(this=exp.Min(this=column(each)), expression=exp.Max(this=column(each)))
            for each in telling
        )
    )
    per_id = exp.select(
        exp.Count(this=exp.Star()).as_("n"), case([(differ, _ONE)], exp.Literal.number(0)).as_("d")
    ).group_by(column(id))
    counts = exp.select(
        exp.Count(this=exp.Star()).as_("ids"),
        exp.Sum(this=exp.column("n")).as_("seen"),
        exp.Sum(this=exp.Mul(this=exp.column("n"), expression=exp.column("d"))).as_("differing"),
    )
    subquery = exp.Subquery(this=asked, alias=exp.TableAlias(this=exp.to_identifier("rows_of")))
    row = table.engine.query(chain(subquery, ("by_id", per_id), ("counted", counts))).to_pylist()[0]
    return int(row["ids"]), int(row["seen"] or 0), int(row["differing"] or 0)


def _word(given: str) -> str:
    """Return a name as one word of a shell; in double quotes, which Windows knows too."""
    if re.fullmatch(r"[\w./:@%+=,-]+", given):
        return given
    return shlex.quote(given) if re.search(r'["$`\\!]', given) else f'"{given}"'


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return " and ".join(f'"{each}"' for each in names)
