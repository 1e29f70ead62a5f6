"""What to say of segments that are not found again when customers are drawn anew."""

from __future__ import annotations

from collections.abc import Sequence

from clienteling.segmentation.model_segments import UNSTABLE

__all__ = ["below", "not_again"]

#: Of more segments than this, the others are counted.
_NAMED = 3


def not_again(
    jaccard: Sequence[float],
    agreement: float | None,
    reference: float | None,
    names: Sequence[str] = (),
) -> str:
    """Say what is not found again when customers are drawn anew; empty where all is.

    Parameters
    ----------
    jaccard : per segment, the mean Jaccard index with the nearest segment of each draw
    agreement, reference : mean agreement over the draws, and that on tables without groups
    names : of the segments, where they have names

    Examples
    --------
    >>> not_again([0.95, 0.41, 0.52], 0.8, 0.6)
    '2 of the 3 segments are not found again (overlap 0.41 and 0.52 of 1; it takes 0.6)'
    >>> not_again([0.95, 0.41], 0.8, 0.6, ["Low visits", "High wines"])
    '"High wines" is not found again (overlap 0.41 of 1; it takes 0.6)'
    >>> not_again([0.7, 0.7], 0.61, 0.63)
    'the segments are found again no better than in such tables (agreement 0.61 of 1; 0.63 there)'
    >>> not_again([0.1, 0.2, 0.3, 0.4, 0.9], 0.8, 0.6, ["A", "B", "C", "D", "E"])
    '"A", "B", "C" and 1 more are not found again (overlap 0.10 to 0.40 of 1; it takes 0.6)'
    """
    said = []
    places = [place for place, each in enumerate(jaccard) if each < UNSTABLE]
    if places:
        found = [jaccard[each] for each in places]
        overlaps = (
            _listed([below(each, UNSTABLE) for each in found])
            if len(found) <= _NAMED
            else f"{min(found):.2f} to {below(max(found), UNSTABLE)}"
        )
        if names:
            who = _listed([f'"{names[each]}"' for each in places])
        elif len(places) == len(jaccard):
            who = f"all {len(jaccard)} segments" if len(jaccard) > 2 else "both segments"
        else:
            who = f"{len(places)} of the {len(jaccard)} segments"
        verb = "is" if len(places) == 1 else "are"
        said.append(
            f"{who} {verb} not found again (overlap {overlaps} of 1; it takes {UNSTABLE:g})"
        )
    if agreement is not None and reference is not None and agreement <= reference:
        which = "all together" if places else "the segments are found again"
        said.append(
            f"{which} no better than in such tables (agreement {agreement:.2f} of 1; "
            f"{reference:.2f} there)"
        )
    return ", and ".join(said)


def _listed(parts: Sequence[str]) -> str:
    """Join the first few, and count the others."""
    more = len(parts) - _NAMED
    shown = list(parts) if more <= 0 else [*parts[:_NAMED], f"{more} more"]
    return " and ".join([*([", ".join(shown[:-1])] if shown[1:] else []), shown[-1]])


def below(figure: float, limit: float) -> str:
    """Return a figure that lies below a limit so that it reads as lying below it.

    Examples
    --------
    >>> below(0.41, 0.6), below(0.5981, 0.6)
    ('0.41', '0.598')
    """
    return next(said for digits in range(2, 18) if float(said := f"{figure:.{digits}f}") < limit)
