"""Segments for a finished experiment, made of the columns that were known before it.

They are made as anywhere else, of features alone: neither the offer nor what came of it is looked
at. Which segment a customer is in is therefore settled before chance deals out the offers, as if
it had stood in the file all along, and inside each segment the groups are still those of a fair
draw. So a lift there is as unbiased, and its interval as right, as over all (stratification by
covariates from before the draw: Imbens and Rubin 2015, *Causal Inference*, chapter 9).

A column that was not known before breaks this, and no file says when a column was known. Those
that are proposed are therefore left out where :mod:`clienteling.measurement.known_before` finds
that they came of the campaign, and a visitor is told which were taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.columns import find_column
from clienteling.data.sql import column, name, text
from clienteling.data.table import Column, Table
from clienteling.errors import ColumnError, InputError, near_names
from clienteling.measurement.checks import Check
from clienteling.measurement.known_before import known_before
from clienteling.segmentation.model import Model
from clienteling.segmentation.no_groups import NO_GROUPS, no_groups
from clienteling.segmentation.prepare import Prepared, check_settings, prepare
from clienteling.segmentation.progress import Progress
from clienteling.segmentation.scoring import feature_values, scoring_select
from clienteling.segmentation.segment import build_model, fit_segments

__all__ = ["AUTO", "Forming", "MadeSegments", "make_segments"]

#: What stands in the place of a column of segments, where they are to be made.
AUTO = "auto"
_CALLED = "customer segment"
_WITHOUT = "(no segment)"


@dataclass(frozen=True)
class Forming:
    """How segments are to be formed; each as for :func:`clienteling.segment`.

    Parameters
    ----------
    features, categorical, k, transform, impute : as there
    """

    features: Sequence[str] | None = None
    categorical: Sequence[str] = ()
    k: int | None = None
    transform: str | Mapping[str, str] | None = None
    impute: str | None = None


@dataclass(frozen=True)
class MadeSegments:
    """Segments that were made for a measurement.

    Parameters
    ----------
    by : what their column is called
    model : the segments
    proposed : whether nobody named the columns
    left_out : proposed columns that hang together with the offer, and so took no part
    checks : of the columns that were named
    notes : what was assumed
    """

    by: str
    model: Model
    proposed: bool
    left_out: tuple[Check, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def warning(self) -> str:
        """What is said where the customers form no groups; else empty."""
        said = no_groups(self.model)
        return f"{NO_GROUPS}. {' '.join(said[:-1])}" if said else ""

    @property
    def sentences(self) -> list[str]:
        """What they are made of, and why the intervals hold."""
        how = "proposed by what the file holds" if self.proposed else "as it was asked for"
        made = "1 segment was" if self.model.k == 1 else f"{self.model.k} segments were"
        why = "Neither the offer nor what came of it was looked at"
        if not any(each.alarm for each in self.checks):
            why += ", so the intervals hold in these segments as over all"
        said = [f"{made} made of {_and(self.model.columns)}, {how}. {why}."]
        if self.proposed:
            said.append(
                "Only what was known before the campaign may form segments, and no file says that "
                "of itself: where one of these columns was not, name others with --features."
            )
        said += [each.sentence for each in self.left_out]
        return said

    def as_document(self) -> dict[str, Any]:
        """Return the segments as part of one JSON document."""
        return {
            "by": self.by,
            "features": list(self.model.columns),
            "proposed": self.proposed,
            "k": self.model.k,
            "why_k": self.model.why_k,
            "warning": self.warning,
            "left_out": [each.about for each in self.left_out],
            "sentences": self.sentences,
            "segments": [
                {
                    "id": each.id,
                    "name": each.name,
                    "size": each.size,
                    "share": each.share,
                    "explanation": each.explanation,
                    "stability": each.stability,
                }
                for each in self.model.segments
            ],
        }


def make_segments(
    table: Table,
    *,
    offer: str,
    outcomes: Sequence[str],
    forming: Forming | None = None,
    id: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Table, MadeSegments]:
    """Make segments of an experiment's customers, and give them to the table as a column.

    Parameters
    ----------
    table : a row per customer
    offer, outcomes : the columns that take no part
    forming : which columns form segments, and how; by default all that is proposed
    id : the column of the customer's id
    seed : of the fit
    progress : as for :func:`clienteling.segment`

    Returns
    -------
    tuple
        The table with one column more, and the segments.

    Raises
    ------
    InputError
        The offer or an outcome is named as a feature, or no segments can be formed.

    Examples
    --------
    >>> import clienteling as cl
    >>> sample = cl.read("sample")
    >>> table, made = make_segments(sample, offer="Gender", outcomes=["Age"])
    >>> made.by, made.model.columns
    ('customer segment', ['Annual Income (k$)', 'Spending Score (1-100)'])
    >>> sorted(set(table.df()["customer segment"]))[0]
    'Average Customers'
    """
    forming = forming or Forming()
    check_settings(forming.k, seed)
    _refuse_what_came_later(table, offer, outcomes, forming)
    proposed = forming.features is None and not forming.categorical
    later = {offer, *outcomes}
    left_out: list[Check] = []
    while True:
        kept = [each for each in table.names if each not in later]
        prepared = _prepared(table, kept, forming, id, left_out)
        numbers = [each.name for each in prepared.features if not each.of]
        categories = [each.column for each in prepared.categories]
        checks = known_before(table, offer, outcomes, numbers, categories)
        uneven = [each for each in checks if each.alarm]
        if not proposed or not uneven:
            break
        left_out += [_left_out(each) for each in uneven]
        later |= {each.about for each in uneven}
    choice = fit_segments(prepared, forming.k, seed=seed, progress=progress)
    model = build_model(prepared, choice, seed)
    by = next(
        each
        for each in (_CALLED, *(f"{_CALLED} {n}" for n in range(2, len(table.names) + 3)))
        if each not in table.names
    )
    said = (each for each in prepared.notes if each not in {*prepared.of_proposed, *table.notes})
    made = MadeSegments(
        by=by,
        model=model,
        proposed=proposed,
        left_out=tuple(left_out),
        checks=() if proposed else tuple(map(_alarmed, checks)),
        notes=tuple(said),
    )
    return _with_segments(table, model, by), made


def _refuse_what_came_later(
    table: Table, offer: str, outcomes: Sequence[str], forming: Forming
) -> None:
    faults = []
    for each in dict.fromkeys([*(forming.features or ()), *forming.categorical]):
        found = find_column(each, table.names)
        if found is None:
            faults.append(f'there is no column "{each}". {near_names(each, table.names)}'.strip())
        elif found.name in (offer, *outcomes):
            what = "the offer" if found.name == offer else "an outcome"
            faults.append(f'"{found.name}" is {what}, so it was not known before.')
    if faults:
        left = [each for each in table.names if each not in (offer, *outcomes)]
        raise ColumnError(
            f"{table.source}: these columns can't form segments.",
            faults=faults,
            hint=f"Name those that were known before, among {_and(left)}.",
        )


def _prepared(
    table: Table, kept: Sequence[str], forming: Forming, id: str | None, left_out: Sequence[Check]
) -> Prepared:
    hint = "Segments are made of columns that were known before the campaign, such as an age."
    nothing = ColumnError(
        f"{table.source}: no column is left to form segments of.",
        faults=[each.sentence for each in left_out],
        hint=f"{hint} Name such with --features." if kept else hint,
    )
    if not kept:
        raise nothing
    try:
        return prepare(
            table.only(*kept),
            forming.features,
            categorical=forming.categorical,
            transform=forming.transform,
            impute=forming.impute,
            id=id,
            rows_are_customers=True,
        )
    except InputError as error:
        if not left_out:
            raise
        raise nothing from error


def _left_out(check: Check) -> Check:
    why = check.sentence.removeprefix(f'"{check.about}" ')
    return replace(check, sentence=f'"{check.about}" was left out: it {why}')


def _alarmed(check: Check) -> Check:
    more = " Segments must be known before the campaign." if check.alarm else ""
    return replace(check, sentence=check.sentence + more)


def _with_segments(table: Table, model: Model, by: str) -> Table:
    """Return the same rows in their order, with the name of each one's segment."""
    # Under names of their own, as an offer may be called like a column of the scoring.
    places = [f"kept {place}" for place in range(len(table.names))]
    kept = [
        exp.null().as_(name("customer_id")),
        *(column(each).as_(name(each)) for each in model.columns),
        *(column(each).as_(name(at)) for each, at in zip(table.names, places, strict=True)),
    ]
    values = feature_values(model, table, model.columns)
    scored = scoring_select(model, table.subquery, values, kept, places)
    segment = exp.Coalesce(this=column("segment"), expressions=[text(_WITHOUT)])
    select = exp.select(
        *(column(at).as_(name(each)) for each, at in zip(table.names, places, strict=True)),
        segment.as_(name(by)),
    ).from_(exp.Subquery(this=scored, alias=exp.TableAlias(this=exp.to_identifier("scored"))))
    columns = (*table.columns, Column(by, "text"))
    return replace(table, select=select, columns=columns, files=())


def _and(names: Sequence[str]) -> str:
    quoted = [f'"{each}"' for each in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
