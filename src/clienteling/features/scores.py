"""Scores from 1 to 5: which fifth of the customers a value lies in, ties together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.sql import case, chain, column, name, number
from clienteling.data.table import Table
from clienteling.errors import DataError, InputError, near_names

__all__ = [
    "LETTERS",
    "SCORED",
    "SCORES",
    "Cuts",
    "Summary",
    "check_cuts",
    "score",
    "score_columns",
    "score_of",
    "summarise",
]

#: Each scored measure, and whether its low or its high values are the best.
SCORED = {"recency": "low", "frequency": "high", "monetary": "high"}
SCORES = 5
#: The columns with their scores.
LETTERS = ("r_score", "f_score", "m_score")

#: Per measure four ascending values: where one score ends and the next begins.
Cuts = Mapping[str, Sequence[float]]


def check_cuts(cuts: Cuts | None) -> dict[str, tuple[float, ...]]:
    """Return the user's own cuts, checked.

    Raises
    ------
    InputError
        They are for another measure, or not four ascending numbers.
    """
    faults = []
    for measure, values in (cuts or {}).items():
        if measure not in SCORED:
            hint = near_names(measure, SCORED)
            faults.append(f'"{measure}" has no scores. {hint}'.strip())
        elif (
            len(values) != SCORES - 1
            or not all(math.isfinite(each) for each in values)
            or any(low >= high for low, high in itertools.pairwise(values))
        ):
            shown = ", ".join(f"{each:g}" for each in values)
            faults.append(f"{measure}: {shown or 'nothing'} is not {SCORES - 1} ascending numbers.")
    if faults:
        raise InputError(
            "The cuts are not understood.",
            faults=faults,
            hint="Such as 30, 90, 180, 365 for recency: up to 30 days is the best score.",
        )
    return {
        measure: tuple(float(each) for each in values) for measure, values in (cuts or {}).items()
    }


@dataclass(frozen=True)
class Summary:
    """What all customers are like together.

    Parameters
    ----------
    customers : how many there are
    buyers : of those, who bought something
    lines : rows of the transactions that they are made of
    cuts : per measure its exact quintiles, over the buyers
    """

    customers: int
    buyers: int
    lines: int
    cuts: dict[str, tuple[float, ...]]


def summarise(measures: Table, wanted: Sequence[str]) -> Summary:
    """Count the customers and find the quintiles of the wanted measures, in one query.

    The j-th of the four cuts is the least value that at least j fifths of the customers do not
    exceed: a value that occurs, found without interpolation, so that every engine finds the same
    (Hyndman and Fan 1996, definition 1).

    Raises
    ------
    DataError
        Nobody bought anything.
    """
    bought = case([(_bought(), exp.Literal.number(1))], exp.Literal.number(0))
    flagged = exp.select(
        *(column(each) for each in wanted), column("cl_lines"), bought.as_(name("cl_bought"))
    )
    ranked = exp.select(
        "*",
        *(_up_to(each).as_(name(f"cl_{each}")) for each in wanted),
        exp.Window(this=exp.Count(this=exp.Star()), partition_by=[column("cl_bought")]).as_(
            name("cl_all")
        ),
    )
    counted = exp.select(
        exp.Count(this=exp.Star()).as_(name("customers")),
        exp.Sum(this=column("cl_bought")).as_(name("buyers")),
        exp.Sum(this=column("cl_lines")).as_(name("lines")),
        *(
            exp.Min(this=case([(_reaches(each, j), column(each))], None)).as_(name(f"{each}_{j}"))
            for each in wanted
            for j in range(1, SCORES)
        ),
    )
    query = chain(
        measures.subquery,
        ("rfm_flagged", flagged),
        ("rfm_ranked", ranked),
        ("rfm_counted", counted),
    )
    row = measures.engine.query(query).to_pylist()[0]
    if not row["buyers"]:
        raise DataError(f"{measures.source}: nobody bought anything; all lines are returns.")
    return Summary(
        int(row["customers"]),
        int(row["buyers"]),
        int(row["lines"]),
        {each: tuple(float(row[f"{each}_{j}"]) for j in range(1, SCORES)) for each in wanted},
    )


def score(measure: str, cuts: Sequence[float], best: str) -> exp.Expr:
    """Return the score of a measure as an expression; null where the measure is.

    Parameters
    ----------
    measure : the column
    cuts : ascending; a value at a cut lies below it
    best : whether ``low`` or ``high`` values get the highest score
    """
    value = column(measure)
    ends = [(exp.LTE(this=value.copy(), expression=number(cut)), cut) for cut in cuts]
    points = _points(len(cuts), best)
    missing = (exp.Is(this=value.copy(), expression=exp.null()), exp.null())
    branches = [
        (condition, exp.Literal.number(point))
        for (condition, _), point in zip(ends, points, strict=False)
    ]
    return case([missing, *branches], exp.Literal.number(points[-1]))


def score_of(value: float, cuts: Sequence[float], best: str) -> int:
    """Return the score of one value.

    Examples
    --------
    >>> [score_of(days, (30, 90, 180, 365), "low") for days in (3, 30, 31, 400)]
    [5, 5, 4, 1]
    >>> [score_of(orders, (1, 1, 2, 5), "high") for orders in (1, 2, 3, 6)]
    [1, 3, 4, 5]
    """
    return _points(len(cuts), best)[sum(cut < value for cut in cuts)]


def score_columns(cuts: Cuts) -> list[exp.Expr]:
    """Return ``r_score``, ``f_score`` and ``m_score`` as aliased expressions.

    Who bought nothing has none of them.
    """
    return [
        case([(_bought(), score(measure, cuts[measure], best))], None).as_(name(letter))
        for letter, (measure, best) in zip(LETTERS, SCORED.items(), strict=True)
    ]


def _points(cuts: int, best: str) -> list[int]:
    points = list(range(1, cuts + 2))
    return points[::-1] if best == "low" else points


def _bought() -> exp.Expr:
    return exp.not_(exp.Is(this=column("recency"), expression=exp.null()))


def _up_to(measure: str) -> exp.Expr:
    # Customers up to and with each one's own value: an ordered window counts ties together.
    return exp.Window(
        this=exp.Count(this=exp.Star()),
        partition_by=[column("cl_bought")],
        order=exp.Order(expressions=[exp.Ordered(this=column(measure), nulls_first=True)]),
    )


def _reaches(measure: str, j: int) -> exp.Expr:
    # In whole numbers: 0.6 times a count of customers need not be what it should.
    enough = exp.GTE(
        this=exp.Mul(this=column(f"cl_{measure}"), expression=exp.Literal.number(SCORES)),
        expression=exp.Mul(this=column("cl_all"), expression=exp.Literal.number(j)),
    )
    return exp.and_(exp.EQ(this=column("cl_bought"), expression=exp.Literal.number(1)), enough)
