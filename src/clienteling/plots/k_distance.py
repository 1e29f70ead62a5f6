"""The k-distance picture: how DBSCAN's radius is read off the customers' distances."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from clienteling.plots.palette import COLOURS
from clienteling.plots.style import (
    HALO,
    LABEL,
    fonts,
    new_figure,
    style_axes,
    style_numbers,
    write_title,
)
from clienteling.segmentation.dbscan import Comparison

__all__ = ["draw_k_distance"]

_CURVE, _EPS = COLOURS[0], COLOURS[3]


def draw_k_distance(comparison: Comparison) -> Figure:
    """Draw the sorted k-distances of the customers and DBSCAN's ``eps``.

    Parameters
    ----------
    comparison : DBSCAN beside K-means

    Returns
    -------
    matplotlib.figure.Figure
        One axes; the curve has the gid ``k-distance``, the line at the radius ``eps``.

    Examples
    --------
    >>> from clienteling.run import run
    >>> figure = draw_k_distance(run("sample", k=5).comparison)
    >>> figure.get_suptitle()
    "DBSCAN's radius: eps = 0.368"
    """
    figure = new_figure()
    axes = figure.subplots()
    distances, eps = comparison.k_distance, comparison.eps
    customers = len(distances)
    style_axes(
        axes, x=f"{customers:,} customers, nearest first", y="Distance (standard deviations)"
    )
    places = np.arange(1, customers + 1)
    axes.plot(places, distances, color=_CURVE, linewidth=3.5, gid="k-distance")
    axes.axhline(eps, color=_EPS, linewidth=2.5, linestyle="--", gid="eps")
    within = int(np.searchsorted(distances, eps, side="right"))
    if 0 < within < customers:
        axes.plot(within, distances[within - 1], "o", color=_EPS, markersize=10, gid="within")
    highest = max(float(distances[-1]), eps)
    # A few who are far from all others would press the rest of the curve to the ground.
    top = min(highest, max(5 * eps, float(np.quantile(distances, 0.98))))
    axes.set_xlim(0, customers * 1.02)
    axes.set_ylim(0, top * 1.1)
    style_numbers(axes.xaxis, customers)
    style_numbers(axes.yaxis, top)
    # Below the line where the room above it is small.
    above = eps < 0.85 * top
    axes.annotate(
        f"eps = {eps:.3g}",
        (0.03, eps),
        (0, 6 if above else -6),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        va="bottom" if above else "top",
        fontsize=LABEL + 1,
        weight="bold",
        color=_EPS,
        path_effects=HALO,
        family=fonts(),
    )
    caption = "" if top == highest else f"; up to {highest:,.3g}"
    nearest = min(comparison.min_samples, customers)
    write_title(
        figure,
        axes,
        f"DBSCAN's radius: eps = {eps:.3g}",
        f"Distance to the {_ordinal(nearest)} nearest customer, counting oneself{caption}",
    )
    return figure


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
