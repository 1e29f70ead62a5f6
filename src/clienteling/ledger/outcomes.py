"""Outcomes, taken in once each: sent twice, late or out of order, they count the same.

Those that are right are taken in, those that are not are said, each with its fault. Nothing is
lost by it: what was refused is mended and sent again, alone or with all the others, since an
outcome with the same id and content is not counted a second time.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from clienteling.errors import DataError, near_names
from clienteling.ledger.batch import batch_decisions
from clienteling.ledger.campaigns import Campaign, campaign, read_campaign
from clienteling.ledger.customers import hash_key, id_text, person_of
from clienteling.ledger.dialects import insert
from clienteling.ledger.moments import as_utc, now_utc
from clienteling.ledger.schema import campaigns, decisions, forgotten
from clienteling.ledger.schema import outcomes as table
from clienteling.ledger.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Intake", "Known", "Outcome", "Refusal", "outcomes_of", "take_in"]

#: Taken in together; others may write in between.
_AT_ONCE = 2_000
#: Clocks of other machines go ahead by so much.
_AHEAD = dt.timedelta(minutes=5)

#: For a campaign and customers' ids as text: which of them have a decision of the batch.
Known = Callable[[Campaign, Collection[str]], Collection[str]]


@dataclass(frozen=True)
class Outcome:
    """What came of a decision.

    Parameters
    ----------
    outcome_id : the sender's; the same id is the same outcome
    name : what it is: ``response``, ``spend``, …
    value : 1 for something that happened, or an amount
    happened_at : when; without a zone it is taken as UTC
    decision_id : of the decision, where it was made in real time
    campaign, customer_id : else the campaign and the customer
    """

    outcome_id: str
    name: str
    value: float
    happened_at: dt.datetime
    decision_id: str | None = None
    campaign: str | None = None
    customer_id: int | str | None = None


@dataclass(frozen=True)
class Refusal:
    """An outcome that was not taken in.

    Parameters
    ----------
    place : in what was given, from 1
    outcome_id : the sender's
    fault : why, in a sentence
    about : which part of the outcome is wrong, such as ``customer_id``; of several the first
    """

    place: int
    outcome_id: str
    fault: str
    about: str = "value"

    def __str__(self) -> str:
        return f'{self.place}. "{self.outcome_id}": {self.fault}'


@dataclass(frozen=True)
class Intake:
    """What became of the outcomes that were given.

    Parameters
    ----------
    new : how many were taken in
    repeated : how many were there already, with the same content
    refused : the others, each with its fault
    """

    new: int = 0
    repeated: int = 0
    refused: tuple[Refusal, ...] = ()


def take_in(
    store: Store,
    outcomes: Iterable[Outcome],
    *,
    now: dt.datetime | None = None,
    known: Known | None = None,
) -> Intake:
    """Take in outcomes; when it returns, they are on the disk.

    Parameters
    ----------
    store : the store
    outcomes : in any order
    now : the time; an outcome of a later one is refused
    known : says which customers have a decision of a campaign's batch; by default the decisions
        are looked up where they are

    Raises
    ------
    SourceError
        The store, or the decisions of a batch, can't be read. What was taken in until then stays,
        and doing it again counts nothing twice.

    Examples
    --------
    >>> import tempfile
    >>> from clienteling.ledger.campaigns import Campaign, record_campaign
    >>> from clienteling.ledger.store import open_store
    >>> spring = Campaign(
    ...     "spring", dt.datetime(2026, 2, 20), dt.date(2026, 3, 1), "strategy", "spring:",
    ...     0.1, 0.0, {}, "5d41402a", "7d793037", "general",
    ... )  # fmt: skip
    >>> when = dt.datetime(2026, 3, 4, 12)
    >>> sent = [
    ...     Outcome("till-1", "spend", 12.5, when, campaign="spring", customer_id=7),
    ...     Outcome("till-2", "spend", 3.0, when, campaign="spring", customer_id=8),
    ... ]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_store(f"{folder}/shop.db", create=True) as store:
    ...         _ = record_campaign(store, spring)
    ...         found = take_in(store, sent, known=lambda campaign, ids: {"7"})
    ...         again = take_in(store, sent[:1], known=lambda campaign, ids: {"7"})
    >>> found.new, str(found.refused[0]), again.repeated
    (1, '2. "till-2": the campaign "spring" decided nothing for the customer "8".', 1)
    """
    moment = as_utc(now) if now is not None else now_utc()
    known = known or partial(_looked_up, store)
    intake, place, given = Intake(), 1, iter(outcomes)
    while chunk := list(islice(given, _AT_ONCE)):
        taken = _take_in(store, chunk, place, moment, known)
        intake = Intake(
            intake.new + taken.new,
            intake.repeated + taken.repeated,
            (*intake.refused, *taken.refused),
        )
        place += len(chunk)
    return intake


def _looked_up(store: Store, campaign: Campaign, ids: Collection[str]) -> Collection[str]:
    return batch_decisions(campaign, ids, store=store).keys()


_Row = dict[str, Any]
_SAME = ("campaign", "customer_id", "decision_id", "name", "value", "happened_at")


def _take_in(
    store: Store, chunk: Sequence[Outcome], first: int, now: dt.datetime, known: Known
) -> Intake:
    refused: list[Refusal] = []
    rows: list[tuple[int, _Row]] = []
    for place, outcome in enumerate(chunk, first):
        row, wrong = _row(outcome, now)
        if wrong:
            said = " ".join(fault for _, fault in wrong)
            refused.append(Refusal(place, str(outcome.outcome_id), said, wrong[0][0]))
        else:
            rows.append((place, row))
    # What is asked of the batch takes its time, so it is asked before others are kept waiting.
    in_batch = _in_batch(store, [row for _, row in rows], known)
    intake = uuid.uuid4().hex
    with store.writing() as connection:
        faults = _unknown(connection, rows, in_batch)
        refused += [
            Refusal(place, row["outcome_id"], *faults[place])
            for place, row in rows
            if place in faults
        ]
        right = [(place, row) for place, row in rows if place not in faults]
        if right:
            more = {"taken_in_at": now, "intake": intake}
            kept = insert(connection, table).on_conflict_do_nothing()
            connection.execute(kept, [{**row, **more} for _, row in right])
        there = _there(connection, [row["outcome_id"] for _, row in right])
    new = repeated = 0
    first_of: dict[str, _Row] = {}
    for place, row in right:
        own = there[row["outcome_id"]]
        if any(own[each] != row[each] for each in _SAME):
            said = "another outcome with this id was taken in before; each must have its own."
            refused.append(Refusal(place, row["outcome_id"], said, "outcome_id"))
        elif own["intake"] == intake and row["outcome_id"] not in first_of:
            new += 1
            first_of[row["outcome_id"]] = row
        else:
            repeated += 1
    return Intake(new, repeated, tuple(sorted(refused, key=lambda each: each.place)))


def _row(outcome: Outcome, now: dt.datetime) -> tuple[_Row, list[tuple[str, str]]]:
    """Return an outcome as it is kept, and what is wrong with which part of it by itself."""
    faults: list[tuple[str, str]] = []
    try:
        happened = as_utc(outcome.happened_at)
        if happened > now + _AHEAD:
            said = f"it happened in the future, at {happened:%Y-%m-%d %H:%M} UTC."
            faults.append(("happened_at", said))
    except Exception as error:
        happened = now
        faults.append(("happened_at", str(getattr(error, "message", error))))
    try:
        value = float(outcome.value)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not abs(value) <= 1e300:
        said = f"its value is {outcome.value!r}, which is not a finite number."
        faults.append(("value", said))
    for part, what, text in (
        ("outcome_id", "id", outcome.outcome_id),
        ("name", "name", outcome.name),
    ):
        if not isinstance(text, str) or not text.strip() or "\0" in text or len(text) > 500:
            said = f"its {what} is {text!r}; it must be a text of 1 to 500 signs."
            faults.append((part, said))
    customer = None
    if outcome.customer_id is not None:
        try:
            customer = id_text(outcome.customer_id)
        except DataError as error:
            faults.append(("customer_id", error.message))
    if outcome.decision_id is None and (outcome.campaign is None or outcome.customer_id is None):
        said = "it names neither a decision nor a campaign and a customer."
        faults.append(("customer_id", said))
    row = {
        "outcome_id": outcome.outcome_id,
        "campaign": outcome.campaign,
        "customer_id": customer,
        "whole_id": isinstance(outcome.customer_id, int),
        "decision_id": outcome.decision_id,
        "name": outcome.name,
        "value": value,
        "happened_at": happened,
    }
    return row, faults


def _in_batch(
    store: Store, rows: Sequence[_Row], known: Known
) -> Mapping[str, Collection[str] | None]:
    """Return, by campaign, who has a decision of its batch; None for one that there is not."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        if row["decision_id"] is None:
            wanted.setdefault(row["campaign"], set()).add(row["customer_id"])
    found: dict[str, Collection[str] | None] = {}
    with store.reading() as connection:
        there = set(connection.execute(sa.select(campaigns.c.id)).scalars())
        meant = {each: read_campaign(connection, each, "") for each in wanted.keys() & there}
    for each, ids in wanted.items():
        found[each] = set(known(meant[each], ids)) if each in meant else None
    return found


def _unknown(
    connection: sa.Connection,
    rows: Sequence[tuple[int, _Row]],
    in_batch: Mapping[str, Collection[str] | None],
) -> dict[int, tuple[str, str]]:
    """Return what is wrong with the decisions that outcomes name; fill in what these say.

    Returns
    -------
    dict
        By place, the fault and which part of the outcome it is about.
    """
    faults = {}
    made = _decisions(connection, rows)
    key = hash_key(connection)
    people = sa.select(forgotten.c.person).where(sa.not_(forgotten.c.contact_again))
    gone = set(connection.execute(people).scalars())
    names = list(connection.execute(sa.select(campaigns.c.id)).scalars())
    for place, row in rows:
        decision, customer, named = row["decision_id"], row["customer_id"], row["campaign"]
        if decision is not None:
            own = made.get(decision)
            if own is None:
                faults[place] = (f'there is no decision "{decision}".', "decision_id")
                continue
            if (customer or own.customer_id, named or own.campaign) != own[1:3]:
                said = f'the decision "{decision}" is of another customer or campaign than it says.'
                faults[place] = (said, "decision_id")
                continue
            row.update(campaign=own.campaign, customer_id=own.customer_id, whole_id=own.whole_id)
        elif in_batch[named] is None:
            near = near_names(named, names)
            faults[place] = (f'there is no campaign "{named}". {near}'.strip(), "campaign")
        elif gone and person_of(customer, key) in gone:
            said = "the customer was forgotten, so nothing more is kept of them."
            faults[place] = (said, "customer_id")
        elif customer not in (in_batch[named] or ()) and (named, customer) not in made:
            said = f'the campaign "{named}" decided nothing for the customer "{customer}".'
            faults[place] = (said, "customer_id")
    return faults


def _decisions(connection: sa.Connection, rows: Sequence[tuple[int, _Row]]) -> dict[Any, Any]:
    """Return the decisions in real time that are named, by their id and by whose they are."""
    columns = (decisions.c.id, decisions.c.customer_id, decisions.c.campaign, decisions.c.whole_id)
    ids = {row["decision_id"] for _, row in rows} - {None}
    people = {row["customer_id"] for _, row in rows if row["decision_id"] is None}
    found: dict[Any, Any] = {}
    for column, wanted in ((decisions.c.id, ids), (decisions.c.customer_id, people)):
        for some in _parts(sorted(wanted)):
            for own in connection.execute(sa.select(*columns).where(column.in_(some))):
                found[own.id] = found[own.campaign, own.customer_id] = own
    return found


def _there(connection: sa.Connection, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the outcomes with these ids."""
    found: dict[str, Mapping[str, Any]] = {}
    for some in _parts(ids):
        query = sa.select(table).where(table.c.outcome_id.in_(some))
        found.update({row["outcome_id"]: dict(row) for row in connection.execute(query).mappings()})
    return found


def _parts(values: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def outcomes_of(store: Store, id: str) -> pa.Table:
    """Return a campaign's outcomes: one row each, in the order of their ids.

    Returns
    -------
    pyarrow.Table
        ``outcome_id``, ``customer_id`` (text), ``decision_id``, ``name``, ``value`` and
        ``happened_at`` (UTC).

    Raises
    ------
    DataError
        There is no such campaign.
    """
    import pyarrow as pa

    meant = campaign(store, id)
    schema = pa.schema(
        [
            *((each, pa.string()) for each in ("outcome_id", "customer_id", "decision_id", "name")),
            ("value", pa.float64()),
            ("happened_at", pa.timestamp("us", tz="UTC")),
        ]
    )
    query = (
        sa.select(*(table.c[each] for each in schema.names))
        .where(table.c.campaign == meant.id)
        .order_by(table.c.outcome_id)
    )
    return store.arrow(query, schema)
