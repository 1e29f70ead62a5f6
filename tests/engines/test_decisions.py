"""Plans and draws on every engine: the same customers get the same offers."""

import numpy as np
import pytest

import clienteling as cl
from clienteling.offers import budget
from clienteling.offers.assignment import assign, shares_of
from clienteling.offers.budget import plan_budget
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.cells import count_cells, find_cells
from clienteling.offers.limits import Limits
from clienteling.offers.policies.strategy import Strategy
from clienteling.offers.rules import Rule
from tests.engines.conftest import ENGINES, hostile_rows

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"
RULES = [None, {"column": SCORE, "operator": ">", "value": 50}, None]
RULES += [{"column": INCOME, "operator": "<=", "value": limit} for limit in (30, 45, 60, 75)]
CATALOGUE = Catalogue.model_validate(
    {
        "catalogue": "spring",
        "offers": [
            {
                **{"id": f"o{i}", "title": f"It's {i}", "text": "x", "reason": "r."},
                "segments": ["premium", "potential", "average", "deal-seekers", "low-value"],
                **{"cost": 0.2 + 0.3 * i, "value": 30 + 9 * i, "response": 0.05},
                "eligibility": rule,
            }
            for i, rule in enumerate(RULES)
        ],
    }
)
LIMITS = Limits(budget=700.0, stock={"o6": 200}, floors={0: 100})


@pytest.fixture(scope="module")
def model() -> cl.Model:
    return cl.segment(cl.read("sample"))


def rows_of(table):
    return table.to_arrow().sort_by("customer_id").to_pydict()


@pytest.mark.parametrize("kept", [None, 2])
@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_makes_the_same_plan(engine, kept, opener, model, monkeypatch):
    if kept:
        monkeypatch.setattr(budget, "MOST_CELLS", 15)
        monkeypatch.setattr(budget, "_KEPT", (kept,))
    rows = hostile_rows(2_000)
    expected = plan_budget(model, rows, CATALOGUE, LIMITS, salt="spring:")
    found = plan_budget(model, opener(engine)(rows), CATALOGUE, LIMITS, salt="spring:")
    assert found.kept == expected.kept == kept
    assert found.allocation == expected.allocation
    assert found.bound == pytest.approx(expected.bound)
    assert rows_of(found.decisions()) == rows_of(expected.decisions())


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_draws_the_same(engine, opener, model):
    rows = hostile_rows(2_000)
    policy = Strategy(CATALOGUE, model.segments, explore=0.5)
    found = []
    for customers in (rows, opener(engine)(rows)):
        cells = find_cells(model, customers, CATALOGUE)
        counted = count_cells(cells)
        found.append((counted, rows_of(assign(cells, shares_of(policy, counted), policy, "x:"))))
    assert found[0] == found[1]
    assert len(np.unique(found[0][1]["offer"])) == 8


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_says_of_whom_nothing_is_open_to(engine, opener, model):
    rows = hostile_rows(2_000)
    ruled = CATALOGUE.model_copy(
        update={
            "offers": tuple(each for each in CATALOGUE.offers if each.eligibility is not None),
            "opt_outs": Rule(column=SCORE, operator=">", value=90),
        }
    )
    policy = Strategy(ruled, model.segments, explore=0.5)
    found = []
    for customers in (rows, opener(engine)(rows)):
        cells = find_cells(model, customers, ruled)
        found.append(rows_of(assign(cells, shares_of(policy, count_cells(cells)), policy, "x:")))
    assert found[0] == found[1]
    reasons = set(found[0]["reason"])
    assert f"The customer is not to be contacted: {SCORE} > 90." in reasons
    assert any(each.endswith(": no offer is open to this customer.") for each in reasons)
    assert any(each.endswith(": left in peace by chance, to learn.") for each in reasons)
