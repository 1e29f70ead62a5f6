"""The colours and shapes of the segments: the same in pictures, report and web app.

The first six colours are those of Okabe and Ito (2002, "Color Universal Design"), which people with
any form of colour blindness can tell apart, without black (text) and yellow (too pale on white).
The six after them were searched for on a grid of colours that show on white and on a dark page, by
the least difference (CIE L*a*b*) of any two of all twelve as people with each form of colour
blindness see them, and half of that as others do. As colours of text some are too pale. The five
shapes change along with the colours, so neighbours differ in both, and sixty segments have a colour
and shape of their own.
"""

from __future__ import annotations

__all__ = ["COLOURS", "NOISE", "SHAPES", "colour_of", "marker_of", "shape_of"]

#: Blue, orange, bluish green, vermilion, reddish purple, sky blue; then brown, violet, khaki,
#: crimson, periwinkle, magenta.
COLOURS = (
    *("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"),
    *("#995522", "#6655CC", "#BBAA66", "#DD2255", "#8899FF", "#BB0088"),
)

#: Customers that are in no group.
NOISE = "#8C8C8C"

#: Each shape as matplotlib's marker and as Vega's (Altair's) name.
SHAPES = (
    ("o", "circle"),
    ("s", "square"),
    ("^", "triangle-up"),
    ("D", "diamond"),
    ("v", "triangle-down"),
)


def colour_of(index: int) -> str:
    """Return the colour of a segment, as ``#RRGGBB``.

    Parameters
    ----------
    index : the segment's id, from 0

    Examples
    --------
    >>> colour_of(0), colour_of(12) == colour_of(0)
    ('#0072B2', True)
    """
    return COLOURS[index % len(COLOURS)]


def marker_of(index: int) -> str:
    """Return the shape of a segment, as matplotlib's marker.

    Parameters
    ----------
    index : the segment's id, from 0

    Examples
    --------
    >>> [marker_of(index) for index in range(6)]
    ['o', 's', '^', 'D', 'v', 'o']
    """
    return SHAPES[index % len(SHAPES)][0]


def shape_of(index: int) -> str:
    """Return the shape of a segment by its name in Vega, for Altair's charts.

    Parameters
    ----------
    index : the segment's id, from 0

    Examples
    --------
    >>> shape_of(2)
    'triangle-up'
    """
    return SHAPES[index % len(SHAPES)][1]
