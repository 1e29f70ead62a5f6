"""Campaigns on every engine: the same customers are contacted, held out and left in peace."""

import datetime as dt

import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.limits import Limits
from tests.engines.conftest import ENGINES, hostile_rows
from tests.engines.test_decisions import CATALOGUE, LIMITS, rows_of

DAY = dt.date(2026, 3, 31)
DECIDED = ("customer_id", "segment", "arm", "offer", "sent", "propensity", "reason")
CAPPED = Catalogue.model_validate(
    {
        **CATALOGUE.model_dump(exclude_none=True),
        "contact_policy": {"contacts": 2, "days": 7},
    }
)


@pytest.fixture(scope="module")
def model() -> cl.Model:
    return cl.segment(cl.read("sample"))


#: One is used up after another, and customers take turns.
SHORT = {"policy": "strategy", "explore": 0.5, "limits": Limits(stock={"o0": 90, "o1": 60})}


@pytest.mark.parametrize("given", [{"limits": LIMITS}, SHORT])
@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_plans_the_same(engine, given, opener, model):
    rows = hostile_rows(1_500)
    contacts = pa.table(
        {
            "customer_id": [i // 2 for i in range(600)],
            "offer": ["o1"] * 600,
            "day": [DAY - dt.timedelta(days=2 * (i % 5)) for i in range(600)],
        }
    )
    out = pa.table({"customer_id": list(range(700, 720))})
    found = []
    for customers in (rows, opener(engine)(rows)):
        plan = cl.plan_campaign(
            model, customers, CAPPED, name="spring", holdout=0.2, global_holdout=0.05, day=DAY,
            contacts=[contacts], opted_out=out, **given,
        )  # fmt: skip
        # Features hold NaN here, which equals nothing.
        decided = plan.decisions().only(*DECIDED)
        found.append((dict(plan.rations), rows_of(decided)))
    assert found[0] == found[1]
    assert list(found[0][0]) == (["o0", "o1"] if given is SHORT else [])
    assert len(set(found[0][1]["arm"])) == 3
