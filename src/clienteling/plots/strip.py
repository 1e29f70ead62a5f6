"""Customers along a single feature: a histogram, stacked by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from clienteling.plots.style import style_axes, style_numbers
from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["draw_strip"]

_BINS = 30


def draw_strip(
    axes: Axes,
    feature: str,
    values: Floats,
    weights: Floats,
    labels: Ints,
    colours: Sequence[str],
    *,
    gid: str,
) -> Floats:
    """Draw a histogram of one feature, each bar stacked by group.

    Parameters
    ----------
    axes : empty
    feature : its name
    values, weights, labels : arrays of shape (points,): the feature in its own unit, customers per
        point, and the group of each point; -1 is in none, and not drawn
    colours : one per group
    gid : bars are called this, with the number of their group: ``segment-0``, …

    Returns
    -------
    array of shape (groups,)
        How high each group's highest bar reaches.
    """
    style_axes(axes, feature, "Customers")
    edges = np.linspace(values.min(), values.max(), _BINS + 1)
    bottom = np.zeros(_BINS)
    reach = np.zeros(len(colours))
    for group, colour in enumerate(colours):
        own = labels == group
        counts, _ = np.histogram(values[own], edges, weights=weights[own])
        axes.bar(
            edges[:-1],
            counts,
            np.diff(edges),
            bottom,
            align="edge",
            color=colour,
            edgecolor="white",
            linewidth=0.8,
            gid=f"{gid}-{group}",
        )
        bottom = bottom + counts
        reach[group] = bottom[counts > 0].max(initial=0.0)
    margin = 0.04 * (edges[-1] - edges[0])
    axes.set_xlim(edges[0] - margin, edges[-1] + margin)
    axes.set_ylim(0, 1.35 * bottom.max())
    style_numbers(axes.xaxis, float(np.abs(edges).max()))
    style_numbers(axes.yaxis, float(bottom.max()), whole=True)
    return reach
