"""What is said, everywhere in the same words, where the customers form no groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from clienteling.segmentation.model import Model
from clienteling.segmentation.not_again import not_again
from clienteling.segmentation.structure import Structure

__all__ = ["NO_GROUPS", "no_groups", "why_beside_warning"]

#: What stands above the warning.
NO_GROUPS = "These customers form no natural groups"
#: A share from which it is nearly all.
_NEARLY_ALL = 0.95
#: Segments are about the same size where the largest is at most so many times the smallest.
_EQUAL = 1.25
#: A silhouette from which they lie apart (Kaufman and Rousseeuw 1990, doi:10.1002/9780470316801).
_APART = 0.5


def no_groups(model: Model) -> list[str]:
    """Return the warning, in sentences; empty where the customers form groups, or wasn't tested.

    Examples
    --------
    >>> import clienteling as cl
    >>> no_groups(cl.segment("sample"))
    []
    """
    if model.structure is None or model.structure.natural:
        return []
    return [
        Structure(**model.structure.model_dump()).said(_not_again(model)),
        f"{_parts([each.size for each in model.segments])} {_borders(model)}, so read the names as "
        "places in the crowd, not as kinds of people.",
        "Before you pay for a campaign per segment, test whether it does better than one offer "
        "for everyone.",
    ]


def _not_again(model: Model) -> str:
    """Say which segments are not found again, by name, or that they are no better found."""
    row = next((each for each in model.choose_k if each.k == model.k), None)
    judged = [each for each in model.segments if each.stability is not None]
    return not_again(
        [each.stability or 0.0 for each in judged],
        row.stability if row else None,
        row.stability_reference if row else None,
        [each.name for each in judged],
    )


def _parts(sizes: Sequence[int]) -> str:
    """Say how the segments divide the crowd: the words go with the sizes.

    Examples
    --------
    >>> _parts([120, 110])
    'The 2 segments divide one crowd into parts of about the same size (110 to 120 customers).'
    >>> _parts([2248, 900, 426])
    'The 3 segments divide one crowd into parts of 426 to 2,248 customers.'
    >>> _parts([5000, 107])
    'Of the 2 segments, one holds nearly the whole crowd (98 % of the customers).'
    """
    least, most, all_of_them = min(sizes), max(sizes), sum(sizes)
    if len(sizes) > 1 and most >= _NEARLY_ALL * all_of_them:
        share = f"{min(99, round(100 * most / all_of_them))} %"
        return (
            f"Of the {len(sizes)} segments, one holds nearly the whole crowd ({share} of the "
            "customers)."
        )
    divide = f"The {len(sizes)} segments divide one crowd into parts of"
    if most <= _EQUAL * least:
        return f"{divide} about the same size ({least:,} to {most:,} customers)."
    return f"{divide} {least:,} to {most:,} customers."


def _borders(model: Model) -> str:
    """Say how alike the customers on both sides of a border are: the words go with the figures."""
    columns = _sharp(model)
    if columns:
        differ = ", ".join(f'"{each}"' for each in columns)
        return (
            f"Customers on both sides of a border may differ in {differ}, of which some segments "
            "have all or nearly all and others hardly any; in all else they can be much alike"
        )
    if model.silhouette is not None and model.silhouette >= _APART:
        return (
            f"The segments lie apart (silhouette {model.silhouette:.2f}), but that does not make "
            "them groups that come out again"
        )
    return "Customers on both sides of a border are much alike"


def _sharp(model: Model) -> list[str]:
    """Return the columns of words of which a level sets whole segments apart."""
    shares: dict[tuple[str, str], list[float]] = defaultdict(list)
    for segment in model.segments:
        centre = model.centre_of(segment)
        for feature in model.features:
            if feature.level is not None:
                shares[feature.level.column, feature.name].append(centre[feature.name])
        for figure in segment.profile:
            if figure.level:
                shares[figure.column, figure.level].append(figure.value)
    found = [
        column
        for (column, _), values in shares.items()
        if max(values) >= _NEARLY_ALL and min(values) <= 1 - _NEARLY_ALL
    ]
    return list(dict.fromkeys(found))


def why_beside_warning(model: Model) -> str:
    """Return the reason for the number of segments, without the verdict that the warning says.

    Examples
    --------
    >>> import clienteling as cl
    >>> model = cl.segment("sample")
    >>> why_beside_warning(model) == model.why_k
    True
    """
    # The verdict ends here, in whatever words the model was told it.
    _, proposed, rest = model.why_k.partition(f"k = {model.k} is proposed")
    return f"{proposed}{rest}" if no_groups(model) and proposed else model.why_k
