"""What a feature goes through before it is standardised: one definition, in numpy and in SQL.

Two steps, both monotone, so that "above 80 % of customers" means the same before and after:

- *winsorise*: values beyond two limits count as the limits (Tukey 1962,
  doi:10.1214/aoms/1177704711), so that a mistyped income of 666,666 is a high income like others;
- *log*: the natural logarithm of 1 + x, for amounts of which a few are very large. Below zero it is
  mirrored, -ln(1 - x), so that a refund is not lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlglot.expressions as exp
from numpy.typing import NDArray

from clienteling.data.numbers import as_number
from clienteling.data.sql import case, column, name, number, usable
from clienteling.data.table import Column, Table

__all__ = ["PLAIN", "Transform", "inverted", "transformed", "transformed_table"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Transform:
    """The steps of one feature.

    Parameters
    ----------
    low, high : the limits of winsorising, in the feature's own units; None where there is none
    log : whether the logarithm of 1 + x is taken, after the limits

    Examples
    --------
    >>> Transform(high=100.0, log=True).apply(np.array([0.0, 99.0, 1e6])).round(3).tolist()
    [0.0, 4.605, 4.615]
    """

    low: float | None = None
    high: float | None = None
    log: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the feature is taken as it is."""
        return self == PLAIN

    @property
    def words(self) -> str:
        """The steps in a few words; empty where there are none."""
        limits = [
            f"{side} {limit:,.6g} counts as {limit:,.6g}"
            for side, limit in (("below", self.low), ("above", self.high))
            if limit is not None
        ]
        return "; ".join([*limits, *(["logarithm of 1 + x"] if self.log else [])])

    def apply(self, values: Floats) -> Floats:
        """Return the transformed values; array of any shape, finite, in the feature's own units."""
        if self.low is not None:
            values = np.maximum(values, self.low)
        if self.high is not None:
            values = np.minimum(values, self.high)
        if self.log:
            values = np.where(
                values < 0, -np.log(1.0 + np.abs(values)), np.log(1.0 + np.abs(values))
            )
        return np.asarray(values, dtype=np.float64)

    def invert(self, values: Floats) -> Floats:
        """Return the values in the feature's own units that :meth:`apply` gives ``values`` for."""
        if self.log:
            # Beyond the logarithm of the largest float64 there is nothing to come back to.
            size = np.exp(np.minimum(np.abs(values), 709.0)) - 1.0
            values = np.where(values < 0, -size, size)
        return np.asarray(values, dtype=np.float64)

    def sql(self, value: exp.Expr) -> exp.Expr:
        """Return the transformed value as an expression; ``value`` is a usable float64."""
        limits: list[tuple[exp.Expr, exp.Expr]] = []
        if self.low is not None:
            limits.append(
                (exp.LT(this=value.copy(), expression=number(self.low)), number(self.low))
            )
        if self.high is not None:
            limits.append(
                (exp.GT(this=value.copy(), expression=number(self.high)), number(self.high))
            )
        limited = case(limits, value.copy())
        if not self.log:
            return limited
        size = exp.Add(this=number(1.0), expression=exp.Abs(this=limited.copy()))
        logarithm = exp.Ln(this=size)
        negative = exp.LT(this=limited.copy(), expression=number(0.0))
        return case([(negative, exp.Neg(this=logarithm))], logarithm.copy())


#: Takes a feature as it is.
PLAIN = Transform()


def transformed(values: Floats, transforms: Sequence[Transform]) -> Floats:
    """Return the transformed values; array of shape (customers, features)."""
    if all(each.is_plain for each in transforms):
        return values
    columns = [each.apply(values[:, index]) for index, each in enumerate(transforms)]
    return np.column_stack(columns)


def inverted(values: Floats, transforms: Sequence[Transform]) -> Floats:
    """Return the values in the features' own units; array of shape (customers, features)."""
    if not any(each.log for each in transforms):
        return values
    columns = [each.invert(values[:, index]) for index, each in enumerate(transforms)]
    return np.column_stack(columns)


def transformed_table(table: Table, transforms: Mapping[str, Transform]) -> Table:
    """Return the same customers with their features transformed, lazily.

    A value that is missing or not finite becomes null: a limit must not make a number of it.

    Parameters
    ----------
    table : the customers
    transforms : the steps by feature; other columns stay as they are
    """
    if all(each.is_plain for each in transforms.values()):
        return table
    values: list[exp.Expr] = []
    columns = []
    for each in table.columns:
        steps = transforms.get(each.name)
        if steps is None or steps.is_plain:
            values.append(column(each.name))
            columns.append(each)
            continue
        value = as_number(table, each.name)
        values.append(case([(usable(value), steps.sql(value))], None).as_(name(each.name)))
        columns.append(Column(each.name, "number"))
    select = exp.select(*values).from_(table.subquery)
    return replace(table, select=select, columns=tuple(columns))
