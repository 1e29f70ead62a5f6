"""Small pieces of SQL as sqlglot expressions, shared by every computation over customers.

Names and values enter a query as expression nodes, never as pasted text, so that a column
called ``Annual Income (k$)`` or a value with a quote in it is as safe as any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

__all__ = [
    "case",
    "chain",
    "column",
    "double",
    "is_one_of",
    "name",
    "no_value",
    "number",
    "text",
    "usable",
]

#: Larger magnitudes count as infinite. The comparison is false for null, NaN and infinity on
#: every engine, so one test serves for all of them.
LARGEST = 1e300

#: Marks a list of whole numbers.
WHOLE = "whole numbers"


def name(identifier: str) -> exp.Identifier:
    """Return a quoted identifier.

    Examples
    --------
    >>> name("Annual Income (k$)").sql("duckdb")
    '"Annual Income (k$)"'
    """
    return exp.to_identifier(identifier, quoted=True)


def column(identifier: str) -> exp.Column:
    """Return a column reference with a quoted name."""
    return exp.column(name(identifier))


def number(value: float) -> exp.Expr:
    """Return a float64 literal that every engine reads back as the very same number.

    The exponent form makes the literal a double; a plain ``0.1`` is a decimal in most dialects.

    Examples
    --------
    >>> number(0.1).sql("duckdb"), number(-2).sql("duckdb")
    ('1e-1', '-2.0e+0')
    """
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value}")
    literal = exp.Literal.number(f"{Decimal(repr(abs(float(value)))):e}")
    return exp.Neg(this=literal) if math.copysign(1.0, value) < 0 else literal


def text(value: str) -> exp.Literal:
    """Return a string literal."""
    return exp.Literal.string(value)


def double(expression: exp.Expr) -> exp.Cast:
    """Return ``expression`` as a float64."""
    return exp.cast(expression, exp.DataType.Type.DOUBLE)


def usable(expression: exp.Expr) -> exp.Expr:
    """Return the condition that a value takes part: not null, not NaN, not infinite.

    Examples
    --------
    >>> usable(column("x")).sql("duckdb")
    'ABS("x") <= 1e+300'
    """
    return exp.LTE(this=exp.Abs(this=expression.copy()), expression=number(LARGEST))


def no_value(expression: exp.Expr) -> exp.Expr:
    """Return the condition that a float64 is missing: null, or NaN, which Arrow's files may hold.

    Examples
    --------
    >>> no_value(column("x")).sql("duckdb")
    '"x" IS NULL OR ISNAN("x")'
    """
    is_null = exp.Is(this=expression.copy(), expression=exp.null())
    return exp.or_(is_null, exp.IsNan(this=expression.copy()))


def case(branches: Sequence[tuple[exp.Expr, exp.Expr]], default: exp.Expr | None) -> exp.Expr:
    """Return ``CASE WHEN … THEN … ELSE default END``; without branches, the default."""
    if not branches:
        return default if default is not None else exp.null()
    # Built at once: a method for each branch would copy all those before it.
    return exp.Case(
        ifs=[exp.If(this=condition.copy(), true=result.copy()) for condition, result in branches],
        default=None if default is None else default.copy(),
    )


def chain(first: exp.Expr, *steps: tuple[str, exp.Select]) -> exp.Select:
    """Compose named steps into one query: each step selects from the one before it.

    Parameters
    ----------
    first : what the first step selects from, a table or a subquery
    steps : pairs of a name and a select without ``FROM``; the last one is the result. In the text
        each is called by its name with ``cl_`` before it

    Examples
    --------
    >>> from sqlglot import select
    >>> step = select((column("x") + exp.Literal.number(1)).as_("y"))
    >>> chain(exp.to_table("t"), ("plus", step), ("out", select("y"))).sql("duckdb")
    'WITH cl_plus AS (SELECT "x" + 1 AS y FROM t) SELECT y FROM cl_plus'
    """
    *before, (_, last) = steps
    # A customers' table may be called like a step, and may itself be such a chain.
    taken = {each.alias_or_name for each in first.find_all(exp.CTE)}
    source: exp.Expr = first
    ctes: list[tuple[str, exp.Select]] = []
    for step_name, step in before:
        called, layer = f"cl_{step_name}", 2
        while called in taken:
            called, layer = f"cl_{step_name}_{layer}", layer + 1
        ctes.append((called, step.from_(source.copy())))
        source = exp.to_table(called)
    result = last.from_(source.copy())
    for called, step in ctes:
        result = result.with_(called, as_=step, copy=False)
    return result


def is_one_of(value: exp.Expr, numbers: Sequence[int]) -> exp.Expr:
    """Return the condition that a whole number, never null, is one of some that are not negative.

    Examples
    --------
    >>> is_one_of(column("cell"), [3, 5]).sql("duckdb")
    '"cell" IN (3, 5)'
    """
    if not numbers:
        return exp.false()
    wanted: list[exp.Expr] = [exp.Literal.number(each) for each in numbers]
    found = exp.In(this=value.copy(), expressions=wanted)
    found.meta[WHOLE] = True
    return found
