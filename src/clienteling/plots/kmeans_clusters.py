"""The picture of the segments: customers, centres, names and the borders between them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clienteling.features.transforms import transformed
from clienteling.plots.customers import DRAWN, draw_group, draw_imputed, left_out, style_plane
from clienteling.plots.names import name_centres
from clienteling.plots.palette import colour_of
from clienteling.plots.plane import Plane, plane_of
from clienteling.plots.regions import nearest_regions
from clienteling.plots.strip import draw_strip
from clienteling.plots.style import INK, fit_label, new_figure, write_title
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.model import Model
from clienteling.segmentation.sketch import Floats, Sketch

__all__ = ["draw_kmeans_clusters"]

_CENTRES = "Each segment with its centre"


def draw_kmeans_clusters(
    model: Model, sketch: Sketch, fit: Fit, imputed: Floats | None = None
) -> Figure:
    """Draw the customers coloured by segment, the centres with their names, and the borders.

    With one feature this is a histogram; with two, each customer is a point and the borders are
    exact; with more, the axes are principal components, and borders are left out since there are
    none in that plane.

    Parameters
    ----------
    model : the segments
    sketch : the customers as weighted points
    fit : the partition of the sketch; its labels are the model's segment ids
    imputed : array of shape (customers, features), in the features' own units: those who have a
        median in the place of a value; each gets a ring, but in a histogram

    Returns
    -------
    matplotlib.figure.Figure
        One axes. Artists have a gid: ``segment-0``, … the customers; ``imputed`` the rings;
        ``region-0``, … the ground
        on which a segment's centre is nearest; ``border`` with one feature; ``centre``; ``name``.

    Examples
    --------
    >>> from clienteling.run import run
    >>> found = run("sample", k=5)
    >>> figure = draw_kmeans_clusters(found.model, found.prepared.sketch, found.choice.fit)
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('Annual Income (k$)', 'Spending Score (1-100)')
    """
    figure = new_figure()
    axes = figure.subplots()
    if len(model.features) == 1:
        _draw_along(figure, axes, model, sketch, fit)
    else:
        _draw_plane(figure, axes, model, sketch, fit, imputed)
    fit_label(figure, axes)
    return figure


def _draw_plane(
    figure: Figure,
    axes: Axes,
    model: Model,
    sketch: Sketch,
    fit: Fit,
    imputed: Floats | None,
) -> None:
    plane = plane_of(model, sketch)
    style_plane(axes, plane)
    if plane.exact:
        _draw_regions(axes, model, plane)
    rows = sketch.rows(DRAWN)
    places = plane.place((sketch.points[rows] - model.mean) / model.scale)
    for index, each in enumerate(model.segments):
        own = places[fit.labels[rows] == index]
        # The colour is that of the id, so a segment keeps it from month to month.
        draw_group(axes, own, each.id, crowd=len(rows), gid=f"segment-{each.id}")
    what = "lines are the borders" if plane.exact else "axes: principal components"
    if imputed is not None and len(imputed):
        filled = transformed(imputed, sketch.transforms)
        draw_imputed(axes, plane.place((filled - model.mean) / model.scale), crowd=len(rows))
        what = f"{what}; ringed: a value is missing, the median drawn"
    notes = left_out(len(rows), sketch.customers, plane.outside)
    write_title(figure, axes, _title(model, sketch), "; ".join([f"{_CENTRES}; {what}", *notes]))
    name_centres(
        figure,
        axes,
        plane.place(model.centres),
        [each.name for each in model.segments],
        scale=model.scale if plane.exact else np.ones(2),
        points=places,
        labels=fit.labels[rows],
        ids=[each.id for each in model.segments],
    )


def _draw_regions(axes: Axes, model: Model, plane: Plane) -> None:
    """Tint the ground by segment; where two tints meet is the border."""
    low, high = ((corner - model.mean) / model.scale for corner in (plane.low, plane.high))
    for index, region in enumerate(nearest_regions(model.centres, low, high)):
        if len(region):
            axes.fill(
                *plane.place(region).T,
                facecolor=(colour_of(model.segments[index].id), 0.13),
                edgecolor=(INK, 0.55),
                linewidth=1.4,
                zorder=0.5,
                gid=f"region-{index}",
            )


def _draw_along(figure: Figure, axes: Axes, model: Model, sketch: Sketch, fit: Fit) -> None:
    reach = draw_strip(
        axes,
        model.axis_names[0],
        sketch.points[:, 0],
        sketch.weights,
        fit.labels,
        [colour_of(each.id) for each in model.segments],
        gid="segment",
    )
    centres = (model.centres * model.scale + model.mean)[:, 0]
    inner = np.sort(centres)
    for border in (inner[:-1] + inner[1:]) / 2:
        axes.axvline(border, color=INK, alpha=0.55, linewidth=1.4, gid="border")
    write_title(figure, axes, _title(model, sketch), f"{_CENTRES}; lines are the borders")
    name_centres(
        figure,
        axes,
        np.column_stack([centres, reach + 0.06 * axes.get_ylim()[1]]),
        [each.name for each in model.segments],
        scale=np.array([1.0, np.inf]),
        points=np.empty((0, 2)),
        labels=np.empty(0, dtype=np.int64),
        ids=[each.id for each in model.segments],
    )


def _title(model: Model, sketch: Sketch) -> str:
    segments = "segment" if model.k == 1 else "segments"
    return f"{sketch.customers:,} customers in {model.k} {segments}"
