"""Curves: the evidence for the number of segments, DBSCAN's k-distance, and the sizes as bars."""

from __future__ import annotations

import textwrap

import altair as alt
import numpy as np
import pandas as pd

from clienteling.app.charts.look import Look, group_colour, layered
from clienteling.plots.palette import COLOURS
from clienteling.report.figures import percent
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.model import Model

__all__ = ["evidence_curve", "k_distance_curve", "size_bars"]

_CURVE, _CHOSEN = COLOURS[0], COLOURS[3]
_HEIGHT = 300
#: Letters in a line of a name, which a phone has room for; the height of a line and of a bar.
_LINE, _TEXT, _BAR = 44, 17, 20
#: Points of the k-distance curve that are drawn at most.
_POINTS = 500


def evidence_curve(
    model: Model, figure: str, title: str, best: int | None, look: Look
) -> alt.LayerChart:
    """Return one figure against the number of segments, the chosen number marked.

    Parameters
    ----------
    model : its ``choose_k`` is the evidence
    figure : ``inertia`` or ``silhouette``
    title : of the axis
    best : the number that this figure speaks for, marked where it is another one
    look : the colours of the page
    """
    falls = figure == "inertia"
    rows = pd.DataFrame(
        {
            "k": [each.k for each in model.choose_k],
            "y": [getattr(each, figure) for each in model.choose_k],
        }
    ).dropna()
    at_k = alt.X(
        "k:Q",
        title="Number of segments (k)",
        axis=alt.Axis(values=rows["k"].tolist(), format="d"),
        scale=alt.Scale(domain=[rows["k"].min() - 0.5, rows["k"].max() + 0.5], nice=False),
    )
    tips = [alt.Tooltip("k:Q", title="k"), alt.Tooltip("y:Q", title=title, format=",.4~f")]
    height = alt.Y("y:Q", title=title, scale=alt.Scale(zero=falls))
    curve = alt.Chart(rows).encode(x=at_k, y=height, tooltip=tips)
    chosen = alt.Chart(pd.DataFrame({"k": [model.k], "said": [f"k = {model.k}"]}))
    layers: list[alt.Chart] = [
        chosen.mark_rule(color=_CHOSEN, strokeWidth=3).encode(x=at_k),
        # At the end of the line where the curve is not.
        chosen.mark_text(
            color=look.ink,
            align="left",
            dx=7,
            dy=8 if falls else -8,
            baseline="top" if falls else "bottom",
            fontSize=14,
            fontWeight=700,
        ).encode(x=at_k, y=alt.value(0 if falls else "height"), text="said:N"),
        curve.mark_line(color=_CURVE, strokeWidth=3),
        curve.mark_point(color=_CURVE, filled=True, size=90, opacity=1),
    ]
    if best is not None and best != model.k:
        other = alt.Chart(pd.DataFrame({"k": [best]}))
        layers.insert(
            0, other.mark_rule(color="#8C8C8C", strokeWidth=2, strokeDash=[6, 4]).encode(x=at_k)
        )
    return layered(layers, _HEIGHT)


def k_distance_curve(comparison: Comparison, look: Look) -> alt.LayerChart:
    """Return the distance to the min_samples-th nearest customer, with eps drawn in."""
    distances = comparison.k_distance
    places = np.unique(np.linspace(0, len(distances) - 1, _POINTS).round().astype(int))
    curve = pd.DataFrame({"customer": places + 1, "distance": distances[places]})
    radius = pd.DataFrame({"eps": [comparison.eps], "said": [f"eps = {comparison.eps:.3g}"]})
    rule = alt.Chart(radius).encode(y="eps:Q")
    layers = [
        alt.Chart(curve)
        .mark_line(color=_CURVE, strokeWidth=3)
        .encode(
            x=alt.X(
                "customer:Q",
                title="Customers, most crowded first",
                scale=alt.Scale(domain=[1, len(distances)], nice=False),
            ),
            y=alt.Y("distance:Q", title="Distance (standard deviations)"),
            tooltip=[
                alt.Tooltip("customer:Q", title="Customer", format=",d"),
                alt.Tooltip("distance:Q", title="Distance", format=".3f"),
            ],
        ),
        rule.mark_rule(color=_CHOSEN, strokeWidth=2, strokeDash=[6, 4]),
        rule.mark_text(
            color=look.ink, align="left", dx=6, dy=-9, fontSize=13, fontWeight=600
        ).encode(x=alt.value(0), text="said:N"),
    ]
    return layered(layers, _HEIGHT)


def size_bars(model: Model, look: Look) -> alt.LayerChart:
    """Return a bar per segment, its name above it: how many customers it has."""
    names = [each.name for each in model.segments]
    lines = [textwrap.wrap(each, _LINE) for each in names]
    most = max(map(len, lines))
    frame = pd.DataFrame(
        {
            "group": names,
            # Empty lines before a short name, so that it ends just above its bar.
            "lines": ["\n".join([""] * (most - len(each)) + each) for each in lines],
            "customers": [each.size for each in model.segments],
            "said": [f"{each.size:,} ({percent(each.share)})" for each in model.segments],
        }
    )
    largest = float(frame["customers"].max())
    bars = alt.Chart(frame).encode(
        y=alt.Y("group:N", sort=names, title=None, axis=None, scale=alt.Scale(padding=0)),
        x=alt.X(
            "customers:Q",
            title="Customers",
            axis=alt.Axis(tickMinStep=1, format=",d", tickCount=5),
            scale=alt.Scale(domain=[0, 1.5 * largest], nice=False),
        ),
    )
    # Beside the bars a long name would be cut.
    below = _TEXT * most / 2
    layers = [
        bars.mark_bar(height=_BAR, yOffset=below).encode(color=group_colour(names)),
        bars.mark_text(align="left", dx=6, dy=below, fontSize=13, color=look.ink).encode(
            text="said:N"
        ),
        bars.mark_text(
            align="left",
            baseline="bottom",
            dy=below - _BAR / 2 - 4 - _TEXT * (most - 1),
            fontSize=13,
            lineBreak="\n",
            lineHeight=_TEXT,
            color=look.ink,
        ).encode(x=alt.value(0), text="lines:N"),
    ]
    return layered(layers, 75 + (_BAR + _TEXT * most + 14) * len(names))
