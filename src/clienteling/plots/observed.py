"""The pictures of a campaign that held nobody out: who got it, beside the others, before and in it.

They show why nothing is concluded: where the two groups lay apart before it already, the distance
in its days is not what it brought.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from clienteling.measurement.observed import Beside, Observed
from clienteling.plots.palette import colour_of, marker_of
from clienteling.plots.style import (
    INK,
    NOTE,
    fonts,
    new_figure,
    one_line,
    style_axes,
    style_numbers,
    write_title,
)

__all__ = ["ROWS", "draw_beside", "draw_responded"]

#: Outcomes that are drawn at most; more would be too small to read.
ROWS = 6


def draw_beside(seen: Observed) -> Figure:
    """Draw each outcome of those who got a campaign and of the others, before it and in its days.

    Parameters
    ----------
    seen : of :func:`~clienteling.measurement.observed.observe_campaign`

    Returns
    -------
    matplotlib.figure.Figure
        Axes for each outcome; in them a mark with its 95 % interval for each group and time, with
        the gid ``got`` or ``others``.

    Examples
    --------
    >>> spend = Beside("spend", 50.0, 20.0, 45.0, 18.0, 0.9, 4.0, 2.0, 4.0, 2.0)
    >>> draw_beside(Observed("spring", 28, 80, 120, (), (spend,), "")).get_suptitle()
    'Before the campaign, and in its days'
    """
    drawn = seen.beside[:ROWS]
    figure = new_figure(1.7 + 2.2 * max(len(drawn), 1))
    grid = figure.subplots(max(len(drawn), 1), 1, squeeze=False)[:, 0]
    for axes, each in zip(grid, drawn, strict=True):
        _draw_outcome(axes, each, seen.days)
    handles = [
        Line2D(
            [], [], color=colour_of(i), marker=marker_of(i), markersize=8, linewidth=2.4, label=e
        )
        for i, e in enumerate(("got it", "the others"))
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=2, frameon=False,
        prop={"size": NOTE, "family": fonts()}, labelcolor=INK,
    )  # fmt: skip
    caption = "Mean per customer, with its 95 % interval"
    if len(seen.beside) > len(drawn):
        caption += f"; {len(seen.beside) - len(drawn)} more outcomes are not drawn"
    write_title(figure, grid[0], "Before the campaign, and in its days", caption)
    return figure


def _draw_outcome(axes: Axes, each: Beside, days: int) -> None:
    style_axes(axes, y=each.outcome)
    groups = (
        ("got", each.mean_before, each.mean_before_half, each.mean, each.mean_half),
        ("others", each.others_before, each.others_before_half, each.others, each.others_half),
    )
    highest = 0.0
    for place, (gid, before, before_half, now, now_half) in enumerate(groups):
        # Side by side, so that intervals don't cover each other.
        known = [
            (when + 0.06 * (place - 0.5), mean, half or 0.0)
            for when, mean, half in ((0.0, before, before_half), (1.0, now, now_half))
            if mean is not None
        ]
        if not known:
            continue
        x, means, halves = zip(*known, strict=True)
        axes.errorbar(
            x, means, yerr=halves, color=colour_of(place), marker=marker_of(place), markersize=8,
            linewidth=2.4, elinewidth=2.0, capsize=4, gid=gid,
        )  # fmt: skip
        highest = max(highest, *(mean + half for mean, half in zip(means, halves, strict=True)))
    axes.set_xlim(-0.4, 1.4)
    axes.set_xticks([0, 1], [f"{days} days before", f"its {days} days"])
    axes.grid(visible=False, axis="x")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    style_numbers(axes.yaxis, highest, ticks=4)


def draw_responded(seen: Observed) -> Figure:
    """Draw the share of those who got a campaign that responded, for outcomes that only they had.

    Parameters
    ----------
    seen : of :func:`~clienteling.measurement.observed.observe_campaign`

    Returns
    -------
    matplotlib.figure.Figure
        A mark with its 95 % interval for each outcome, with the gid ``responded``.

    Examples
    --------
    >>> redeemed = ("redeemed", 0.2, 0.15, 0.26)
    >>> draw_responded(Observed("spring", 28, 80, 120, (redeemed,), (), "")).get_suptitle()
    'Who responded, of those who got it'
    """
    drawn = seen.responded[:ROWS]
    figure = new_figure(2.2 + 0.5 * max(len(drawn), 1))
    axes = figure.subplots()
    style_axes(axes, x=f"Share of the {seen.contacted:,} who got it")
    for place, (_, share, low, high) in enumerate(drawn):
        axes.errorbar(
            [share], [place], xerr=[[share - low], [high - share]], color=colour_of(0), marker="o",
            markersize=8.5, linewidth=2.6, capsize=4, linestyle="none", gid="responded",
        )  # fmt: skip
    axes.set_yticks(range(len(drawn)), [one_line(outcome, 32) for outcome, *_ in drawn])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
        text.set_fontfamily(fonts())
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    highest = max((high for *_, high in drawn), default=1.0)
    style_numbers(axes.xaxis, 1.0, ticks=5)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlim(0.0, min(1.0, highest * 1.1))
    caption = "With its 95 % interval. Only they could, so this is no lift"
    if len(seen.responded) > len(drawn):
        caption += f"; {len(seen.responded) - len(drawn)} more outcomes are not drawn"
    write_title(figure, axes, "Who responded, of those who got it", caption)
    return figure
