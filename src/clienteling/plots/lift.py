"""The lift picture: what each offer brought, over all and in each segment, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clienteling.measurement.lift import Lift
from clienteling.plots.palette import colour_of, marker_of
from clienteling.plots.style import (
    INK,
    MUTED,
    NOTE,
    fonts,
    new_figure,
    one_line,
    style_axes,
    style_numbers,
    write_title,
)

__all__ = ["ROWS", "draw_lift"]

#: Rows that are drawn at most; more would be too small to read.
ROWS = 30
#: Letters of a label on each of two lines; the axes still get more than half of the width.
_LABEL = 24
#: Letters under the picture in one line of the legend.
_LEGEND = 56
#: From one segment to the next, and the shade behind every second one.
_ROW, _SHADE = 0.9, "#F2F2F2"
#: Letters of an offer's name there.
_NAME = 46
#: Inches from one mark to that of the next offer.
_APART = 0.15


def draw_lift(lifts: Sequence[Lift], outcome: str, control: str) -> Figure:
    """Draw the lift of every offer for one outcome: a row for all customers, then one a segment.

    Parameters
    ----------
    lifts : of :func:`~clienteling.measurement.lift.lifts_of`; other outcomes are left out
    outcome : which to draw
    control : what the offers are compared with

    Returns
    -------
    matplotlib.figure.Figure
        A mark and an interval have the gid ``lift`` each, where there are customers enough; a
        hollow mark is a lift that may be chance after adjustment.

    Examples
    --------
    >>> import pandas as pd
    >>> from clienteling.measurement.evaluate import evaluate
    >>> rows = pd.DataFrame({"mail": ["yes", "no"] * 500, "visit": [1, 0, 0, 0] * 250})
    >>> found = evaluate(rows, offer="mail", control="no", outcomes=["visit"])
    >>> draw_lift(found.lift, "visit", "no").get_suptitle()
    'Lift on visit'
    """
    drawn = [each for each in lifts if each.outcome == outcome]
    offers = list(dict.fromkeys(each.offer for each in drawn))
    rows = list(dict.fromkeys((each.by, each.segment) for each in drawn))
    hidden = max(len(rows) - ROWS, 0)
    rows = rows[:ROWS]
    places, labels = _places(rows)
    # So far apart, in rows, that no mark covers that of another offer.
    step = 0.7 / max(len(offers), 2)
    labels = {at: fill(each, _LABEL, max_lines=2, placeholder=" …") for at, each in labels.items()}
    two_lines = 1.5 if any("\n" in each for each in labels.values()) else 1.0
    names = [one_line(each, _NAME) for each in offers]
    columns = min(3, max(1, _LEGEND // (max(map(len, [*names, "may be chance"])) + 5)))
    row_height = max(0.34 * two_lines, _APART / step if len(offers) > 1 else 0.0)
    legend_rows = -(-(len(offers) + 1) // columns) - 1
    height = max(2.7, 1.9 + row_height * (max(places.values()) + 1)) + 0.3 * legend_rows
    figure = new_figure(height)
    axes = figure.subplots()
    style_axes(axes, x=one_line(f"{outcome} per customer, against {control}", 48))
    axes.grid(visible=False, axis="y")
    axes.axvline(0.0, color=MUTED, linewidth=1.6, zorder=1.5, gid="none")
    if len(offers) > 1:
        # Which offers' marks belong to one row is seen by a shade behind every second one.
        for place in list(places.values())[::2]:
            axes.axhspan(place - _ROW / 2, place + _ROW / 2, color=_SHADE, zorder=0.5, gid="row")
    for each in drawn:
        if each.low is None or each.high is None or (each.by, each.segment) not in places:
            continue
        index = offers.index(each.offer)
        y = places[each.by, each.segment] + step * (index - (len(offers) - 1) / 2)
        colour = colour_of(index)
        axes.plot([each.low, each.high], [y, y], color=colour, linewidth=2.6, zorder=2)
        axes.plot(
            [each.estimate],
            [y],
            marker=marker_of(index),
            markersize=8.5,
            color=colour,
            markerfacecolor=colour if each.clear else "white",
            markeredgewidth=2,
            linestyle="none",
            zorder=3,
            gid="lift",
        )
    known = {(each.by, each.segment) for each in drawn if each.low is not None}
    for row in places.keys() - known:
        axes.annotate(
            "too few customers",
            (0.0, places[row]),
            xytext=(8, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=NOTE,
            color=MUTED,
            family=fonts(),
            gid="too few",
        )
    _label_rows(axes, labels)
    low, high = axes.get_xlim()
    style_numbers(axes.xaxis, max(abs(low), abs(high)), ticks=5)
    axes.set_ylim(max(places.values()) + 0.6, -0.6)
    axes.spines["left"].set_visible(False)
    handles = [
        Line2D(
            [],
            [],
            color=colour_of(i),
            marker=marker_of(i),
            markersize=8.5,
            linewidth=2.6,
            label=each,
        )
        for i, each in enumerate(names)
    ]
    hollow = any(each.enough and not each.clear for each in drawn)
    if hollow:
        handles.append(
            Line2D(
                [],
                [],
                color=MUTED,
                marker="o",
                markersize=8.5,
                markerfacecolor="white",
                markeredgewidth=2,
                linestyle="none",
                label="may be chance",
            )
        )
    if len(handles) > 1:
        legend = figure.legend(
            handles=handles,
            loc="outside lower center",
            ncols=min(len(handles), columns),
            frameon=False,
            prop={"size": NOTE, "family": fonts()},
            labelcolor=INK,
        )
        for label in legend.get_texts():
            label.set_parse_math(False)  # an offer of $10 to $20 is no formula
    caption = "95 % intervals, each by itself"
    if hidden:
        caption += f"; {hidden} more segments are not drawn"
    write_title(figure, axes, f"Lift on {one_line(outcome, 30)}", caption)
    return figure


def _places(
    rows: Sequence[tuple[str | None, str | None]],
) -> tuple[dict[tuple[str | None, str | None], float], dict[float, str]]:
    """Return how far down each row stands, and the words at each place."""
    places: dict[tuple[str | None, str | None], float] = {}
    labels: dict[float, str] = {}
    place, group = 0.0, None
    for by, segment in rows:
        if by is None:
            labels[place] = "all customers"
        else:
            if by != group:
                group, place = by, place + 1.0
                labels[place] = f"by {by}"
            place += _ROW
            labels[place] = segment or ""
        places[by, segment] = place
    return places, labels


def _label_rows(axes: Axes, labels: dict[float, str]) -> None:
    axes.set_yticks(list(labels), list(labels.values()))
    axes.tick_params(axis="y", length=0)
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
        text.set_fontfamily(fonts())
        if text.get_text().startswith("by "):
            text.set(color=MUTED, weight="bold")
