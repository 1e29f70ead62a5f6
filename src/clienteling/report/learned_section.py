"""What the section on learning shows: its picture, with its words, and the digits of its rates."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from clienteling.errors import MissingExtra
from clienteling.measurement.digits import decimals_within
from clienteling.measurement.teaching import Taught, Teaching
from clienteling.report.pictures import Picture, embed_picture

__all__ = ["draw_teaching", "learned_picture", "rate_places"]

_ALT = (
    "For each segment two charts by round, the earlier campaigns in order: each offer's share of "
    "the contacts, and the response rate that is believed, with its 95 % band."
)
_CAPTION = "A round is a campaign whose time is over, in order of the day."


def draw_teaching(teaching: Teaching | None, folder: Path) -> Path | None:
    """Draw ``learning.png`` where there were two rounds to learn from at least, and matplotlib."""
    if teaching is None or len(teaching.rounds) < 2:
        return None
    try:
        from clienteling.plots import draw_learning
    except MissingExtra:
        return None
    from clienteling.plots.style import save_png

    folder.mkdir(exist_ok=True)
    figure = draw_learning(teaching.rounds, teaching.catalogue, teaching.segments)
    return save_png(figure, folder / "learning.png")


def learned_picture(image: Path | None) -> Picture | None:
    """Return the picture of what was learned, inside the page; None where there is none.

    Raises
    ------
    OutputError
        It can't be read.
    """
    return embed_picture(image, _ALT, _CAPTION) if image is not None else None


def rate_places(rows: Iterable[Taught]) -> int:
    """Return how many decimals the rates in percent have, the same in all rows.

    Examples
    --------
    >>> rate_places([Taught(0, "VIPs", "mail", "Mail", 900, 90, 0.1, 0.081, 0.12, 1.0)])
    1
    """
    return decimals_within(100 * (each.high - each.low) / 2 for each in rows)
