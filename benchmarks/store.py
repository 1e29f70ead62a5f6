"""How long the store takes: decisions in real time, and outcomes that are taken in.

    python benchmarks/store.py [PLACE …]

PLACE is a file that is to be made, or the address of a PostgreSQL database; by default a file in a
temporary folder. Each line has the wall-clock time and the processor's, since a commit waits for
the disk.
"""

import datetime as dt
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

import clienteling as cl
from clienteling.campaigns.decide import decider
from clienteling.campaigns.policy_state import policy_state
from clienteling.ledger.campaigns import Campaign, record_campaign
from clienteling.ledger.consents import set_consent
from clienteling.ledger.documents import keep_document
from clienteling.ledger.forget import forget
from clienteling.ledger.outcomes import Outcome, take_in
from clienteling.ledger.store import open_store
from clienteling.offers.policies.strategy import Strategy

DECISIONS, OUTCOMES = 500, 100_000


@contextmanager
def timed(what: str, times: int) -> Iterator[None]:
    wall, own = time.perf_counter(), time.process_time()
    yield
    wall, own = time.perf_counter() - wall, time.process_time() - own
    print(f"{what:40} {1e3 * wall / times:9.3f} ms {1e3 * own / times:9.3f} ms of the processor")


def measure(place: str) -> None:
    model = cl.segment("sample", k=5)
    catalogue = cl.load_catalogue("income-spending")
    limited = tuple(each.model_copy(update={"stock": 10**6}) for each in catalogue.offers)
    catalogue = catalogue.model_copy(update={"offers": limited})
    name, now = f"benchmark-{uuid.uuid4().hex[:8]}", dt.datetime.now(dt.UTC)
    state = {"policy": policy_state(Strategy(catalogue, model.segments, 0.1)), "shop": "shop"}
    campaign = Campaign(
        name, now, now.date(), "strategy", f"offer:{name}:", 0.1, 0.0, state, "benchmark",
        catalogue.fingerprint, catalogue.catalogue,
    )  # fmt: skip
    customers = cl.read("sample").df().to_dict("records")
    with open_store(place, create=True) as store:
        print(store.shown)
        keep_document(store, "model", "benchmark", model.to_json())
        keep_document(store, "catalogue", catalogue.fingerprint, catalogue.model_dump_json())
        record_campaign(store, campaign)
        by = decider(store, name)
        by.decide("first", customers[0])
        each_took = []
        with timed("a decision, reserved and logged", DECISIONS):
            for number in range(DECISIONS):
                start = time.perf_counter()
                by.decide(number, customers[number % len(customers)])
                each_took.append(time.perf_counter() - start)
        half, most = np.quantile(each_took, [0.5, 0.99]) * 1e3
        print(f"{'  the median, and 99 of 100 below':40} {half:9.3f} ms {most:9.3f} ms")
        sent = [
            Outcome(f"{name}-{number}", "spend", 1.0, now, campaign=name, customer_id=number)
            for number in range(OUTCOMES)
        ]
        with timed("an outcome of many, taken in", OUTCOMES):
            assert take_in(store, sent, known=lambda campaign, ids: ids).new == OUTCOMES
        with timed("the same once more", OUTCOMES):
            assert take_in(store, sent, known=lambda campaign, ids: ids).repeated == OUTCOMES
        set_consent(store, "somebody", "email", True)
        with timed("a customer forgotten", 1):
            forget(store, "somebody")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for where in sys.argv[1:] or [f"{folder}/shop.db"]:
            measure(where)
