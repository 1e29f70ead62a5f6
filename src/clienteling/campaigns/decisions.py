"""The decision for every customer of a campaign: an offer, nothing, or held out from an offer.

The policy draws an offer first, stock is taken by the order of a hash, and then a holdout is drawn
among those who would be contacted. So who was held out is known with the offer that they would
have got, and is compared with those who got it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlglot.expressions as exp

from clienteling.campaigns.holdout import Holdout
from clienteling.data.portable_hash import hash_sql
from clienteling.data.sql import case, chain, column, double, name, number, text
from clienteling.data.table import Column, Table
from clienteling.offers.assignment import Share, assign
from clienteling.offers.cells import Cells
from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.decision import Policy

__all__ = ["ARMS", "DECIDED", "Ration", "chances", "decisions", "rations_of", "stock_salt"]

#: What may become of a customer: contacted, held out from an offer, or left in peace.
ARMS = ("offer", "holdout", "nothing")
#: The columns of decisions, beside those of the features.
DECIDED = (
    *("customer_id", "segment_id", "segment", "arm", "offer", "sent", "propensity", "reason"),
)

_HELD = " Held out, so that the campaign can be measured."
_TAKEN = "Its stock is taken by others, drawn by chance."


@dataclass(frozen=True)
class Ration:
    """Part of those who would get an offer, where its stock is too small for all.

    Parameters
    ----------
    share : of them who get it
    below : the hash below which their hashes lie, as text
    """

    share: float
    below: str


def stock_salt(campaign: str) -> str:
    """Return the salt of the hash by which stock is taken."""
    return f"stock:{campaign}:"


def rations_of(
    drawn: Table, stock: Mapping[str, int], holdout: Holdout, campaign: str
) -> dict[str, Ration]:
    """Divide stock that is too small for all who drew the offer and are not held out.

    Parameters
    ----------
    drawn : ``customer_id`` and ``offer``, as :func:`clienteling.offers.assignment.assign` gives
    stock : how many there are, by offer
    holdout, campaign : who is held out takes none
    """
    if not stock:
        return {}
    held = holdout.condition(column("customer_id"))
    asked = exp.In(this=column("offer"), expressions=[text(each) for each in stock])
    counted = drawn.query(
        exp.select(column("offer"), exp.Count(this=exp.Star()).as_("n"))
        .where(exp.and_(asked, exp.not_(held)) if held is not None else asked)
        .group_by(column("offer"))
    ).to_pylist()
    short = {
        row["offer"]: (stock[row["offer"]], int(row["n"]))
        for row in counted
        if row["n"] > stock[row["offer"]]
    }
    scarce = {offer: most for offer, (most, _) in short.items() if most}
    found = _hashes_at(drawn, scarce, held, campaign) if scarce else {}
    return {
        offer: Ration(most / n, found.get(offer, "")) for offer, (most, n) in sorted(short.items())
    }


def _hashes_at(
    drawn: Table, places: Mapping[str, int], held: exp.Expr | None, campaign: str
) -> dict[str, str]:
    """Return, per offer, the hash at a place from 0 in the order of the customers' hashes."""
    wanted = exp.In(this=column("offer"), expressions=[text(each) for each in places])
    own = exp.select(
        column("offer"),
        hash_sql(column("customer_id"), stock_salt(campaign)).as_(name("cl_hash")),
    ).where(exp.and_(wanted, exp.not_(held)) if held is not None else wanted)
    order = exp.Order(expressions=[exp.Ordered(this=column("cl_hash"), nulls_first=False)])
    numbered = exp.Window(this=exp.RowNumber(), partition_by=[column("offer")], order=order)
    ranked = exp.select("*", numbered.as_(name("cl_place")))
    at = exp.or_(
        *(
            exp.and_(
                exp.EQ(this=column("offer"), expression=text(offer)),
                # The first row has the number 1.
                exp.EQ(this=column("cl_place"), expression=exp.Literal.number(place + 1)),
            )
            for offer, place in places.items()
        )
    )
    last = exp.select(column("offer"), column("cl_hash")).where(at)
    steps = chain(drawn.subquery, ("rationed", own), ("ranked", ranked), ("last", last))
    return {row["offer"]: row["cl_hash"] for row in drawn.engine.query(steps).to_pylist()}


def decisions(
    cells: Cells,
    shares: Sequence[Share],
    policy: Policy,
    campaign: str,
    salt: str,
    holdout: Holdout,
    segments: Mapping[int, str],
    rations: Mapping[str, Ration] | None = None,
) -> Table:
    """Return the decision for every customer, lazily.

    Parameters
    ----------
    cells, shares, policy, salt : see :func:`clienteling.offers.assignment.assign`
    campaign : its name
    holdout : who is held out
    segments : names by id
    rations : of the offers whose stock is too small

    Returns
    -------
    Table
        ``customer_id``, ``segment_id``, ``segment``, ``arm``, ``offer`` (that the customer gets, or
        would have got), ``sent`` (the offer that goes out, else ``nothing``), ``propensity`` (the
        probability of what is sent, with all draws), ``reason``, and the features.
    """
    scarce = dict(rations or {})
    sent = [_sent(each, scarce, holdout) for each in shares]
    silent = _silences(shares, sent)
    # Who has an offer that is rationed needs one more hash; for all others it isn't computed.
    below = [scarce[each.offer].below if each.offer in scarce else "g" for each in shares]
    more: dict[str, Sequence[float | str]] = {
        "cl_sent": sent,
        "cl_silent": silent,
        "cl_below": below,
    }
    drawn = assign(cells, shares, policy, salt, more)
    kept = [column("customer_id"), column("segment_id")]
    features = [column(each) for each in cells.kept]
    nothing, all_hashes = text(NOTHING), text("g")
    within = exp.or_(
        exp.EQ(this=column("cl_below"), expression=all_hashes),
        exp.LT(
            this=hash_sql(column("customer_id"), stock_salt(campaign)),
            expression=column("cl_below"),
        ),
    )
    gets: exp.Expr = column("offer")
    reason: exp.Expr = column("reason")
    if scarce:
        gets = case([(within, column("offer"))], nothing.copy())
        unknown = exp.Is(this=column("cl_below"), expression=exp.null())
        reason = case([(exp.or_(unknown, within.copy()), column("reason"))], text(_TAKEN))
    would = exp.select(
        *kept,
        gets.as_(name("offer")),
        reason.as_(name("reason")),
        column("cl_sent"),
        column("cl_silent"),
        *features,
    )
    left = exp.EQ(this=column("offer"), expression=nothing.copy())
    held = holdout.condition(column("customer_id"))
    branches: list[tuple[exp.Expr, exp.Expr]] = [(left, text("nothing"))]
    branches += [(held, text("holdout"))] if held is not None else []
    armed = exp.select("*", case(branches, text("offer")).as_(name("arm")))
    goes = exp.EQ(this=column("arm"), expression=text("offer"))
    is_held = exp.EQ(this=column("arm"), expression=text("holdout"))
    known = [
        (exp.EQ(this=column("segment_id"), expression=exp.Literal.number(id)), text(called))
        for id, called in segments.items()
    ]
    chance = case([(goes.copy(), column("cl_sent"))], column("cl_silent"))
    said = exp.DPipe(this=column("reason"), expression=text(_HELD), safe=True)
    result = exp.select(
        *kept,
        case(known, exp.null()).as_(name("segment")),
        column("arm"),
        column("offer"),
        case([(goes.copy(), column("offer"))], nothing.copy()).as_(name("sent")),
        double(exp.Coalesce(this=chance, expressions=[number(1.0)])).as_(name("propensity")),
        case([(is_held, said)], column("reason")).as_(name("reason")),
        *features,
    )
    columns = (
        drawn["customer_id"],
        drawn["segment_id"],
        *(Column(each, "text") for each in ("segment", "arm", "offer", "sent")),
        Column("propensity", "number"),
        Column("reason", "text"),
        *(drawn[each] for each in cells.kept),
    )
    steps = chain(drawn.subquery, ("would", would), ("armed", armed), ("decided", result))
    return replace(drawn, select=steps, columns=columns)


def chances(
    shares: Sequence[Share], rations: Mapping[str, Ration], holdout: Holdout, offer: str
) -> list[float]:
    """Return, for each share, the probability that an offer goes out to customers of its cell."""
    cells: dict[tuple[int, tuple[int, ...]], float] = {}
    for each in shares:
        if each.offer == offer:
            key = (each.segment, each.pattern)
            cells[key] = cells.get(key, 0.0) + _sent(each, rations, holdout)
    return [cells.get((each.segment, each.pattern), 0.0) for each in shares]


def _sent(share: Share, rations: Mapping[str, Ration], holdout: Holdout) -> float:
    """Return the probability that the offer goes out: drawn, in stock, and not held out."""
    part = rations[share.offer].share if share.offer in rations else 1.0
    return share.propensity * part * (1.0 - holdout.probability)


def _silences(shares: Sequence[Share], sent: Sequence[float]) -> list[float]:
    """Return the probability that nothing goes out to a customer of the share's cell."""
    cells: dict[tuple[int, tuple[int, ...]], float] = {}
    for each, chance in zip(shares, sent, strict=True):
        if each.offer != NOTHING:
            key = (each.segment, each.pattern)
            cells[key] = cells.get(key, 0.0) + chance
    return [max(0.0, 1.0 - cells.get((each.segment, each.pattern), 0.0)) for each in shares]
