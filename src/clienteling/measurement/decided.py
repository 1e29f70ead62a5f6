"""Who got what in a campaign of a store, by its batch and in real time, as one table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlglot.expressions as exp

from clienteling.campaigns.decisions import CHANCES
from clienteling.data.beside import open_beside
from clienteling.data.read import read
from clienteling.data.sql import column, name
from clienteling.data.table import Table
from clienteling.ledger.batch import is_whole, open_batch
from clienteling.ledger.campaigns import Campaign
from clienteling.ledger.decisions import decisions_of
from clienteling.ledger.documents import document
from clienteling.ledger.store import Store
from clienteling.offers.offer import NOTHING
from clienteling.segmentation.load import parse_model

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["decided_in"]

_KEPT = ("customer_id", "segment_id", "segment", "arm", "offer", "sent", "propensity", CHANCES)


def decided_in(store: Store, meant: Campaign) -> Table | None:
    """Return the decisions of a campaign; None where nothing was decided.

    In real time a customer's first decision counts, and who was in the batch counts there. A
    contact that was decided and never shown is among them: whoever is compared must be all who were
    drawn.

    Parameters
    ----------
    store : the store
    meant : the campaign

    Returns
    -------
    Table
        The decisions of the batch as they lie where there are no others; else ``customer_id``,
        ``segment_id``, ``segment``, ``arm``, ``offer``, ``sent``, ``propensity`` and
        ``chances`` of all.

    Raises
    ------
    SourceError, DataError
        The decisions of the batch can't be read.
    """
    batch, live = open_batch(meant, store), decisions_of(store, meant.id)
    if not live.num_rows:
        return batch
    ids = live.column("customer_id").to_pylist()
    # Numbers are compared quicker than their text; only where all are numbers can they be.
    whole = all(map(is_whole, ids)) and (batch is None or batch["customer_id"].kind == "integer")
    one_by_one = _one_by_one(store, meant, live, ids, whole)
    if batch is None:
        return read(one_by_one)
    beside = open_beside(batch, one_by_one)
    kept = [each for each in _KEPT if each in batch.names]
    both = exp.Union(
        this=_columns(batch, kept, whole),
        expression=_columns(beside, kept, whole),
        distinct=False,
    )
    called = exp.TableAlias(this=exp.to_identifier("cl_decided_all"))
    select = exp.select("*").from_(exp.Subquery(this=both, alias=called))
    id = batch["customer_id"] if whole else replace(batch["customer_id"], kind="text")
    columns = (id, *(batch[each] for each in kept[1:]))
    return replace(batch, select=select, columns=columns, files=())


def _one_by_one(
    store: Store, meant: Campaign, live: pa.Table, ids: list[str], whole: bool
) -> pa.Table:
    import pyarrow as pa

    text = document(store, meant.model_fingerprint)
    model = parse_model(text, f"the model of {meant.id} in {store.shown}")
    names = {each.id: each.name for each in model.segments}
    arms, offers = live.column("arm").to_pylist(), live.column("offer").to_pylist()
    sent = [o if a == "offer" else NOTHING for a, o in zip(arms, offers, strict=True)]
    called = [names.get(each) for each in live.column("segment_id").to_pylist()]
    numbers = pa.array([int(each) for each in ids], pa.int64()) if whole else pa.array(ids)
    return pa.table(
        {
            "customer_id": numbers,
            "segment_id": live.column("segment_id"),
            "segment": pa.array(called, pa.string()),
            "arm": live.column("arm"),
            "offer": live.column("offer"),
            "sent": pa.array(sent, pa.string()),
            "propensity": live.column("propensity"),
            CHANCES: live.column(CHANCES),
        }
    )


def _columns(table: Table, kept: list[str], whole: bool) -> exp.Select:
    id: exp.Expr = column("customer_id")
    if not whole:
        id = exp.cast(id, exp.DataType.Type.VARCHAR)
    others = [column(each) for each in kept if each != "customer_id"]
    return exp.select(id.as_(name("customer_id")), *others).from_(table.subquery)
