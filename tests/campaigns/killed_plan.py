"""A process that plans campaigns, and is killed again: ``python -m … PLACE FOLDER ROUNDS [TABLE]``.

TABLE is the address of the customers in a database, which takes the decisions, too.

Each plan runs in a fork of one process that has imported everything already and asked no engine
yet. It is killed just before its record in the store, just after, and at random moments; then the
same plan is made once more, in good order.
"""

import datetime as dt
import os
import random
import signal
import sys
import time
from pathlib import Path

from clienteling.campaigns import recorded
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.plan import plan_campaign
from clienteling.data.read import read
from clienteling.data.urls import is_url
from clienteling.ledger.campaigns import campaigns
from clienteling.ledger.counters import counts
from clienteling.ledger.store import open_store
from tests.ledger.shop import model, shop_catalogue
from tests.ledger.workers import fork

OFFERS = [{"id": "wine", "title": "Wine", "stock": 10**6}]


def plan(place: str, folder: Path, customers: str) -> None:
    """Plan a campaign of the folder's name."""
    table = decisions_of(customers, folder) if is_url(customers) else None
    catalogue = shop_catalogue(offers=[dict(each) for each in OFFERS])
    with open_store(place) as store:
        made = plan_campaign(
            model(), customers, catalogue, name=folder.name, day=dt.date(2026, 3, 1), holdout=0.2
        )
        deliver(made, folder, store=store, decisions=table)


def decisions_of(customers: str, folder: Path) -> str:
    called = folder.name.replace("-", "_")
    return f"{customers.removesuffix('people')}{called}"


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(place: str, folder: Path, customers: str, after: bool) -> None:
    """Plan, and be killed when the campaign is recorded, or just after."""
    real = recorded.record

    def record(*given: object) -> bool:
        if after:
            real(*given)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGKILL)
        return False

    recorded.record = record  # type: ignore[assignment]
    plan(place, folder, customers)


def main(place: str, folder: Path, rounds: int, customers: str = "sample") -> None:
    rng = random.Random(0)
    open_store(place, create=True).close()
    start = time.monotonic()
    assert ended(fork(lambda: plan(place, folder / "whole", customers))) == 0
    took = time.monotonic() - start
    found = 0
    for number in range(rounds):
        target = folder / f"plan-{number}"
        if number < 2:
            child = fork(lambda at=target, late=number == 1: killed_at(place, at, customers, late))  # type: ignore[misc]
        else:
            child = fork(lambda at=target: plan(place, at, customers))  # type: ignore[misc]
            time.sleep(rng.uniform(0.0, took))
            os.kill(child, signal.SIGKILL)
        assert ended(child) in (0, -signal.SIGKILL)
        with open_store(place) as store:
            recorded_already = target.name in {each.id for each in campaigns(store)}
        found += recorded_already and not target.exists()
        # Recorded or not, the same plan once more goes on from there.
        assert ended(fork(lambda at=target: plan(place, at, customers))) == 0  # type: ignore[misc]
        assert (target / "plan.json").is_file()
        assert (target / "model.json").is_file()
        names = [each.name for each in folder.iterdir() if each.name.startswith(".")]
        assert names == [], names
        if is_url(customers):
            assert not (target / "decisions").exists()
            assert len(read(decisions_of(customers, target))) == len(read(customers))
        with open_store(place) as store:
            sent = [each.counts["offer"]["wine"] for each in campaigns(store)]
            assert len(sent) == number + 2
            assert counts(store, "stock", "fine")["wine"].confirmed == sum(sent)
    sys.stdout.write(f"{rounds} {found}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
