"""What merged groups cost at most: the bound over all customers as they are, from the engine.

For any prices, the limits at these prices and, for each customer, the best net worth among the
open offers together bound the profit of every plan (Lagrange duality). The engine sums it up in
one pass, however many different customers there are.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot.expressions as exp

from clienteling.data.sql import case, column, number
from clienteling.offers.cells import Cells

__all__ = ["best_worth"]


def best_worth(cells: Cells, net: Mapping[tuple[int, str], float]) -> float:
    """Return the sum over all customers of the highest net worth of an open offer, or 0.

    Parameters
    ----------
    cells : each customer's, unmerged
    net : the worth of a contact at some prices, by segment and offer
    """
    branches: list[tuple[exp.Expr, exp.Expr]] = []
    for segment, bits in cells.bits.items():
        # The first that is open, in the order of their worth, is the best.
        for offer in sorted(bits, key=lambda each: -net[segment, each]):
            if net[segment, offer] <= 0:
                break
            is_open: exp.Expr = exp.EQ(
                this=column("segment_id"), expression=exp.Literal.number(segment)
            )
            place = bits[offer]
            if place is not None:
                word, bit = place
                masked = exp.BitwiseAnd(
                    this=column(cells.words[word]), expression=exp.Literal.number(1 << bit)
                )
                is_set = exp.NEQ(this=exp.paren(masked), expression=exp.Literal.number(0))
                is_open = exp.and_(is_open, is_set)
            branches.append((is_open, number(net[segment, offer])))
    known = exp.Not(this=exp.Is(this=column("customer_id"), expression=exp.null()))
    query = exp.select(exp.Sum(this=case(branches, number(0.0))).as_("worth"))
    query = query.from_(cells.table.subquery).where(known)
    return float(cells.table.engine.query(query).to_pylist()[0]["worth"] or 0.0)
