"""Which new segment is which earlier one: by the customers that they share and by their centres.

Every customer of the new data is scored by both models, in one query; that gives a table of
counts, earlier segments by new ones. Two segments are the less alike, from 0 to 2, by

    1 - shared / (customers of either)         the Jaccard distance, from 0 to 1
    + root mean square of (new centre - earlier centre), at most 1

with the centres in the earlier model's standard deviations. The customers say whether it is the
same group, the centres whether it is in the same place; a new group that fell to an earlier
segment shares all its customers with it, but lies elsewhere. The assignment with the least sum is
taken (Kuhn-Munkres, by ``scipy.optimize.linear_sum_assignment``), and a pair is accepted where the
two are alike by half at least: a sum below 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import sqlglot.expressions as exp
from scipy.optimize import linear_sum_assignment

from clienteling.data.numbers import as_number
from clienteling.data.sql import chain, column, name
from clienteling.data.table import Table
from clienteling.segmentation.model import Model
from clienteling.segmentation.nearest import Rule, assign_steps
from clienteling.segmentation.scoring import rule_of
from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["Shared", "count_shared", "match"]

_UNLIKE = 1.0


@dataclass(frozen=True)
class Shared:
    """Customers by earlier and by new segment.

    Parameters
    ----------
    customers : array of shape (earlier segments, new segments)
    squares : of the same shape, the sum of their squared distances to the earlier centre, in the
        earlier model's standard deviations
    """

    customers: Ints
    squares: Floats

    def ordered(self, order: Ints) -> Shared:
        """Return the same with the new segments in another order."""
        return replace(self, customers=self.customers[:, order], squares=self.squares[:, order])


def count_shared(earlier: Model, rule: Rule, table: Table) -> Shared:
    """Score every customer by both models and count: one query in the engine.

    Parameters
    ----------
    earlier : the earlier model
    rule : the new centres, with the same features in the same order
    table : the new customers, with the features under the earlier model's names
    """
    features = range(len(earlier.features))
    # Each model fills its own medians in.
    came = "cl_r" if earlier.medians else "cl_x"
    then = exp.select(
        *(column(f"{came}{i}").as_(name(f"cl_f{i}")) for i in features),
        column("cl_id").as_(name("cl_then")),
        exp.Add(this=column("cl_square"), expression=column("cl_best")).as_(name("cl_far")),
    )
    values = [as_number(table, each) for each in earlier.feature_names]
    first = chain(
        table.subquery,
        *assign_steps(rule_of(earlier), values, only_usable=True),
        ("scored_before", then),
    )
    both = exp.Subquery(this=first, alias=exp.TableAlias(this=name("before")))
    keep = [column(each).as_(name(each)) for each in ("cl_then", "cl_far")]
    steps = assign_steps(rule, [column(f"cl_f{i}") for i in features], keep, only_usable=True)
    counted = exp.select(
        column("cl_then"),
        column("cl_id"),
        exp.Count(this=exp.Star()).as_(name("n")),
        exp.Sum(this=column("cl_far")).as_(name("far")),
    ).group_by(column("cl_then"), column("cl_id"))
    customers = np.zeros((earlier.k, rule.k), dtype=np.int64)
    squares = np.zeros((earlier.k, rule.k))
    for row in table.engine.query(chain(both, *steps, ("counted", counted))).to_pylist():
        customers[row["cl_then"], row["cl_id"]] = row["n"]
        squares[row["cl_then"], row["cl_id"]] = max(row["far"], 0.0)
    return Shared(customers, squares)


def match(shared: Ints | Floats, earlier: Floats, new: Floats) -> dict[int, int]:
    """Return the place of the earlier segment for each new one that has one.

    Parameters
    ----------
    shared : array of shape (earlier segments, new segments), customers by both
    earlier, new : arrays of shape (segments, features), centres in the same units

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.array([[0, 50], [40, 0]])
    >>> match(counts, np.array([[0.0], [3.0]]), np.array([[3.1], [0.2]]))
    {0: 1, 1: 0}
    """
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    jaccard = shared / np.maximum(either, 1)
    apart = np.sqrt(((earlier[:, None, :] - new[None, :, :]) ** 2).mean(axis=2))
    cost = (1.0 - jaccard) + np.minimum(apart, 1.0)
    rows, columns = linear_sum_assignment(cost)
    found = {
        j: i for i, j in zip(rows.tolist(), columns.tolist(), strict=True) if cost[i, j] < _UNLIKE
    }
    return dict(sorted(found.items()))
