"""The regions against the definition: each place belongs to the nearest centre."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path

from clienteling.plots.regions import nearest_regions

LOW, HIGH = np.array([-2.0, -1.0]), np.array([3.0, 2.0])


def area(polygon):
    x, y = np.asarray(polygon).T if len(polygon) else (np.zeros(1), np.zeros(1))
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_they_cover_the_rectangle_by_the_nearest_centre(seed, k):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(LOW - 1, HIGH + 1, (k, 2))  # some outside the rectangle
    regions = nearest_regions(centres, LOW, HIGH)
    areas = [area(each) for each in regions]
    assert min(areas) >= 0
    assert np.isclose(sum(areas), 15.0)
    for place in rng.uniform(LOW, HIGH, (40, 2)):
        distances = ((place - centres) ** 2).sum(axis=1)
        nearest, second = [*np.argsort(distances), -1][:2]
        if k > 1 and distances[second] - distances[nearest] < 1e-9:
            continue
        assert Path(regions[nearest]).contains_point(place, radius=1e-12)


def test_one_centre_has_it_all():
    (region,) = nearest_regions(np.array([[0.0, 0.0]]), LOW, HIGH)
    assert area(region) == 15.0


def test_of_equal_centres_the_first_has_the_region():
    centres = np.array([[0.0, 0.0], [0.0, 0.0], [2.0, 0.0]])
    first, second, third = nearest_regions(centres, LOW, HIGH)
    assert (area(first), len(second), area(third)) == (9.0, 0, 6.0)
