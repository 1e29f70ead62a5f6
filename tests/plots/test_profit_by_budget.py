"""The picture of profit against budget shows the ladder, and marks the plan."""

import pytest

from clienteling.offers.ladder import Rung
from clienteling.plots import draw_profit_by_budget

LADDER = [
    Rung(0.0, 0.0, 0.0, 0, 3.0),
    Rung(50.0, 50.0, 120.0, 25, 1.0),
    Rung(90.0, 80.0, 150.0, 40, 0),
]


def lines(figure, gid):
    return [each for each in figure.axes[0].get_lines() if each.get_gid() == gid]


def test_the_line_is_the_ladder_and_the_plan_is_marked():
    figure = draw_profit_by_budget(LADDER, 50.0)
    (line,) = lines(figure, "profit")
    assert list(line.get_xdata()) == [0.0, 50.0, 90.0]
    assert list(line.get_ydata()) == [0.0, 120.0, 150.0]
    (mark,) = lines(figure, "planned")
    assert (list(mark.get_xdata()), list(mark.get_ydata())) == ([50.0], [120.0])
    assert [each.get_text() for each in figure.axes[0].texts] == ["planned: 120"]


@pytest.mark.parametrize("profits", [(0.0, 60.0, 70.0), (0.0, 70.0, 70.0), (-20.0, -30.0, -45.0)])
@pytest.mark.parametrize("place", [1, 2])
def test_the_words_do_not_stand_on_the_line(profits, place):
    ladder = [Rung(50.0 * n, 50.0 * n, each, n, 0.0) for n, each in enumerate(profits)]
    figure = draw_profit_by_budget(ladder, 50.0 * place)
    (axes,) = figure.axes
    (words,) = axes.texts
    assert words.get_text() == f"planned: {profits[place]:.2f}"
    figure.draw_without_rendering()
    (line,) = lines(figure, "profit")
    box = words.get_window_extent()
    assert (
        not line.get_transform().transform_path(line.get_path()).intersects_bbox(box, filled=False)
    )
    assert axes.bbox.x0 <= box.x0
    assert box.y1 <= axes.title.get_window_extent().y0 + figure.dpi / 10


def test_a_budget_that_is_not_on_the_ladder_is_not_marked():
    assert lines(draw_profit_by_budget(LADDER, 70.0), "planned") == []
