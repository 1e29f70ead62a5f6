import numpy as np

from clienteling.plots.places import free_places

LOW, HIGH = np.array([0.0, 0.0]), np.array([300.0, 200.0])


def nearest(centres):
    return lambda places: ((places[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)


def place(sizes, centres, points=(), labels=None):
    centres = np.array(centres, dtype=float)
    points = np.array(points, dtype=float).reshape(-1, 2)
    owner = nearest(centres)
    labels = owner(points) if labels is None else np.array(labels)
    return free_places(np.array(sizes, dtype=float), centres, points, LOW, HIGH, owner, labels)


def test_a_name_stands_beside_its_centre_and_inside_the_picture():
    (found,) = place([(60, 20)], [(295, 195)])
    assert (np.add(found, [30, 10]) <= HIGH).all()
    assert np.abs(found - [295, 195]).max() <= 60


def test_a_name_avoids_customers():
    below = [(150 + x, 100 - y) for x in range(-40, 41, 4) for y in range(0, 60, 4)]
    (found,) = place([(60, 20)], [(150, 100)], below)
    assert found[1] > 100


def test_a_name_stays_off_the_customers_of_others():
    """Although the free ground is on their side."""
    own = [(100 + x, 100 + y) for x in range(-30, 31, 3) for y in range(-30, 31, 3)]
    others = [(170 + x, 100 + y) for x in range(-30, 31, 6) for y in range(-30, 31, 6)]
    points, labels = own + others, [0] * len(own) + [1] * len(others)
    found = place([(70, 20)] * 2, [(100, 100), (170, 100)], points, labels)
    for index, middle in enumerate(found):
        apart = np.abs(np.array(points) - middle)
        under = (apart <= [35, 10]).all(axis=1)
        assert (under & (np.array(labels) != index)).sum() <= 0.01 * len(points)


def test_a_name_rather_lies_far_away_than_over_a_customer():
    around = [(150 + x, 100 + y) for x in range(-60, 61, 20) for y in range(-40, 41, 20)]
    (found,) = place([(60, 20)], [(150, 100)], around)
    assert not (np.abs(np.array(around) - found) < [30, 10]).all(axis=1).any()


def test_names_for_which_there_is_no_room_off_the_customers_are_refused():
    everywhere = [(x, y) for x in range(0, 301, 10) for y in range(0, 201, 10)]
    assert place([(120, 60)], [(150, 100)], everywhere) is None


def test_names_do_not_overlap():
    found = place([(60, 20)] * 3, [(120, 100), (150, 100), (180, 100)])
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert (np.abs(found[one] - found[other]) >= [60, 20]).any()


def test_no_room_is_said():
    assert place([(400, 20)], [(150, 100)]) is None
    crowded = [(150 + x, 100 + y) for x in range(0, 10, 3) for y in range(0, 10, 3)]
    assert place([(90, 40)] * 16, crowded) is None
