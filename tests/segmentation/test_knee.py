"""The knee of a curve, and how kneed is loaded for it."""

import subprocess
import sys

import pytest

from clienteling.segmentation.knee import knee_of

_ASK = """
import sys
from clienteling.segmentation.knee import knee_of
assert "matplotlib" not in sys.modules, "loaded for pictures that nobody asked for"
import kneed.knee_locator
assert kneed.knee_locator._has_matplotlib, "who wants its pictures must get them"
"""


def test_a_straight_line_has_no_knee():
    assert (
        knee_of([1, 2, 3, 4], [4.0, 3.0, 2.0, 1.0], curve="convex", direction="decreasing") is None
    )


def test_kneed_is_loaded_without_its_pictures_and_spoils_them_for_nobody():
    pytest.importorskip("matplotlib")
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
