"""The pictures of lift and uplift show the figures that they are given."""

import itertools

import pandas as pd
import pytest

from clienteling.measurement.evaluate import evaluate
from clienteling.measurement.qini import Qini
from clienteling.plots import draw_lift, draw_uplift
from clienteling.plots.lift import ROWS
from tests.measurement.conftest import made_mailing


@pytest.fixture(scope="module")
def found():
    return evaluate(
        made_mailing(), offer="mail", control="none", outcomes=["visit"], segments=["regular"]
    )


def marks(figure):
    (axes,) = figure.axes
    return [each for each in axes.lines if each.get_gid() == "lift"]


def test_every_lift_is_drawn_at_its_value(found):
    drawn = {
        float(each.get_xdata()[0]): each for each in marks(draw_lift(found.lift, "visit", "none"))
    }
    assert sorted(drawn) == sorted(each.estimate for each in found.lift)
    for each in found.lift:
        filled = drawn[each.estimate].get_markerfacecolor() != "white"
        assert filled == each.clear


def test_rows_are_named(found):
    figure = draw_lift(found.lift, "visit", "none")
    names = [each.get_text() for each in figure.axes[0].get_yticklabels()]
    assert names == ["all customers", "by regular", "no", "yes"]
    assert figure.legends[0].get_texts()[0].get_text() == "blue"


def test_long_names_stand_on_two_lines_and_nothing_is_cut():
    named = {True: "Very high working hours & low income", False: "Middle-aged savers, few visits"}
    rows = made_mailing()
    rows = rows.assign(who=[named[place % 2 == 0] for place in range(len(rows))])
    rows["mail"] = rows["mail"].replace({"mail": "A two-minute phone call"})
    drawn = evaluate(rows, offer="mail", control="none", outcomes=["visit"], segments=["who"])
    figure = draw_lift(drawn.lift, "visit", "none")
    (axes,) = figure.axes
    labels = [" ".join(each.get_text().split()) for each in axes.get_yticklabels()]
    assert set(named.values()) <= set(labels)
    figure.draw_without_rendering()
    (legend,) = figure.legends
    for each in (axes.xaxis.label, *axes.get_yticklabels(), *legend.get_texts()):
        box = each.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width


def test_no_mark_covers_another_and_no_name_its_neighbour():
    named = [
        "Families with two or more children under ten years",
        "People who buy garden furniture in early spring",
    ]
    rows = made_mailing()
    rows = rows.assign(who=[named[place % 2] for place in range(len(rows))])
    drawn = evaluate(rows, offer="mail", control="none", outcomes=["visit"], segments=["who"])
    figure = draw_lift(drawn.lift, "visit", "none")
    (axes,) = figure.axes
    figure.draw_without_rendering()
    at = sorted(
        axes.transData.transform((0, float(each.get_ydata()[0])))[1] for each in marks(figure)
    )
    apart = [above - below for below, above in itertools.pairwise(at)]
    size = marks(figure)[0]
    assert min(apart) >= (size.get_markersize() + size.get_markeredgewidth()) * figure.dpi / 72
    # Of the three rows, the first and the last are shaded: the marks of each lie together.
    shades = [each for each in axes.patches if each.get_gid() == "row"]
    inside = [
        sum(
            each.get_bbox().y0 < float(mark.get_ydata()[0]) < each.get_bbox().y1
            for mark in marks(figure)
        )
        for each in shades
    ]
    assert inside == [2, 2]
    boxes = sorted(
        (each.get_window_extent() for each in axes.get_yticklabels()), key=lambda e: e.y0
    )
    assert all(below.y1 <= above.y0 for below, above in itertools.pairwise(boxes))
    assert max(each.get_text().count("\n") for each in axes.get_yticklabels()) == 1


def test_offers_in_money_are_no_formulas():
    rows = made_mailing().replace({"mail": {"blue": "$10 - $20", "red": "$20 - $30"}})
    found = evaluate(rows, offer="mail", control="none", outcomes=["visit"])
    texts = draw_lift(found.lift, "visit", "none").legends[0].get_texts()
    assert "$10 - $20" in [each.get_text() for each in texts]
    assert not any(each.get_parse_math() for each in texts)


def test_many_segments_and_too_few_customers():
    rows = made_mailing().assign(store=[f"${each % 40}" for each in range(6_000)])
    rows.loc[rows["store"] == "$3", "mail"] = "none"
    found = evaluate(rows, offer="mail", control="none", outcomes=["visit"], segments=["store"])
    figure = draw_lift(found.lift, "visit", "none")
    assert len(marks(figure)) == 2 * (ROWS - 1)
    assert [each.get_text() for each in figure.axes[0].texts if each.get_gid() == "too few"] == [
        "too few customers"
    ]
    assert "11 more segments are not drawn" in figure.axes[0].get_title(loc="left")


def test_the_uplift_is_drawn_with_its_band():
    steps = tuple(each / 10 for each in range(11))
    gains = tuple(0.1 * each for each in steps)
    curve = Qini(
        "mail", "visit", steps, gains, gains, tuple(g + 0.01 for g in gains), 0.1, -0.1, 0.3
    )
    figure = draw_uplift([curve], "visit")
    (axes,) = figure.axes
    (line,) = [each for each in axes.lines if each.get_gid() == "uplift"]
    assert tuple(line.get_ydata()) == gains
    assert [each.get_gid() for each in axes.collections] == ["band"]
    words = [each.get_text() for each in figure.legends[0].get_texts()]
    assert words == ["mail (order may be chance)", "sent at random"]


@pytest.mark.parametrize("offers", [("blue", "red"), ("a", "b"), ("mail",), ("x" * 40, "y" * 40)])
@pytest.mark.parametrize("least", [-0.1, 0.1])
def test_no_word_under_the_uplift_is_cut(offers, least):
    steps = (0.0, 0.5, 1.0)
    curves = [Qini(e, "visit", steps, steps, steps, steps, 0.2, least, 0.3) for e in offers]
    figure = draw_uplift(curves, "visit")
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width


def test_names_with_signs_are_drawn_as_they_are():
    rows = pd.DataFrame({"$a_b$": ["$x^2$", "no"] * 500, "v $": [1, 0, 0, 0] * 250})
    found = evaluate(rows, offer="$a_b$", control="no", outcomes=["v $"])
    draw_lift(found.lift, "v $", "no").draw_without_rendering()
