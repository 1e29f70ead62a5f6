import numpy as np

from clienteling.plots.places import free_places

LOW, HIGH = np.array([0.0, 0.0]), np.array([300.0, 200.0])


def nearest(centres):
    return lambda places: ((places[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)


def place(sizes, centres, points=()):
    centres = np.array(centres, dtype=float)
    points = np.array(points, dtype=float).reshape(-1, 2)
    return free_places(np.array(sizes, dtype=float), centres, points, LOW, HIGH, nearest(centres))


def test_a_name_stands_beside_its_centre_and_inside_the_picture():
    (found,) = place([(60, 20)], [(295, 195)])
    assert (np.add(found, [30, 10]) <= HIGH).all()
    assert np.abs(found - [295, 195]).max() <= 60


def test_a_name_avoids_customers():
    below = [(150 + x, 100 - y) for x in range(-40, 41, 4) for y in range(0, 60, 4)]
    (found,) = place([(60, 20)], [(150, 100)], below)
    assert found[1] > 100


def test_names_do_not_overlap():
    found = place([(60, 20)] * 3, [(120, 100), (150, 100), (180, 100)])
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert (np.abs(found[one] - found[other]) >= [60, 20]).any()


def test_no_room_is_said():
    assert place([(400, 20)], [(150, 100)]) is None
    crowded = [(150 + x, 100 + y) for x in range(0, 10, 3) for y in range(0, 10, 3)]
    assert place([(90, 40)] * 16, crowded) is None
