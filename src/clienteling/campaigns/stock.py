"""Stock that is too small for all: customers take their turns in an order that chance decides.

It is as if they came one after another and each got what real time would decide: of the offers
that are open and not used up. Where the policy is a fixed order of preference, that is the random
serial dictatorship (Abdulkadiroglu and Sönmez 1998, doi:10.2307/2998580). The order is that of a
hash, so an offer is used up at one value of it: whose hash lies above gets the next open one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlglot.expressions as exp

from clienteling.campaigns.holdout import Holdout
from clienteling.data.portable_hash import hash_sql
from clienteling.data.sql import chain, column, name, text
from clienteling.data.table import Column, Table
from clienteling.offers.assignment import Share, assign
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.cells import Cell, Cells
from clienteling.offers.policies.decision import Interval, Policy

__all__ = ["Ration", "left_empty", "rations_of", "shares_in_turn", "stock_salt"]
#: What a policy gives, by segment and open offers: it may take a while to work out.
Known = dict[tuple[int, tuple[str, ...]], Sequence[Interval]]


@dataclass(frozen=True)
class Ration:
    """An offer whose stock is too small for all who would get it.

    Parameters
    ----------
    share : of them who get it
    below : the hash at which it is used up, as text: who has a lower one gets it
    turn : the probability that a customer's turn comes before that
    """

    share: float
    below: str
    turn: float


def stock_salt(campaign: str) -> str:
    """Return the salt of the hash by which stock is taken."""
    return f"stock:{campaign}:"


def shares_in_turn(
    policy: Policy,
    counted: Sequence[Cell],
    rations: Mapping[str, Ration],
    catalogue: Catalogue | None = None,
    known: Known | None = None,
) -> list[Share]:
    """Return what a policy gives to the customers of each cell, whenever their turn comes.

    Parameters
    ----------
    policy : decides among the offers that are left
    counted : the cells
    rations : the offers that are used up at some time
    catalogue : tells the offers' titles, for the reasons
    known : the intervals so far, by segment and open offers; those that are asked for are added
    """
    titles = {each.id: each.title for each in catalogue.offers} if catalogue else {}
    known = {} if known is None else known
    found = []
    for cell in counted:
        ends = sorted(
            (
                (each.below, each.turn, offer)
                for offer, each in rations.items()
                if offer in cell.open
            ),
        )
        since, before = "", 0.0
        for place in range(len(ends) + 1):
            until, turn = ends[place][:2] if place < len(ends) else ("g", 1.0)
            gone = [offer for _, _, offer in ends[:place]]
            if until > since:
                left = tuple(each for each in cell.open if each not in gone)
                key = (cell.segment, left)
                if key not in known:
                    known[key] = policy.intervals(cell.segment, left)
                found += [
                    Share(
                        cell.segment, cell.pattern, each.offer, each.propensity, each.low,
                        each.high, since, until, turn - before,
                        bool(left) or not gone, _used_up([titles.get(e, e) for e in gone]),
                    )
                    for each in known[key]
                ]  # fmt: skip
            since, before = until, turn
    return found


def _used_up(gone: Sequence[str]) -> str:
    """Say that something was used up before a customer's turn; empty where nothing was."""
    if not gone:
        return ""
    what = " and ".join(f'"{each}"' for each in gone)
    was = "was" if len(gone) == 1 else "were"
    return f" {what} {was} used up before the customer's turn, which chance decided."


def rations_of(
    cells: Cells,
    counted: Sequence[Cell],
    policy: Policy,
    salt: str,
    stock: Mapping[str, int],
    holdout: Holdout,
    campaign: str,
    known: Known | None = None,
) -> dict[str, Ration]:
    """Return when which offer is used up, where its stock is too small.

    Parameters
    ----------
    cells, counted, policy, salt : as for :func:`shares_in_turn`, and what offers are drawn by
    stock : how many there are, by offer
    holdout, campaign : who is held out takes none
    known : see :func:`shares_in_turn`
    """
    left, taken = dict(stock), dict.fromkeys(stock, 0)
    found: dict[str, Ration] = {}
    known = {} if known is None else known
    since, before = "", 0.0
    while left:
        shares = shares_in_turn(policy, counted, found, known=known)
        drawn = _hashed(assign(cells, shares, policy, salt, turns=stock_salt(campaign)), campaign)
        held = holdout.condition(column("customer_id"))
        asking = _counted(drawn, held, left, since)
        short = {each: n for each, n in left.items() if asking[each] > n}
        used_up = [each for each, n in short.items() if not n]
        for each in used_up:
            found[each] = Ration(stock[each] / (taken[each] + asking[each]), since, before)
            del left[each]
        if used_up:
            continue  # who asked for it asks for another one
        if not short:
            break
        ends = _hashes_at(drawn, held, short, since)
        first = min(ends, key=lambda each: ends[each])
        turn = before + (1.0 - before) * left[first] / asking[first]
        found[first] = Ration(stock[first] / (taken[first] + asking[first]), ends[first], turn)
        del left[first]
        got = _counted(drawn, held, left, since, ends[first])
        left = {each: n - got[each] for each, n in left.items()}
        taken = {each: taken[each] + got[each] for each in left}
        since, before = ends[first], turn
    return dict(sorted(found.items()))


def left_empty(counted: Sequence[Cell], rations: Mapping[str, Ration]) -> float:
    """Return about how many get nothing, since all that is open to them is used up by their turn.

    Examples
    --------
    >>> only = Cell(0, (), ("wine",), 1000)
    >>> left_empty([only], {"wine": Ration(0.4, "6666666666666", 0.4)})
    600.0
    """
    return sum(
        each.customers * (1.0 - max(rations[offer].turn for offer in each.open))
        for each in counted
        if each.open and all(offer in rations for offer in each.open)
    )


def _hashed(drawn: Table, campaign: str) -> Table:
    """Return ``customer_id``, ``offer`` and the hash by which turns are taken."""
    turn = hash_sql(column("customer_id"), stock_salt(campaign)).as_(name("cl_hash"))
    own = exp.select(column("customer_id"), column("offer"), turn).from_(drawn.subquery)
    more = (drawn["customer_id"], drawn["offer"], Column("cl_hash", "text"))
    return replace(drawn, select=own, columns=more)


def _asking(
    held: exp.Expr | None, offers: Iterable[str], since: str, until: str = "g"
) -> exp.Condition:
    """Return the condition of those who take some of an offer, in turns from one to another."""
    parts: list[exp.Expr] = [
        exp.In(this=column("offer"), expressions=[text(each) for each in offers])
    ]
    if since:
        parts.append(exp.GTE(this=column("cl_hash"), expression=text(since)))
    if until != "g":
        parts.append(exp.LT(this=column("cl_hash"), expression=text(until)))
    if held is not None:
        parts.append(exp.not_(held.copy()))
    return exp.and_(*parts)


def _counted(
    drawn: Table, held: exp.Expr | None, offers: Collection[str], since: str, until: str = "g"
) -> dict[str, int]:
    """Count who takes some of each offer, in turns from one to another."""
    if not offers:
        return {}
    rows = drawn.query(
        exp.select(column("offer"), exp.Count(this=exp.Star()).as_("n"))
        .where(_asking(held, offers, since, until))
        .group_by(column("offer"))
    ).to_pylist()
    return {**dict.fromkeys(offers, 0), **{row["offer"]: int(row["n"]) for row in rows}}


def _hashes_at(
    drawn: Table, held: exp.Expr | None, places: Mapping[str, int], since: str
) -> dict[str, str]:
    """Return, per offer, the hash at a place from 0 in the order of the customers' turns."""
    own = exp.select(column("offer"), column("cl_hash")).where(_asking(held, places, since))
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
