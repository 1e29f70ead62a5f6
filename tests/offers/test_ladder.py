"""A ladder of budgets: each rung is the plan of that budget."""

import math

import numpy as np
import pytest

import clienteling as cl
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.ladder import Rung, budget_ladder, few_rungs

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

#: Where the profit bends, and what it is there.
KNEES = ([0.0, 60.0, 120.0, 400.0], [0.0, 180.0, 240.0, 240.0])


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


def test_a_few_rungs_tell_the_same():
    """The profit between them lies on straight lines, as that of all rungs does."""
    ladder = [
        Rung(b, b, float(np.interp(b, *KNEES)), b, 0.0) for b in map(float, range(0, 260, 20))
    ]
    few = few_rungs(ladder, 140.0)
    assert [each.budget for each in few] == [20.0, 60.0, 120.0, 140.0]
    drawn = np.interp(
        [each.budget for each in ladder[1:]], [e.budget for e in few], [e.profit for e in few]
    )
    assert drawn == pytest.approx([each.profit for each in ladder[1:]])


def test_a_budget_beyond_all_is_shown_and_many_knees_are_kept_to_five():
    curve = [Rung(b, b, 100 * math.sqrt(b), 0, 0.0) for b in map(float, range(1, 14))]
    budgets = [
        each.budget
        for each in few_rungs([*curve, Rung(99.0, 13.0, curve[-1].profit, 0, 0.0)], 99.0)
    ]
    assert len(budgets) == 5
    assert {1.0, 13.0, 99.0} <= set(budgets)
    assert few_rungs([], 5.0) == []
