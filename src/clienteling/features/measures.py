"""Lines to customers: recency, frequency, monetary value, and what goes with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlglot.expressions as exp

from clienteling.data.sql import case, column, double, name, text
from clienteling.data.table import Column

__all__ = ["MEASURES", "date_of", "measure_steps"]

#: A row per customer, after ``customer_id``.
MEASURES = (
    Column("recency", "integer"),
    Column("frequency", "integer"),
    Column("monetary", "number"),
    Column("tenure", "integer"),
    Column("mean_basket", "number"),
    Column("returns_share", "number"),
)


def date_of(day: dt.date) -> exp.Expr:
    """Return a day as an expression."""
    return exp.cast(text(day.isoformat()), exp.DataType.Type.DATE)


def measure_steps(
    lines: Sequence[exp.Expr], as_of: dt.date, *, whole_ids: bool
) -> list[tuple[str, exp.Select]]:
    """Return the named steps from a transaction table to ``customer_id`` and the measures.

    Parameters
    ----------
    lines : what each line says, see :func:`clienteling.features.transactions.line_columns`
    as_of : the day that recency and tenure are counted to; later lines are left out
    whole_ids : the customers' ids are numbers with nothing after the point

    Returns
    -------
    list of (name, select)
        The last step has ``customer_id``, :data:`MEASURES` and ``cl_lines``.
    """
    is_return = exp.EQ(this=column("cl_return"), expression=exp.Literal.number(1))
    nothing = exp.cast(exp.Literal.number(0), exp.DataType.build("DECIMAL(22, 6)"))

    def bought(value: exp.Expr) -> exp.Expr:
        return case([(exp.not_(is_return.copy()), value)], None)

    def total(value: exp.Expr) -> exp.Expr:
        return exp.Sum(this=value)

    totals = exp.select(
        column("cl_customer"),
        exp.Max(this=bought(column("cl_day"))).as_(name("cl_last")),
        exp.Min(this=bought(column("cl_day"))).as_(name("cl_first")),
        exp.Count(this=exp.Distinct(expressions=[bought(column("cl_purchase"))])).as_(
            name("frequency")
        ),
        total(case([(is_return.copy(), nothing.copy())], column("cl_amount"))).as_(
            name("cl_bought")
        ),
        total(case([(is_return.copy(), column("cl_amount"))], nothing.copy())).as_(
            name("cl_returned")
        ),
        exp.Count(this=exp.Star()).as_(name("cl_lines")),
    ).group_by(column("cl_customer"))
    taking_part = exp.and_(
        exp.not_(exp.Is(this=column("cl_customer"), expression=exp.null())),
        exp.not_(exp.Is(this=column("cl_amount"), expression=exp.null())),
        exp.LTE(this=column("cl_day"), expression=date_of(as_of)),
    )
    customer: exp.Expr = column("cl_customer")
    if whole_ids:
        customer = exp.cast(customer, exp.DataType.Type.BIGINT)
    net = exp.Paren(this=exp.Sub(this=column("cl_bought"), expression=column("cl_returned")))
    measures = exp.select(
        customer.as_(name("customer_id")),
        _days("cl_last", as_of).as_(name("recency")),
        column("frequency"),
        double(net).as_(name("monetary")),
        _days("cl_first", as_of).as_(name("tenure")),
        _ratio("cl_bought", "frequency").as_(name("mean_basket")),
        _ratio("cl_returned", "cl_bought").as_(name("returns_share")),
        column("cl_lines"),
    )
    # Names of their own: SQLite takes a step called like the table for the table, and Spark's text
    # has the steps of nested queries side by side.
    return [
        ("rfm_lines", exp.select(*lines)),
        ("rfm_taking_part", exp.select("*").where(taking_part)),
        ("rfm_totals", totals),
        ("rfm_measures", measures),
    ]


def _days(since: str, as_of: dt.date) -> exp.Expr:
    days = exp.DateDiff(this=date_of(as_of), expression=column(since), unit=exp.var("DAY"))
    return exp.cast(days, exp.DataType.Type.BIGINT)


def _ratio(above: str, below: str) -> exp.Expr:
    """Return a quotient of float64, null where there is nothing to divide by."""
    positive = exp.GT(this=column(below), expression=exp.Literal.number(0))
    return case(
        [(positive, exp.Div(this=double(column(above)), expression=double(column(below))))], None
    )
