"""Processes that the tests start: many that decide at once, and one that is killed again.

``python -m tests.ledger.workers open PLACE``, ``… decide PLACE``, ``… killed PLACE MOMENTS``,
``… beside PLACE FOLDER ROWS EACH`` and ``… meanwhile PLACE FOLDER ROWS``.
They are forks of one process that has imported everything already, and each opens the store by
itself.
"""

import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from clienteling.campaigns.decide import decider
from clienteling.campaigns.delivery import deliver
from clienteling.data.read import read
from clienteling.ledger.counters import Count, Use, millionths
from clienteling.ledger.outcomes import Outcome, outcomes_of, take_in
from clienteling.ledger.reservations import confirm, release
from clienteling.ledger.schema import counters, decisions, reservations, reserved_amounts, settings
from clienteling.ledger.store import Store, open_store
from clienteling.measurement.plan_in_store import plan_in_store
from tests.ledger.conftest import DAY
from tests.ledger.shop import RICH, at, model, open_campaign, shop_catalogue

PROCESSES, EACH, CUSTOMERS = 8, 30, 60
STOCK, BUDGET, COST, CAP = 50, 400.0, 2.5, 3


def fork(work: Callable[[], None]) -> int:
    """Do something in a process of its own, and return its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # pytest shows it, where the parent finds another code than 0
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return child


def open_at_once(place: str) -> None:
    """Let eight processes make the same store, and say how many keys it has got."""
    ours, theirs = os.pipe()

    def work() -> None:
        with open_store(place, create=True) as store, store.reading() as connection:
            (key,) = connection.execute(sa.select(settings.c.value)).scalars()
            os.write(theirs, f"{key}\n".encode())

    children = [fork(work) for _ in range(PROCESSES)]
    os.close(theirs)
    codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children]
    assert codes == [0] * PROCESSES, codes
    with os.fdopen(ours, encoding="utf-8") as keys:
        found = keys.read().split()
    say(len(found), len(set(found)))


def decide_at_once(place: str) -> None:
    """Let eight processes decide for the same customers, then say how the counts stand."""
    offers = [{"id": "wine", "title": "Wine", "stock": STOCK}, {"id": "beer", "title": "Beer"}]
    policy = {"contacts": CAP, "days": 30}
    with open_store(place, create=True) as store:
        open_campaign(store, shop_catalogue(offers=offers, contact_policy=policy), budget=BUDGET)

    def work(process: int) -> None:
        rng = random.Random(process)
        with open_store(place) as store:
            by = decider(store, "spring")
            for n in range(EACH):
                made = by.decide(rng.randrange(CUSTOMERS), RICH, key=f"{process}-{n}", now=at())
                if made.arm == "offer":
                    rng.choice([confirm, release, lambda *given: None, confirm])(store, made.id)

    children = [fork(lambda process=each: work(process)) for each in range(PROCESSES)]  # type: ignore[misc]
    codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children]
    assert codes == [0] * PROCESSES, codes
    with open_store(place) as store:
        check_counts(store)
        by = decider(store, "spring")
        for customer in range(1000, 1200):  # what was released goes out after all
            by.decide(customer, RICH, now=at())
        check_counts(store)
        with store.reading() as connection:
            query = (
                sa.select(decisions.c.customer_id, decisions.c.offer)
                .join(reservations, reservations.c.id == decisions.c.reservation)
                .where(reservations.c.state.in_(["reserved", "confirmed"]))
            )
            contacts = connection.execute(query).all()
            logged = connection.execute(sa.select(sa.func.count()).select_from(decisions)).scalar()
    by_offer, by_customer = (Counter(row[each] for row in contacts) for each in (1, 0))
    say(logged, by_offer["wine"], len(contacts), max(by_customer.values()))


def decide_beside_batches(place: str, folder: Path, rows: int, each: int) -> None:
    """Let eight processes decide for customers who also lie in the batches of two campaigns.

    The one for winter gave wine to 20 customers and something else to many, who count for the cap;
    the one for spring is that of the campaign itself, and took part of its budget. While they are
    at it, a third campaign takes wine, too.
    """
    offers = [{"id": "wine", "title": "Wine", "stock": STOCK}, {"id": "beer", "title": "Beer"}]
    catalogue = shop_catalogue(offers=offers, contact_policy={"contacts": CAP, "days": 30})
    winter, own = list(range(rows)), list(range(5, 6 * rows, 6))
    thirds = ["wine" if n < 60 else "beer" for n in winter]
    spent = COST * len(own)
    with open_store(place, create=True) as store:
        where = _batch(folder / "winter", winter, thirds, [n % 3 == 0 for n in winter])
        wine = {"wine": Use(20, STOCK)}
        open_campaign(store, catalogue, id="winter", decisions=where, stock=wine)
        where = _batch(folder / "own", own, ["beer"] * rows, [True] * rows)
        budget = {Count("budget", "spring"): Use(spent, spent + BUDGET)}
        open_campaign(store, catalogue, decisions=where, limits=budget)

    def work(process: int) -> None:
        rng = random.Random(process)
        with open_store(place) as store:
            by = decider(store, "spring")
            for n in range(each):
                who = rng.randrange(CUSTOMERS) if n % 4 else 7 * rows + rng.randrange(CUSTOMERS)
                made = by.decide(who, RICH, key=f"{process}-{n}", now=at())
                assert made.from_batch == (who < rows and who % 6 == 5), made
                if made.arm == "offer" and not made.from_batch:
                    rng.choice([confirm, release, lambda *given: None, confirm])(store, made.id)

    def take_wine() -> None:
        nobody = _batch(folder / "third", [-1], ["wine"], [False])
        with open_store(place) as store:
            open_campaign(
                store, catalogue, id="third", decisions=nobody, stock={"wine": Use(5, STOCK)}
            )

    children = [fork(lambda process=each: work(process)) for each in range(PROCESSES)]  # type: ignore[misc]
    children.append(fork(take_wine))
    codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children]
    assert codes == [0] * (PROCESSES + 1), codes
    with open_store(place) as store:
        batches = {"stock": 25.0, "budget": spent}
        check_counts(store, batches)
        by = decider(store, "spring")
        for customer in range(8 * rows, 8 * rows + 200):  # all that is left goes out
            by.decide(customer, RICH, now=at())
        check_counts(store, batches)
        with store.reading() as connection:
            query = (
                sa.select(decisions.c.customer_id, decisions.c.offer)
                .join(reservations, reservations.c.id == decisions.c.reservation)
                .where(reservations.c.state.in_(["reserved", "confirmed"]))
            )
            live = connection.execute(query).all()
    by_customer = Counter(int(row.customer_id) for row in live)
    most = 0
    for customer in range(CUSTOMERS):
        had = (customer % 3 == 0) + (customer % 6 == 5)
        most = max(most, by_customer[customer] + had)
        assert customer % 6 != 5 or not by_customer[customer]
    wine_out = 25 + sum(row.offer == "wine" for row in live)
    say(wine_out, len(live), most, max(by_customer.values()))


def decide_while_batches_are_planned(place: str, folder: Path, rows: int) -> None:
    """Plan three batches at once for customers for whom three processes decide all the while.

    Each plan begins before the first contact in real time, and is recorded after many. Two contacts
    in 30 days are allowed, in which all of them want to give one to each customer.
    """
    offers = [{"id": "wine", "title": "Wine"}]
    catalogue = shop_catalogue(offers=offers, contact_policy={"contacts": 2, "days": 30})
    with open_store(place, create=True) as store:
        open_campaign(store, catalogue, id="live")
    customers = {"CustomerID": range(rows), **{key: [each] * rows for key, each in RICH.items()}}
    pq.write_table(pa.table(customers), folder / "people.parquet")
    names, over = [f"mail-{each}" for each in range(3)], folder / "over"
    (ready, is_ready), (go, goes) = os.pipe(), os.pipe()

    def decide(process: int) -> None:
        rng = random.Random(process)
        with open_store(place) as store:
            by = decider(store, "live")
            os.read(go, 1)
            while not over.exists():
                made = by.decide(rng.randrange(min(rows, 400)), RICH, now=at())
                if made.arm == "offer":
                    rng.choice([confirm, release, lambda *given: None])(store, made.id)
                time.sleep(0.005)

    def plan(name: str) -> None:
        with open_store(place) as store:
            try:
                made, _ = plan_in_store(
                    *(store, model(), read(folder / "people.parquet"), catalogue),
                    **{"name": name, "day": DAY, "holdout": 0.1},
                )
            finally:  # nobody waits for one that failed
                os.write(is_ready, b"1")
            os.read(go, 1)
            time.sleep(0.3)
            deliver(made, folder / name, store=store)

    plans = [fork(lambda name=each: plan(name)) for each in names]  # type: ignore[misc]
    for _ in names:
        os.read(ready, 1)
    live_ones = [fork(lambda process=each: decide(process)) for each in range(3)]  # type: ignore[misc]
    os.write(goes, b"1" * 6)
    codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in plans]
    over.touch()
    codes += [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in live_ones]
    assert codes == [0] * 6, codes
    with open_store(place) as store, store.reading() as connection:
        query = (
            sa.select(decisions.c.customer_id)
            .join(reservations, reservations.c.id == decisions.c.reservation)
            .where(reservations.c.state.in_(["reserved", "confirmed"]))
        )
        live = [int(each) for each in connection.execute(query).scalars()]
    had = np.bincount(live, minlength=rows)
    late = 0
    for each in names:
        made = pq.read_table(folder / each / "decisions").to_pandas()
        had += np.bincount(made.loc[made["arm"] == "offer", "customer_id"], minlength=rows)
        late += int(made["reason"].str.startswith("By the time").sum())
        assert len(made) == rows
    say(int(had.max()), len(live), late)


def _batch(folder: Path, ids: list[int], offers: list[str], sent: list[bool]) -> str:
    folder.mkdir()
    rows = {
        "customer_id": ids,
        "segment_id": [0] * len(ids),
        "arm": ["offer" if each else "nothing" for each in sent],
        "offer": [o if each else "nothing" for o, each in zip(offers, sent, strict=True)],
        "propensity": [1.0] * len(ids),
        "reason": ["As planned."] * len(ids),
    }
    pq.write_table(pa.table(rows), folder / "part-0.parquet", row_group_size=20_000)
    return str(folder)


def say(*figures: int) -> None:
    sys.stdout.write(" ".join(map(str, figures)) + "\n")


def check_counts(store: Store, batches: Mapping[str, float] | None = None) -> None:
    """Hold every count against the reservations that it is made of, and against its limit.

    Parameters
    ----------
    store : the store
    batches : what batches took, by the kind of the count
    """
    taken = {kind: millionths(amount, up=False) for kind, amount in (batches or {}).items()}
    with store.reading() as connection:
        query = (
            sa.select(
                reserved_amounts.c.kind,
                reserved_amounts.c.key,
                reservations.c.state,
                sa.func.sum(reserved_amounts.c.amount).label("amount"),
            )
            .join(reservations, reservations.c.id == reserved_amounts.c.reservation)
            .group_by(reserved_amounts.c.kind, reserved_amounts.c.key, reservations.c.state)
        )
        found = {(row.kind, row.key, row.state): row.amount for row in connection.execute(query)}
        for row in connection.execute(sa.select(counters)):
            assert row.reserved == found.get((row.kind, row.key, "reserved"), 0), row
            own = row.confirmed - taken.get(row.kind, 0)
            assert own == found.get((row.kind, row.key, "confirmed"), 0), row
            assert row.reserved + row.confirmed <= row.limit, row
        alone = sa.select(reservations.c.id).where(
            reservations.c.id.not_in(sa.select(decisions.c.id))
        )
        assert connection.execute(alone).all() == []


def _outcomes(number: int) -> list[Outcome]:
    return [
        Outcome(
            f"{number}-{each}", "spend", number + each, at(), campaign="spring", customer_id=number
        )
        for each in range(3)
    ]


def _until_killed(place: str, start: int, answers: int, last: str | None) -> None:
    """Decide, confirm, take in outcomes; write down each answer after it was given.

    Where `last` names an answer, the process dies right after it gave the first of that kind.
    """

    def write(*said: object) -> None:
        os.write(answers, (" ".join(map(str, said)) + "\n").encode())
        if said[0] == last:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_store(place) as store:
        by = decider(store, "spring")
        write("ready")
        number = start
        while True:
            made = by.decide(number, RICH, key=f"key-{number}", now=at())
            write("decided", number, made.id, made.arm, made.offer)
            if made.arm == "offer" and number % 2:
                confirm(store, made.id)
                write("confirmed", number, made.id)
            found = take_in(store, _outcomes(number), now=at())
            assert found.new + found.repeated == 3, found
            write("taken", number)
            number += 1


def killed(place: str, moments: int) -> None:
    """Kill a process at random moments; after each, hold the store against what was answered."""
    rng = random.Random(0)
    offers = [{"id": "wine", "title": "Wine", "stock": 10**6}]
    with open_store(place, create=True) as store:
        open_campaign(store, shop_catalogue(offers=offers), budget=1e6)
    said: dict[str, set[tuple[str, ...]]] = {"decided": set(), "confirmed": set(), "taken": set()}
    number = cut = 0
    for moment in range(moments):
        # The first death is between two answers for one customer, however fast the machine is.
        last = None if moment else "decided"
        ours, theirs = os.pipe()
        child = fork(
            lambda start=number, to=theirs, at=last: _until_killed(place, start, to, at)  # type: ignore[misc]
        )
        os.close(theirs)
        with os.fdopen(ours, encoding="utf-8") as answers:
            assert answers.readline() == "ready\n"
            time.sleep(rng.uniform(0.0, 0.4))
            os.kill(child, signal.SIGKILL)
            lines = answers.read().splitlines()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        for line in lines:
            kind, *rest = line.split()
            said[kind].add(tuple(rest))
        cut += not lines or not lines[-1].startswith("taken")
        number = max((int(each[0]) + 1 for each in said["taken"]), default=0)
        with open_store(place) as store:
            check_counts(store)
            _check_answers(store, said)
    say(moments, number, cut)


def _check_answers(store: Store, said: dict[str, set[tuple[str, ...]]]) -> None:
    with store.reading() as connection:
        query = sa.select(decisions, reservations.c.state).outerjoin(
            reservations, reservations.c.id == decisions.c.reservation
        )
        rows = {row.id: row for row in connection.execute(query)}
    assert len({row.asked_by for row in rows.values()}) == len(rows)
    for number, id, arm, offer in said["decided"]:
        row = rows[id]
        assert (row.customer_id, row.arm, row.offer) == (number, arm, offer)
    assert {rows[id].state for _, id in said["confirmed"]} <= {"confirmed"}
    kept = {row["outcome_id"]: row["value"] for row in outcomes_of(store, "spring").to_pylist()}
    for (number,) in said["taken"]:
        for each in _outcomes(int(number)):
            assert kept[each.outcome_id] == each.value


if __name__ == "__main__":
    what, where, *more = sys.argv[1:]
    if what == "open":
        open_at_once(where)
    elif what == "decide":
        decide_at_once(where)
    elif what == "beside":
        decide_beside_batches(where, Path(more[0]), int(more[1]), int(more[2]))
    elif what == "meanwhile":
        decide_while_batches_are_planned(where, Path(more[0]), int(more[1]))
    else:
        killed(where, int(more[0]))
