"""What other budgets would bring: the same plan, solved at a ladder of budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clienteling.errors import InputError
from clienteling.offers.allocation import allocate
from clienteling.offers.budget import BudgetPlan
from clienteling.offers.catalogue import Catalogue

__all__ = ["Rung", "budget_ladder", "few_rungs"]


@dataclass(frozen=True)
class Rung:
    """A budget, and what the best plan under it is expected to bring.

    Parameters
    ----------
    budget : what the contacts may cost
    cost, profit, contacts : of the best plan; the profit is after costs, beyond doing nothing
    price : what one more unit of budget would bring
    """

    budget: float
    cost: float
    profit: float
    contacts: int
    price: float


def budget_ladder(plan: BudgetPlan, catalogue: Catalogue, rungs: int = 12) -> list[Rung]:
    """Solve a plan for budgets from nothing to beyond what all profitable contacts cost.

    All other limits stay. Budgets that the floors don't fit into are left out.

    Parameters
    ----------
    plan : under a budget; without one there is no ladder
    catalogue : that it was planned with
    rungs : how many budgets, beside that of the plan

    Returns
    -------
    list of Rung
        By budget.

    Examples
    --------
    >>> import clienteling as cl
    >>> told = {"cost": 2.0, "value": 40.0, "response": 0.1}
    >>> catalogue = cl.load_catalogue("income-spending")
    >>> offers = tuple(each.model_copy(update=told) for each in catalogue.offers)
    >>> priced = catalogue.model_copy(update={"offers": offers})
    >>> plan = cl.plan_budget(cl.segment("sample"), "sample", priced, cl.Limits(budget=100.0))
    >>> [(each.budget, each.profit) for each in budget_ladder(plan, priced, rungs=3)]
    [(0.0, 0.0), (100.0, 100.0), (230.0, 230.0), (460.0, 400.0)]
    """
    found = plan.allocation
    own = next((each for each in found.limits if each.kind == "budget"), None)
    if own is None:
        return []
    free = [each for each in found.limits if each.kind != "budget"]
    most = allocate(found.groups, plan.policy.profits, catalogue, free).cost
    top = max(1.15 * most, 1.2 * own.amount)
    budgets = {own.amount, *(round(top * step / (rungs - 1), 2) for step in range(rungs))}
    ladder = []
    for budget in sorted(budgets):
        limits = [replace(own, amount=budget), *free]
        try:
            made = allocate(found.groups, plan.policy.profits, catalogue, limits)
        except InputError:
            continue  # the floors don't fit into it
        ladder.append(Rung(budget, made.cost, made.profit, made.contacts, made.prices[0]))
    return ladder


def few_rungs(ladder: Sequence[Rung], own: float, most: int = 5) -> list[Rung]:
    """Return the rungs that tell the same in a short table, by budget.

    They are the first budget that brings anything, that of the plan, the first one beyond which
    more brings nothing, and of those between the ones that leave the least to be guessed, where
    the profit is drawn as straight lines from rung to rung.

    Parameters
    ----------
    ladder : of :func:`budget_ladder`
    own : the budget of the plan
    most : how many at most

    Examples
    --------
    >>> ladder = [Rung(b, b, min(3 * b, 150.0 + b, 250.0), 0, 0.0) for b in range(0, 240, 20)]
    >>> [each.budget for each in few_rungs(ladder, 60)]
    [20, 60, 80, 100]
    """
    gains = [each for each in ladder if each.profit > 0] or list(ladder)
    top = max((each.profit for each in gains), default=0.0)
    full = next((e for e in gains if e.profit >= top - 1e-9 * max(1.0, abs(top))), None)
    inner = [each for each in gains if full is None or each.budget <= full.budget]
    kept = {each.budget for each in (*inner[:1], *inner[-1:])}
    kept |= {each.budget for each in ladder if each.budget == own}
    while len(kept) < most:
        missed = {
            each.budget: abs(each.profit - _between(each.budget, ladder, kept))
            for each in inner
            if each.budget not in kept
        }
        if not missed or max(missed.values()) <= 1e-6 * max(1.0, abs(top)):
            break
        kept.add(max(missed, key=lambda budget: missed[budget]))
    return [each for each in ladder if each.budget in kept]


def _between(budget: float, ladder: Sequence[Rung], kept: set[float]) -> float:
    """Return the profit at a budget by a straight line between the rungs that are kept."""
    shown = [each for each in ladder if each.budget in kept]
    return float(np.interp(budget, [e.budget for e in shown], [e.profit for e in shown]))
