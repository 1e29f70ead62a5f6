"""A shop of the tests: a model, a catalogue with caps, stock and costs, and a campaign of them."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import clienteling as cl
from clienteling.campaigns.policy_state import policy_state
from clienteling.ledger.campaigns import Campaign, record_campaign
from clienteling.ledger.counters import Count, Use
from clienteling.ledger.documents import keep_document
from clienteling.ledger.store import Store
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.policies.strategy import Strategy
from tests.ledger.conftest import DAY, spring

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
#: Of the segment that all of the catalogue is for.
RICH = {"Annual Income (k$)": 86, "Spending Score (1-100)": 82, "Age": 40}
POOR = {"Annual Income (k$)": 25, "Spending Score (1-100)": 20, "Age": 40}


@cache
def model() -> cl.Model:
    """Return the model of the sample: read, since it isn't what is tested here."""
    return cl.load_model(Path(__file__).with_name("model.json"))


def shop_catalogue(**more: Any) -> Catalogue:
    (segment,) = {model().predict({each: RICH[each] for each in FEATURES}).segment.key}
    plain = {"text": "…", "reason": "They like it.", "segments": [segment], "cost": 2.5}
    content = {
        "catalogue": "fine",
        "offers": [
            {"id": "wine", "title": "Wine", "stock": 10, "priority": 1, **plain},
            {"id": "beer", "title": "Beer", "priority": 2, **plain},
        ],
        **more,
    }
    for offer in content["offers"]:
        for key, value in plain.items():
            offer.setdefault(key, value)
    return Catalogue.model_validate(content)


def open_campaign(
    store: Store,
    catalogue: Catalogue,
    *,
    budget: float | None = None,
    stock: dict[str, Use] | None = None,
    limits: dict[Count, Use] | None = None,
    explore: float = 0.0,
    holdout: float = 0.0,
    **more: Any,
) -> Campaign:
    """Keep a campaign with its documents."""
    state = policy_state(Strategy(catalogue, model().segments, explore))
    planned = spring(
        plan={"policy": state, "shop": "tests"},
        holdout=holdout,
        global_holdout=0.0,
        catalogue=catalogue.catalogue,
        catalogue_fingerprint=catalogue.fingerprint,
        model_fingerprint="model-1",
        **more,
    )
    keep_document(store, "model", "model-1", model().to_json())
    keep_document(store, "catalogue", catalogue.fingerprint, catalogue.model_dump_json())
    record_campaign(
        store,
        planned,
        stock=stock,
        limits=limits,
        budget=Use(0.0, budget) if budget is not None else None,
    )
    return planned


def at(day: int = 0, hour: int = 12) -> dt.datetime:
    return dt.datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=dt.UTC) + dt.timedelta(days=day)
