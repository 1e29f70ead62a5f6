"""A last look before a plan is recorded: who has meanwhile been contacted as often as is allowed.

Between the planning of a batch and its record in the store, real time goes on and other batches are
recorded. Those of the batch who are at a cap by then, or have opted out, are taken out of it: they
get nothing, whether they would have been contacted or held out, so that the two stay comparable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import sqlglot.expressions as exp

from clienteling.campaigns.decisions import CHANCES, DECIDED, as_json, chances
from clienteling.campaigns.history import with_history
from clienteling.campaigns.plan import CampaignPlan
from clienteling.campaigns.recorded import contacts_in, out_in
from clienteling.campaigns.stock import stock_salt
from clienteling.data.beside import open_beside
from clienteling.data.destinations import open_part
from clienteling.data.sql import case, column, double, name, text
from clienteling.data.table import Table
from clienteling.data.urls import DatabaseAddress
from clienteling.ledger.store import Store
from clienteling.offers.assignment import assign
from clienteling.offers.offer import NOTHING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    _Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

__all__ = ["TakenOut", "take_out", "taken_out"]

_FULL = "By the time the plan was recorded, the customer had been contacted as often as is allowed."
_OUT = "By the time the plan was recorded, the customer had opted out."


@dataclass(frozen=True)
class TakenOut:
    """Customers who are taken out of a batch.

    Parameters
    ----------
    rows : ``customer_id``; ``propensity``, the probability that nothing goes out to them now;
        ``chances``, of all that may, as JSON; and ``is_out``, 1 where they have opted out
    """

    rows: pa.Table

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    @property
    def sentences(self) -> list[str]:
        """What is to be said of it."""
        out = sum(self.rows.column("is_out").to_numpy())
        told = [
            (len(self) - out, "been contacted as often as is allowed"),
            (out, "opted out"),
        ]
        return [
            f"{n:,} customer{'' if n == 1 else 's'} had {what} by the time the plan was recorded, "
            f"and get{'s' if n == 1 else ''} nothing."
            for n, what in told
            if n
        ]


def taken_out(store: Store, plan: CampaignPlan, decided: Table) -> TakenOut:
    """Find the customers of a batch who may not get what they would get, by what is known now.

    Parameters
    ----------
    store : what it knows now; no decision is made in real time meanwhile, or it is looked again
    plan : the campaign
    decided : its decisions, as they lie

    Raises
    ------
    SourceError
        The store, or the decisions of an earlier campaign, can't be read: then nobody can say who
        may be contacted.
    """
    import numpy as np
    import pyarrow as pa

    would = exp.NEQ(this=column("offer"), expression=text(NOTHING))
    narrow = decided.only("customer_id", "offer")
    rows = replace(narrow, select=exp.select("*").from_(narrow.subquery).where(would), files=())
    contacts = [*plan.contacts, *contacts_in(store, rows, plan.catalogue, plan.name, plan.day)]
    known = with_history(rows, plan.catalogue, plan.day, id="customer_id", contacts=contacts)
    out = out_in(store, rows)
    left_out = with_history(
        known.customers, plan.catalogue, plan.day, id="customer_id", opted_out=out
    )
    joined, offers = left_out.customers, [each.id for each in plan.catalogue.offers]
    closed = [known.also.get(each) for each in offers]
    is_out = next(iter(left_out.also.values()), None)
    flags = [_flag(each).as_(name(f"cl_full_{n}")) for n, each in enumerate(closed)]
    flagged = exp.select("*", *flags, _flag(is_out).as_(name("is_out"))).from_(joined.subquery)
    one = exp.Literal.number(1)
    late = [
        exp.and_(
            exp.EQ(this=column("offer"), expression=text(each)),
            exp.EQ(this=column(f"cl_full_{n}"), expression=one.copy()),
        )
        for n, each in enumerate(offers)
        if closed[n] is not None
    ]
    if is_out is not None:
        late.append(exp.EQ(this=column("is_out"), expression=one.copy()))
    if not late:
        return TakenOut(pa.table({e: [] for e in ("customer_id", "propensity", CHANCES, "is_out")}))
    wanted = ["customer_id", "is_out", *(f"cl_full_{n}" for n in range(len(offers)))]
    found = joined.engine.query(
        exp.select(*(column(each) for each in wanted))
        .from_(exp.Subquery(this=flagged, alias=exp.TableAlias(this=exp.to_identifier("cl_now"))))
        .where(exp.or_(*late))
    )
    goes: dict[str, _Floats] = {}
    if found.num_rows and any(0.0 < each.chance < 1.0 for each in plan.shares):
        found, goes = _goes(plan, found)
    gone = found.column("is_out")
    stays = gone.to_numpy() == 0
    goes = {offer: np.where(stays, each, 0.0) for offer, each in goes.items()}
    silent = np.maximum(1.0 - sum(goes.values(), np.zeros(found.num_rows)), 0.0)
    vectors = [
        as_json({**{offer: float(each[row]) for offer, each in goes.items()}, NOTHING: idle})
        for row, idle in enumerate(silent.tolist())
    ]
    return TakenOut(
        pa.table(
            {
                "customer_id": found.column("customer_id"),
                "propensity": silent,
                CHANCES: pa.array(vectors, pa.string()),
                "is_out": gone,
            }
        )
    )


def _flag(allowed: exp.Expr | None) -> exp.Expr:
    """Return 1 where something isn't allowed."""
    one, zero = exp.Literal.number(1), exp.Literal.number(0)
    return zero if allowed is None else case([(allowed.copy(), zero)], one)


def _goes(plan: CampaignPlan, found: pa.Table) -> tuple[pa.Table, dict[str, _Floats]]:
    """Return the rows, and the probability of each offer to go out, since some are closed."""
    import numpy as np

    cells, offers = plan.cells, [each.id for each in plan.catalogue.offers]
    beside = open_beside(cells.table, found.select(["customer_id"]))
    ids = exp.select(column("customer_id")).from_(beside.subquery)
    own = exp.select("*").from_(cells.table.subquery)
    own = own.where(exp.In(this=column("customer_id"), query=exp.Subquery(this=ids)))
    goes = {
        f"cl_goes_{n}": chances(plan.shares, plan.holdout, each) for n, each in enumerate(offers)
    }
    some = replace(cells, table=replace(cells.table, select=own, files=()))
    drawn = assign(some, plan.shares, plan.policy, plan.salt, goes, stock_salt(plan.name))
    told = drawn.only("customer_id", *goes).to_arrow()
    told = told.set_column(0, "customer_id", told.column(0).cast(found.schema.field(0).type))
    found = found.join(told, "customer_id")
    return found, {
        offer: np.where(
            found.column(f"cl_full_{n}").to_numpy() == 0, found.column(each).to_numpy(), 0.0
        )
        for n, (offer, each) in enumerate(zip(offers, goes, strict=True))
    }


def take_out(decided: Table, late: TakenOut, address: DatabaseAddress | None) -> None:
    """Write anew what holds the customers who are taken out of a batch: each file, or the table.

    Parameters
    ----------
    decided : the decisions, as they lie
    late : who is taken out
    address : of the table that they lie in; else they lie in files of Parquet
    """
    beside = open_beside(decided, late.rows)
    if address is not None:
        decided.engine.write_table(_without(decided, beside), address)
        return
    for each in decided.files:
        part = open_part(decided, Path(each))
        ids = exp.select(column("customer_id")).from_(beside.subquery)
        held = exp.In(this=column("customer_id"), query=exp.Subquery(this=ids))
        if part.query(exp.select(exp.Count(this=exp.Star()).as_("n")).where(held))["n"][0].as_py():
            decided.engine.write_parquet(_without(part, beside), Path(each))


def _without(decided: Table, late: Table) -> exp.Expr:
    """Return the decisions, in which those who are taken out get nothing."""
    gone = exp.column(name("customer_id"), table="cl_late")
    is_late = exp.Not(this=exp.Is(this=gone, expression=exp.null()))
    is_out = exp.EQ(
        this=exp.column(name("is_out"), table="cl_late"), expression=exp.Literal.number(1)
    )
    nothing = text(NOTHING)
    now: dict[str, exp.Expr] = {
        "arm": text("nothing"),
        "offer": nothing,
        "sent": nothing,
        "propensity": double(exp.column(name("propensity"), table="cl_late")),
        CHANCES: exp.column(name(CHANCES), table="cl_late"),
        "reason": case([(is_out, text(_OUT))], text(_FULL)),
    }

    def told(each: str) -> exp.Expr:
        own = exp.column(name(each), table="cl_decided")
        if each not in now or each not in DECIDED:
            return own
        return case([(is_late.copy(), now[each].copy())], own).as_(name(each))

    return (
        exp.select(*(told(each) for each in decided.names))
        .from_(_called(decided, "cl_decided"))
        .join(
            _called(late, "cl_late"),
            on=exp.EQ(this=exp.column(name("customer_id"), table="cl_decided"), expression=gone),
            join_type="left",
        )
    )


def _called(table: Table, called: str) -> exp.Subquery:
    alias = exp.TableAlias(this=exp.to_identifier(called))
    return exp.Subquery(this=table.as_select().copy(), alias=alias)
