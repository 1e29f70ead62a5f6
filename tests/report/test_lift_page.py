"""The reports on an experiment, and on a campaign without a holdout: complete and safe."""

import re

from bs4 import BeautifulSoup

from clienteling.measurement.digits import lift_places
from clienteling.measurement.evaluate import evaluate
from clienteling.measurement.observed import Beside, Observed
from clienteling.measurement.profit import fewer_words, sent_to_all
from clienteling.report.lift_page import render_lift
from clienteling.report.observed_page import render_observed
from tests.measurement.conftest import made_mailing
from tests.report.conftest import HOSTILE


def judged(**more):
    given = {"offer": "mail", "control": "none", "outcomes": ["visit"], "segments": ["regular"]}
    return evaluate(made_mailing(), **{**given, **more})


def test_it_has_the_verdict_and_every_lift():
    found = judged(costs=0.1, worths={"visit": 2.0})
    page = render_lift(found)
    assert found.verdict.sentence in page
    for each in (*found.answer, *fewer_words(found.break_even)):
        assert each in page
    places = lift_places([each for each in found.lift if each.by is None])
    for each in found.lift:
        if each.by is None:
            assert f"{each.estimate:+.{places}f}" in page


def test_the_figures_of_a_column_have_the_same_decimals():
    page = render_lift(judged(covariates=["earlier"], costs=0.125, worths={"visit": 2.0}))
    tables = BeautifulSoup(page, "html.parser").find_all("table")
    for each in tables:
        columns: dict[str, set[int]] = {}
        for cell in each.find_all("td"):
            for figure in re.findall(r"[\d,]+\.?\d*", cell.text.replace("< 0.001", "")):
                own = columns.setdefault(cell["data-label"], set())
                own.add(len(figure.partition(".")[2]))
        assert {label: n for label, n in columns.items() if len(n) > 1} == {}
    assert len(tables) == 4


def test_costs_up_to_which_it_pays_stand_in_one_table():
    rows = made_mailing().assign(parity=lambda table: table["customer_id"] % 2)
    given = {"offer": "mail", "control": "none", "outcomes": ["visit"], "costs": 0.1}
    found = evaluate(rows, **given, worths={"visit": 2.0}, segments=["regular", "parity"])
    assert len(found.break_even) == 4
    page = BeautifulSoup(render_lift(found), "html.parser")
    table = page.find("table", {"aria-labelledby": "even-caption"})
    rows = {row.th.text: row.find("td", {"data-label": "Pays up to"}).text for row in
            table.tbody.find_all("tr")}  # fmt: skip
    assert rows.keys() == {"blue", "red"}
    places = lift_places(sent_to_all(found.break_even))
    for each in found.break_even:
        said = f"{each.all_to:.{places}f}" if each.all_to > 0 else "at no cost"
        assert rows[each.offer] == said
    assert page.text.count("At no cost is it beyond chance") == 1


def test_terms_are_explained_where_they_are_used_and_no_others():
    def told(found):
        section = BeautifulSoup(render_lift(found), "html.parser").find(
            "section", {"aria-labelledby": "computed"}
        )
        return [each.text for each in section.find_all("dt")]

    assert told(judged(segments=["regular"])) == [
        *("95 % interval", "p", "Holm's method", "Newcombe's interval", "Offers by segment"),
    ]
    values = judged(outcomes=["spend"], before={"spend": "earlier"}, segments=())
    assert told(values) == ["95 % interval", "p", "Holm's method", "CUPED"]
    one = made_mailing().query("mail != 'red'")
    found = evaluate(one, offer="mail", control="none", outcomes=["spend"])
    page = render_lift(found)
    assert told(found) == ["95 % interval", "p", "Welch's t"]
    assert not any(each in page for each in ("Holm", "Newcombe", "CUPED"))


def test_segments_that_were_made_are_told_of():
    found = judged(segments=["auto"], features=["earlier"])
    page = BeautifulSoup(render_lift(found), "html.parser")
    section = page.find("section", {"aria-labelledby": "made"})
    assert found.made.sentences[0] in section.text
    for each in found.made.model.segments:
        assert f"{each.size:,}" in section.text
        assert each.explanation in section.text
    assert page.find("section", {"aria-labelledby": "made"}) is not None
    assert 'aria-labelledby="made"' not in render_lift(judged())


def test_no_folder_of_a_disk_stands_in_a_page(tmp_path):
    made_mailing().to_csv(tmp_path / "mine.csv", index=False)
    found = evaluate(tmp_path / "mine.csv", offer="mail", control="none", outcomes=["visit"])
    page = render_lift(found)
    assert "mine.csv" in page
    assert str(tmp_path) not in page


def test_names_cannot_break_out_of_the_page():
    rows = made_mailing().replace({"mail": {"red": HOSTILE}, "regular": {"yes": HOSTILE}})
    found = evaluate(rows, offer="mail", control="none", outcomes=["visit"], segments=["regular"])
    page = render_lift(found)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_without_a_holdout_every_mean_stands_in_the_page():
    spend = Beside(HOSTILE, 471.18, 163.75, 436.52, None, None, 23.0, 13.0, 21.0, None)
    seen = Observed("spring", 56, 1133, 1336, ((HOSTILE, 0.189, 0.167, 0.213),), (spend,), "Can't.")
    page = render_observed(seen)
    assert HOSTILE not in page
    assert all(each in page for each in ("471 ± 23", "164 ± 13", "437 ± 21", "18.9 % of the 1,133"))
    assert 'data-label="56 days before">–</td>' in page
