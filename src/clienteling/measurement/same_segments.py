"""Which segments of an earlier model are those of another, so that what was learned of them holds.

A refit keeps the numbers and names of segments, and lists those that it retired. So another model
goes on from the earlier one only where it accounts for all its segments like this. Then a segment
is the same where the customer who is typical of it by either model goes to it by the other, and
nobody who is typical of an added segment was in it: part of it would have gone there. For segments
by rules, numbers, names and rules must be the same.
"""

from __future__ import annotations

from clienteling.errors import ClientelingError
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.model import Model
from clienteling.segmentation.rules import RulesModel

__all__ = ["same_segments"]


def same_segments(earlier: AnyModel, model: AnyModel) -> frozenset[int]:
    """Return the ids of the segments that both models have.

    Parameters
    ----------
    earlier, model : of either kind

    Examples
    --------
    >>> import clienteling as cl
    >>> model = cl.segment("sample")
    >>> refitted = cl.refit(model, "sample").model
    >>> sorted(same_segments(model, refitted))
    [0, 1, 2, 3, 4]
    >>> sorted(same_segments(model, cl.segment("sample", k=3)))
    []
    """
    called = {each.id: (each.name, each.key) for each in model.segments}
    alike = {each.id for each in earlier.segments if called.get(each.id) == (each.name, each.key)}
    names = {(each.id, each.name) for each in earlier.segments}
    if isinstance(earlier, RulesModel) and isinstance(model, RulesModel):
        if earlier.rules == model.rules and len(alike) == len(names):
            return frozenset(alike)
    elif isinstance(earlier, Model) and isinstance(model, Model):
        kept = {each for each in names if each[0] in alike}
        if names - kept - {(each.id, each.name) for each in model.retired}:
            return frozenset()
        before = {each.id: _home(model, each.typical) for each in earlier.segments}
        after = {each.id: _home(earlier, each.typical) for each in model.segments}
        parted = {home for added, home in after.items() if added not in alike}
        return frozenset(e for e in alike if before[e] == after[e] == e and e not in parted)
    return frozenset()


def _home(model: Model, customer: dict[str, float]) -> int | None:
    """Return the segment that a customer goes to; None where that can't be said."""
    try:
        found = model.predict(customer).segment
    except ClientelingError:  # it lacks a feature of the other model
        return None
    return found.id if found is not None else None
