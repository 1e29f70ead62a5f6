"""Customers as points in their plane, in the same way in each picture."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from clienteling.plots.palette import NOISE, colour_of, marker_of
from clienteling.plots.plane import Plane
from clienteling.plots.style import INK, style_axes, style_numbers
from clienteling.segmentation.sketch import Floats

__all__ = ["DRAWN", "draw_group", "draw_imputed", "draw_noise", "left_out", "style_plane"]

#: Customers that are drawn at most; beyond that, a systematic sample.
DRAWN = 3000

#: Areas in square points, so that the shapes look equally large.
_AREAS = {"o": 48, "s": 42, "^": 56, "D": 38, "v": 56}
#: Up to this many customers are drawn in full size.
_CROWD = 500


def style_plane(axes: Axes, plane: Plane) -> None:
    """Give axes the look, the labels and the limits of a plane."""
    style_axes(axes, *plane.labels, grid=False)
    axes.set_xlim(plane.low[0], plane.high[0])
    axes.set_ylim(plane.low[1], plane.high[1])
    for axis, low, high in zip((axes.xaxis, axes.yaxis), plane.low, plane.high, strict=True):
        style_numbers(axis, float(max(abs(low), abs(high))))


def draw_group(axes: Axes, places: Floats, index: int, *, crowd: int, gid: str) -> None:
    """Draw customers of one group, in its colour and shape.

    Parameters
    ----------
    axes : of the plane
    places : array of shape (customers, 2)
    index : of the group, from 0
    crowd : customers in the whole picture: the more there are, the smaller each is drawn
    gid : what the artist is called
    """
    axes.scatter(
        places[:, 0],
        places[:, 1],
        s=_AREAS[marker_of(index)] * _smaller(crowd),
        c=colour_of(index),
        marker=marker_of(index),
        edgecolors="white",
        # Among many, white edges would be all that is seen.
        linewidths=0.7 if crowd <= _CROWD else 0.2,
        alpha=0.85,
        gid=gid,
    )


def draw_imputed(axes: Axes, places: Floats, *, crowd: int) -> None:
    """Draw rings around customers who have a median for a value, with the gid ``imputed``.

    Parameters
    ----------
    axes : of the plane
    places : array of shape (customers, 2)
    crowd : customers in the whole picture
    """
    axes.scatter(
        places[:, 0],
        places[:, 1],
        s=150 * max(0.6, _smaller(crowd)),
        facecolors="none",
        edgecolors=INK,
        marker="o",
        linewidths=1.4,
        gid="imputed",
    )


def draw_noise(axes: Axes, places: Floats, *, crowd: int) -> None:
    """Draw customers that are in no group, as grey crosses with the gid ``noise``.

    Parameters
    ----------
    axes : of the plane
    places : array of shape (customers, 2)
    crowd : customers in the whole picture
    """
    axes.scatter(
        places[:, 0],
        places[:, 1],
        s=60 * max(0.6, _smaller(crowd)),
        c=NOISE,
        marker="x",
        linewidths=2.2 * max(0.7, _smaller(crowd)),
        gid="noise",
    )


def left_out(drawn: int, customers: int, outside: int) -> list[str]:
    """Say what the picture doesn't show, in a few words.

    Parameters
    ----------
    drawn, customers : how many customers are drawn, of how many
    outside : customers beyond the edges of the picture

    Examples
    --------
    >>> left_out(200, 200, 0), left_out(3000, 2_000_000, 1)
    ([], ['3,000 of 2,000,000 drawn', '1 outside the picture'])
    """
    said = []
    if drawn < customers:
        said.append(f"{drawn:,} of {customers:,} drawn")
    if outside:
        said.append(f"{outside:,} outside the picture")
    return said


def _smaller(crowd: int) -> float:
    return max(0.35, min(1.0, math.sqrt(_CROWD / crowd)))
