"""What became of the segments that a refit did not find again, and where new ones come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from clienteling.segmentation.matching import Shared
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.sketch import Ints

__all__ = ["Change", "find_changes"]

#: A group whose customers lie this many times as far (squared) from the earlier centres as other
#: customers do was in no earlier segment.
_ELSEWHERE = 3.0
#: A segment with less than this part of its earlier share has vanished.
_LEFT = 0.25
_MOST = 0.5


@dataclass(frozen=True)
class Change:
    """A segment that is not as before.

    Parameters
    ----------
    kind : ``new`` (customers where none were), ``split`` (most of them were of one segment),
        ``regrouped`` (they were of several); or of an earlier segment ``merged`` (most of its
        customers are in one segment now), ``divided`` (in several), ``vanished`` (hardly any left)
    id, name : the new segment, or the earlier one that is gone
    words : the change in a sentence
    """

    kind: Literal["new", "split", "regrouped", "merged", "divided", "vanished"]
    id: int
    name: str
    words: str


def find_changes(
    earlier: Model, new: Model, shared: Shared, matched: Mapping[int, int]
) -> tuple[Change, ...]:
    """Return what is new and what is gone.

    Parameters
    ----------
    earlier, new : the models
    shared : customers by earlier and by new segment, in the places of both
    matched : the earlier place of each new one that has one
    """
    reference = max(earlier.inertia / max(earlier.provenance.usable, 1), _far(shared, [*matched]))
    appeared = [
        _appeared(each, place, earlier, shared, reference)
        for place, each in enumerate(new.segments)
        if place not in matched
    ]
    # Customers of a new group fall to the nearest earlier segment, but they are not what is left
    # of it.
    elsewhere = {each.id for each in appeared if each.kind == "new"}
    there = np.array([each.id not in elsewhere for each in new.segments])
    left = np.where(there, shared.customers, 0)
    gone = [
        _gone(each, place, new, left)
        for place, each in enumerate(earlier.segments)
        if place not in matched.values()
    ]
    return (*appeared, *gone)


def _far(shared: Shared, places: list[int]) -> float:
    """Return the mean squared distance of some new segments' customers to earlier centres."""
    many = shared.customers[:, places].sum()
    return float(shared.squares[:, places].sum() / many) if many else 0.0


def _appeared(
    segment: Segment, place: int, earlier: Model, shared: Shared, reference: float
) -> Change:
    counts = shared.customers[:, place]
    many, source = int(counts.sum()), int(counts.argmax())
    before = earlier.segments[source]
    said = f"{segment.name} (id {segment.id}, {_customers(many)})"
    if _far(shared, [place]) > _ELSEWHERE * reference:
        words = f"{said} is new: they are where no customers were."
        return Change("new", segment.id, segment.name, words)
    part = counts[source] / max(many, 1)
    if part >= _MOST:
        words = f"{said} is split off: {part:.0%} of them were {before.name}."
        return Change("split", segment.id, segment.name, words)
    words = f"{said} is regrouped: {_shares(counts, earlier)}."
    return Change("regrouped", segment.id, segment.name, words)


def _gone(segment: Segment, place: int, new: Model, left: Ints) -> Change:
    counts = left[place]
    many, everybody = int(counts.sum()), int(left.sum())
    said = f"{segment.name} (id {segment.id})"
    if many < _LEFT * segment.share * everybody:
        rest = "no customers are" if not many else f"only {_customers(many, ' is', ' are')}"
        words = f"{said} has vanished: {rest} left of it."
        return Change("vanished", segment.id, segment.name, words)
    target = int(counts.argmax())
    part = counts[target] / many
    if part >= _MOST:
        words = (
            f"{said} is merged: {part:.0%} of its customers are now {new.segments[target].name}."
        )
        return Change("merged", segment.id, segment.name, words)
    words = f"{said} is divided: its customers are now {_shares(counts, new)}."
    return Change("divided", segment.id, segment.name, words)


def _shares(counts: Ints, model: Model) -> str:
    total = max(int(counts.sum()), 1)
    first = [place for place in np.argsort(-counts, kind="stable")[:3].tolist() if counts[place]]
    return ", ".join(f"{counts[each] / total:.0%} {model.segments[each].name}" for each in first)


def _customers(many: int, one: str = "", several: str = "") -> str:
    return f"1 customer{one}" if many == 1 else f"{many:,} customers{several}"
