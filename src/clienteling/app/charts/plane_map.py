"""The map: customers as points in a plane, with the regions and centres of the segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from clienteling.app.charts.look import (
    Look,
    group_colour,
    group_colour_scale,
    group_shape,
    layered,
    star,
)
from clienteling.app.study import Study
from clienteling.features.transforms import inverted, transformed
from clienteling.plots.plane import Plane, plane_of
from clienteling.plots.regions import nearest_regions
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.model import Model
from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["DRAWN", "has_names", "map_of_groups", "map_of_segments"]

#: Customers that are drawn at most; beyond that, a systematic sample.
DRAWN = 2000
_HEIGHT = 440
#: Up to this many segments with names of this length, the names fit on the map.
_NAMED, _LETTERS = 7, 24
#: A centre in this share of the width, at either end, is near the side.
_SIDE = 0.25
_AXIS = alt.Axis(tickCount=7)


def has_names(model: Model) -> bool:
    """Whether the map has the names of the segments on it; else the page lists them."""
    longest = max(len(each.name) for each in model.segments)
    return len(model.features) > 1 and model.k <= _NAMED and longest <= _LETTERS


def map_of_segments(shown: Study, look: Look, customer: Floats | None = None) -> alt.LayerChart:
    """Return the map of the segments, with a customer on it as a star.

    Parameters
    ----------
    shown : the segments, of two or more features
    look : the colours of the page
    customer : array of shape (features,), in the features' own units
    """
    model = shown.model
    plane = plane_of(model, shown.sketch)
    rows = np.unique(shown.sketch.rows(DRAWN))
    view = _View.of(plane, customer if customer is None else _place(shown, plane, customer))
    names = [each.name for each in model.segments]
    colour, shape = group_colour(names), group_shape(names)
    layers: list[alt.Chart] = []
    if plane.exact:
        layers.append(_regions(shown, plane, view, names))
    layers.append(
        _customers(
            shown,
            view,
            plane.place(shown.sketch.standardised()[rows]),
            shown.sketch.own[rows],
            [names[label] for label in shown.choice.fit.labels[rows]],
            colour,
            shape,
        )
    )
    frame = pd.DataFrame(plane.place(model.centres), columns=["x", "y"]).assign(group=names)
    layers.append(_centres(view, frame, colour, shape, look))
    if has_names(model):
        layers += _names(view, frame, look)
    if view.customer is not None:
        layers.append(star(view.customer, view.x, view.y, look))
    return layered(layers, _HEIGHT)


def map_of_groups(shown: Study, comparison: Comparison, labels: Ints) -> alt.LayerChart:
    """Return the map of DBSCAN's groups, in the same plane; noise as grey crosses.

    Parameters
    ----------
    shown : the segments, for the plane
    comparison : DBSCAN's result
    labels : array of shape (customers,), its groups, numbered by size; -1 is noise
    """
    plane = plane_of(shown.model, shown.sketch)
    names = [f"Group {index + 1}: {size:,}" for index, size in enumerate(comparison.sizes)]
    noise = f"Noise: {comparison.noise:,}"
    points = inverted(
        comparison.points * shown.sketch.scale + shown.sketch.mean, shown.model.transforms
    )
    drawn = _customers(
        shown,
        _View.of(plane, None),
        plane.place(comparison.points),
        points,
        [names[label] if label >= 0 else noise for label in labels],
        group_colour(names, noise=noise),
        group_shape(names, noise=noise),
    )
    return layered([drawn], _HEIGHT)


@dataclass(frozen=True)
class _View:
    """What is drawn of the plane: its corners, wide enough for the customer."""

    low: Floats
    high: Floats
    customer: Floats | None
    labels: tuple[str, str]

    @staticmethod
    def of(plane: Plane, customer: Floats | None) -> _View:
        low, high = plane.low, plane.high
        if customer is not None:
            edge = 0.04 * (high - low)
            low, high = np.minimum(low, customer - edge), np.maximum(high, customer + edge)
        return _View(low, high, customer, plane.labels)

    @property
    def x(self) -> alt.X:
        return alt.X("x:Q", title=self.labels[0], scale=self._scale(0), axis=_AXIS)

    @property
    def y(self) -> alt.Y:
        return alt.Y("y:Q", title=self.labels[1], scale=self._scale(1), axis=_AXIS)

    def hides_above(self, place: Floats) -> bool:
        """Whether the star stands where a name over this place would be."""
        if self.customer is None:
            return False
        across, up = (self.customer - place) / (self.high - self.low)
        return bool(abs(across) < 0.2 and -0.02 < up < 0.13)

    def _scale(self, axis: int) -> alt.Scale:
        domain = [float(self.low[axis]), float(self.high[axis])]
        return alt.Scale(domain=domain, nice=False, zero=False)


def _place(shown: Study, plane: Plane, customer: Floats) -> Floats:
    steps = transformed(customer[None, :], shown.model.transforms)
    place: Floats = plane.place((steps - shown.model.mean) / shown.model.scale)[0]
    return place


def _customers(
    shown: Study,
    view: _View,
    places: Floats,
    points: Floats,
    groups: Sequence[str],
    colour: alt.Color,
    shape: alt.Shape,
) -> alt.Chart:
    frame = pd.DataFrame({"x": places[:, 0], "y": places[:, 1], "group": list(groups)})
    tips = [alt.Tooltip("group:N", title="Group")]
    for index, feature in enumerate(shown.model.features):
        frame[f"feature_{index}"] = points[:, index]
        tips.append(alt.Tooltip(f"feature_{index}:Q", title=feature.name, format=",.4~g"))
    size = 46 if len(frame) <= 500 else 18
    drawn: alt.Chart = (
        alt.Chart(frame)
        .mark_point(filled=True, opacity=0.75, size=size, clip=True)
        .encode(x=view.x, y=view.y, color=colour, shape=shape, tooltip=tips)
    )
    return drawn


def _regions(shown: Study, plane: Plane, view: _View, names: Sequence[str]) -> alt.Chart:
    """Return what lies nearest to each centre. Distances count in standard deviations."""
    mean, scale = shown.model.mean, shown.model.scale
    low, high = (view.low - mean) / scale, (view.high - mean) / scale
    corners = [
        pd.DataFrame(plane.place(region), columns=["x", "y"]).assign(
            group=name, corner=range(len(region))
        )
        for name, region in zip(names, nearest_regions(shown.model.centres, low, high), strict=True)
        if len(region)
    ]
    drawn: alt.Chart = (
        alt.Chart(pd.concat(corners))
        .mark_line(
            interpolate="linear-closed",
            filled=True,
            fillOpacity=0.13,
            stroke="#8C8C8C",
            strokeOpacity=0.55,
            strokeWidth=1,
            clip=True,
        )
        .encode(
            x=view.x,
            y=view.y,
            order="corner:Q",
            fill=alt.Fill("group:N", legend=None, scale=group_colour_scale(names)),
        )
    )
    return drawn


def _centres(
    view: _View, frame: pd.DataFrame, colour: alt.Color, shape: alt.Shape, look: Look
) -> alt.Chart:
    drawn: alt.Chart = (
        alt.Chart(frame)
        .mark_point(filled=True, size=190, stroke=look.ink, strokeWidth=2, opacity=1, clip=True)
        .encode(
            x=view.x,
            y=view.y,
            color=colour,
            shape=shape,
            tooltip=[alt.Tooltip("group:N", title="Centre of")],
        )
    )
    return drawn


def _names(view: _View, frame: pd.DataFrame, look: Look) -> list[alt.Chart]:
    """Return the names at the centres: over them, or under them where the star would hide them.

    Near a side of the map, a name begins or ends at its centre.
    """
    layers = []
    for row in frame.itertuples(index=False):
        place = np.array([row.x, row.y], dtype=np.float64)
        across = (place[0] - view.low[0]) / (view.high[0] - view.low[0])
        align: Literal["left", "center", "right"] = "center"
        dx = 0
        if across < _SIDE:
            align, dx = "left", -24
        elif across > 1 - _SIDE:
            align, dx = "right", 24
        chart = alt.Chart(pd.DataFrame([row])).encode(x=view.x, y=view.y, text="group:N")
        # The halo under the name keeps it legible on top of the customers.
        for colour, halo in ((look.paper, 4), (look.ink, 0)):
            layers.append(
                chart.mark_text(
                    align=align,
                    dx=dx,
                    dy=23 if view.hides_above(place) else -17,
                    fontSize=13,
                    fontWeight=600,
                    color=colour,
                    stroke=colour,
                    strokeWidth=halo,
                    strokeJoin="round",
                )
            )
    return layers
