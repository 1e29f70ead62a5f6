"""What those who were forgotten did: sums by campaign, segment, arm and offer, without any id.

So a campaign's figures stay what they were when somebody asks to be forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from clienteling.ledger.campaigns import campaign
from clienteling.ledger.schema import forgotten_sums as table
from clienteling.ledger.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["forgotten_sums"]


def forgotten_sums(store: Store, id: str, *, real_time: bool = False) -> pa.Table:
    """Return the sums of a campaign's customers who were forgotten, to be added to its own.

    Parameters
    ----------
    store : the store
    id : of the campaign
    real_time : whether of those who were decided in real time; else of those in the batch

    Returns
    -------
    pyarrow.Table
        ``segment_id`` (null where there was none), ``arm``, ``offer``, ``name`` of the outcome,
        ``customers`` who had it, ``total`` and ``squares``: of what each of them had in all, the
        sum and the sum of squares. Rows with an empty ``name`` count all customers of the group.

    Raises
    ------
    DataError
        There is no such campaign.
    """
    import pyarrow as pa

    meant = campaign(store, id)
    schema = pa.schema(
        [
            ("segment_id", pa.int64()),
            *((each, pa.string()) for each in ("arm", "offer", "name")),
            ("customers", pa.int64()),
            *((each, pa.float64()) for each in ("total", "squares")),
        ]
    )
    columns = [table.c[each] for each in schema.names]
    own = sa.and_(table.c.campaign == meant.id, table.c.from_batch == sa.literal(not real_time))
    query = sa.select(*columns).where(own).order_by(*columns[:4])
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows:
        row["segment_id"] = row["segment_id"] if row["segment_id"] >= 0 else None
    return pa.Table.from_pylist(rows, schema)
