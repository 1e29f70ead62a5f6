"""What other budgets would bring: the same plan, solved at a ladder of budgets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from clienteling.errors import InputError
from clienteling.offers.allocation import allocate
from clienteling.offers.budget import BudgetPlan
from clienteling.offers.catalogue import Catalogue

__all__ = ["Rung", "budget_ladder"]


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
