"""The report on a campaign that held nobody out: what can be said of it, and what can't."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clienteling.measurement.observed import Observed
from clienteling.report.pictures import Picture, embed_picture
from clienteling.report.template import fill

__all__ = ["render_observed"]

_RESPONDED = "The share of those who got it, with its 95 % interval. It is no lift."
_BESIDE = "Where the groups lay apart before it, their distance in its days is not its effect."


def render_observed(seen: Observed, images: Sequence[Path] = ()) -> str:
    """Return the report as one HTML page: no script, no other file.

    Parameters
    ----------
    seen : what was observed
    images : PNG files ``responded.png`` and ``beside.png``; others are left out

    Raises
    ------
    OutputError
        A picture can't be read.

    Examples
    --------
    >>> seen = Observed("spring", 28, 80, 120, (("redeemed", 0.2, 0.15, 0.26),), (), "Can't tell.")
    >>> page = render_observed(seen)
    >>> "20.0 % of the 80 who got it" in page, "<script" in page
    (True, False)
    """
    paths = {each.name: each for each in images}
    words = {"responded.png": (seen.can, _RESPONDED), "beside.png": (seen.can, _BESIDE)}
    pictures: list[Picture] = [
        embed_picture(paths[each], " ".join(said), caption)
        for each, (said, caption) in words.items()
        if each in paths
    ]
    return fill("observed_template.html.j2", seen=seen, pictures=pictures)
