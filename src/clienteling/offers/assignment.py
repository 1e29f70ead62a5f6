"""Every customer's offer, as one query: the plan of each cell, joined to its customers.

A plan divides the hashes of a cell's customers among offers. The same table answers for one
customer and for 100 million, and the answer can be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.portable_hash import hash_sql
from clienteling.data.sql import case, column, double, name, number, text
from clienteling.data.table import Column, Table
from clienteling.offers.cells import BY_RULE, CLOSED, NONE_OPEN, OPTED_OUT, Cell, Cells
from clienteling.offers.cuts import planned_rows
from clienteling.offers.eligibility import not_contacted
from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.decision import Policy

__all__ = ["Share", "assign", "shares_of"]

_WITHOUT = "The customer has no segment."


@dataclass(frozen=True)
class Share:
    """Part of a cell's customers, and what they get.

    Parameters
    ----------
    segment, pattern : the cell
    offer : what they get
    propensity : the probability of it
    low, high : the customers' hashes, from ``low``, below ``high``, as text
    since, until : the hashes of their turns, where stock is taken in turns
    turn : the probability that a customer's turn lies there; the propensity is given that it does
    any_left : whether any open offer is left by then
    note : what the reason says beside what the policy says
    """

    segment: int
    pattern: tuple[int, ...]
    offer: str
    propensity: float
    low: str = ""
    high: str = "g"
    since: str = ""
    until: str = "g"
    turn: float = 1.0
    any_left: bool = True
    note: str = ""

    @property
    def chance(self) -> float:
        """With which probability a customer of the cell is in this part."""
        return self.propensity * self.turn


def shares_of(policy: Policy, cells: Sequence[Cell]) -> list[Share]:
    """Return what a policy gives to the customers of each cell."""
    return [
        Share(each.segment, each.pattern, part.offer, part.propensity, part.low, part.high)
        for each in cells
        for part in policy.intervals(each.segment, each.open)
    ]


def assign(
    cells: Cells,
    shares: Sequence[Share],
    policy: Policy,
    salt: str,
    more: Mapping[str, Sequence[float | str]] | None = None,
    turns: str | None = None,
) -> Table:
    """Return the decision for every customer, lazily.

    Parameters
    ----------
    cells : each customer's cell
    shares : what the customers of each cell get
    policy : gives the reasons
    salt : of the campaign, as in :func:`clienteling.offers.policies.decision.decide`
    more : further columns, each with a value per share; null for those without a segment
    turns : the salt of the hash by which turns are taken, where shares have some

    Returns
    -------
    Table
        ``customer_id``, ``segment_id``, ``offer``, ``propensity``, ``reason``, the columns that
        the cells carry through, and those of ``more``.
    """
    told = dict(more or {})
    in_turns = any(each.since or each.until != "g" for each in shares)
    if in_turns and turns is None:
        raise ValueError("shares in turns need the salt of the turns")
    columns = ["cl_segment", *(f"cl_of_{each}" for each in cells.words)]
    planned = ["cl_offer", "cl_propensity", "cl_low", "cl_high", "cl_reason"]
    planned += ["cl_since", "cl_until"] if in_turns else []
    planned += [f"cl_more_{place}" for place in range(len(told))]
    rows = [
        exp.Tuple(
            expressions=[
                exp.Literal.number(each.segment),
                *(exp.Literal.number(word) for word in each.pattern),
                text(each.offer),
                number(each.propensity),
                text(each.low),
                text(each.high),
                text(policy.reason(each.segment, each.offer, each.any_left) + each.note),
                *((text(each.since), text(each.until)) if in_turns else ()),
                *(_literal(values[place]) for values in told.values()),
            ]
        )
        for place, each in enumerate(shares)
    ]
    hashed = exp.select("*", hash_sql(column("customer_id"), salt).as_(name("cl_hash")))
    if in_turns:
        hashed = hashed.select(hash_sql(column("customer_id"), str(turns)).as_(name("cl_turn")))
    customers = hashed.from_(cells.table.subquery)
    own = exp.column(name("cl_hash"), table="cl_decided_customers")
    on = exp.and_(
        _same("segment_id", "cl_segment"),
        *(_same(each, f"cl_of_{each}") for each in cells.words),
        exp.GTE(this=own, expression=_planned("cl_low")),
        exp.LT(this=own.copy(), expression=_planned("cl_high")),
    )
    if in_turns:
        turn = exp.column(name("cl_turn"), table="cl_decided_customers")
        on = exp.and_(
            on,
            exp.GTE(this=turn, expression=_planned("cl_since")),
            exp.LT(this=turn.copy(), expression=_planned("cl_until")),
        )
    decided = [
        exp.Coalesce(this=_planned("cl_offer"), expressions=[text(NOTHING)]),
        double(exp.Coalesce(this=_planned("cl_propensity"), expressions=[number(1.0)])),
        _reason(cells, policy),
    ]
    plan = exp.Values(expressions=rows)
    select = (
        exp.select(
            exp.column(name("customer_id"), table="cl_decided_customers"),
            exp.column(name("segment_id"), table="cl_decided_customers"),
            *(
                each.as_(name(called))
                for each, called in zip(decided, ("offer", "propensity", "reason"), strict=True)
            ),
            *(exp.column(name(each), table="cl_decided_customers") for each in cells.kept),
            *(
                _more(place, values).as_(name(each))
                for place, (each, values) in enumerate(told.items())
            ),
        )
        .from_("cl_decided_customers")
        .join(exp.to_table("cl_plan"), on=on, join_type="left")
        .with_("cl_decided_customers", as_=customers, copy=False)
        .with_(planned_rows("cl_plan", [*columns, *planned]), as_=plan, copy=False)
    )
    made = (
        cells.table["customer_id"],
        cells.table["segment_id"],
        Column("offer", "text"),
        Column("propensity", "number"),
        Column("reason", "text"),
        *(cells.table[each] for each in cells.kept),
        *(Column(each, "text" if _is_text(values) else "number") for each, values in told.items()),
    )
    return Table(cells.table.engine, select, made, cells.table.source, cells.table.notes)


def _reason(cells: Cells, policy: Policy) -> exp.Expr:
    """Return the reason: why nothing is open to the customer, else why the offer was chosen."""

    def closed(why: int) -> exp.Expr:
        own = exp.column(name(CLOSED), table="cl_decided_customers")
        return exp.EQ(this=own, expression=exp.Literal.number(why))

    branches = [(closed(OPTED_OUT), text(not_contacted("opted out")))]
    if cells.opt_outs:
        branches.append((closed(BY_RULE), text(not_contacted(cells.opt_outs))))
    for segment in cells.bits:
        own = exp.column(name("segment_id"), table="cl_decided_customers")
        is_own = exp.EQ(this=own, expression=exp.Literal.number(segment))
        said = text(policy.reason(segment, NOTHING, False))
        branches.append((exp.and_(closed(NONE_OPEN), is_own), said))
    return case(branches, exp.Coalesce(this=_planned("cl_reason"), expressions=[text(_WITHOUT)]))


def _literal(value: float | str) -> exp.Expr:
    return text(value) if isinstance(value, str) else number(value)


def _is_text(values: Sequence[float | str]) -> bool:
    return any(isinstance(each, str) for each in values)


def _more(place: int, values: Sequence[float | str]) -> exp.Expr:
    planned = _planned(f"cl_more_{place}")
    return planned if _is_text(values) else double(planned)


def _planned(called: str) -> exp.Expr:
    return exp.column(name(called), table="cl_plan")


def _same(own: str, planned: str) -> exp.Expr:
    return exp.EQ(
        this=exp.column(name(own), table="cl_decided_customers"),
        expression=_planned(planned),
    )
