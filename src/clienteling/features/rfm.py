"""Recency, frequency and monetary value of every customer, from a table of transactions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

import sqlglot.expressions as exp

from clienteling.data.read import Source, read
from clienteling.data.sql import chain, column, name
from clienteling.data.table import Column, Table
from clienteling.errors import InputError
from clienteling.features.counts import (
    Counts,
    Found,
    count_duplicates,
    count_lines,
    refuse_empty,
)
from clienteling.features.measures import MEASURES, measure_steps
from clienteling.features.scores import (
    LETTERS,
    SCORED,
    Cuts,
    check_cuts,
    score_columns,
    summarise,
)
from clienteling.features.transactions import find_roles, line_columns

__all__ = ["RFM", "rfm"]

_RESULT = (
    *MEASURES,
    *(Column(each, "integer") for each in LETTERS),
    Column("rfm", "text"),
)


@dataclass(frozen=True)
class RFM:
    """The customers behind a table of transactions.

    Parameters
    ----------
    table : lazy, a row per customer: ``customer_id``, ``recency`` (days since the last purchase),
        ``frequency`` (purchases), ``monetary`` (purchases less returns), ``tenure`` (days since
        the first purchase), ``mean_basket`` (value of a purchase), ``returns_share`` (value of
        the returns, of that of the purchases), ``r_score``, ``f_score``, ``m_score`` (1 to 5, 5
        is best) and ``rfm`` (the three in one word, ``"555"``)
    customers : how many there are
    only_returns : of those, how many bought nothing: they have no recency and no scores
    counts : rows kept, cancelled, without a customer, …
    thresholds : per measure, the four values at which one score ends and the next begins
    as_of : the day that recency and tenure are counted to
    first, last : the days of the first and the last row that is kept
    notes : what was assumed, in sentences
    """

    table: Table
    customers: int
    only_returns: int
    counts: Counts
    thresholds: Mapping[str, tuple[float, ...]]
    as_of: dt.date
    first: dt.date
    last: dt.date
    notes: tuple[str, ...] = ()


def rfm(
    transactions: Source,
    *,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    invoice: str | None = None,
    as_of: dt.date | str | None = None,
    duplicates: Literal["keep", "drop"] = "keep",
    cuts: Cuts | None = None,
    cancel_prefix: str = "C",
) -> RFM:
    """Return recency, frequency and monetary value of every customer, with their scores.

    Parameters
    ----------
    transactions : any source, a row per line of an invoice (or per purchase)
    customer, date, amount, quantity, price, invoice : the columns; by default those with a usual
        name. The amount of a line is in ``amount``, else it is quantity times price. Without an
        invoice, a purchase is all that a customer bought on one day.
    as_of : the day that recency and tenure are counted to (a date, or ``"2010-12-10"``); later
        rows are left out. By default the day after the last transaction.
    duplicates : what becomes of rows that repeat an earlier one in every column. They are kept
        by default: a till writes the same line twice where the same thing was scanned twice.
    cuts : four ascending values per measure (``recency``, ``frequency``, ``monetary``) at which
        one score ends and the next begins, instead of the quintiles
    cancel_prefix : invoices that begin with it, before a number, are cancellations; empty: none

    Returns
    -------
    RFM
        Amounts are in the currency of the transactions, recency and tenure in days.

    Raises
    ------
    ColumnError
        A column is missing or holds something else than it should.
    DataError
        No row can be used, or nobody bought anything.
    InputError
        A day or the cuts are not understood.

    Notes
    -----
    Scores go by quintiles (Hughes, *Strategic Database Marketing*, 1994) that keep ties together:
    equal values always get the same score.

    Examples
    --------
    >>> import pandas as pd
    >>> import clienteling as cl
    >>> lines = pd.DataFrame(
    ...     {
    ...         "Invoice": ["1", "1", "2", "C3", "4"],
    ...         "Customer ID": [7, 7, 7, 7, 8],
    ...         "InvoiceDate": pd.to_datetime(["2024-03-01"] * 2 + ["2024-03-09"] * 3),
    ...         "Quantity": [2, 1, 3, -1, 1],
    ...         "Price": [10.0, 5.0, 10.0, 10.0, 4.0],
    ...     }
    ... )
    >>> made = cl.rfm(lines)
    >>> made.as_of.isoformat(), made.counts.returns
    ('2024-03-10', 1)
    >>> first = made.table.df().sort_values("customer_id").iloc[0]
    >>> int(first["recency"]), int(first["frequency"]), float(first["monetary"])
    (1, 2, 45.0)
    """
    own = check_cuts(cuts)
    until = _day(as_of)
    if duplicates not in ("keep", "drop"):
        raise InputError(f'duplicates is "{duplicates}"; it must be keep or drop.')
    table = read(transactions)
    roles = find_roles(
        table,
        customer=customer,
        date=date,
        amount=amount,
        quantity=quantity,
        price=price,
        invoice=invoice,
    )
    notes = [*table.notes, *roles.notes]
    lines = line_columns(table, roles, cancel_prefix)
    found = count_lines(table, roles, lines, until)
    if found.cancelled * 2 > found.rows:
        notes.append(
            f'Most invoices begin with "{cancel_prefix}": that is taken as no sign of a '
            "cancellation."
        )
        lines = line_columns(table, roles, "")
        found = count_lines(table, roles, lines, until)
    refuse_empty(table, roles, found, until)
    assert found.first is not None
    assert found.last is not None
    until = until or found.last + dt.timedelta(days=1)
    repeated = count_duplicates(table)
    source = table.subquery
    if repeated and duplicates == "drop":
        distinct = exp.select(*(column(each) for each in table.names)).from_(source).distinct()
        source = exp.Subquery(
            this=distinct, alias=exp.TableAlias(this=exp.to_identifier("distinct_rows"))
        )
    kind = table[roles.customer].kind
    whole_ids = kind == "number" and found.broken_ids == 0
    id_kind = "integer" if whole_ids else kind if kind in ("integer", "number") else "text"
    id_column = Column("customer_id", id_kind)
    steps = measure_steps(lines, until, whole_ids=whole_ids)
    measures = Table(table.engine, chain(source.copy(), *steps), (id_column,), table.source)
    summary = summarise(measures, [each for each in SCORED if each not in own])
    only_returns = summary.customers - summary.buyers
    thresholds = {each: (own.get(each) or summary.cuts[each]) for each in SCORED}
    counts = _counts(found, summary.lines, repeated)
    notes += counts.words(until, duplicates == "drop")
    notes += _words(thresholds, own, only_returns)
    scored = exp.select("*", *score_columns(thresholds))
    result = exp.select(
        column("customer_id"),
        *(column(each.name) for each in _RESULT[:-1]),
        _word().as_(name("rfm")),
    ).order_by(column("customer_id"))
    select = chain(source, *steps, ("rfm_scored", scored), ("rfm_result", result))
    said = tuple(notes)
    return RFM(
        Table(table.engine, select, (id_column, *_RESULT), table.source, said),
        summary.customers,
        only_returns,
        counts,
        thresholds,
        until,
        found.first,
        found.last,
        said,
    )


def _day(given: dt.date | str | None) -> dt.date | None:
    if isinstance(given, dt.datetime):
        return given.date()
    if given is None or isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(given.strip())
    except ValueError as error:
        raise InputError(
            f'"{given}" is not a day.', hint="Write it as year, month and day: 2010-12-10."
        ) from error


def _counts(found: Found, kept: int, duplicates: int) -> Counts:
    shared = {each.name for each in fields(Counts)} & {each.name for each in fields(Found)}
    counted = {each: getattr(found, each) for each in shared}
    return Counts(kept=kept, duplicates=duplicates, **counted)


def _words(
    thresholds: Mapping[str, tuple[float, ...]], own: Mapping[str, object], only_returns: int
) -> list[str]:
    said = []
    for measure, cuts in thresholds.items():
        if measure not in own and len(set(cuts)) < len(cuts):
            said.append(
                f"Not every score of {measure} is given: there are too few different values."
            )
    if only_returns:
        whose = "customer" if only_returns == 1 else "customers"
        said.append(
            f"{only_returns:,} {whose} only returned goods, and "
            f"{'has' if only_returns == 1 else 'have'} no recency and no scores."
        )
    return said


def _word() -> exp.Expr:
    first, *rest = (exp.cast(column(each), exp.DataType.Type.VARCHAR) for each in LETTERS)
    word: exp.Expr = first
    for each in rest:
        word = exp.DPipe(this=word, expression=each, safe=True)
    return word
