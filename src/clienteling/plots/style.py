"""What all pictures share: their size and type, so that they read well at half a page's width.

Everything is set on the figure itself, never in matplotlib's global settings.
"""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import EngFormatter, MaxNLocator, ScalarFormatter
from matplotlib.transforms import blended_transform_factory
from PIL import Image

__all__ = [
    "GRID",
    "HALO",
    "HEIGHT",
    "INK",
    "LABEL",
    "MUTED",
    "NOTE",
    "TICK",
    "TITLE",
    "fit_label",
    "fonts",
    "measured",
    "new_figure",
    "one_line",
    "save_png",
    "style_axes",
    "style_numbers",
    "write_title",
]

#: Inches. At 420 pixels of width, a point of type is 0.91 pixels high.
WIDTH, HEIGHT = 6.4, 4.8
#: 1280 pixels of width.
DPI = 200

_LEFT = 0.02

#: Sizes of type, in points.
TITLE, LABEL, TICK, NOTE = 17.0, 14.5, 13.0, 13.0

INK, MUTED, GRID = "#1F1F1F", "#595959", "#E3E3E3"

#: Keeps words legible on top of points.
HALO = [patheffects.withStroke(linewidth=3.5, foreground="white")]

#: For scripts that matplotlib's own font lacks, where the computer has one of these.
_WIDE_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Hiragino Sans",
    "PingFang SC",
    "Nirmala UI",
    "Noto Sans Devanagari",
    "Arial Unicode MS",
)


@cache
def fonts() -> list[str]:
    """Return the families of type to take glyphs from, in order."""
    installed = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(each for each in _WIDE_FONTS if each in installed)]


def new_figure(height: float = HEIGHT) -> Figure:
    """Return an empty figure of the common width."""
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)
    engine.set(w_pad=0.1, h_pad=0.07)
    return figure


def style_axes(axes: Axes, x: str = "", y: str = "", *, grid: bool = True) -> None:
    """Give axes the common look and their labels."""
    axes.set_facecolor("white")
    axes.set_axisbelow(True)
    if grid:
        axes.grid(color=GRID, linewidth=0.8, linestyle="-")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=MUTED, linewidth=1.0)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=TICK, labelfontfamily=fonts()[0])
    # There is less room upwards. A dollar sign in a column's name is no formula.
    for axis, words in (
        (axes.xaxis, one_line(x, 48)),
        (axes.yaxis, textwrap.fill(one_line(y, 60), 32)),
    ):
        axis.set_label_text(words, fontsize=LABEL, color=INK, family=fonts(), parse_math=False)


def style_numbers(axis: Axis, largest: float, *, ticks: int = 6, whole: bool = False) -> None:
    """Give an axis few ticks and short numbers: 50k rather than 50000, and ``whole`` for counts."""
    axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10], integer=whole))
    short = largest >= 10_000 or 0 < largest < 0.001
    axis.set_major_formatter(EngFormatter(sep="") if short else ScalarFormatter(useOffset=False))


def write_title(figure: Figure, axes: Axes, title: str, caption: str = "") -> None:
    """Write the title, and under it a caption in smaller type, from the left edge."""
    figure.suptitle(
        title, x=_LEFT, ha="left", fontsize=TITLE, weight="bold", color=INK, family=fonts()
    )
    under = axes.set_title(
        textwrap.fill(caption, 66), loc="left", fontsize=NOTE, color=MUTED, family=fonts(), pad=8
    )
    # Axes begin right of their labels; the words begin where the title does.
    above = blended_transform_factory(figure.transFigure, under.get_transform())
    under.set(transform=above, x=_LEFT)


def fit_label(figure: Figure, axes: Axes) -> None:
    """Break the label of the upright axis where it is longer than the axis, at the end of all.

    What stands under the picture, and a caption of two lines, take height from the axis; its label
    would run into the caption.
    """
    words = " ".join(axes.get_ylabel().split())
    # After a comma a break reads best.
    for broken in (words.replace(", ", ",\n", 1), *(textwrap.fill(words, n) for n in (24, 18, 14))):
        with measured(figure):
            top, label = axes.get_window_extent().y1, axes.yaxis.label.get_window_extent()
        if label.y1 <= top:
            return
        axes.yaxis.label.set_text(broken)


def one_line(words: str, width: int) -> str:
    """Return the words on one line, cut off with an ellipsis where they are too long.

    Examples
    --------
    >>> one_line("Annual Income (k$)", 48), one_line("a very long name", 9)
    ('Annual Income (k$)', 'a very …')
    """
    words = " ".join(words.split())
    if len(words) <= width:
        return words
    short = textwrap.shorten(words, width, placeholder=" …")
    # A long single word is cut in its middle.
    return short if 2 * len(short) > width else words[: width - 1] + "…"


@contextmanager
def measured(figure: Figure) -> Iterator[None]:
    """Lay the figure out, so that inside the block its parts have their final places."""
    with _without_glyph_warnings():
        figure.draw_without_rendering()
        yield


@contextmanager
def _without_glyph_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        # A letter that no font has is drawn as a box, which says as much.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        yield


def save_png(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG: the same bytes for the same figure, and small enough for git."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    with _without_glyph_warnings():
        canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    drawn = Image.fromarray(pixels).convert("RGB")
    drawn.quantize(256, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)
    return path
