"""The picture of DBSCAN's groups, with the noise set apart."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clienteling.plots.customers import DRAWN, draw_group, draw_noise, left_out, style_plane
from clienteling.plots.names import list_under
from clienteling.plots.palette import NOISE, colour_of, marker_of
from clienteling.plots.plane import plane_of
from clienteling.plots.strip import draw_strip
from clienteling.plots.style import fit_label, new_figure, write_title
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.model import Model
from clienteling.segmentation.sketch import Ints, Sketch

__all__ = ["draw_dbscan_clusters"]

#: Groups that are listed one by one.
_LISTED = 5


def draw_dbscan_clusters(model: Model, comparison: Comparison, sketch: Sketch) -> Figure:
    """Draw the customers by DBSCAN's group, and those in none of them as grey crosses.

    The axes are those of :func:`draw_kmeans_clusters`, so that the two pictures can be compared.

    Parameters
    ----------
    model : the features
    comparison : DBSCAN beside K-means
    sketch : the customers as weighted points

    Returns
    -------
    matplotlib.figure.Figure
        One axes. Artists have a gid: ``group-0``, … by size, and ``noise``.

    Examples
    --------
    >>> from clienteling.run import run
    >>> found = run("sample", k=5)
    >>> figure = draw_dbscan_clusters(found.model, found.comparison, found.prepared.sketch)
    >>> figure.get_suptitle()
    'DBSCAN: 3 groups, 15 noise'
    """
    figure = new_figure()
    axes = figure.subplots()
    labels = _by_size(comparison.labels)
    if len(model.features) == 1:
        _draw_along(axes, model, comparison, labels)
        notes = left_out(comparison.customers, sketch.customers, 0)
    else:
        notes = _draw_plane(axes, model, comparison, sketch, labels)
    groups = "group" if comparison.clusters == 1 else "groups"
    settings = f"eps = {comparison.eps:.3g}, min_samples = {comparison.min_samples}"
    write_title(
        figure,
        axes,
        f"DBSCAN: {comparison.clusters:,} {groups}, {comparison.noise:,} noise",
        "; ".join([settings, *notes]),
    )
    list_under(figure, *_listed(comparison))
    fit_label(figure, axes)
    return figure


def _by_size(labels: Ints) -> Ints:
    """Return the labels with the groups numbered by size, largest first; -1 stays noise."""
    sizes = np.bincount(labels[labels >= 0])
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return np.append(rank, -1)[labels]


def _draw_plane(
    axes: Axes, model: Model, comparison: Comparison, sketch: Sketch, labels: Ints
) -> list[str]:
    """Draw the customers and return what is left out."""
    plane = plane_of(model, sketch)
    style_plane(axes, plane)
    chosen = np.arange(comparison.customers)
    if comparison.customers > DRAWN:
        chosen = ((np.arange(DRAWN) + 0.5) * (comparison.customers / DRAWN)).astype(np.int64)
    places, labels = plane.place(comparison.points[chosen]), labels[chosen]
    for index in range(comparison.clusters):
        own = places[labels == index]
        draw_group(axes, own, index, crowd=len(chosen), gid=f"group-{index}")
    draw_noise(axes, places[labels == -1], crowd=len(chosen))
    return left_out(len(chosen), sketch.customers, plane.outside)


def _draw_along(axes: Axes, model: Model, comparison: Comparison, labels: Ints) -> None:
    values = (comparison.points * model.scale + model.mean)[:, 0]
    draw_strip(
        axes,
        model.axis_names[0],
        values,
        np.ones(len(values)),
        labels,
        [colour_of(index) for index in range(comparison.clusters)],
        gid="group",
    )
    noise = values[labels == -1]
    lane = 0.0
    if len(noise):
        # A lane of their own, under the bars.
        lane = -0.06 * axes.get_ylim()[1]
        axes.set_ylim(2 * lane)
    draw_noise(axes, np.column_stack([noise, np.full(len(noise), lane)]), crowd=len(values))


def _listed(comparison: Comparison) -> tuple[list[Line2D], list[str]]:
    keys, names = [], []
    for index, size in enumerate(comparison.sizes):
        if index == _LISTED and len(comparison.sizes) > _LISTED + 1:
            keys.append(Line2D([], [], linestyle=""))
            names.append(f"and {len(comparison.sizes) - _LISTED} smaller")
            break
        keys.append(
            Line2D([], [], linestyle="", marker=marker_of(index), color=colour_of(index), ms=9)
        )
        names.append(f"Group {index + 1}: {size:,}")
    keys.append(Line2D([], [], linestyle="", marker="x", color=NOISE, ms=9, mew=2.2))
    names.append(f"Noise: {comparison.noise:,}")
    return keys, names
