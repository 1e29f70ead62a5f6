"""The picture of what a bandit learned over time: whom it contacted, and what it believes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.stats import beta

from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Experience, Learned, belief
from clienteling.offers.offer import Offer
from clienteling.plots.palette import COLOURS, colour_of, marker_of
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

__all__ = ["ROWS", "draw_learning"]

#: Segments that are drawn at most; more would be too small to read.
ROWS = 6
#: Beside the colours, as these come again from the seventh offer on.
_STYLES: tuple[Literal["-", "--", ":", "-."], ...] = ("-", "--", ":", "-.")


def draw_learning(
    rounds: Sequence[Learned], catalogue: Catalogue, segments: Mapping[int, str]
) -> Figure:
    """Draw, by round, each offer's share of the contacts and the response that is believed.

    Parameters
    ----------
    rounds : what was seen in each round by itself, the first one first
    catalogue : the offers, with what was assumed of them before
    segments : names by id; of many, those with the most contacts are drawn

    Returns
    -------
    matplotlib.figure.Figure
        A row of two axes per segment: left the shares of the contacts in each round, lines with
        the gid ``share``; right the mean of the Beta distribution of the response rate after it,
        with the gid ``belief``, and its 95 % band, ``band``.

    Examples
    --------
    >>> import clienteling as cl
    >>> seen = {(0, "gold-rewards"): Experience(100, 9), (0, "preview-evening"): Experience(90, 3)}
    >>> catalogue = cl.load_catalogue("income-spending")
    >>> draw_learning([seen, seen], catalogue, {0: "Premium"}).get_suptitle()
    'What was learned, round by round'
    """
    contacts: dict[int, int] = dict.fromkeys(segments, 0)
    known = {each.id: each for each in catalogue.offers}
    tried = {key for one in rounds for key, seen in one.items() if seen.contacts}
    for one in rounds:
        for (segment, offer), seen in one.items():
            if segment in contacts and offer in known:
                contacts[segment] += seen.contacts
    met = [each for each in segments if contacts[each]]
    drawn = sorted(sorted(met, key=lambda each: -contacts[each])[:ROWS])
    offers = [each for each in known if any((segment, each) in tried for segment in drawn)]
    figure = new_figure(2.3 + 1.45 * max(len(drawn), 1) + 0.3 * ((len(offers) + 1) // 2))
    heights = [0.02, *[1.0] * max(len(drawn), 1)]
    # An empty row on top, so that the caption stands clear of the first segment's name.
    head, *grid = figure.subplots(
        len(heights), 2, sharex=True, squeeze=False, height_ratios=heights
    )
    for axes in head:
        axes.set_axis_off()
    turns = list(range(1, len(rounds) + 1))
    looks = [_look(place, marked=len(rounds) <= 12) for place in range(len(offers))]
    shares = {
        (segment, offer): [_share(one, segment, offer, offers) for one in rounds]
        for segment in drawn
        for offer in offers
        if (segment, offer) in tried
    }
    # One scale for all segments, so that they can be compared.
    largest = max((each for one in shares.values() for each in one if each == each), default=1.0)
    for row, segment in enumerate(drawn):
        left, right = grid[row]
        for axes in (left, right):
            style_axes(axes, x="Round" if row == len(drawn) - 1 else "")
        highest = 0.0
        for place, offer in enumerate(offers):
            if (segment, offer) not in tried:
                continue
            left.plot(turns, shares[segment, offer], gid="share", **looks[place])
            means, lows, highs = _believed(rounds, segment, known[offer])
            right.plot(turns, means, gid="belief", **looks[place])
            right.fill_between(
                turns, lows, highs, color=colour_of(place), alpha=0.18, linewidth=0, gid="band"
            )
            highest = max(highest, *highs)
        left.set_ylim(-0.04 * largest, 1.04 * largest)
        right.set_ylim(0, highest * 1.05 or 1.0)
        for axes in (left, right):
            style_numbers(axes.yaxis, 1.0, ticks=3)
            axes.yaxis.set_major_formatter(lambda at, _: f"{100 * at:.4g} %")
        style_numbers(left.xaxis, len(rounds), ticks=5, whole=True)
        # A title may be longer than its axes, and takes no width from them.
        left.set_title(
            one_line(segments[segment], 48), loc="left", pad=5, fontsize=NOTE, color=INK,
            weight="bold", family=fonts(), parse_math=False,
        )  # fmt: skip
    handles = [
        Line2D([], [], label=one_line(known[offer].title, 26), **looks[place])
        for place, offer in enumerate(offers)
    ]
    legend = figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=2,
        frameon=False,
        prop={"size": NOTE, "family": fonts()},
        labelcolor=INK,
    )
    for each in legend.get_texts():
        each.set_parse_math(False)
    caption = (
        "Left: share of the contacts. Right: believed response, with its 95\N{NO-BREAK SPACE}% band"
    )
    if len(met) > len(drawn):
        caption += f"; {len(met) - len(drawn)} segments with fewer contacts are not drawn"
    write_title(figure, head[0], "What was learned, round by round", caption)
    return figure


def _look(place: int, *, marked: bool) -> dict[str, Any]:
    """Return the look of an offer's lines, which no other of the first twenty-four has."""
    return {
        "color": colour_of(place),
        "linestyle": _STYLES[place // len(COLOURS) % len(_STYLES)],
        "linewidth": 2.4,
        "marker": marker_of(place) if marked else "",
        "markersize": 6,
    }


def _share(one: Learned, segment: int, offer: str, offers: Sequence[str]) -> float:
    """Return an offer's part of a segment's contacts; none where nobody was contacted."""
    total = sum(one.get((segment, each), Experience()).contacts for each in offers)
    own = one.get((segment, offer), Experience()).contacts
    return own / total if total else float("nan")


def _believed(
    rounds: Sequence[Learned], segment: int, offer: Offer
) -> tuple[list[float], list[float], list[float]]:
    """Return mean, low and high end of the response rate that is believed after each round."""
    so_far = Experience()
    means: list[float] = []
    lows: list[float] = []
    highs: list[float] = []
    for one in rounds:
        so_far = so_far + one.get((segment, offer.id), Experience())
        held = belief(offer, so_far)
        assert held is not None
        means.append(held.yes / (held.yes + held.no))
        lows.append(float(beta.ppf(0.025, held.yes, held.no)))
        highs.append(float(beta.ppf(0.975, held.yes, held.no)))
    return means, lows, highs
