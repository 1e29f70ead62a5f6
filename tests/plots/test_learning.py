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
