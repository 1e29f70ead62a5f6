"""The pictures of a campaign that held nobody out show its figures and no others."""

from clienteling.measurement.observed import Beside, Observed
from clienteling.plots import draw_beside, draw_responded

SPEND = Beside("spend $", 50.0, 20.0, 45.0, 18.0, 0.9, 4.0, 2.0, 3.0, 1.5)
VISITS = Beside("visits", 0.4, None, None, None, None, 0.01)
SEEN = Observed("spring", 28, 80, 120, (("redeemed $", 0.2, 0.15, 0.26),), (SPEND, VISITS), "")


def drawn(axes):
    """Return the means by group, and the ends of the intervals."""
    marks = {
        each.lines[0].get_gid(): each.lines[0].get_ydata().tolist() for each in axes.containers
    }
    bars = {
        each.lines[0].get_gid(): [tuple(ends[:, 1]) for ends in each.lines[2][0].get_segments()]
        for each in axes.containers
    }
    return marks, bars


def test_every_mean_is_drawn_with_its_interval():
    figure = draw_beside(SEEN)
    spend, visits = figure.axes
    marks, bars = drawn(spend)
    assert marks == {"got": [45.0, 50.0], "others": [18.0, 20.0]}
    assert bars == {"got": [(42.0, 48.0), (46.0, 54.0)], "others": [(16.5, 19.5), (18.0, 22.0)]}
    assert drawn(visits)[0] == {"got": [0.4]}
    figure.draw_without_rendering()


def test_of_many_outcomes_some_are_left_out_and_that_is_said():
    figure = draw_beside(Observed("spring", 28, 80, 120, (), (SPEND,) * 8, ""))
    assert len(figure.axes) == 6
    assert "2 more outcomes are not drawn" in " ".join(figure.axes[0].get_title(loc="left").split())


def test_a_share_is_drawn_with_its_interval():
    figure = draw_responded(SEEN)
    (container,) = figure.axes[0].containers
    assert container.lines[0].get_gid() == "responded"
    assert container.lines[0].get_xdata().tolist() == [0.2]
    (ends,) = container.lines[2][0].get_segments()
    assert ends[:, 0].tolist() == [0.15, 0.26]
    figure.draw_without_rendering()
