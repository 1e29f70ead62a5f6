"""The decision for every customer of a campaign: an offer, nothing, or held out from an offer.

The policy draws an offer first, of those that are left when a customer's turn comes, and then a
holdout is drawn among those who would be contacted. So who was held out is known with the offer
that they would have got, and is compared with those who got it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlglot.expressions as exp

from clienteling.campaigns.holdout import Holdout
from clienteling.campaigns.stock import stock_salt
from clienteling.data.sql import case, chain, column, double, name, number, text
from clienteling.data.table import Column, Table
from clienteling.offers.assignment import Share, assign
from clienteling.offers.cells import Cells
from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.decision import Policy

__all__ = ["ARMS", "CHANCES", "DECIDED", "as_json", "chances", "decisions"]

#: The column that says what could have been sent.
CHANCES = "chances"
#: What may become of a customer: contacted, held out from an offer, or left in peace.
ARMS = ("offer", "holdout", "nothing")
#: The columns of decisions, beside those of the features.
DECIDED = (
    *("customer_id", "segment_id", "segment", "arm", "offer", "sent", "propensity", "reason"),
    CHANCES,
)

_HELD = " Held out, so that the campaign can be measured."
#: The chances of who has no segment.
_SURE = json.dumps({NOTHING: 1.0})


def decisions(
    cells: Cells,
    shares: Sequence[Share],
    policy: Policy,
    campaign: str,
    salt: str,
    holdout: Holdout,
    segments: Mapping[int, str],
) -> Table:
    """Return the decision for every customer, lazily.

    Parameters
    ----------
    cells, shares, policy, salt : see :func:`clienteling.offers.assignment.assign`
    campaign : its name
    holdout : who is held out
    segments : names by id

    Returns
    -------
    Table
        ``customer_id``, ``segment_id``, ``segment``, ``arm``, ``offer`` (that the customer gets, or
        would have got), ``sent`` (the offer that goes out, else ``nothing``), ``propensity`` (the
        probability of what is sent, with all draws), ``reason``, ``chances`` (all that could have
        been sent, each with its probability, as JSON), and the features.
    """
    vectors = _vectors(shares, holdout)
    of_each = [vectors[each.segment, each.pattern] for each in shares]
    more: dict[str, Sequence[float | str]] = {
        "cl_sent": [chance.get(e.offer, 0.0) for e, chance in zip(shares, of_each, strict=True)],
        "cl_silent": [chance[NOTHING] for chance in of_each],
        "cl_chances": [as_json(chance) for chance in of_each],
    }
    drawn = assign(cells, shares, policy, salt, more, stock_salt(campaign))
    kept = [column("customer_id"), column("segment_id")]
    features = [column(each) for each in cells.kept]
    nothing = text(NOTHING)
    would = exp.select(
        *kept,
        column("offer"),
        column("reason"),
        *(column(each) for each in more),
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
        exp.Coalesce(this=column("cl_chances"), expressions=[text(_SURE)]).as_(name(CHANCES)),
        *features,
    )
    columns = (
        drawn["customer_id"],
        drawn["segment_id"],
        *(Column(each, "text") for each in ("segment", "arm", "offer", "sent")),
        Column("propensity", "number"),
        Column("reason", "text"),
        Column(CHANCES, "text"),
        *(drawn[each] for each in cells.kept),
    )
    steps = chain(drawn.subquery, ("would", would), ("armed", armed), ("decided", result))
    return replace(drawn, select=steps, columns=columns)


def chances(shares: Sequence[Share], holdout: Holdout, offer: str) -> list[float]:
    """Return, for each share, the probability that an offer goes out to customers of its cell."""
    vectors = _vectors(shares, holdout)
    return [vectors[each.segment, each.pattern].get(offer, 0.0) for each in shares]


def _vectors(
    shares: Sequence[Share], holdout: Holdout
) -> dict[tuple[int, tuple[int, ...]], dict[str, float]]:
    """Return the probability of each offer to go out, and that nothing does, by cell.

    An offer goes out where it is drawn, is left, and the customer is not held out.
    """
    cells: dict[tuple[int, tuple[int, ...]], dict[str, float]] = {}
    for each in shares:
        own = cells.setdefault((each.segment, each.pattern), {})
        if each.offer != NOTHING and each.chance > 0:
            sent = each.chance * (1.0 - holdout.probability)
            own[each.offer] = own.get(each.offer, 0.0) + sent
    for own in cells.values():
        own[NOTHING] = max(0.0, 1.0 - sum(own.values()))
    return cells


def as_json(chance: Mapping[str, float]) -> str:
    """Return what may be sent, each with its probability, as the decisions have it."""
    return json.dumps({each: share for each, share in chance.items() if share > 0})
