"""The uplift picture: how much of the lift is had by sending to the most responsive first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from clienteling.measurement.qini import Qini
from clienteling.plots.palette import colour_of
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

__all__ = ["draw_uplift"]

_STYLES: tuple[Literal["-", "--", "-.", ":"], ...] = ("-", "--", "-.", ":")
#: Letters that fit beside each other under the picture.
_LETTERS = 56


def draw_uplift(curves: Sequence[Qini], outcome: str) -> Figure:
    """Draw the uplift (Qini) curve of every offer for one outcome, each with its band.

    Parameters
    ----------
    curves : of :func:`~clienteling.measurement.qini.qini_of`; other outcomes are left out
    outcome : which to draw

    Returns
    -------
    matplotlib.figure.Figure
        Lines have the gid ``uplift``, bands ``band``, and the straight lines of sending at random
        ``random``.

    Examples
    --------
    >>> curve = Qini("mail", "visit", (0, 0.5, 1), (0, 2, 3), (0, 1, 2), (0, 3, 4), 0.2, 0.1, 0.3)
    >>> draw_uplift([curve], "visit").get_suptitle()
    'Lift on visit, the most responsive first'
    """
    drawn = [each for each in curves if each.outcome == outcome]
    figure = new_figure(4.4 + 0.3 * len(drawn))
    axes = figure.subplots()
    style_axes(axes, x="Customers that get the offer", y="Lift per customer")
    handles = []
    for i, each in enumerate(drawn):
        colour, style = colour_of(i), _STYLES[i % len(_STYLES)]
        axes.fill_between(
            each.share, each.low, each.high, color=colour, alpha=0.16, linewidth=0, gid="band"
        )
        axes.plot(
            [0, 1], [0, each.gain[-1]], color=MUTED, linewidth=1.4, linestyle=":", gid="random"
        )
        axes.plot(each.share, each.gain, color=colour, linewidth=3, linestyle=style, gid="uplift")
        order = "" if each.coefficient_low > 0 else " (order may be chance)"
        words = one_line(each.offer, 26 if order else 46) + order
        handles.append(Line2D([], [], color=colour, linewidth=3, linestyle=style, label=words))
    handles.append(
        Line2D([], [], color=MUTED, linewidth=1.4, linestyle=":", label="sent at random")
    )
    axes.axhline(0.0, color=MUTED, linewidth=1.2, zorder=1.5)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    style_numbers(axes.yaxis, max((abs(g) for each in drawn for g in each.high), default=1.0))
    # Beside each word stand its line and the room to the next one.
    wide = sum(len(str(each.get_label())) + 6 for each in handles)
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=1 if wide > _LETTERS else 3,
        frameon=False,
        prop={"size": NOTE, "family": fonts()},
        labelcolor=INK,
    )
    write_title(
        figure,
        axes,
        f"Lift on {one_line(outcome, 18)}, the most responsive first",
        "On customers that it was not learned on, with a 95 % band",
    )
    return figure
