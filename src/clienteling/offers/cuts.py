"""Divide a group's customers by the order of their hashes: exactly as many as were planned."""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot.expressions as exp

from clienteling.data.portable_hash import hash_sql
from clienteling.data.sql import column, name
from clienteling.offers.allocation import Allocation
from clienteling.offers.cells import Cell, Cells
from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.decision import Interval

__all__ = ["exact_cuts", "planned_rows"]


def exact_cuts(
    cells: Cells, counted: Sequence[Cell], allocation: Allocation, salt: str
) -> dict[tuple[int, tuple[str, ...]], list[Interval]]:
    """Return what each group's customers get, by their hashes.

    Only where a group gets several offers its customers are looked at, in one query. The
    propensity is the share of the group that gets the offer.

    Parameters
    ----------
    cells : each customer's cell
    counted : the cells in the order of the allocation's groups
    allocation : how many of each get which offer
    salt : of the campaign
    """
    parts: list[list[tuple[str, int]]] = []
    wanted: list[tuple[int, int]] = []
    for place, (cell, counts) in enumerate(zip(counted, allocation.counts, strict=True)):
        own = [(offer, counts[offer]) for offer in cell.open if counts.get(offer)]
        rest = cell.customers - sum(n for _, n in own)
        own += [(NOTHING, rest)] if rest else []
        parts.append(own)
        at = 0
        for _, n in own[:-1]:
            at += n
            wanted.append((place, at))
    found = _hashes(cells, counted, wanted, salt) if wanted else {}
    planned = {}
    for place, (cell, own) in enumerate(zip(counted, parts, strict=True)):
        low, at, intervals = "", 0, []
        for offer, n in own:
            at += n
            high = found.get((place, at), "g")
            intervals.append(Interval(offer, n / cell.customers, low, high))
            low = high
        planned[cell.segment, cell.open] = intervals
    return planned


def _hashes(
    cells: Cells, counted: Sequence[Cell], wanted: Sequence[tuple[int, int]], salt: str
) -> dict[tuple[int, int], str]:
    """Return the hash at each wanted place, from 0, in the order of a cell's hashes."""
    split = list(dict.fromkeys(place for place, _ in wanted))
    keys = ["segment_id", *cells.words]
    rows = [[place, counted[place].segment, *counted[place].pattern] for place in split]
    theirs = ["cl_cell", *(f"cl_of_{each}" for each in keys)]
    on = exp.and_(
        *(
            exp.EQ(
                this=exp.column(name(each), table="cl_cut_customers"),
                expression=exp.column(name(f"cl_of_{each}"), table="cl_cut_split"),
            )
            for each in keys
        ),
        exp.Not(
            this=exp.Is(
                this=exp.column(name("customer_id"), table="cl_cut_customers"),
                expression=exp.null(),
            )
        ),
    )
    hashed = hash_sql(exp.column(name("customer_id"), table="cl_cut_customers"), salt)
    own = (
        exp.select(exp.column(name("cl_cell"), table="cl_cut_split"), hashed.as_(name("cl_hash")))
        .from_("cl_cut_customers")
        .join(exp.to_table("cl_cut_split"), on=on)
    )
    order = exp.Order(expressions=[exp.Ordered(this=column("cl_hash"), nulls_first=False)])
    numbered = exp.Window(this=exp.RowNumber(), partition_by=[column("cl_cell")], order=order)
    ranked = exp.select("*", numbered.as_(name("cl_place"))).from_("cl_cut_own")
    at = exp.or_(
        *(
            exp.and_(
                exp.EQ(this=column("cl_cell"), expression=exp.Literal.number(place)),
                # The first row has the number 1.
                exp.EQ(this=column("cl_place"), expression=exp.Literal.number(at + 1)),
            )
            for place, at in wanted
        )
    )
    query = (
        exp.select(column("cl_cell"), column("cl_place"), column("cl_hash"))
        .from_("cl_cut_ranked")
        .where(at)
        .with_("cl_cut_customers", as_=cells.table.as_select())
        .with_(planned_rows("cl_cut_split", theirs), as_=exp.Values(expressions=_tuples(rows)))
        .with_("cl_cut_own", as_=own)
        .with_("cl_cut_ranked", as_=ranked)
    )
    found = cells.table.engine.query(query).to_pylist()
    return {(int(e["cl_cell"]), int(e["cl_place"]) - 1): str(e["cl_hash"]) for e in found}


def planned_rows(called: str, columns: Sequence[str]) -> exp.TableAlias:
    """Return the head of a named list of rows: its name and its columns."""
    return exp.TableAlias(this=exp.to_identifier(called), columns=[name(each) for each in columns])


def _tuples(rows: Sequence[Sequence[int]]) -> list[exp.Tuple]:
    return [exp.Tuple(expressions=[exp.Literal.number(each) for each in row]) for row in rows]
