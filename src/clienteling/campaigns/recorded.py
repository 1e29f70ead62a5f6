"""What a store knows for the planning of a batch, and the plan that is recorded in it.

A plan is recorded at the moment at which its folder is whole, in one transaction, while no decision
is made in real time: the contacts are counted once more, and the stock and the money that it takes
are taken from the one count that real time uses, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import sqlglot.expressions as exp

from clienteling.campaigns.figures import Figures
from clienteling.campaigns.history import reach
from clienteling.campaigns.kept import campaign_of_document, keep_documents
from clienteling.campaigns.plan import CampaignPlan, model_fingerprint
from clienteling.data.beside import open_beside
from clienteling.data.columns import find_id
from clienteling.data.sql import column, name, text
from clienteling.data.table import Column, Table
from clienteling.ledger.batch import is_whole, with_password
from clienteling.ledger.campaigns import CONTACTS, Campaign, campaigns, keep_campaign
from clienteling.ledger.consents import consented, forgotten_among, opted_out
from clienteling.ledger.counters import Count, Use, counts
from clienteling.ledger.decisions import contacts_since
from clienteling.ledger.dialects import one_at_a_time
from clienteling.ledger.schema import campaigns as campaigns_table
from clienteling.ledger.store import Store
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.limits import Limits

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Known", "Settled", "contacts_in", "known_in", "limits_left", "out_in", "record"]


@dataclass(frozen=True)
class Known:
    """What a store knows of customers and stock, as :func:`plan_campaign` takes it.

    Parameters
    ----------
    contacts : of earlier campaigns and of decisions in real time: customer, offer, day
    opted_out : the customers who must not be contacted, those who were forgotten among them;
        None where there is none
    consents : customers and the consents that they gave; None where nobody gave any
    stock : what is left, by offer
    """

    contacts: tuple[Table, ...]
    opted_out: Table | None
    consents: Table | None
    stock: Mapping[str, int]


def known_in(
    store: Store, customers: Table, catalogue: Catalogue, campaign: str, id: str | None = None
) -> Known:
    """Look up what a store knows for the planning of a campaign.

    What the campaign itself has taken, where it was recorded already, doesn't count against it, so
    that the same plan comes out once more.

    Parameters
    ----------
    store : the store
    customers : the table that is planned for
    catalogue : the offers
    campaign : its name
    id : the column with the customer's id

    Raises
    ------
    SourceError
        The store, or the decisions of an earlier campaign, can't be read: then nobody can say who
        may be contacted.
    """
    found = find_id(customers, id)
    whole = found is not None and customers[found.name].kind == "integer"
    return Known(
        tuple(_contacts(store, customers, campaign, whole, (dt.date.min, dt.date.max))),
        out_in(store, customers, id),
        _beside(customers, _consents(store, catalogue, whole)),
        _stock_left(store, catalogue, campaign),
    )


def contacts_in(
    store: Store, decided: Table, catalogue: Catalogue, campaign: str, day: dt.date
) -> list[Table]:
    """Return the contacts that count for the caps of a campaign, as tables beside its decisions.

    Parameters
    ----------
    store : the store
    decided : the decisions, with ``customer_id``
    catalogue : the offers, with their caps
    campaign, day : its name, whose own batch doesn't count, and the day of its contacts
    """
    days = reach(catalogue, day)
    whole = decided["customer_id"].kind == "integer"
    return _contacts(store, decided, campaign, whole, days) if days is not None else []


def _contacts(
    store: Store, table: Table, campaign: str, whole: bool, days: tuple[dt.date, dt.date]
) -> list[Table]:
    """Return the contacts from one day to another, of all campaigns but one, and of real time."""
    contacts = [
        open_beside(table, with_password(each.decisions, store), partial(_sent, campaign=each))
        for each in campaigns(store)
        if each.id != campaign and each.decisions is not None and days[0] <= each.day <= days[1]
    ]
    one_by_one = _beside(table, _in_real_time(store, whole, days))
    return contacts + ([one_by_one] if one_by_one is not None else [])


def out_in(store: Store, customers: Table, id: str | None = None) -> Table | None:
    """Return those who must not be contacted, beside the customers; None where there is none.

    Parameters
    ----------
    store : the store
    customers : the table
    id : the column with the customer's id
    """
    found = find_id(customers, id)
    whole = found is not None and customers[found.name].kind == "integer"
    ids = found.name if found is not None else customers.names[0]
    return _beside(customers, _out(store, customers, ids, whole))


def _beside(customers: Table, rows: pa.Table) -> Table | None:
    return open_beside(customers, rows) if rows.num_rows else None


def _sent(decided: Table, campaign: Campaign) -> Table:
    """Return the contacts of a batch."""
    day = exp.cast(text(campaign.day.isoformat()), exp.DataType.Type.DATE)
    select = (
        exp.select(column("customer_id"), column("offer"), day.as_(name("day")))
        .from_(decided.subquery)
        .where(exp.EQ(this=column("arm"), expression=text("offer")))
        .where(exp.Not(this=exp.Is(this=column("customer_id"), expression=exp.null())))
    )
    columns = (decided["customer_id"], Column("offer", "text"), Column("day", "date"))
    return replace(decided, select=select, columns=columns, files=())


def _in_real_time(store: Store, whole: bool, days: tuple[dt.date, dt.date]) -> pa.Table:
    """Return the contacts that were decided one by one."""
    import pyarrow as pa

    found = contacts_since(store, *days)
    if not whole:
        return found
    ids = found.column("customer_id")
    # Part by part: there may be many.
    fits = [pa.array([is_whole(each) for each in part.to_pylist()]) for part in ids.chunks]
    found = found.filter(pa.chunked_array(fits, pa.bool_()))
    own = found.column("customer_id").cast(pa.int64())
    return found.set_column(0, "customer_id", own)


def _out(store: Store, customers: Table, id: str, whole: bool) -> pa.Table:
    import pyarrow as pa

    def batches() -> Iterator[pa.ChunkedArray]:
        # Only read where somebody was forgotten.
        yield customers.query(exp.select(column(id).as_(name("id")))).column("id")

    return pa.concat_tables(
        [opted_out(store, whole=whole), forgotten_among(store, batches(), whole=whole)]
    )


def _consents(store: Store, catalogue: Catalogue, whole: bool) -> pa.Table:
    import pyarrow as pa

    kinds = {each.consent for each in catalogue.offers if each.consent is not None}
    parts = []
    for kind in sorted(kinds - set(catalogue.consents)):
        ids = consented(store, kind, whole=whole)
        parts.append(ids.append_column("consent", pa.array([kind] * len(ids), pa.string())))
    id_type = pa.int64() if whole else pa.string()
    schema = pa.schema([("customer_id", id_type), ("consent", pa.string())])
    return pa.concat_tables([schema.empty_table(), *parts])


def _stock_left(store: Store, catalogue: Catalogue, campaign: str) -> dict[str, int]:
    counted = counts(store, "stock", catalogue.catalogue)
    own = next((each for each in campaigns(store) if each.id == campaign), None)
    taken = dict(own.counts.get("offer", {})) if own is not None else {}
    left = {}
    for each in catalogue.offers:
        if each.stock is not None:
            used = counted.get(each.id)
            gone = (used.reserved + used.confirmed) if used is not None else 0.0
            left[each.id] = max(0, int(each.stock - gone) + int(taken.get(each.id, 0)))
    return left


def limits_left(limits: Limits, stock: Mapping[str, int]) -> Limits:
    """Return the limits with what is left of the stock, see :func:`known_in`."""
    return replace(limits, left=dict(stock))


#: What stands in a campaign's ``plan.json`` as it is to be recorded, and its numbers.
Settled = tuple[Mapping[str, Any], Figures]


def record(
    store: Store, plan: CampaignPlan, folder: Path, settle: Callable[[bool], Settled]
) -> bool:
    """Record a plan, and take the stock and the money that it uses up.

    Parameters
    ----------
    store : the store
    plan : the campaign
    folder : where it will be
    settle : gives the campaign as it is to be recorded, while nothing is decided in real time and
        no other campaign is recorded; it is told whether one of this name is recorded already

    Returns
    -------
    bool
        Whether it is new.

    Raises
    ------
    InputError
        Another campaign of this name is planned already.
    DataError
        Meanwhile others have taken stock that it needs.
    """
    keep_documents(store, model_fingerprint(plan.model), plan.model.to_json(), plan.catalogue)
    own = sa.select(campaigns_table.c.id).where(campaigns_table.c.id == plan.name)
    with store.writing() as connection:
        one_at_a_time(connection, CONTACTS)
        document, figures = settle(connection.execute(own).first() is not None)
        campaign = campaign_of_document(document, plan.catalogue.catalogue, folder)
        sent = campaign.counts.get("offer", {})
        stock = {
            each.id: Use(sent.get(each.id, 0), float(each.stock))
            for each in plan.catalogue.offers
            if each.stock is not None
        }
        money = plan.limits.budget
        budget = Use(figures.cost, money) if money is not None else None
        limits = _limits(plan, sent)
        return keep_campaign(connection, campaign, stock=stock, budget=budget, limits=limits)


def _limits(plan: CampaignPlan, sent: Mapping[str, int]) -> dict[Count, Use]:
    """Return what else the campaign keeps to, with what its batch takes of it."""
    own, limits = plan.name, plan.limits
    by_channel: dict[str, int] = {}
    for each in plan.catalogue.offers:
        by_channel[each.channel] = by_channel.get(each.channel, 0) + sent.get(each.id, 0)
    found = {
        Count("channel", own, channel): Use(by_channel.get(channel, 0), most)
        for channel, most in limits.channels.items()
    }
    found |= {
        Count("own stock", own, offer): Use(sent.get(offer, 0), most)
        for offer, most in limits.stock.items()
    }
    if limits.contacts is not None:
        found[Count("contacts", own)] = Use(sum(by_channel.values()), limits.contacts)
    return found
