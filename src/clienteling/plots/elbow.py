"""The elbow picture: within-cluster sum of squares and silhouette against k."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import FixedLocator, MaxNLocator

from clienteling.plots.palette import COLOURS
from clienteling.plots.style import (
    HALO,
    INK,
    MUTED,
    NOTE,
    fonts,
    measured,
    new_figure,
    style_axes,
    style_numbers,
    write_title,
)
from clienteling.segmentation.model import Evidence, Model

__all__ = ["draw_elbow"]

_CURVE, _CHOSEN, _OTHER = COLOURS[0], COLOURS[3], INK


def draw_elbow(model: Model) -> Figure:
    """Draw the evidence for the number of segments, and the number that was chosen.

    Parameters
    ----------
    model : its ``choose_k`` is what is drawn

    Returns
    -------
    matplotlib.figure.Figure
        Two axes, one above the other: inertia (WCSS) and silhouette against k. Artists have a
        gid: ``inertia``, ``silhouette``, ``chosen-k``, ``elbow`` and ``silhouette-peak`` (the last
        two only where they differ from the chosen k).

    Examples
    --------
    >>> import clienteling as cl
    >>> figure = draw_elbow(cl.segment(cl.read("sample"), k=5))
    >>> figure.get_suptitle()
    'How many segments? k = 5'
    """
    figure = new_figure()
    top, bottom = figure.subplots(2, 1, sharex=True)
    rows = sorted(model.choose_k, key=lambda each: each.k)
    style_axes(top, y="WCSS")
    style_axes(bottom, x="Number of segments, k", y="Silhouette")
    _curve(top, rows, "inertia")
    _curve(bottom, rows, "silhouette")
    top.set_ylim(bottom=0)
    style_numbers(top.yaxis, max((each.inertia for each in rows), default=1.0), ticks=4)
    style_numbers(bottom.yaxis, 1.0, ticks=4)
    ks = sorted({model.k, *(each.k for each in rows)})
    bottom.xaxis.set_major_locator(
        FixedLocator(ks) if len(ks) <= 12 else MaxNLocator(nbins=10, integer=True)
    )
    bottom.set_xlim(ks[0] - 0.5, ks[-1] + 0.5)
    for axes in (top, bottom):
        axes.axvline(model.k, color=_CHOSEN, linewidth=3, zorder=1.5, gid="chosen-k")
    words = _mark_others(top, bottom, model, rows)
    write_title(figure, top, f"How many segments? k = {model.k}", _caption(model))
    for each in words:
        _make_room(figure, each, model.k)
    return figure


def _curve(axes: Axes, rows: list[Evidence], figure: str) -> None:
    values = [getattr(each, figure) for each in rows]
    axes.plot(
        [each.k for each in rows],
        [float("nan") if each is None else each for each in values],
        color=_CURVE,
        linewidth=3,
        marker="o",
        markersize=8,
        gid=figure,
    )
    if not any(each is not None for each in values):
        what = "The silhouette is not defined here" if rows else "No evidence was kept"
        axes.set_yticks([])
        _say(axes, what)


def _mark_others(top: Axes, bottom: Axes, model: Model, rows: list[Evidence]) -> list[Annotation]:
    """Mark the numbers that elbow and silhouette speak for, and return the words beside them."""
    said = []
    if model.elbow_k is None and len(rows) > 1:
        _say(top, "no clear elbow")
    # The words stand where the curve is not: it falls above, and peaks below.
    for axes, k, words, gid, height, align in (
        (top, model.elbow_k, "elbow", "elbow", 0.97, "top"),
        (bottom, model.silhouette_k, "highest", "silhouette-peak", 0.05, "bottom"),
    ):
        if k is None or k == model.k:
            continue
        axes.axvline(k, color=_OTHER, linewidth=2.2, linestyle="--", zorder=1.4, gid=gid)
        right = k <= sum(axes.get_xlim()) / 2
        said.append(
            axes.annotate(
                f"{words}: k = {k}",
                (k, height),
                (6 if right else -6, 0),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                ha="left" if right else "right",
                va=align,
                fontsize=NOTE,
                weight="bold",
                color=_OTHER,
                path_effects=HALO,
                family=fonts(),
            )
        )
    return said


def _make_room(figure: Figure, words: Annotation, chosen: int) -> None:
    """Move words to where they touch neither the line of the chosen number nor the curve.

    Tried are both ends of their own line, and its other side; then the same on two lines, and last
    beyond the line of the chosen number. Where nothing is free, they stay.
    """
    k, height = words.xy
    side, align, said = words.xyann[0], words.get_verticalalignment(), words.get_text()
    ends = [(height, align), (1.02 - height, "top" if align == "bottom" else "bottom")]
    tried = [
        (text, beside, at, va, turned)
        for text, beside in ((said, k), (said.replace(": ", ":\n"), k), (said, chosen))
        for turned in (side, -side)
        for at, va in ends
    ]
    for text, beside, at, va, turned in [*tried, tried[0]]:
        words.set(text=text, va=va, ha="left" if turned > 0 else "right")
        words.xy, words.xyann = (beside, at), (turned, 0)
        with measured(figure):
            if _is_free(words, {k, chosen} - {beside}):
                return


def _is_free(words: Annotation, lines: Iterable[float]) -> bool:
    """Whether words stand inside of their axes, and touch no curve and none of the lines."""
    axes = words.axes
    assert axes is not None
    box, whole = words.get_window_extent().padded(10), axes.get_window_extent()
    places = [axes.transData.transform((each, 0))[0] for each in lines]
    curve = next(each for each in axes.lines if each.get_gid() in ("inertia", "silhouette"))
    path = curve.get_transform().transform_path(curve.get_path())
    return (
        whole.x0 <= box.x0
        and box.x1 <= whole.x1
        and not any(box.x0 <= each <= box.x1 for each in places)
        and not path.intersects_bbox(box, filled=False)
    )


def _say(axes: Axes, words: str) -> None:
    axes.text(
        0.97,
        0.9,
        words,
        transform=axes.transAxes,
        ha="right",
        va="top",
        fontsize=NOTE,
        style="italic",
        color=MUTED,
        family=fonts(),
        path_effects=HALO,
    )


def _caption(model: Model) -> str:
    if model.structure is not None and not model.structure.natural:
        return "For convenience: there is no natural grouping"
    if model.elbow_k == model.silhouette_k == model.k:
        return "The curve bends there, and the silhouette is highest"
    if model.silhouette_k == model.k:
        return "The silhouette is highest there"
    return "The solid line is the number that was taken"
