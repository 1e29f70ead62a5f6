"""Colour-blind people can tell the colours apart, and no two segments look the same."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from clienteling.plots.palette import COLOURS, NOISE, colour_of, marker_of, shape_of

# Machado, Oliveira, Fernandes 2009 (doi:10.1109/TVCG.2009.113), severity 1, on linear RGB.
SEEN_BY = {
    "full colour vision": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* under D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", SEEN_BY)
def test_the_colours_are_told_apart(eyes):
    # A just noticeable difference is about 2.3.
    assert least_difference(COLOURS[:6], eyes) > 15
    assert least_difference(COLOURS, eyes) > (25 if eyes == "full colour vision" else 14)


def least_difference(colours, eyes):
    seen = [lab(SEEN_BY[eyes] @ linear(colour)) for colour in colours]
    return min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2))


@pytest.mark.parametrize("colour", [*COLOURS, NOISE])
def test_the_colours_show_on_white_and_on_a_dark_page(colour):
    luminance = linear(colour) @ [0.2126, 0.7152, 0.0722]
    dark = linear("#0e1117") @ [0.2126, 0.7152, 0.0722]
    assert 1.05 / (luminance + 0.05) > 2.2
    assert (luminance + 0.05) / (dark + 0.05) > 3


def test_sixty_segments_each_look_different_and_neighbours_differ_in_both():
    looks = [(colour_of(index), marker_of(index)) for index in range(60)]
    assert len(set(looks)) == 60
    for one, other in itertools.pairwise(looks):
        assert one[0] != other[0]
        assert one[1] != other[1]


def test_the_shape_has_its_name_in_vega():
    names = {"o": "circle", "s": "square", "^": "triangle-up", "D": "diamond", "v": "triangle-down"}
    assert [shape_of(index) for index in range(12)] == [
        names[marker_of(index)] for index in range(12)
    ]


def test_the_palette_is_there_without_matplotlib():
    code = (
        "import sys, clienteling.plots, clienteling.plots.palette; "
        "print([each for each in ('matplotlib', 'numpy', 'seaborn') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
