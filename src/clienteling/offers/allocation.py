"""The most profitable division of offers among customers that keeps to all limits.

The linear program (:mod:`clienteling.offers.program`) is over groups of alike customers, so its
size doesn't depend on the number of customers. Its optimum is an upper bound of what whole
customers can bring. A vertex of the program splits at most as many groups as limits bind, so
rounding down costs at most one customer's profit for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clienteling.errors import InputError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.limits import Limit
from clienteling.offers.program import Group, Program
from clienteling.segmentation.sketch import Floats

__all__ = ["Allocation", "Group", "allocate"]

#: How far from a whole number a solution counts as that number, in customers.
_WHOLE = 1e-6
#: Sums of costs miss by roundings of this share.
_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Allocation:
    """How many customers of each group get which offer.

    Parameters
    ----------
    groups : as they were given
    counts : per group, customers by offer; the others get nothing
    limits : as they were given
    prices : per limit, what one more unit of it would bring; of a floor, what one customer less
        would
    used : per limit, how much is taken up
    bound : no plan can bring more
    profit : what this one is expected to bring, more than doing nothing
    cost, contacts : of this one
    """

    groups: tuple[Group, ...]
    counts: tuple[Mapping[str, int], ...]
    limits: tuple[Limit, ...]
    prices: tuple[float, ...]
    used: tuple[float, ...]
    bound: float
    profit: float
    cost: float
    contacts: int

    @property
    def gap(self) -> float:
        """How far the plan stays below the bound, as a share of it."""
        return (self.bound - self.profit) / abs(self.bound) if self.bound else 0.0

    @property
    def binding(self) -> list[tuple[Limit, float]]:
        """The limits that have a price, with it; the dearest first."""
        found = [
            (limit, price)
            for limit, price in zip(self.limits, self.prices, strict=True)
            if price > 1e-9
        ]
        return sorted(found, key=lambda each: -each[1])


def allocate(
    groups: Sequence[Group],
    profits: Mapping[tuple[int, str], float],
    catalogue: Catalogue,
    limits: Sequence[Limit] = (),
) -> Allocation:
    """Divide the offers among the groups for the highest expected profit.

    Parameters
    ----------
    groups : the customers
    profits : of a contact, more than doing nothing, by segment and offer
    catalogue : the offers
    limits : that are kept to; all but floors are never exceeded. A floor may be missed by a few
        customers where a whole one fits no more

    Raises
    ------
    InputError
        The floors can't be reached.
    """
    program = Program(groups, profits, catalogue, limits)
    if not len(program.kinds):
        if any(each.kind == "floor" for each in limits):
            raise _unreachable(groups, limits)
        nothing: tuple[dict[str, int], ...] = tuple({} for _ in groups)
        zeros = (0.0,) * len(limits)
        return Allocation(tuple(groups), nothing, tuple(limits), zeros, zeros, 0.0, 0.0, 0.0, 0)
    solved = program.solve()
    if solved is None:
        raise _unreachable(groups, limits, program)
    whole = _rounded(program, solved.customers)
    counts: list[dict[str, int]] = [{} for _ in groups]
    for index in np.flatnonzero(whole):
        _, offer = program.pairs[program.kinds[index]]
        counts[program.group[index]][offer] = int(whole[index])
    return Allocation(
        tuple(groups),
        tuple(counts),
        tuple(limits),
        tuple(solved.prices.tolist()),
        tuple((program.uses @ whole).tolist()),
        solved.bound,
        float(program.profit @ whole),
        float(program.cost @ whole),
        int(whole.sum()),
    )


def _rounded(program: Program, solution: Floats) -> Floats:
    """Round to whole customers: down first, then up again wherever a whole one still fits."""
    whole: Floats = np.floor(solution + _WHOLE)
    left = program.sizes - np.bincount(program.group, whole, len(program.sizes)).astype(float)
    # Of a floor the room is what is lacking.
    room = program.amounts - program.uses @ whole
    caps = program.caps
    over = caps & (room < -_TOLERANCE * np.maximum(1.0, program.amounts))
    # What was taken for whole may have been a little less: then one customer too many.
    order = np.lexsort((np.arange(len(whole)), program.profit))
    for index in order if over.any() or (left < 0).any() else ():
        takes = program.takes(index)
        while whole[index] > 0 and (left[program.group[index]] < 0 or (over & (takes > 0)).any()):
            whole[index] -= 1
            left[program.group[index]] += 1
            room += takes
            over = caps & (room < -_TOLERANCE * np.maximum(1.0, program.amounts))
    _fill(program, whole, left, room, np.abs(solution - whole) > _WHOLE)
    return whole


def _fill(
    program: Program, whole: Floats, left: Floats, room: Floats, rounded: NDArray[np.bool_]
) -> None:
    """Give offers to those whom rounding left over, and to those whom a floor lacks; in place."""
    floors = ~program.caps
    split = np.zeros(len(program.sizes), dtype=bool)
    split[program.group[rounded]] = True
    helps = np.zeros(len(program.kinds), dtype=bool)
    for index in np.flatnonzero(floors & (room > 0)):
        helps |= program.uses[index] > 0
    worth = split[program.group] & (program.profit > 0)
    candidates = np.flatnonzero((left[program.group] > 0) & (helps | worth))
    order = np.lexsort((candidates, -program.profit[candidates], ~helps[candidates]))
    for index in candidates[order]:
        takes = program.takes(index)
        fits = [
            left[program.group[index]],
            *np.floor(room[~floors & (takes > 0)] / takes[~floors & (takes > 0)] + _TOLERANCE),
        ]
        if program.profit[index] <= 0:
            # Only as many as a floor lacks: each of them costs.
            fits.append(max([0.0, *room[floors & (takes > 0)]]))
        more = max(0.0, float(np.floor(min(fits))))
        whole[index] += more
        left[program.group[index]] -= more
        room -= more * takes


def _unreachable(
    groups: Sequence[Group], limits: Sequence[Limit], program: Program | None = None
) -> InputError:
    """Say which floor is too high, or that the other limits leave too little for them."""
    faults = []
    for each in limits:
        if each.kind != "floor":
            continue
        there = sum(g.customers for g in groups if g.segment == each.key and g.open)
        if there < each.amount:
            faults.append(f"{each.words} is {each.amount:,.0f}; an offer is open to {there:,}.")
    if not faults and program is not None:
        budgets = [i for i, each in enumerate(limits) if each.kind == "budget"]
        if budgets:
            program.amounts[budgets] = 1e15
            least = program.least_cost()
            if least is not None:
                faults.append(
                    f"to reach all floors costs at least {least:,.2f}; the budget is "
                    f"{limits[budgets[0]].amount:,.2f}."
                )
    return InputError(
        "The floors can't be reached.",
        faults=faults or ["stock, channels and contacts leave too little for them."],
        hint="Lower a floor, or raise what limits it.",
    )
