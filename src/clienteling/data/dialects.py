"""Render a query for a dialect: sqlglot's text, with what it doesn't know mended in one place."""

from __future__ import annotations

import sqlglot.expressions as exp

__all__ = ["render"]

#: Their planners paste each named step into the next, so that an expression that is used five
#: times is computed five times at every step, and the text grows without bound. An OFFSET of
#: zero rows changes no row and keeps a step as it is, without storing it.
_PASTING = ("postgres", "redshift", "sqlite")


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
    """
    if dialect == "duckdb":
        # sqlglot asks every value whether it is null, which takes longer than the least itself.
        query = query.copy()
        for least in query.find_all(exp.Least):
            least.set("ignore_nulls", True)
    if dialect in _PASTING:
        query = query.copy()
        for step in query.find_all(exp.CTE):
            if isinstance(step.this, exp.Select) and not step.this.args.get("limit"):
                step.set("this", step.this.offset(0))
    return query.sql(dialect, pretty=pretty)
