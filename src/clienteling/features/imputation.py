"""The median in the place of a value that is missing: only where it is asked for.

A customer who has a value for some features but not for all gets the median of the fit for the
others, and is marked. One without any value gets none: the middle of everything says nothing of
them. NaN, which files of Arrow, Polars and Spark hold beside null, is missing too; a value that is
infinite is wrong, not missing, and stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlglot.expressions as exp

from clienteling.data.numbers import as_number
from clienteling.data.sql import case, chain, column, name, no_value, number, usable
from clienteling.data.table import Column, Table
from clienteling.errors import InputError, near_names
from clienteling.features.transforms import Floats

__all__ = [
    "Imputed",
    "check_impute",
    "count_imputed",
    "find_medians",
    "impute_steps",
    "imputed",
    "imputed_customers",
    "imputed_table",
    "median_words",
]

_KINDS = ("median", "none")


@dataclass(frozen=True)
class Imputed:
    """How many customers have a median in the place of a value.

    Parameters
    ----------
    customers : with one median or more
    features : per feature, the customers who have its median
    medians : by feature, in the features' own units
    levels : the features that are levels of categories; of each the most frequent one has median 1
    """

    customers: int
    features: dict[str, int]
    medians: dict[str, float]
    levels: frozenset[str] = frozenset()

    @property
    def notes(self) -> list[str]:
        """What was filled in, in sentences."""
        if not self.customers:
            return []
        one = self.customers == 1
        who = "1 customer has" if one else f"{self.customers:,} customers have"
        filled = [
            f'"{each}" for {many:,}'
            if each in self.levels
            else f'"{each}" {self.medians[each]:,.6g} for {many:,}'
            for each, many in self.features.items()
            if many and not (each in self.levels and not self.medians[each])
        ]
        what = "the median or the most frequent level" if self.levels else "the median"
        return [
            f"{who} {what} in the place of a missing value ({'; '.join(filled)}); the column "
            "note marks them."
        ]


def check_impute(impute: str | None) -> bool:
    """Return whether medians are asked for.

    Raises
    ------
    InputError
        Something else is asked for.
    """
    if impute is not None and impute not in _KINDS:
        near = near_names(impute, _KINDS)
        raise InputError(
            f'Missing values can\'t be filled with "{impute}". {near}'.strip(),
            hint="Ask for median, or leave it out: then who lacks a value has no segment.",
        )
    return impute == "median"


def median_words(feature: str, median: float) -> str:
    """Say that a customer has the median.

    Examples
    --------
    >>> median_words("Annual Income (k$)", 61.5)
    'Annual Income (k$) was missing: median 61.5 used.'
    """
    return f"{feature} was missing: median {median:,.6g} used."


def find_medians(table: Table, features: Sequence[str]) -> dict[str, float]:
    """Return the median of the values that are there; none for a feature without any.

    A query per feature: an exact median keeps all values of the column in memory.
    """
    found = {}
    for each in features:
        value = as_number(table, each)
        there = exp.select(value.as_(name("value"))).where(usable(value)).from_(table.subquery)
        row = table.engine.query(_median(there, table.engine.dialect)).to_pylist()[0]
        if row["median"] is not None:
            found[each] = float(row["median"])
    return found


#: Engines with a median of their own.
_MEDIAN = ("duckdb", "spark", "postgres", "snowflake", "bigquery", "databricks")


def _median(values: exp.Select, dialect: str) -> exp.Select:
    """Return the query for the median of a column ``value``."""
    value, inner = column("value"), exp.TableAlias(this=name("cl_values"))
    source = exp.Subquery(this=values, alias=inner)
    if dialect in _MEDIAN:
        return exp.select(exp.Median(this=value).as_(name("median"))).from_(source)
    # The mean of the one or two in the middle of the sorted rows: every engine can do that.
    sorted_rows = exp.Window(
        this=exp.RowNumber(), order=exp.Order(expressions=[exp.Ordered(this=value.copy())])
    )
    everyone = exp.Window(this=exp.Count(this=exp.Star()))
    numbered = exp.select(value, sorted_rows.as_(name("place")), everyone.as_(name("many"))).from_(
        source
    )
    twice = exp.Mul(this=exp.Literal.number(2), expression=column("place"))
    middle = exp.Between(
        this=twice,
        low=column("many"),
        high=exp.Add(this=column("many"), expression=exp.Literal.number(2)),
    )
    return (
        exp.select(exp.Avg(this=value.copy()).as_(name("median")))
        .from_(exp.Subquery(this=numbered, alias=exp.TableAlias(this=name("cl_numbered"))))
        .where(middle)
    )


def imputed(values: Floats, medians: Sequence[float]) -> Floats:
    """Return customers with the medians filled in, in numpy.

    Parameters
    ----------
    values : array of shape (customers, features), NaN where a value is missing
    medians : one per feature

    Examples
    --------
    >>> imputed(np.array([[1.0, np.nan], [np.nan, np.nan]]), [5.0, 7.0]).tolist()
    [[1.0, 7.0], [nan, nan]]
    """
    missing = np.isnan(values)
    fill = missing & ~missing.all(axis=1, keepdims=True)
    return np.where(fill, np.asarray(medians), values)


def impute_steps(
    values: Sequence[exp.Expr], medians: Sequence[float], keep: Sequence[exp.Expr]
) -> list[tuple[str, exp.Select]]:
    """Return the steps of a query that fill the medians in.

    Parameters
    ----------
    values : the features as float64 expressions over the table
    medians : one per feature
    keep : aliased expressions over the table that are carried through

    Returns
    -------
    list of (name, select)
        The last step has the kept columns, ``cl_r0`` … (the features as they came, null where
        they are NaN) and ``cl_x0`` … (with the medians); see :func:`clienteling.data.sql.chain`.
    """
    raw = [column(f"cl_r{i}") for i in range(len(values))]
    there = [case([(no_value(each), exp.null())], each) for each in values]
    came = exp.select(*keep, *(each.as_(name(f"cl_r{i}")) for i, each in enumerate(there)))
    known: exp.Expr = exp.Coalesce(this=raw[0].copy(), expressions=[r.copy() for r in raw[1:]])
    filled = [
        case([(exp.and_(_is_null(r), exp.not_(_is_null(known))), number(median))], r.copy())
        for r, median in zip(raw, medians, strict=True)
    ]
    carried = [column(each.alias_or_name) for each in keep]
    whole = exp.select(
        *carried, *raw, *(each.as_(name(f"cl_x{i}")) for i, each in enumerate(filled))
    )
    return [("as_they_came", came), ("numbers", whole)]


def imputed_table(table: Table, medians: Mapping[str, float]) -> Table:
    """Return the same customers with the medians filled in, lazily.

    Parameters
    ----------
    table : the customers
    medians : by feature; other columns stay as they are
    """
    if not medians:
        return table
    places = {each: index for index, each in enumerate(medians)}
    # Under names of our own: the columns may be called like one of the steps' own.
    aside = {each.name: f"cl_c{index}" for index, each in enumerate(table.columns)}
    others = [each.name for each in table.columns if each.name not in places]
    keep = [column(each).as_(name(aside[each])) for each in others]
    values = [as_number(table, each) for each in medians]
    last = exp.select(
        *(
            column(f"cl_x{places[each.name]}" if each.name in places else aside[each.name]).as_(
                name(each.name)
            )
            for each in table.columns
        )
    )
    steps = impute_steps(values, list(medians.values()), keep)
    columns = tuple(
        Column(each.name, "number") if each.name in places else each for each in table.columns
    )
    select = chain(table.subquery, *steps, ("whole", last))
    return replace(table, select=select, columns=columns)


def count_imputed(
    table: Table, medians: Mapping[str, float], levels: Collection[str] = ()
) -> Imputed:
    """Count, in one query, who gets a median and takes part by it.

    Parameters
    ----------
    table : the customers
    medians : by feature
    levels : the features that are levels of categories
    """
    indices = range(len(medians))
    values = [as_number(table, each) for each in medians]
    takes_part = exp.and_(*(usable(column(f"cl_x{i}")) for i in indices))
    one = exp.Literal.number(1)
    missing = [_is_null(column(f"cl_r{i}")) for i in indices]
    counts = exp.select(
        exp.Count(this=case([(exp.or_(*missing), one)], None)).as_(name("customers")),
        *(
            exp.Count(this=case([(each.copy(), one.copy())], None)).as_(name(f"feature_{i}"))
            for i, each in enumerate(missing)
        ),
    ).where(takes_part)
    steps = impute_steps(values, list(medians.values()), [])
    row = table.engine.query(chain(table.subquery, *steps, ("counted", counts))).to_pylist()[0]
    features = {each: int(row[f"feature_{i}"]) for i, each in enumerate(medians)}
    return Imputed(int(row["customers"]), features, dict(medians), frozenset(levels))


def imputed_customers(table: Table, medians: Mapping[str, float], limit: int) -> Floats:
    """Return the features of those who got a median, for a picture of them.

    Parameters
    ----------
    table : the customers
    medians : by feature
    limit : at most so many of them, in the order of their values

    Returns
    -------
    array of shape (customers, features)
        In the features' own units, with the medians.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from clienteling.data.read import read
    >>> table = read(pa.table({"a": [1.0, None, 3.0], "b": [4.0, 5.0, 6.0]}))
    >>> imputed_customers(table, {"a": 2.0, "b": 5.0}, 10).tolist()
    [[2.0, 5.0]]
    """
    places = [column(f"cl_x{i}") for i in range(len(medians))]
    missing = [_is_null(column(f"cl_r{i}")) for i in range(len(medians))]
    those = (
        exp.select(*(each.copy() for each in places))
        .where(exp.and_(*(usable(each) for each in places), exp.or_(*missing)))
        .order_by(*(each.copy() for each in places))
        .limit(limit)
    )
    values = [as_number(table, each) for each in medians]
    steps = impute_steps(values, list(medians.values()), [])
    found = table.engine.query(chain(table.subquery, *steps, ("filled", those)))
    return np.array([each.to_numpy() for each in found.columns], dtype=np.float64).T


def _is_null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value.copy(), expression=exp.null())
