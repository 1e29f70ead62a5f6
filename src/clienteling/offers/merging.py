"""What merged groups cost at most, and by which prices to merge them, from the engine.

For any prices, the limits at these prices and, for each customer, the best net worth among the
open offers together bound the profit of every plan (Lagrange duality). The engine sums it up in
one pass, however many different customers there are.

Which offers a customer should keep depends on these prices, too. They come from a sample of the
customers as they are, with the limits cut to its size: an offer that is scarce is dear in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlglot.expressions as exp

from clienteling.data.portable_hash import hash_sql, threshold
from clienteling.data.sql import case, column, number, text
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.cells import Cells, count_cells
from clienteling.offers.limits import Limit
from clienteling.offers.program import Group, Program

__all__ = ["best_worth", "net_worth", "sampled_prices", "turned"]

#: Customers of the sample.
_SAMPLED = 5_000
#: Net worths that differ by less, as a share of the highest, count as the same.
_ALIKE = 0.02


def net_worth(
    profits: Mapping[tuple[int, str], float],
    catalogue: Catalogue,
    limits: Sequence[Limit],
    prices: Sequence[float],
) -> dict[tuple[int, str], float]:
    """Return the profits less what a contact takes up, at some prices, by segment and offer.

    Parameters
    ----------
    profits : of a contact, by segment and offer
    catalogue : the offers
    limits, prices : what is taken up, and the price of one of it; a floor's contact is paid for
    """
    offers = {each.id: each for each in catalogue.offers}
    priced = list(zip(limits, prices, strict=True))
    net = {}
    for (segment, offer), profit in profits.items():
        cost, channel = offers[offer].cost, offers[offer].channel
        takes = sum(
            (-price if limit.kind == "floor" else price) * limit.use(segment, offer, cost, channel)
            for limit, price in priced
        )
        net[segment, offer] = profit - takes
    return net


def sampled_prices(
    cells: Cells,
    profits: Mapping[tuple[int, str], float],
    catalogue: Catalogue,
    limits: Sequence[Limit],
    salt: str,
) -> list[float]:
    """Return the prices of the limits in a plan for a sample of the customers, unmerged.

    The sample is drawn by the hash of the ids, so it is the same on every engine.

    Parameters
    ----------
    cells : each customer's, unmerged
    profits : of a contact, by segment and offer
    catalogue : the offers
    limits : for all customers
    salt : of the campaign

    Returns
    -------
    list of float
        One for each limit; zeros where the sample can't reach the floors.
    """
    count = exp.select(exp.Count(this=exp.Star()).as_("n")).from_(cells.table.subquery)
    everybody = int(cells.table.engine.query(count).to_pylist()[0]["n"])
    share = min(1.0, _SAMPLED / max(1, everybody))
    drawn = exp.LT(
        this=hash_sql(column("customer_id"), f"sample:{salt}"), expression=text(threshold(share))
    )
    select = exp.select("*").from_(cells.table.subquery).where(drawn)
    counted = count_cells(replace(cells, table=replace(cells.table, select=select, files=())))
    groups = [Group(each.segment, each.open, each.customers) for each in counted]
    part = [replace(each, amount=each.amount * share) for each in limits]
    solved = Program(groups, profits, catalogue, part).solve()
    return solved.prices.tolist() if solved is not None else [0.0] * len(limits)


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


def turned(
    order: Mapping[int, Sequence[str]], net: Mapping[tuple[int, str], float]
) -> dict[int, tuple[str, ...]]:
    """Let each segment begin with another one of the offers that are worth the same.

    At the right prices all that is scarce is worth about the same. If everybody kept the first few
    of these, the others would find no customers.

    Parameters
    ----------
    order : the offers of each segment, the one that is worth most first
    net : the worth of a contact at some prices, by segment and offer

    Examples
    --------
    >>> worth = {(s, o): 5.0 if o == "a" else 1.0 for s in (0, 1, 2) for o in "abcd"}
    >>> turned(dict.fromkeys((0, 1, 2), tuple("abcd")), worth)
    {0: ('a', 'b', 'c', 'd'), 1: ('a', 'c', 'd', 'b'), 2: ('a', 'd', 'b', 'c')}
    """
    alike = _ALIKE * max(map(abs, net.values()), default=0.0)
    found = {}
    for place, (segment, offers) in enumerate(order.items()):
        runs: list[list[str]] = []
        for offer in offers:
            if runs and net[segment, runs[-1][0]] - net[segment, offer] <= alike:
                runs[-1].append(offer)
            else:
                runs.append([offer])
        starts = [place * len(run) // len(order) for run in runs]
        found[segment] = tuple(
            offer
            for run, start in zip(runs, starts, strict=True)
            for offer in (*run[start:], *run[:start])
        )
    return found
