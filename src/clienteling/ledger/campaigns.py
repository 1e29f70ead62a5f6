"""Campaigns in the store: what was planned, and all that is needed to do it again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import sqlalchemy as sa

from clienteling.data.differences import differences_in_words
from clienteling.errors import DataError, InputError, near_names
from clienteling.ledger.counters import Count, Use, refused, set_limits, take
from clienteling.ledger.dialects import insert, one_at_a_time
from clienteling.ledger.moments import as_utc
from clienteling.ledger.schema import campaigns as table
from clienteling.ledger.store import Store

__all__ = [
    "CONTACTS",
    "Campaign",
    "campaign",
    "campaigns",
    "keep_campaign",
    "record_campaign",
]

#: What a campaign is recorded alone with, and decisions in real time are made together with: so
#: that one of them sees the contacts of the other.
CONTACTS = "contacts"


@dataclass(frozen=True)
class Campaign:
    """A campaign as it was planned.

    Parameters
    ----------
    id : its name
    created_at : when it was planned, UTC
    day : on which the offers go out
    policy : ``strategy``, ``thompson`` or ``budget``
    salt : of its draws
    holdout, global_holdout : shares of customers who are left in peace to measure by
    plan : what is needed to decide again, as JSON has it: ``policy``, its state
        (:func:`clienteling.campaigns.policy_state.policy_state`), and ``shop``, whose global
        holdout it is
    model_fingerprint, catalogue_fingerprint : of the documents that are kept with it
    catalogue : its name; the stock of an offer is counted by catalogue
    customers : how many were planned for
    counts : customers by arm (``offer``, ``holdout``, ``nothing``) and offer
    cost : of all contacts
    profit : expected, as the low end of its interval, the estimate and the high end
    smallest_lift : the smallest lift that this size can show; None where it wasn't worked out
    planned_size : customers whose outcomes must be in before a verdict
    decisions : where the decisions of the batch are: a folder of Parquet, or a table's address
        without a password; None where there is none
    digest : of these decisions
    features : the columns that the decisions saw
    """

    id: str
    created_at: dt.datetime
    day: dt.date
    policy: str
    salt: str
    holdout: float
    global_holdout: float
    plan: Mapping[str, Any]
    model_fingerprint: str
    catalogue_fingerprint: str
    catalogue: str
    customers: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    cost: float = 0.0
    profit: tuple[float, float, float] | None = None
    smallest_lift: float | None = None
    planned_size: int | None = None
    decisions: str | None = None
    digest: str = ""
    features: tuple[str, ...] = ()

    @property
    def last_day(self) -> dt.date | None:
        """The last day whose outcomes count; None where the plan doesn't say."""
        said = self.plan.get("last_day")
        return dt.date.fromisoformat(said) if said else None

    @property
    def content(self) -> str:
        """All but the time it was planned at, as one JSON text: the same for the same plan."""
        said = asdict(self)
        del said["created_at"]
        return json.dumps(
            {**said, "day": self.day.isoformat()},
            ensure_ascii=False,
            sort_keys=True,
            allow_nan=False,
        )


def record_campaign(
    store: Store,
    campaign: Campaign,
    *,
    stock: Mapping[str, Use] | None = None,
    budget: Use | None = None,
    limits: Mapping[Count, Use] | None = None,
) -> bool:
    """Keep a campaign, and take the stock and the money that its batch uses up, at once.

    Parameters
    ----------
    store : the store
    campaign : as it was planned
    stock : per offer, how many the batch takes and how many there are in all, whoever takes them
    budget : what the batch costs, and the campaign's budget
    limits : what else the campaign keeps to: its contacts, its channels

    Returns
    -------
    bool
        Whether it is new; the same campaign, word for word, takes nothing a second time.

    Raises
    ------
    InputError
        A campaign of this name is planned already, and differently.
    DataError
        The batch takes more than there is left; nothing was kept.

    Examples
    --------
    >>> import tempfile
    >>> from clienteling.ledger.counters import counts
    >>> from clienteling.ledger.store import open_store
    >>> spring = Campaign(
    ...     "spring", dt.datetime(2026, 2, 20), dt.date(2026, 3, 1), "strategy", "spring:",
    ...     0.1, 0.0, {}, "5d41402a", "7d793037", "general", customers=200,
    ... )  # fmt: skip
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_store(f"{folder}/shop.db", create=True) as store:
    ...         print(record_campaign(store, spring, stock={"wine": Use(30, limit=50)}))
    ...         print(record_campaign(store, spring, stock={"wine": Use(30, limit=50)}))
    ...         print(counts(store, "stock", "general")["wine"].left)
    True
    False
    20.0
    """
    with store.writing() as connection:
        one_at_a_time(connection, CONTACTS)
        return keep_campaign(connection, campaign, stock=stock, budget=budget, limits=limits)


def keep_campaign(
    connection: sa.Connection,
    campaign: Campaign,
    *,
    stock: Mapping[str, Use] | None = None,
    budget: Use | None = None,
    limits: Mapping[Count, Use] | None = None,
) -> bool:
    """Keep a campaign within a change of the store, alone with :data:`CONTACTS`.

    See :func:`record_campaign`.
    """
    uses = {Count("stock", campaign.catalogue, offer): use for offer, use in (stock or {}).items()}
    uses.update(limits or {})
    if budget is not None:
        uses[Count("budget", campaign.id)] = budget
    row = {
        "id": campaign.id,
        "created_at": as_utc(campaign.created_at),
        "content": campaign.content,
    }
    kept = insert(connection, table).values(row).on_conflict_do_nothing()
    if connection.execute(kept.returning(table.c.id)).first() is None:
        _refuse_another(connection, campaign)
        return False
    set_limits(connection, {count: use.limit for count, use in uses.items()})
    lacking = take(connection, {count: use.taken for count, use in uses.items()}, confirmed=True)
    if lacking:
        raise refused(f'The campaign "{campaign.id}"', lacking)
    return True


def _refuse_another(connection: sa.Connection, campaign: Campaign) -> None:
    """Raise where a campaign of this name was planned otherwise."""
    query = sa.select(table.c.content, table.c.created_at).where(table.c.id == campaign.id)
    content, created_at = connection.execute(query).one()
    if content == campaign.content:
        return
    before, now = json.loads(content), json.loads(campaign.content)
    before, now = ({**each, **each.pop("plan", {})} for each in (before, now))
    differs = differences_in_words(key for key in now if now[key] != before.get(key))
    raise InputError(
        f'The campaign "{campaign.id}" was planned already, on {created_at:%Y-%m-%d %H:%M} UTC, '
        f"and differs: {differs}.",
        hint="Give this one another name.",
    )


def campaign(store: Store, id: str) -> Campaign:
    """Return a campaign.

    Raises
    ------
    DataError
        There is none of that name; the nearest names are offered.
    """
    with store.reading() as connection:
        return read_campaign(connection, id, store.shown)


def read_campaign(connection: sa.Connection, id: str, shown: str) -> Campaign:
    """Return a campaign, within what a connection sees; see :func:`campaign`."""
    row = connection.execute(sa.select(table).where(table.c.id == id)).one_or_none()
    if row is None:
        there = list(connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars())
        known = ", ".join(f'"{each}"' for each in there[:20]) or "none yet"
        raise DataError(
            f'{shown}: there is no campaign "{id}".',
            hint=f"{near_names(id, there)} The campaigns are: {known}.".strip(),
        )
    return _campaign(row)


def campaigns(store: Store) -> list[Campaign]:
    """Return all campaigns, the latest first."""
    query = sa.select(table).order_by(table.c.created_at.desc(), table.c.id)
    with store.reading() as connection:
        return [_campaign(row) for row in connection.execute(query)]


def _campaign(row: sa.Row[tuple[object, ...]]) -> Campaign:
    content = json.loads(row.content)
    known = {each.name for each in fields(Campaign)}
    said = {key: value for key, value in content.items() if key in known}
    said["day"] = dt.date.fromisoformat(content["day"])
    said["features"] = tuple(content["features"])
    said["profit"] = tuple(content["profit"]) if content["profit"] is not None else None
    return Campaign(**said, created_at=row.created_at)
