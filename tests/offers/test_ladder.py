"""A ladder of budgets: each rung is the plan of that budget."""

import pytest

import clienteling as cl
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.ladder import budget_ladder

KEYS = ["premium", "potential", "average", "deal-seekers", "low-value"]
OFFERS = [
    {"id": "a", "cost": 1.0, "value": 50.0, "response": 0.1, "stock": 60},
    {"id": "b", "cost": 2.0, "value": 50.0, "response": 0.08},
]
CATALOGUE = Catalogue.model_validate(
    {
        "catalogue": "mine",
        "offers": [
            {**e, "title": "T", "text": "x", "reason": "r.", "segments": KEYS} for e in OFFERS
        ],
    }
)


@pytest.fixture(scope="module")
def model():
    return cl.segment(cl.read("sample"))


def test_each_rung_is_the_plan_of_its_budget(model):
    plan = cl.plan_budget(model, "sample", CATALOGUE, cl.Limits(budget=100.0))
    ladder = budget_ladder(plan, CATALOGUE, rungs=5)
    for rung in ladder:
        own = cl.plan_budget(model, "sample", CATALOGUE, cl.Limits(budget=rung.budget)).allocation
        assert (rung.profit, rung.cost, rung.contacts) == (own.profit, own.cost, own.contacts)
    profits = [each.profit for each in ladder]
    assert profits == sorted(profits)
    prices = [each.price for each in ladder if each.budget > 0]
    assert prices == sorted(prices, reverse=True)
    assert ladder[0].profit == 0.0
    # 60 of the first, and the second for the other 140.
    assert ladder[-1].profit == pytest.approx(60 * 4 + 140 * 2)
    assert 100.0 in [each.budget for each in ladder]


def test_budgets_that_the_floors_do_not_fit_into_are_left_out(model):
    limits = cl.Limits(budget=100.0, floors={0: 40})
    plan = cl.plan_budget(model, "sample", CATALOGUE, limits)
    ladder = budget_ladder(plan, CATALOGUE, rungs=11)
    assert ladder[0].budget >= 40.0


def test_without_a_budget_there_is_no_ladder(model):
    plan = cl.plan_budget(model, "sample", CATALOGUE, cl.Limits(contacts=10))
    assert budget_ladder(plan, CATALOGUE) == []
