"""What all charts share: the colours that follow the theme, and the scales of the segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from clienteling.plots.palette import NOISE, colour_of, shape_of
from clienteling.segmentation.sketch import Floats

__all__ = [
    "DARK",
    "LIGHT",
    "Look",
    "group_colour",
    "group_colour_scale",
    "group_shape",
    "layered",
    "look",
    "star",
]

#: A five-pointed star in Vega's unit square.
_STAR = (
    "M0,-1L0.235,-0.324L0.951,-0.309L0.38,0.124L0.588,0.809L0,0.4"
    "L-0.588,0.809L-0.38,0.124L-0.951,-0.309L-0.235,-0.324Z"
)


@dataclass(frozen=True)
class Look:
    """The colours of the page that a chart stands on.

    Parameters
    ----------
    ink : text and what must be seen
    paper : the page
    """

    ink: str
    paper: str


LIGHT = Look("#1F2933", "#FFFFFF")
DARK = Look("#ECEFF3", "#12161C")


def look(dark: bool) -> Look:
    """Return the colours of the theme that the visitor sees."""
    return DARK if dark else LIGHT


def layered(layers: Sequence[alt.Chart], height: int) -> alt.LayerChart:
    """Return charts drawn over each other, the first one lowest."""
    chart: alt.LayerChart = alt.LayerChart(layer=list(layers)).properties(height=height)
    return chart


def group_colour(names: Sequence[str], *, noise: str = "") -> alt.Color:
    """Return the colours of groups, in their order; ``noise`` is the name of those in none.

    The charts have no legend of their own, which would cut long names: the page lists the names
    under them, see :func:`clienteling.app.pages.parts.show_names`.
    """
    return alt.Color("group:N", legend=None, scale=group_colour_scale(names, noise=noise))


def group_colour_scale(names: Sequence[str], *, noise: str = "") -> alt.Scale:
    """Return the scale of :func:`group_colour`, for other channels."""
    domain, colours = list(names), [colour_of(index) for index in range(len(names))]
    if noise:
        domain, colours = [*domain, noise], [*colours, NOISE]
    return alt.Scale(domain=domain, range=colours)


def group_shape(names: Sequence[str], *, noise: str = "") -> alt.Shape:
    """Return the shapes of groups, in their order; those in none are crosses."""
    domain, shapes = list(names), [shape_of(index) for index in range(len(names))]
    if noise:
        domain, shapes = [*domain, noise], [*shapes, "cross"]
    return alt.Shape("group:N", legend=None, scale=alt.Scale(domain=domain, range=shapes))


def star(place: Floats, x: alt.X, y: alt.Y, look: Look) -> alt.Chart:
    """Return the star that is the visitor's customer.

    Parameters
    ----------
    place : array of shape (2,)
    x, y : the channels of the fields ``x`` and ``y``
    look : the colours of the page
    """
    frame = pd.DataFrame({"x": place[:1], "y": place[1:], "who": ["This customer"]})
    drawn: alt.Chart = (
        alt.Chart(frame)
        .mark_point(
            shape=_STAR,
            filled=True,
            size=900,
            color=look.ink,
            stroke=look.paper,
            strokeWidth=2,
            opacity=1,
        )
        .encode(x=x, y=y, tooltip=[alt.Tooltip("who:N", title=" ")])
    )
    return drawn
