"""What a store knows for the planning of a batch, and the plan that is recorded in it.

A plan is recorded at the moment at which its folder is whole: the stock and the money that it takes
are taken then, in one transaction, from the one count that real time uses, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot.expressions as exp

from clienteling.campaigns.figures import Figures
from clienteling.campaigns.kept import campaign_of_document, keep_documents
from clienteling.campaigns.plan import CampaignPlan, model_fingerprint
from clienteling.data.beside import open_beside
from clienteling.data.columns import find_id
from clienteling.data.sql import column, name, text
from clienteling.data.table import Column, Table
from clienteling.ledger.batch import is_whole, with_password
from clienteling.ledger.campaigns import Campaign, campaigns, record_campaign
from clienteling.ledger.consents import consented, forgotten_among, opted_out
from clienteling.ledger.counters import Count, Use, counts
from clienteling.ledger.decisions import contacts_since
from clienteling.ledger.store import Store
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.limits import Limits

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Known", "known_in", "limits_left", "record"]


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
    earlier = [each for each in campaigns(store) if each.id != campaign]
    contacts = [
        open_beside(customers, with_password(each.decisions, store), partial(_sent, campaign=each))
        for each in earlier
        if each.decisions is not None
    ]
    one_by_one = _beside(customers, _in_real_time(store, whole))
    contacts += [one_by_one] if one_by_one is not None else []
    ids = found.name if found is not None else customers.names[0]
    return Known(
        tuple(contacts),
        _beside(customers, _out(store, customers, ids, whole)),
        _beside(customers, _consents(store, catalogue, whole)),
        _stock_left(store, catalogue, campaign),
    )


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


def _in_real_time(store: Store, whole: bool) -> pa.Table:
    """Return the contacts that were decided one by one."""
    import pyarrow as pa

    found = contacts_since(store, dt.date.min).to_pylist()
    rows = [row for row in found if not whole or is_whole(row["customer_id"])]
    return pa.table(
        {
            "customer_id": pa.array(
                [int(row["customer_id"]) if whole else row["customer_id"] for row in rows],
                pa.int64() if whole else pa.string(),
            ),
            "offer": pa.array([row["offer"] for row in rows], pa.string()),
            "day": pa.array([row["day"] for row in rows], pa.date32()),
        }
    )


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


def record(
    store: Store, plan: CampaignPlan, figures: Figures, document: Mapping[str, Any], folder: Path
) -> bool:
    """Record a plan, and take the stock and the money that it uses up.

    Parameters
    ----------
    store : the store
    plan, figures, document : the campaign, its numbers, and what stands in ``plan.json``
    folder : where it will be

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
    campaign = campaign_of_document(document, plan.catalogue.catalogue, folder)
    sent = campaign.counts.get("offer", {})
    stock = {
        each.id: Use(sent.get(each.id, 0), float(each.stock))
        for each in plan.catalogue.offers
        if each.stock is not None
    }
    money = plan.limits.budget
    budget = Use(figures.cost, money) if money is not None else None
    return record_campaign(store, campaign, stock=stock, budget=budget, limits=_limits(plan, sent))


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
