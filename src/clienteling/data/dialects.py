"""Render a query for a dialect: sqlglot's text, with what it doesn't know mended in one place."""

from __future__ import annotations

import sqlglot.expressions as exp

from clienteling.data.sql import WHOLE

__all__ = ["render"]

#: Their planners paste each named step into the next, so that an expression that is used five
#: times is computed five times at every step, and the text grows without bound. An OFFSET of
#: zero rows changes no row and keeps a step as it is, without storing it.
_PASTING = ("postgres", "redshift", "sqlite")


#: Dialects with a function for it, which sqlglot calls by its name.
_IS_NAN = ("bigquery", "clickhouse", "databricks", "presto", "spark", "spark2", "trino")

#: A longer list of whole numbers Spark looks up one object at a time.
_LONG_LIST = 400
#: Bits in a word of a bitmap, and the most words.
_BITS, _MOST_WORDS = 32, 20_000


def render(query: exp.Expr, dialect: str, *, pretty: bool = False) -> str:
    """Return the text of a query in a dialect.

    Examples
    --------
    >>> import sqlglot
    >>> query = sqlglot.parse_one("WITH a AS (SELECT x + 1 AS y FROM t) SELECT y * y FROM a")
    >>> render(query, "duckdb")
    'WITH a AS (SELECT x + 1 AS y FROM t) SELECT y * y FROM a'
    >>> render(query, "postgres")
    'WITH a AS (SELECT x + 1 AS y FROM t OFFSET 0) SELECT y * y FROM a'

    ``LEAST`` is for values that are not null, since engines differ in what it makes of one.

    >>> render(sqlglot.parse_one("SELECT LEAST(a, b) FROM t"), "duckdb")
    'SELECT LEAST(a, b) FROM t'

    The statistics of a Parquet file leave NaN out where Arrow, Polars or Spark wrote it. DuckDB
    believes them, and may take a limit for met, or NaN for impossible, without a look at the
    values; so it is asked what they don't tell.

    >>> render(sqlglot.parse_one("SELECT ABS(a) <= 5, ISNAN(a) FROM t"), "duckdb")
    'SELECT (ISFINITE(a) AND ABS(a) <= 5), (NOT ISFINITE(a) AND NOT ISINF(a)) FROM t'

    A long list of :func:`~clienteling.data.sql.is_one_of` is a bitmap in Spark, which else asks a
    set of objects for every row.

    Whether a value is NaN has no function of its own in PostgreSQL, Snowflake and others.

    >>> render(sqlglot.parse_one("SELECT ISNAN(a) FROM t"), "postgres")
    'SELECT ((NOT ABS(a) <= 1e300 AND a = -a) OR a <> a) FROM t'
    """
    query = query.copy()  # once: the rest, sqlglot's own generator too, changes it in place
    if dialect == "duckdb":
        for each in query.find_all(exp.Least, exp.LTE):
            if isinstance(each, exp.Least):
                # sqlglot asks every value whether it is null, which takes longer than the least.
                each.set("ignore_nulls", True)
            elif isinstance(each, exp.LTE) and isinstance(each.this, exp.Abs):
                _without_statistics(each)
    if dialect not in _IS_NAN:
        for each in list(query.find_all(exp.IsNan)):
            each.replace(_neither(each.this) if dialect == "duckdb" else _is_nan(each.this))
    if dialect == "spark":
        for each in [each for each in query.find_all(exp.In) if _is_long(each)]:
            each.replace(_in_bits(each))
    if dialect in _PASTING:
        for step in query.find_all(exp.CTE):
            if isinstance(step.this, exp.Select) and not step.this.args.get("limit"):
                step.set("this", step.this.offset(0, copy=False))
    return query.sql(dialect, copy=False, pretty=pretty)


def _is_long(among: exp.In) -> bool:
    """Whether a list is one of :func:`~clienteling.data.sql.is_one_of` that bits hold better."""
    if WHOLE not in among.meta or len(among.expressions) <= _LONG_LIST:
        return False
    numbers = _numbers(among)
    return max(numbers) - min(numbers) < _BITS * _MOST_WORDS


def _numbers(among: exp.In) -> list[int]:
    return [int(each.name) for each in among.expressions]


def _in_bits(among: exp.In) -> exp.Expr:
    """Return the condition that the bit of a number is set in a list of words."""
    numbers = _numbers(among)
    first = min(numbers)
    words = [0] * ((max(numbers) - first) // _BITS + 1)
    for each in numbers:
        words[(each - first) // _BITS] |= 1 << ((each - first) % _BITS)
    bitmap = exp.Anonymous(
        this="ARRAY", expressions=[exp.Literal.number(f"{each}L") for each in words]
    )
    from_first = exp.Paren(
        this=exp.Sub(this=among.this.copy(), expression=exp.Literal.number(first))
    )
    index = _called("SHIFTRIGHT", from_first, exp.Literal.number(_BITS.bit_length() - 1))
    bit = exp.BitwiseAnd(this=from_first.copy(), expression=exp.Literal.number(_BITS - 1))
    # Beyond the list GET gives null, and so does the rest.
    word = _called("SHIFTRIGHT", _called("GET", bitmap, index), bit)
    one = exp.Literal.number(1)
    is_set = exp.EQ(this=exp.BitwiseAnd(this=word, expression=one), expression=one.copy())
    return exp.Coalesce(this=is_set, expressions=[exp.false()])


def _called(function: str, *values: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=function, expressions=list(values))


def _neither(value: exp.Expr) -> exp.Expr:
    """Return the condition that a value is neither finite nor infinite."""
    asked = [
        exp.Not(this=exp.Anonymous(this=each, expressions=[value.copy()]))
        for each in ("ISFINITE", "ISINF")
    ]
    return exp.Paren(this=exp.And(this=asked[0], expression=asked[1]))


def _is_nan(value: exp.Expr) -> exp.Expr:
    """Return the condition that a value is NaN, whether NaN equals itself or nothing at all.

    Where it equals itself, it is the only value beyond all limits that is its own negative; an
    infinity is not.
    """
    limit = exp.LTE(this=exp.Abs(this=value.copy()), expression=exp.Literal.number("1e300"))
    own_negative = exp.EQ(this=value.copy(), expression=exp.Neg(this=value.copy()))
    equal = exp.Paren(this=exp.And(this=exp.Not(this=limit), expression=own_negative))
    unequal = exp.NEQ(this=value.copy(), expression=value.copy())
    return exp.Paren(this=exp.Or(this=equal, expression=unequal))


def _without_statistics(limit: exp.LTE) -> None:
    """Put a question that statistics can't answer before ``ABS(x) <= limit``."""
    finite = exp.Anonymous(this="ISFINITE", expressions=[limit.this.this.copy()])
    both = exp.Paren(this=exp.And(this=finite, expression=limit.copy()))
    limit.replace(both)
