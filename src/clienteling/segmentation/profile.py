"""What each segment is like in the columns that took no part: means and shares, with intervals.

Means have the normal 95 % interval, shares Wilson's (1927, doi:10.1080/01621459.1927.10502953). How
much a segment differs from the other customers is said by an effect size, and how strongly a column
goes with the segments as a whole by an association: see
:mod:`clienteling.segmentation.effects`. All of it comes from counts and moments per segment, so it
costs one pass over the customers for all columns of numbers, and one for each column of words.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.missing_words import SaidMissing, is_missing_word
from clienteling.data.numbers import as_number
from clienteling.data.sql import case, column, name, number
from clienteling.data.table import Column, Table
from clienteling.data.typed_column import MISSING_WORDS
from clienteling.segmentation.effects import (
    Effect,
    Moments,
    cramers_v,
    difference_of_shares,
    eta_squared,
    hedges_g,
    together,
    wilson,
)
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_segments import Association, Figure
from clienteling.segmentation.scoring import score

__all__ = ["Profiles", "profile"]

#: Columns of words with more distinct values than this are not profiled.
_LEVELS = 12
_COLUMNS = 30
#: Values beyond this have no part: their squares would overflow.
_LARGEST = 1e100
_Z = 1.959963984540054


@dataclass(frozen=True)
class Profiles:
    """What is found in the columns that took no part.

    Parameters
    ----------
    figures : by segment, those that differ the most from the other customers first
    associations : how strongly each column goes with the segments, the strongest first
    notes : which words count as missing, in sentences
    """

    figures: dict[int, list[Figure]]
    associations: list[Association]
    notes: tuple[str, ...] = ()


#: A figure of a segment, with how much it differs whatever its unit.
_Found = tuple[int, Figure, float]


def profile(model: Model, table: Table, id: str | None) -> Profiles:
    """Return figures per segment, on the columns that are neither features nor the id.

    Parameters
    ----------
    model : the segments
    table : the customers
    id : the column of the customer id, if there is one
    """
    aliases = {
        alias for each in model.features for alias in (each.name, each.column, *each.aliases)
    }
    others = [each for each in table.columns if each.name not in aliases and each.name != id]
    numeric = [each.name for each in others if each.is_numeric][:_COLUMNS]
    words = [each.name for each in others if each.kind == "text"][:_COLUMNS]
    if not numeric and not words:
        return Profiles({}, [])
    # Under names of our own: customers may well have a column called segment, or margin.
    aside = {each: f"cl_profiled_{index}" for index, each in enumerate([*numeric, *words])}
    needed = dict.fromkeys([*model.columns, *([] if id is None else [id])])
    renamed = exp.select(
        *(column(each) for each in needed),
        *(column(each).as_(name(alias)) for each, alias in aside.items()),
    ).from_(table.subquery)
    columns = (
        *(table[each] for each in needed),
        *(Column(alias, table[each].kind) for each, alias in aside.items()),
    )
    beside = Table(table.engine, renamed, columns, table.source)
    scored = score(model, beside, id=id, keep=list(aside.values()))
    whole = [each for each in numeric if table[each].kind in ("integer", "boolean")]
    found, associations = _means(scored, {each: aside[each] for each in numeric}, whole)
    notes = []
    for each_name in _short_lists(scored, {each: aside[each] for each in words}):
        counts = _counts(scored, aside[each_name])
        if each_name not in table.as_written:
            counts, said = _without_words(each_name, counts)
            notes += [said.assumption.sentence] if said else []
        if not 2 <= len({level for _, level in counts}) <= _LEVELS:
            continue
        figures, association = _shares(each_name, counts)
        found += figures
        associations.append(association)
    by_segment: dict[int, list[tuple[float, Figure]]] = defaultdict(list)
    for segment, figure, strength in found:
        by_segment[segment].append((strength, figure))
    # Equal strengths, as where there is one segment only, stay in the order of the columns.
    return Profiles(
        {
            segment: [each for _, each in sorted(figures, key=lambda pair: -pair[0])]
            for segment, figures in by_segment.items()
        },
        sorted(associations, key=lambda each: -each.strength) if model.k > 1 else [],
        tuple(notes),
    )


def _means(
    scored: Table, columns: dict[str, str], whole: Sequence[str]
) -> tuple[list[_Found], list[Association]]:
    if not columns:
        return [], []
    aggregates = []
    for index, alias in enumerate(columns.values()):
        value = as_number(scored, alias)
        fits = exp.LTE(this=exp.Abs(this=value.copy()), expression=number(_LARGEST))
        x = case([(fits, value)], None)
        aggregates += [
            exp.Avg(this=x.copy()).as_(f"mean_{index}"),
            exp.StddevSamp(this=x.copy()).as_(f"deviation_{index}"),
            exp.Count(this=x.copy()).as_(f"n_{index}"),
            exp.Min(this=x.copy()).as_(f"least_{index}"),
            exp.Max(this=x.copy()).as_(f"largest_{index}"),
        ]
    rows = _by_segment(scored, aggregates)
    found: list[_Found] = []
    associations = []
    for index, each in enumerate(columns):
        groups = {
            int(row["segment_id"]): Moments(
                row[f"n_{index}"], row[f"mean_{index}"] or 0.0, row[f"deviation_{index}"] or 0.0
            )
            for row in rows
            if row[f"n_{index}"]
        }
        if not groups:
            continue
        least = min(row[f"least_{index}"] for row in rows if row[f"n_{index}"])
        largest = max(row[f"largest_{index}"] for row in rows if row[f"n_{index}"])
        if each in whole and least == 0 and largest == 1:
            yes = {segment: round(group.n * group.mean) for segment, group in groups.items()}
            sizes = {segment: group.n for segment, group in groups.items()}
            total = (sum(yes.values()), sum(sizes.values()))
            found += [
                _share_of(segment, each, "yes", (yes[segment], sizes[segment]), total)
                for segment in groups
            ]
            table = [[sizes[segment] - yes[segment], yes[segment]] for segment in groups]
            v = _rounded(cramers_v(table))
            associations.append(Association(column=each, measure="Cramér's V", value=v))
            continue
        found += _mean_of(each, groups)
        eta = _rounded(eta_squared(list(groups.values())))
        associations.append(Association(column=each, measure="eta squared", value=eta))
    return found, associations


def _mean_of(column_name: str, groups: dict[int, Moments]) -> list[_Found]:
    overall = together(list(groups.values())).mean
    found = []
    for segment, own in groups.items():
        if own.n < 2:
            continue
        half = _Z * own.deviation / math.sqrt(own.n)
        others = together([each for other, each in groups.items() if other != segment])
        effect = hedges_g(own, others)
        effect_value, effect_low, effect_high = _bounds(effect)
        figure = Figure(
            column=column_name,
            value=_rounded(own.mean),
            low=_rounded(own.mean - half),
            high=_rounded(own.mean + half),
            overall=_rounded(overall),
            effect=effect_value,
            effect_low=effect_low,
            effect_high=effect_high,
        )
        found.append((segment, figure, abs(effect.value) if effect else 0.0))
    return found


def _share_of(
    segment: int, column_name: str, level: str, own: tuple[int, int], total: tuple[int, int]
) -> _Found:
    """Return a share of a segment, beside that of the other customers.

    Parameters
    ----------
    own, total : customers with the level, and all that have a value: of the segment, and of all
    """
    share = own[0] / own[1]
    low, high = wilson(share, own[1])
    others = (total[0] - own[0], total[1] - own[1])
    effect = difference_of_shares(own, others) if others[1] else None
    effect_value, effect_low, effect_high = _bounds(effect)
    figure = Figure(
        column=column_name,
        level=level,
        value=share,
        low=low,
        high=high,
        overall=total[0] / total[1],
        effect=effect_value,
        effect_low=effect_low,
        effect_high=effect_high,
    )
    return segment, figure, effect.strength if effect else 0.0


def _bounds(effect: Effect | None) -> tuple[float, float, float] | tuple[None, None, None]:
    if effect is None:
        return None, None, None
    return _rounded(effect.value), _rounded(effect.low), _rounded(effect.high)


def _rounded(value: float) -> float:
    """Drop the last digits: they depend on the order in which an engine adds the rows up."""
    return float(f"{value:.10g}")


def _short_lists(scored: Table, columns: dict[str, str]) -> list[str]:
    if not columns:
        return []
    counts = [
        exp.Count(this=exp.Distinct(expressions=[column(alias)])).as_(f"n_{index}")
        for index, alias in enumerate(columns.values())
    ]
    row = scored.query(exp.select(*counts)).to_pylist()[0]
    most = _LEVELS + len(MISSING_WORDS)
    return [each for index, each in enumerate(columns) if 2 <= row[f"n_{index}"] <= most]


def _counts(scored: Table, alias: str) -> dict[tuple[int, str], int]:
    """Return how many customers of each segment have each level."""
    level = column(alias)
    query = (
        exp.select(column("segment_id"), level.as_(name("level")), _count())
        .where(_not_null(column("segment_id")))
        .where(_not_null(level))
        .group_by(column("segment_id"), level.copy())
        .order_by(column("segment_id"), level.copy())
    )
    rows = scored.query(query).to_pylist()
    return {(int(row["segment_id"]), row["level"]): int(row["n"]) for row in rows}


def _without_words(
    column_name: str, counts: dict[tuple[int, str], int]
) -> tuple[dict[tuple[int, str], int], SaidMissing | None]:
    """Return the counts without the words that mean "no value", and what these were."""
    words = sorted({level for _, level in counts if level.strip(" ") and is_missing_word(level)})
    rows = sum(many for (_, level), many in counts.items() if level in words)
    kept = {key: many for key, many in counts.items() if not is_missing_word(key[1])}
    return kept, SaidMissing(column_name, rows, words[0], len(words)) if words else None


def _shares(
    column_name: str, counts: dict[tuple[int, str], int]
) -> tuple[list[_Found], Association]:
    sizes: dict[int, int] = defaultdict(int)
    totals: dict[str, int] = defaultdict(int)
    for (segment, each), many in counts.items():
        sizes[segment] += many
        totals[each] += many
    everyone = sum(totals.values())
    # Of two levels, one says it all.
    levels = sorted(totals, key=lambda each: (-totals[each], each))
    found = [
        _share_of(
            segment,
            column_name,
            each,
            (counts.get((segment, each), 0), size),
            (totals[each], everyone),
        )
        for segment, size in sizes.items()
        for each in (levels[:1] if len(levels) == 2 else levels)
    ]
    table = [[counts.get((segment, each), 0) for each in levels] for segment in sizes]
    v = _rounded(cramers_v(table))
    return found, Association(column=column_name, measure="Cramér's V", value=v)


def _by_segment(scored: Table, aggregates: list[exp.Expr]) -> list[dict[str, Any]]:
    query = (
        exp.select(column("segment_id"), *aggregates)
        .where(_not_null(column("segment_id")))
        .group_by(column("segment_id"))
        .order_by(column("segment_id"))
    )
    rows: list[dict[str, Any]] = scored.query(query).to_pylist()
    return rows


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star()).as_(name("n"))


def _not_null(value: exp.Expr) -> exp.Expr:
    return exp.not_(exp.Is(this=value.copy(), expression=exp.null()))
