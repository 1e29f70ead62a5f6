"""Customers along a single feature: a histogram, each bar stacked by group."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from clienteling.app.charts.look import (
    Look,
    group_colour,
    layered,
    star,
)
from clienteling.app.study import Study
from clienteling.features.transforms import transformed
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["strip_of_groups", "strip_of_segments"]

_BINS = 30
_HEIGHT = 340


def strip_of_segments(shown: Study, look: Look, customer: Floats | None = None) -> alt.LayerChart:
    """Return the histogram of the one feature by segment, with a customer on it as a star.

    Parameters
    ----------
    shown : the segments, of one feature
    look : the colours of the page
    customer : array of shape (1,), in the feature's own unit
    """
    names = [each.name for each in shown.model.segments]
    sketch = shown.sketch
    feature = shown.model.axis_names[0]
    bars = _bars(sketch.points[:, 0], sketch.weights, shown.choice.fit.labels, names)
    layers = [_histogram(bars, feature, names)]
    centres = np.sort((shown.model.centres * shown.model.scale + shown.model.mean)[:, 0])
    if len(centres) > 1:
        borders = pd.DataFrame({"x": (centres[1:] + centres[:-1]) / 2})
        layers.append(
            alt.Chart(borders)
            .mark_rule(color=look.ink, strokeDash=[5, 4])
            .encode(x="x:Q", tooltip=[alt.Tooltip("x:Q", title="Border", format=",.4~g")])
        )
    if customer is not None:
        top = float(bars.groupby("low")["customers"].sum().max()) if len(bars) else 1.0
        at = transformed(customer[None, :], shown.model.transforms)[0, 0]
        place = np.array([float(at), 1.12 * top])
        layers += [
            alt.Chart(pd.DataFrame({"x": place[:1]}))
            .mark_rule(color=look.ink, strokeWidth=2)
            .encode(x="x:Q"),
            star(place, alt.X("x:Q"), alt.Y("y:Q"), look),
        ]
    return layered(layers, _HEIGHT)


def strip_of_groups(shown: Study, comparison: Comparison, labels: Ints) -> alt.LayerChart:
    """Return the histogram of the one feature by DBSCAN's groups; noise is grey.

    Parameters
    ----------
    shown : the segments, for the feature
    comparison : DBSCAN's result
    labels : array of shape (customers,), its groups, numbered by size; -1 is noise
    """
    names = [f"Group {index + 1}: {size:,}" for index, size in enumerate(comparison.sizes)]
    noise = f"Noise: {comparison.noise:,}"
    values = (comparison.points * shown.sketch.scale + shown.sketch.mean)[:, 0]
    bars = _bars(values, np.ones(len(values)), labels, [*names, noise])
    drawn = _histogram(bars, shown.model.axis_names[0], names, noise)
    return layered([drawn], _HEIGHT)


def _bars(values: Floats, weights: Floats, labels: Ints, names: Sequence[str]) -> pd.DataFrame:
    """Return customers per bin and group; the label -1 is the last name."""
    edges = np.linspace(values.min(), values.max(), _BINS + 1)
    frames = []
    for index, name in enumerate(names):
        own = labels == index if index < len(names) - 1 else (labels == index) | (labels == -1)
        counts, _ = np.histogram(values[own], edges, weights=weights[own])
        frames.append(
            pd.DataFrame({"low": edges[:-1], "high": edges[1:], "customers": counts, "group": name})
        )
    bars = pd.concat(frames)
    return bars[bars["customers"] > 0]


def _histogram(
    bars: pd.DataFrame,
    feature: str,
    names: Sequence[str],
    noise: str = "",
) -> alt.Chart:
    drawn: alt.Chart = (
        alt.Chart(bars)
        .mark_bar()
        .encode(
            x=alt.X("low:Q", bin="binned", title=feature, scale=alt.Scale(zero=False)),
            x2="high:Q",
            y=alt.Y(
                "customers:Q",
                title="Customers",
                stack=True,
                axis=alt.Axis(tickMinStep=1, format=",d"),
            ),
            color=group_colour(names, noise=noise),
            tooltip=[
                alt.Tooltip("group:N", title="Group"),
                alt.Tooltip("low:Q", title="From", format=",.4~g"),
                alt.Tooltip("high:Q", title="to", format=",.4~g"),
                alt.Tooltip("customers:Q", title="Customers", format=",.0f"),
            ],
        )
    )
    return drawn
