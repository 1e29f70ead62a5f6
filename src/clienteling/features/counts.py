"""What a table of transactions is like, in rows, before any of it becomes a customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.sql import case, chain, column, name, number
from clienteling.data.table import Table
from clienteling.errors import DataError
from clienteling.features.measures import date_of
from clienteling.features.transactions import Roles

__all__ = ["Counts", "Found", "count_duplicates", "count_lines", "refuse_empty"]

#: Up to here every whole number is a float64.
_LARGEST_ID = 2.0**53


@dataclass(frozen=True)
class Counts:
    """What the transactions were like, in rows; one row may be counted under several.

    Parameters
    ----------
    rows : all of them
    kept : rows that the customers' figures are made of
    cancelled : invoices that begin with the prefix of a cancellation
    negative_quantities : quantity below zero
    returns : cancelled, or quantity or amount below zero: they count against the purchases
    without_customer : left out
    unusable_dates, unusable_amounts : missing or not readable; left out
    after : later than the day that recency is counted to; left out
    duplicates : rows that repeat an earlier one in every column
    non_positive_prices : price of zero or below
    """

    rows: int
    kept: int
    cancelled: int
    negative_quantities: int
    returns: int
    without_customer: int
    unusable_dates: int
    unusable_amounts: int
    after: int
    duplicates: int
    non_positive_prices: int

    def words(self, as_of: dt.date, dropped: bool) -> list[str]:
        """Say in sentences what was left out and what was assumed."""
        left_out = (
            (self.without_customer, "has", "have", "no customer"),
            (self.unusable_dates, "has", "have", "no usable date"),
            (self.unusable_amounts, "has", "have", "no usable amount"),
            (self.after, "is", "are", f"later than {as_of.isoformat()}"),
        )
        said = [
            f"{rows:,} of {self.rows:,} rows {one if rows == 1 else many} {what} and "
            f"{'is' if rows == 1 else 'are'} left out."
            for rows, one, many, what in left_out
            if rows
        ]
        if self.returns:
            returned = (
                "1 row is a return" if self.returns == 1 else f"{self.returns:,} rows are returns"
            )
            on = f" ({self.cancelled:,} on cancelled invoices)" if self.cancelled else ""
            count = "its amount counts" if self.returns == 1 else "their amounts count"
            said.append(f"{returned}{on}: {count} against the purchases.")
        if self.duplicates:
            repeats = (
                "1 row repeats" if self.duplicates == 1 else f"{self.duplicates:,} rows repeat"
            )
            kept = "dropped." if dropped else "kept, because the same thing may be bought twice."
            said.append(
                f"{repeats} an earlier one in every column and "
                f"{'is' if self.duplicates == 1 else 'are'} {kept}"
            )
        if self.non_positive_prices:
            said.append(
                f"Rows with a price of zero or below, which stay in: {self.non_positive_prices:,}."
            )
        return said


@dataclass(frozen=True)
class Found:
    """What one pass over the lines found; the names are those of :class:`Counts`.

    Parameters
    ----------
    usable : rows with a customer, a date and an amount, up to the day
    broken_ids : customers' numbers with something after the point, or too large to be whole
    first, last : days of the usable rows; None where there is none
    """

    rows: int
    cancelled: int
    negative_quantities: int
    returns: int
    without_customer: int
    unusable_dates: int
    unusable_amounts: int
    after: int
    non_positive_prices: int
    usable: int
    broken_ids: int
    first: dt.date | None
    last: dt.date | None


def count_lines(
    table: Table, roles: Roles, lines: Sequence[exp.Expr], as_of: dt.date | None
) -> Found:
    """Count the lines by what they are, in one query.

    Parameters
    ----------
    table : the transactions
    roles : their columns
    lines : see :func:`clienteling.features.transactions.line_columns`
    as_of : later rows are not usable; None: there are none
    """
    no_customer, no_day, no_amount = (
        exp.Is(this=column(each), expression=exp.null())
        for each in ("cl_customer", "cl_day", "cl_amount")
    )
    complete = exp.not_(exp.or_(no_customer.copy(), no_day.copy(), no_amount.copy()))
    late: exp.Expr = exp.false()
    if as_of is not None:
        late = exp.and_(complete.copy(), exp.GT(this=column("cl_day"), expression=date_of(as_of)))
    usable = exp.and_(complete, exp.not_(late.copy()))
    broken: exp.Expr = exp.false()
    if table[roles.customer].kind == "number":
        broken = exp.or_(
            exp.NEQ(this=column("cl_customer"), expression=exp.Floor(this=column("cl_customer"))),
            exp.GT(this=exp.Abs(this=column("cl_customer")), expression=number(_LARGEST_ID)),
        )
    day = case([(usable, column("cl_day"))], None)
    conditions = {
        "cancelled": _is_set("cl_cancelled"),
        "negative_quantities": _is_set("cl_negative"),
        "returns": _is_set("cl_return"),
        "without_customer": no_customer,
        "unusable_dates": no_day,
        "unusable_amounts": no_amount,
        "after": late,
        "non_positive_prices": _is_set("cl_free"),
        "usable": usable,
        "broken_ids": broken,
    }
    counted = exp.select(
        exp.Count(this=exp.Star()).as_(name("rows")),
        *(
            exp.Count(this=case([(each.copy(), exp.Literal.number(1))], None)).as_(name(key))
            for key, each in conditions.items()
        ),
        exp.Min(this=day.copy()).as_(name("first")),
        exp.Max(this=day.copy()).as_(name("last")),
    )
    query = chain(table.subquery, ("rfm_lines", exp.select(*lines)), ("rfm_counted", counted))
    row = table.engine.query(query).to_pylist()[0]
    return Found(**{**row, "first": _date(row["first"]), "last": _date(row["last"])})


def _date(value: Any) -> dt.date | None:
    # SQLite knows no dates: it gives them as text.
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _is_set(flag: str) -> exp.Expr:
    return exp.EQ(this=column(flag), expression=exp.Literal.number(1))


def refuse_empty(table: Table, roles: Roles, found: Found, as_of: dt.date | None) -> None:
    """Refuse transactions of which no row can be used, and say what is wrong with them.

    Raises
    ------
    DataError
        With a fault per column that stands in the way.
    """
    if found.usable:
        return
    amount = roles.amount or f"{roles.quantity} × {roles.price}"
    faults = [
        f'"{which}": {what} in {rows:,} of {found.rows:,} rows.'
        for which, rows, what in (
            (roles.customer, found.without_customer, "no customer"),
            (roles.date, found.unusable_dates, "no usable date"),
            (amount, found.unusable_amounts, "no usable amount"),
            (roles.date, found.after, f"later than {as_of}"),
        )
        if rows
    ]
    raise DataError(
        f"{table.source}: no row has a customer, a date and an amount.",
        faults=faults,
        hint="Write dates as 2010-12-09 and amounts with a decimal point, or name other columns.",
    )


def count_duplicates(table: Table) -> int:
    """Count the rows that repeat an earlier one in every column."""
    each = exp.select(exp.Count(this=exp.Star()).as_(name("n"))).group_by(
        *(column(name_) for name_ in table.names)
    )
    distinct = exp.select(
        exp.Sum(this=column("n")).as_(name("rows")), exp.Count(this=exp.Star()).as_(name("groups"))
    )
    query = chain(table.subquery, ("rfm_each", each), ("rfm_counted", distinct))
    row = table.engine.query(query).to_pylist()[0]
    return int(row["rows"]) - int(row["groups"])
