"""The names of the segments in their picture: beside their centres, or listed under the picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from clienteling.plots.palette import colour_of, marker_of
from clienteling.plots.places import free_places, straying
from clienteling.plots.style import HALO, HEIGHT, INK, NOTE, fonts, measured, one_line
from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["list_under", "name_centres"]

_LINES, _WIDEST = 3, 16
#: Height of a row of the list, in inches; room between a name and the edge, in points.
_ROW, _EDGE = 0.235, 3.0
#: Sizes of the names' letters, in points, and which share of a name of the first may lie over a
#: border.
_SIZE, _SMALLER, _OVER = NOTE + 1, NOTE - 2, 0.1


def name_centres(
    figure: Figure,
    axes: Axes,
    centres: Floats,
    names: Sequence[str],
    *,
    scale: Floats,
    points: Floats,
    labels: Ints,
    ids: Sequence[int] | None = None,
) -> None:
    """Mark the centres and name them, beside them where all names find room there.

    Else each centre gets a letter, and the names are listed under the picture. The marks have the
    gid ``centre``, the names ``name``.

    Parameters
    ----------
    figure, axes : with their final limits
    centres : array of shape (k, 2), in the data of the axes
    names : one per centre
    scale : array of shape (2,), by which distances on the axes are divided to find the nearest
        centre
    points : array of shape (points, 2), which names should not cover
    labels : array of shape (points,), the centre that each belongs to, by its place
    ids : of the segments, for their colours and shapes; by default their places
    """
    marks = axes.plot(
        centres[:, 0],
        centres[:, 1],
        "X",
        color=INK,
        markeredgecolor="white",
        markeredgewidth=1.5,
        markersize=15,
        zorder=5,
        gid="centre",
    )
    if _name_beside(figure, axes, centres, names, scale, points, labels):
        return
    for each in marks:
        each.remove()
    letters = [_letter(index) for index in range(len(names))]
    for centre, letter in zip(centres, letters, strict=True):
        axes.text(
            float(centre[0]),
            float(centre[1]),
            letter,
            ha="center",
            va="center",
            fontsize=NOTE,
            weight="bold",
            color=INK,
            bbox={"boxstyle": "circle,pad=0.18", "facecolor": "white", "edgecolor": INK},
            zorder=5,
            gid="centre",
        )
    list_under(
        figure,
        [_key(each) for each in (range(len(names)) if ids is None else ids)],
        [f"{letter}  {name}" for letter, name in zip(letters, names, strict=True)],
    )


def list_under(figure: Figure, keys: Sequence[Line2D], names: Sequence[str]) -> None:
    """List names with their marks under the picture, which grows by the room that they take."""
    wrapped = [textwrap.fill(one_line(each, 150), 54, subsequent_indent="    ") for each in names]
    longest = max(len(each) for each in names)
    columns = 3 if longest <= 16 else 2 if longest <= 26 else 1
    rows = -(-len(names) // columns)
    lines = rows if columns > 1 else sum(each.count("\n") + 1 for each in wrapped)
    figure.set_figheight(HEIGHT + _ROW * max(0, lines - 2))
    legend = figure.legend(
        keys,
        wrapped,
        loc="outside lower center",
        ncols=-(-len(names) // rows),
        frameon=False,
        labelcolor=INK,
        prop={"family": fonts(), "size": NOTE - 1},
        handletextpad=0.4,
        columnspacing=1.2,
        labelspacing=0.35,
        borderpad=0.1,
    )
    for each in legend.get_texts():
        each.set_parse_math(False)
        each.set_gid("name")


def _key(index: int) -> Line2D:
    return Line2D(
        [], [], linestyle="", marker=marker_of(index), color=colour_of(index), markersize=9
    )


def _lines(name: str) -> list[str]:
    """Return a name in lines of about the same length: a short broad one finds less room."""
    longest = max(map(len, name.split()), default=1)
    for width in range(min(longest, _WIDEST), _WIDEST):
        lines = textwrap.wrap(name, width)
        if len(lines) <= 2:
            return lines
    return textwrap.wrap(name, _WIDEST)


def _letter(index: int) -> str:
    """Return A to Z, then AA, AB: numbers would be taken for segment ids."""
    letter = chr(ord("A") + index % 26)
    return letter if index < 26 else _letter(index // 26 - 1) + letter


def _name_beside(
    figure: Figure,
    axes: Axes,
    centres: Floats,
    names: Sequence[str],
    scale: Floats,
    points: Floats,
    labels: Ints,
) -> bool:
    wrapped = [_lines(" ".join(each.split())) for each in names]
    if any(len(each) > _LINES for each in wrapped):
        return False
    # Where names of the usual size would lie over a border, smaller ones find their own ground.
    for size, over in ((_SIZE, _OVER), (_SMALLER, 1.0)):
        texts = _written(axes, centres, wrapped, size)
        places = _places(figure, axes, centres, texts, scale, points, labels, over)
        if places is not None:
            for each, place in zip(texts, places, strict=True):
                each.set_position((float(place[0]), float(place[1])))
            return True
        for each in texts:
            each.remove()
    return False


def _places(
    figure: Figure,
    axes: Axes,
    centres: Floats,
    texts: Sequence[Text],
    scale: Floats,
    points: Floats,
    labels: Ints,
    over: float,
) -> Floats | None:
    """Return where the names find room, None where one finds none or too much lies over a border.

    Parameters
    ----------
    over : which share of a name may lie over a border
    """
    with measured(figure):
        boxes = [each.get_window_extent() for each in texts]
        picture = axes.get_window_extent()
        to_data = axes.transData.inverted()
        pixels = figure.dpi / 72

        def owner(places: Floats) -> Ints:
            data = to_data.transform(places * pixels)
            squares = (((data[:, None, :] - centres) / scale) ** 2).sum(axis=2)
            return np.asarray(squares.argmin(axis=1))

        sizes = np.array([each.size for each in boxes]) / pixels
        places = free_places(
            sizes,
            axes.transData.transform(centres) / pixels,
            axes.transData.transform(points) / pixels,
            np.array([picture.x0, picture.y0]) / pixels + _EDGE,
            np.array([picture.x1, picture.y1]) / pixels - _EDGE,
            owner,
            labels,
        )
        if places is None:
            return None
        astray = [
            straying(place[None], size, index, owner)[0]
            for index, (place, size) in enumerate(zip(places, sizes, strict=True))
        ]
        return np.asarray(to_data.transform(places * pixels)) if max(astray) <= over else None


def _written(
    axes: Axes, centres: Floats, wrapped: Sequence[Sequence[str]], size: float
) -> list[Text]:
    return [
        axes.text(
            float(centre[0]),
            float(centre[1]),
            "\n".join(lines),
            ha="center",
            va="center",
            fontsize=size,
            weight="bold",
            color=INK,
            linespacing=1.05,
            path_effects=HALO,
            parse_math=False,
            family=fonts(),
            in_layout=False,
            zorder=6,
            gid="name",
        )
        for centre, lines in zip(centres, wrapped, strict=True)
    ]
