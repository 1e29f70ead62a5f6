"""The picture of profit against budget: what more money brings, and where it brings no more."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from clienteling.offers.ladder import Rung
from clienteling.plots.palette import colour_of
from clienteling.plots.style import (
    HALO,
    INK,
    MUTED,
    NOTE,
    fonts,
    new_figure,
    style_axes,
    style_numbers,
    write_title,
)

__all__ = ["draw_profit_by_budget"]


def draw_profit_by_budget(ladder: Sequence[Rung], budget: float) -> Figure:
    """Draw the expected profit of the best plan for each budget.

    Parameters
    ----------
    ladder : of :func:`~clienteling.offers.ladder.budget_ladder`
    budget : that was planned with; it is marked

    Returns
    -------
    matplotlib.figure.Figure
        The line has the gid ``profit``, the mark ``planned``.

    Examples
    --------
    >>> ladder = [Rung(0.0, 0.0, 0.0, 0, 2.0), Rung(100.0, 100.0, 200.0, 50, 0.0)]
    >>> draw_profit_by_budget(ladder, 100.0).get_suptitle()
    'Profit by budget'
    """
    figure = new_figure(4.4)
    axes = figure.subplots()
    style_axes(axes, x="Budget for contacts", y="Expected profit after costs")
    colour = colour_of(0)
    budgets, profits = [each.budget for each in ladder], [each.profit for each in ladder]
    axes.plot(budgets, profits, color=colour, linewidth=3, gid="profit")
    own = next((each for each in ladder if each.budget == budget), None)
    if own is not None:
        axes.plot(
            [own.budget], [own.profit], marker="o", markersize=11, color=colour,
            markeredgecolor="white", markeredgewidth=2, zorder=3, clip_on=False, gid="planned",
        )  # fmt: skip
        right, rises = own.budget > 0.6 * max(budgets), profits[-1] >= profits[0]
        axes.annotate(
            f"planned: {own.profit:,.{0 if abs(own.profit) >= 100 else 2}f}",
            (own.budget, own.profit),
            # On the side on which the curve is not.
            xytext=(-12 if right else 12, 10 if right == rises else -26),
            textcoords="offset points",
            ha="right" if right else "left",
            fontsize=NOTE,
            color=INK,
            family=fonts(),
            path_effects=HALO,
            zorder=4,
        )
    axes.axhline(0.0, color=MUTED, linewidth=1.2, zorder=1.5)
    axes.set_xlim(0, max(budgets) or 1.0)
    axes.margins(y=0.18)
    style_numbers(axes.xaxis, max(budgets), ticks=5)
    style_numbers(axes.yaxis, max(map(abs, profits)))
    write_title(
        figure,
        axes,
        "Profit by budget",
        "The best plan for each budget, by what is assumed",
    )
    return figure
