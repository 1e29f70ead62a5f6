"""The picture of what was learned has the shares of each round, and beliefs that add up."""

import pytest
from scipy.stats import beta

from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Experience
from clienteling.plots import draw_learning

TOLD = {"text": "x", "reason": "r.", "segments": ["vip"], "cost": 1.0, "value": 20.0}
TOLD |= {"response": 0.1, "response_weight": 50}
CATALOGUE = Catalogue.model_validate(
    {
        "catalogue": "two",
        "offers": [{"id": each, "title": each.upper(), **TOLD} for each in ("a", "b", "c")],
    }
)
ROUNDS = [
    {(0, "a"): Experience(100, 5), (0, "b"): Experience(300, 30), (0, "nothing"): Experience(50)},
    {(0, "b"): Experience(200, 30), (1, "a"): Experience(40, 4)},
]


def lines(axes, gid):
    return [list(each.get_ydata()) for each in axes.get_lines() if each.get_gid() == gid]


def test_shares_by_round_and_beliefs_after_it():
    figure = draw_learning(ROUNDS, CATALOGUE, {0: "Regulars", 1: "New $ ones", 2: "Nobody"})
    *_, left, right, lower, _ = figure.axes
    assert lines(left, "share") == [[0.25, 0.0], [0.75, 1.0]]
    of_a, of_b = lines(right, "belief")
    assert of_a == pytest.approx([10 / 150, 10 / 150])
    assert of_b == pytest.approx([35 / 350, 65 / 550])
    (_, band) = [each for each in right.collections if each.get_gid() == "band"]
    own = band.get_paths()[0].vertices
    for turn, (yes, no) in enumerate([(35, 315), (65, 485)], 1):
        ends = own[own[:, 0] == turn][:, 1]
        assert ends.min() == pytest.approx(beta.ppf(0.025, yes, no))
        assert ends.max() == pytest.approx(beta.ppf(0.975, yes, no))
    # In the other segment only what was tried is drawn, and nobody in the third is.
    assert len(lines(lower, "share")) == 1
    assert [each.get_text() for each in figure.legends[0].get_texts()] == ["A", "B"]


def test_many_offers_over_many_rounds_look_different_and_their_shares_are_seen():
    ids = [f"offer-{place}" for place in range(14)]
    many = Catalogue.model_validate(
        {"catalogue": "many", "offers": [{"id": each, "title": each, **TOLD} for each in ids]}
    )
    rounds = [{(0, each): Experience(10 + place, 1) for place, each in enumerate(ids)}] * 20
    figure = draw_learning(rounds, many, {0: "A segment with a rather long name, and more"})
    *_, left, right = figure.axes
    for axes, gid in ((left, "share"), (right, "belief")):
        drawn = [each for each in axes.get_lines() if each.get_gid() == gid]
        assert len({(each.get_color(), each.get_linestyle()) for each in drawn}) == 14
    assert left.get_ylim()[1] < 0.15
    assert left.get_title(loc="left") == "A segment with a rather long name, and more"
    figure.draw_without_rendering()
    # The long name takes no room from the axes.
    assert left.bbox.width == pytest.approx(right.bbox.width, rel=0.1)
    assert left.bbox.width > 0.3 * figure.bbox.width
    assert "5 %" in [each.get_text() for each in left.get_yticklabels()]
