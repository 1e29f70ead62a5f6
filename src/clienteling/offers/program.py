"""The linear program behind a budget: groups of customers, their offers, and what limits them.

It is solved by HiGHS (Huangfu and Hall, Mathematical Programming Computation 2018,
doi:10.1007/s12532-017-0130-5) through SciPy. A large one is solved by column generation: prices
from a part of the groups show which offers can matter to each group; the program is solved with
these alone, and offers that its prices speak for are added until none does. So the optimum is that
of the whole program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from clienteling.offers.catalogue import Catalogue
from clienteling.offers.limits import Limit
from clienteling.segmentation.sketch import Floats

__all__ = ["Group", "Program", "Solution"]

#: Up to this many variables the program is solved as it is.
_AT_ONCE = 20_000
#: Groups that the first prices come from.
_PART = 400
#: Offers of a group that the program starts with, and how much worse than the best of the group
#: they may be, as a share of the highest profit.
_NEAREST, _NEAR = 3, 0.06
_ROUNDS = 50
_GAIN = 1e-9

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Group:
    """Customers of one segment with the same useful offers open to them.

    Parameters
    ----------
    segment : its id
    open : ids of the offers
    customers : how many
    """

    segment: int
    open: tuple[str, ...]
    customers: int


@dataclass(frozen=True)
class Solution:
    """The optimum, in fractions of customers.

    Parameters
    ----------
    customers : per variable
    prices : per limit, what one more unit of it would bring
    bound : the profit
    """

    customers: Floats
    prices: Floats
    bound: float


class Program:
    """Arrays with a variable for each group and each of its offers.

    Parameters
    ----------
    groups : the customers
    profits : of a contact, by segment and offer
    catalogue : the offers
    limits : what they take up

    Attributes
    ----------
    pairs : the different segments and offers
    kinds : per variable, its place among the pairs
    group : per variable, the place of its group
    sizes : customers per group
    profit, cost : of a contact, per variable
    uses : array of shape (limits, variables): how much of a limit a contact takes up
    caps : per limit, whether it is a most; a floor is a least
    amounts : of the limits
    """

    def __init__(
        self,
        groups: Sequence[Group],
        profits: Mapping[tuple[int, str], float],
        catalogue: Catalogue,
        limits: Sequence[Limit],
    ) -> None:
        offers = {each.id: each for each in catalogue.offers}
        pairs = list(dict.fromkeys((g.segment, offer) for g in groups for offer in g.open))
        place = {pair: index for index, pair in enumerate(pairs)}
        kinds = np.array([place[g.segment, offer] for g in groups for offer in g.open], dtype=int)
        self.pairs, self.kinds = pairs, kinds
        self.group = np.repeat(np.arange(len(groups)), [len(g.open) for g in groups])
        self.sizes = np.array([g.customers for g in groups], dtype=float)
        self.profit: Floats = np.array([profits[pair] for pair in pairs], dtype=float)[kinds]
        self.cost = np.array([offers[offer].cost for _, offer in pairs], dtype=float)[kinds]
        uses = [
            [each.use(s, o, offers[o].cost, offers[o].channel) for s, o in pairs] for each in limits
        ]
        self.uses: Floats = np.array(uses, dtype=float).reshape(len(limits), len(pairs))[:, kinds]
        self.caps = np.array([each.kind != "floor" for each in limits], dtype=bool)
        self.amounts = np.array([each.amount for each in limits], dtype=float)

    def solve(self) -> Solution | None:
        """Return the optimum; None where the floors can't be reached."""
        everything = np.arange(len(self.kinds))
        solved = None
        if len(everything) > _AT_ONCE:
            solved = self._generated()
        if solved is None:
            solved = self._solved(self.profit, everything)
        return solved[0] if solved else None

    def least_cost(self) -> float | None:
        """Return what it costs at least to reach the floors, whatever the budget."""
        solved = self._solved(-self.cost, np.arange(len(self.kinds)))
        return 0.0 - solved[0].bound if solved else None

    def takes(self, variable: int) -> Floats:
        """Return how much of each limit a contact of this variable takes up."""
        return self.uses[:, variable]

    def net(self, prices: Floats) -> Floats:
        """Return the profit less what a contact takes up, at these prices, per variable."""
        return np.asarray(self.profit - (prices * self._signs) @ self.uses)

    @property
    def _signs(self) -> Floats:
        return np.where(self.caps, 1.0, -1.0)

    def _generated(self) -> tuple[Solution, Floats] | None:
        """Solve with few offers a group, and add those that the prices speak for."""
        columns = self._first_columns()
        for _ in range(_ROUNDS):
            solved = self._solved(self.profit, columns)
            if solved is None:
                return None
            solution, worth = solved
            gain = self.net(solution.prices) - worth[self.group]
            gain[columns] = -np.inf
            more = self._best_of_each(gain, 2)
            more = more[gain[more] > _GAIN]
            if not len(more):
                return solved
            columns = np.union1d(columns, more)
        return None

    def _first_columns(self) -> Places:
        every = max(1, len(self.sizes) // _PART)
        part = np.flatnonzero(self.group % every == 0)
        share = self.sizes[::every].sum() / max(1.0, self.sizes.sum())
        solved = self._solved(self.profit, part, share)
        net = self.net(solved[0].prices if solved else np.zeros(len(self.amounts)))
        best = np.zeros(len(self.sizes))
        np.maximum.at(best, self.group, net)
        near = self._best_of_each(net, _NEAREST)
        slack = _NEAR * float(np.abs(self.profit).max())
        return np.sort(near[net[near] >= best[self.group[near]] - slack])

    def _best_of_each(self, score: Floats, most: int) -> Places:
        """Return the variables with the highest scores of each group."""
        order = np.lexsort((-score, self.group))
        first = np.searchsorted(self.group[order], np.arange(len(self.sizes)))
        rank = np.arange(len(order)) - first[self.group[order]]
        return order[rank < most]

    def _solved(
        self, profit: Floats, columns: Places, share: float = 1.0
    ) -> tuple[Solution, Floats] | None:
        """Solve with some of the variables; return, too, what a customer of each group is worth.

        ``share`` scales the limits to the part of the customers that the variables belong to.
        """
        n, groups = len(columns), len(self.sizes)
        rows, places, values = [self.group[columns]], [np.arange(n)], [np.ones(n)]
        for index, sign in enumerate(self._signs):
            use = self.uses[index, columns]
            own = np.flatnonzero(use)
            rows.append(np.full(len(own), groups + index))
            places.append(own)
            values.append(use[own] * sign)
        # SciPy takes a sparse matrix here, which its stubs don't know.
        matrix: Any = csr_array(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(places))),
            shape=(groups + len(self.amounts), n),
        )
        most = np.concatenate([self.sizes, self.amounts * self._signs * share])
        found = linprog(-profit[columns], A_ub=matrix, b_ub=most, bounds=(0, None), method="highs")
        if found.status != 0:
            return None
        customers = np.zeros(len(profit))
        customers[columns] = found.x
        worth: Floats = -np.asarray(found.ineqlin.marginals, dtype=float)
        prices: Floats = np.maximum(worth[groups:], 0.0)
        return Solution(customers, prices, -float(found.fun or 0.0)), worth[:groups]
