"""The report on an experiment: complete and safe."""

from clienteling.measurement.evaluate import evaluate
from clienteling.report.lift_page import render_lift
from tests.measurement.conftest import made_mailing
from tests.report.conftest import HOSTILE


def judged(**more):
    given = {"offer": "mail", "control": "none", "outcomes": ["visit"], "segments": ["regular"]}
    return evaluate(made_mailing(), **{**given, **more})


def test_it_has_the_verdict_and_every_lift():
    found = judged(costs=0.1, worths={"visit": 2.0})
    page = render_lift(found)
    assert found.verdict.sentence in page
    for each in (*found.answer, *(each.sentence for each in found.break_even)):
        assert each in page
    for each in found.lift:
        assert f"{each.estimate:+.4g}" in page


def test_names_cannot_break_out_of_the_page():
    rows = made_mailing().replace({"mail": {"red": HOSTILE}, "regular": {"yes": HOSTILE}})
    found = evaluate(rows, offer="mail", control="none", outcomes=["visit"], segments=["regular"])
    page = render_lift(found)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
