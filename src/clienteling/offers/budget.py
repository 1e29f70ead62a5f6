"""The plan of a campaign under a budget: counted, solved, rounded to customers, said in words.

Customers are counted by group in the engine, the linear program divides the offers among the
groups, and where a group gets several, its customers are divided by the order of their hashes,
exactly as many as the plan says. So no limit is ever exceeded, and the same plan answers for a
single customer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.columns import find_id, repeated_ids
from clienteling.data.read import Source, read
from clienteling.data.table import Table
from clienteling.errors import DataError
from clienteling.offers.allocation import Allocation, allocate
from clienteling.offers.assignment import Share, assign, shares_of
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.cells import Cell, Cells, count_cells, find_cells
from clienteling.offers.cuts import exact_cuts
from clienteling.offers.experience import Learned, expected_profits
from clienteling.offers.limits import Limit, Limits, check_limits, listed
from clienteling.offers.merging import best_worth, net_worth, sampled_prices, turned
from clienteling.offers.policies.budget import Budget
from clienteling.offers.program import Group
from clienteling.segmentation.load import AnyModel

__all__ = ["BudgetPlan", "plan_budget", "refuse_repeated"]

#: Up to this many cells the plan is exact; above, customers keep only their best open offers.
MOST_CELLS = 20_000
_KEPT = (8, 6, 4, 3, 2, 1)
#: How far below the bound, as a share of it, a merged plan is good enough to try no other.
_CLOSE = 0.001

Pairs = Mapping[tuple[int, str], float]


@dataclass(frozen=True)
class BudgetPlan:
    """Who gets what, under all limits.

    Parameters
    ----------
    allocation : customers by group and offer, prices, and the bound
    policy : decides for single customers by the same plan
    cells, shares : each customer's cell, and what the customers of each cell get
    salt : of the campaign
    bound : no plan can bring more; that of the unmerged program where groups were merged
    kept : how many open offers each customer kept, where groups were merged; else None
    """

    allocation: Allocation
    policy: Budget
    cells: Cells
    shares: tuple[Share, ...]
    salt: str
    bound: float
    kept: int | None = None

    @property
    def gap(self) -> float:
        """How far the plan stays below the bound, as a share of it."""
        return (self.bound - self.allocation.profit) / abs(self.bound) if self.bound else 0.0

    def decisions(self) -> Table:
        """Return ``customer_id``, ``segment_id``, ``offer``, ``propensity``, ``reason``, lazily."""
        return assign(self.cells, self.shares, self.policy, self.salt)

    def words(self, currency: str | None = None) -> list[str]:
        """Say what the plan brings and what limits it, in sentences; amounts in any currency."""
        found = self.allocation
        said = [
            f"{found.contacts:,} contacts cost {found.cost:,.2f} and are expected to bring "
            f"{found.profit:,.2f} more than doing nothing. No plan can bring more than "
            f"{self.bound:,.2f}; this one stays {self.gap:.3%} below."
        ]
        if self.kept is not None:
            said.append(
                f"There are more than {MOST_CELLS:,} kinds of customers by what is open to them, "
                f"so each kept the best {self.kept} of the open offers; the bound is that of all."
            )
        said += [_price_words(limit, price, currency) for limit, price in found.binding]
        if not found.binding:
            said.append("No limit binds: everybody gets the best offer that is open to them.")
        for limit, used in zip(found.limits, found.used, strict=True):
            lacking = limit.amount - used
            if limit.kind == "floor" and lacking > 0:
                said.append(f"{limit.words} is missed by {lacking:,.0f}: no whole contact fits.")
        return [each[0].upper() + each[1:] for each in said]


def _price_words(limit: Limit, price: float, currency: str | None) -> str:
    if limit.kind == "budget":
        more = "1.00 more" if currency is None else f"One more {currency}"
        return f"{more} of budget brings {price:,.2f}."
    if limit.kind == "floor":
        return f"{limit.words} costs {price:,.2f} for each further customer."
    one = {"stock": "one more of it", "channel": "one more contact", "contacts": "one more"}
    return f"{limit.words} binds: {one[limit.kind]} would bring {price:,.2f}."


def plan_budget(
    model: AnyModel,
    customers: Source,
    catalogue: Catalogue,
    limits: Limits | None = None,
    *,
    learned: Learned | None = None,
    base_rate: float | None = None,
    salt: str = "budget:",
    id: str | None = None,
    day: dt.date | None = None,
    consents: Mapping[str, exp.Expr] | None = None,
    also: Mapping[str, exp.Expr] | None = None,
    out: exp.Expr | None = None,
) -> BudgetPlan:
    """Plan for the highest expected profit within the limits.

    Parameters
    ----------
    model : the segments
    customers : any source with an id; nothing is written
    catalogue : the offers, with what they cost and bring
    limits : budget, channels, contacts, floors; a catalogue's stock counts in any case
    learned : outcomes so far, which correct what the catalogue assumes
    base_rate : the share that responds without an offer, where it is known
    salt : of the campaign, so that each divides the customers anew
    id, day, consents, also, out : see :func:`clienteling.offers.cells.find_cells`

    Raises
    ------
    InputError
        A limit can't be meant, or floors can't be reached.
    DocumentError
        An offer doesn't say what it brings, or a rule doesn't go with the columns.
    DataError
        A customer stands in the table more than once.

    Examples
    --------
    >>> import clienteling as cl
    >>> told = {"cost": 2.0, "value": 40.0, "response": 0.1, "stock": 30}
    >>> catalogue = cl.load_catalogue("income-spending")
    >>> offers = tuple(each.model_copy(update=told) for each in catalogue.offers)
    >>> priced = catalogue.model_copy(update={"offers": offers})
    >>> plan = plan_budget(cl.segment("sample"), "sample", priced, Limits(budget=100.0))
    >>> for sentence in plan.words():
    ...     print(sentence)
    50 contacts cost 100.00 and are expected to bring 100.00 more than doing nothing. No plan \
can bring more than 100.00; this one stays 0.000% below.
    1.00 more of budget brings 1.00.
    >>> plan.decisions().df()["offer"].ne("nothing").sum()
    np.int64(50)
    """
    limits = limits or Limits()
    names = {each.id: each.name for each in model.segments}
    check_limits(limits, catalogue, names)
    profits = expected_profits(catalogue, list(names), learned, base_rate)
    table = read(customers)
    refuse_repeated(table, id)
    every = listed(limits, catalogue, names)

    def cells_of(order: Mapping[int, Sequence[str]], most: int | None) -> Cells:
        return find_cells(
            model, table, catalogue, id=id, day=day, consents=consents, also=also, out=out,
            offers=order, most=most,
        )  # fmt: skip

    order: Mapping[int, Sequence[str]] = _useful(catalogue, model, profits, profits, every)
    cells, kept = cells_of(order, None), None
    counted = count_cells(cells, MOST_CELLS)
    if len(counted) <= MOST_CELLS:
        allocation = allocate(_groups(counted), profits, catalogue, every)
        net, bound = net_worth(profits, catalogue, every, allocation.prices), allocation.bound
    else:
        whole = cells

        def bound_by(prices: Sequence[float]) -> float:
            return _bound(whole, net_worth(profits, catalogue, every, prices), every, prices)

        # What is scarce is worth less than its profit: everybody would keep the same few offers.
        prices: Sequence[float] = sampled_prices(whole, profits, catalogue, every, salt)
        net, bound = net_worth(profits, catalogue, every, prices), bound_by(prices)
        by_prices = _useful(catalogue, model, profits, net, every)
        found: list[tuple[Allocation, Mapping[int, Sequence[str]], Cells, list[Cell], int]] = []
        for tried in (turned(by_prices, net), by_prices, order):
            cells, counted, kept = _merged(cells_of, tried)
            made = allocate(_groups(counted), profits, catalogue, every)
            found.append((made, tried, cells, counted, kept))
            bound = min(bound, bound_by(made.prices))
            if bound - made.profit <= _CLOSE * abs(bound):
                break
        allocation, order, cells, counted, kept = max(found, key=lambda each: each[0].profit)
        net = net_worth(profits, catalogue, every, allocation.prices)
    cuts = exact_cuts(cells, counted, allocation, salt)
    policy = Budget(names, order, profits, net, cuts, kept)
    shares = shares_of(policy, counted)
    return BudgetPlan(allocation, policy, cells, tuple(shares), salt, bound, kept)


def refuse_repeated(table: Table, id: str | None) -> None:
    """Refuse customers that stand in the table more than once.

    Raises
    ------
    DataError
        With how many there are.
    """
    found = find_id(table, id)
    said = repeated_ids(table, found.name) if found is not None else []
    if said:
        raise DataError(
            f"{table.source}: customers stand in it more than once, and would be contacted more "
            "than once.",
            faults=said,
            hint="Give a table with one row per customer.",
        )


def _bound(cells: Cells, net: Pairs, limits: Sequence[Limit], prices: Sequence[float]) -> float:
    """Return what no plan for these customers can bring more than, by some prices."""
    priced = zip(limits, prices, strict=True)
    fixed = sum((-price if each.kind == "floor" else price) * each.amount for each, price in priced)
    return fixed + best_worth(cells, net)


def _useful(
    catalogue: Catalogue, model: AnyModel, profits: Pairs, net: Pairs, limits: Sequence[Limit]
) -> dict[int, tuple[str, ...]]:
    """Return per segment the offers that can matter, the one that is worth most first.

    One that brings no profit matters only where a floor must be reached.
    """
    floors = {each.key for each in limits if each.kind == "floor"}
    order = {}
    for segment in model.segments:
        offers = [each.id for each in catalogue.offers_for(segment)]
        useful = [o for o in offers if profits[segment.id, o] > 0 or segment.id in floors]
        order[segment.id] = tuple(sorted(useful, key=lambda o: -net[segment.id, o]))
    return order


def _merged(
    cells_of: Callable[[Mapping[int, Sequence[str]], int | None], Cells],
    order: Mapping[int, Sequence[str]],
) -> tuple[Cells, list[Cell], int]:
    """Let each customer keep as many of the best open offers as the number of cells allows."""
    for kept in _KEPT:
        cells = cells_of(order, kept)
        counted = count_cells(cells, MOST_CELLS)
        if len(counted) <= MOST_CELLS:
            return cells, counted, kept
    return cells, count_cells(cells), kept


def _groups(counted: Sequence[Cell]) -> list[Group]:
    return [Group(each.segment, each.open, each.customers) for each in counted]
