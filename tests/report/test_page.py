"""What the report says, on real values."""

import base64
import re
from dataclasses import replace
from importlib import resources

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import clienteling as cl
from clienteling.errors import OutputError
from clienteling.offers.catalogue import Catalogue, Offer, load_catalogue
from clienteling.offers.reach import Reach, reach
from clienteling.plots.palette import colour_of
from clienteling.report import render_report, write_report
from clienteling.run import run
from clienteling.segmentation.model import Structure
from clienteling.segmentation.no_groups import no_groups

UNGROUPED = Structure(natural=False, draws=120, beaten_by=67, sample=200)


def read(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def text(element) -> str:
    """Return an element's text, with blanks and minus signs as a keyboard has them."""
    return " ".join(element.get_text().split()).replace("\N{MINUS SIGN}", "-")


def rows(soup: BeautifulSoup, table: str) -> list[list[str]]:
    body = soup.find(id=table).find("tbody")
    return [[text(cell) for cell in row.find_all(["th", "td"])] for row in body.find_all("tr")]


@pytest.fixture(scope="module")
def soup(mall_page) -> BeautifulSoup:
    return read(mall_page)


def test_the_summary_says_who_the_customers_are(soup):
    assert text(soup.find(id="summary")) == (
        "There are 200 customers in Mall_Customers.csv. They are of five kinds, told apart by "
        "income and spending. The largest is Average Customers with 81 (40.5 %), the smallest "
        "Deal Seekers with 22 (11.0 %). Every one of them has a segment."
    )


def test_each_segment_has_a_card(soup, mall):
    cards = soup.find_all("article")
    assert [text(each.h3) for each in cards] == [each.name for each in mall.model.segments]
    assert [text(each.find(class_="size")) for each in cards] == [
        "81 customers · 40.5 %",
        "39 customers · 19.5 %",
        "35 customers · 17.5 %",
        "23 customers · 11.5 %",
        "22 customers · 11.0 %",
    ]
    assert text(cards[2].find(class_="explanation")) == (
        "income 88 k$, above 89 % of customers; spending 17, below 83 %"
    )
    for card, segment in zip(cards, mall.model.segments, strict=True):
        assert text(card.find(class_="strategy")) == segment.strategy
        assert text(card.find(class_="description")) == segment.description
        assert card.find(class_="fit") is None


def test_a_card_has_the_offers_in_order_with_their_reasons(soup):
    offers = soup.find(id="segment-4").find("ol").find_all("li")
    assert [text(each.strong) for each in offers] == [
        "48-hour flash sale",
        "Coupon booklet",
        "Three for two bundle",
    ]
    assert text(offers[0].find(class_="reason")) == (
        "They buy on the spot when the price is right, and a short sale makes it right."
    )
    assert text(offers[2].find(class_="channel")) == "in store"


def test_a_card_has_the_profile_with_intervals(soup):
    table = soup.find(id="segment-4").find(class_="profile")
    cells = [[text(cell) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
    assert cells[1:] == [
        ["Age", "25.3 23.1 to 27.5", "38.9", "much lower -1.16, -1.61 to -0.70"],
        ["Gender: Female", "59 % 39 to 77 %", "56 %", "not clear +3 points, -18 to +23"],
    ]


def test_a_loose_name_is_warned_of(mall, parts, with_segment):
    loose = "The name fits loosely: its income is moderate, not high."
    soup = read(render_report(**parts(mall, model=with_segment(mall.model, 1, fit=loose))))
    assert [text(each) for each in soup.find_all(class_="fit")] == [loose]
    assert soup.find(class_="fit").find_parent("article")["id"] == "segment-1"
    assert "whose name fits loosely" in text(soup.find(class_="steps"))


def test_the_segments_stand_side_by_side_in_their_own_units(soup):
    head = soup.find(id="centres").find("thead").find_all("th")
    assert [text(each) for each in head][3:] == ["Income (k$)", "Spending"]
    assert rows(soup, "centres") == [
        ["Average Customers", "81", "40.5 %", "55.3", "49.5"],
        ["Premium Customers", "39", "19.5 %", "86.5", "82.1"],
        ["Potential Customers", "35", "17.5 %", "88.2", "17.1"],
        ["Low-Value Customers", "23", "11.5 %", "26.3", "20.9"],
        ["Deal Seekers", "22", "11.0 %", "25.7", "79.4"],
        ["All customers", "200", "100 %", "60.6", "50.2"],
    ]


def test_the_evidence_for_k_marks_the_chosen_row(soup, mall):
    assert text(soup.find(class_="why")) == mall.model.why_k
    evidence = rows(soup, "evidence")
    assert [each[0] for each in evidence] == ["2", "3", "4", "5 chosen", *"6789", "10"]
    rest = ("248.6", "0.572", "elbow, silhouette")
    assert evidence[3] == ["5 chosen", "0.555", "0.969", "0.966", "65.6", *rest]
    assert evidence[7][1:] == ["0.460", "–", "–", "32.3", "271.5", "0.758", ""]
    chosen = soup.find(id="evidence").find_all("tr", class_="chosen")
    assert [text(each.th) for each in chosen] == ["5 chosen"]


def test_two_figures_have_no_vote(soup):
    groups = soup.find(id="evidence").find_all("th", scope="colgroup")
    assert [text(each) for each in groups] == ["These decide", "These have no vote"]
    names = [text(each) for each in soup.find(id="evidence").find_all("th", scope="col")]
    assert [each["colspan"] for each in groups] == ["3", "3"]
    assert names[1:4] == ["Silhouette", "Stability", "Least stable"]
    assert names[4:7] == ["Inertia", "Calinski-Harabasz", "Davies-Bouldin"]
    assert text(soup.find(id="no-vote")).endswith(
        "they have no vote. The first would take 9, the second 5 segments."
    )


def test_dbscan_stands_beside_kmeans_for_comparison_only(soup, mall):
    section = soup.find("section", attrs={"aria-labelledby": "dbscan"})
    assert "For comparison only." in text(section)
    assert text(section.find(class_="verdict")) == mall.comparison.verdict
    table = {each[0]: each[1:] for each in rows(soup, "methods")}
    assert table["Groups"] == ["5", "3"]
    assert table["Customers left out as noise"] == ["0", "15"]
    assert table["Customers in the largest group"] == ["81", "125"]
    assert table["Silhouette (DBSCAN’s without noise)"] == ["0.555", "0.463"]
    assert text(soup.find(id="agreement")) == "0.500"


def test_the_sweep_marks_the_radius_that_was_taken(soup):
    sweep = rows(soup, "sweep")
    assert len(sweep) == 10
    assert sweep[0] == ["0.1838", "7", "82", "78", "0.592"]
    assert sweep[5] == ["0.3677 taken", "3", "15", "125", "0.463"]
    assert sweep[9] == ["0.7354", "1", "0", "200", "–"]
    assert len(soup.find(id="sweep").find_all(class_="chosen")) == 1


def test_no_natural_grouping_is_warned_of_before_anything_else(mall, parts):
    model = mall.model.model_copy(update={"structure": UNGROUPED})
    why = f"{no_groups(model)[0]} k = 5 is proposed as a convenience only."
    model = model.model_copy(update={"why_k": why})
    page = render_report(**parts(mall, model=model))
    assert text(read(page).find(class_="why")) == "k = 5 is proposed as a convenience only."
    assert page.count("67 of 120 random tables") == 1
    soup = read(page)
    warning = soup.find(id="warning")
    assert text(warning.h2) == "These customers form no natural groups"
    assert "67 of 120 random tables" in text(warning)
    assert page.index('id="warning"') < page.index('id="segment-0"')
    assert "divided into five segments" in text(soup.find(id="summary"))
    assert "for convenience only" in text(soup.find(id="summary"))
    assert "kinds," not in text(soup.find(id="segments"))


def test_natural_or_untested_groups_are_not_warned_of(soup, mall, parts):
    assert soup.find(id="warning") is None
    untested = mall.model.model_copy(update={"structure": None})
    soup = read(render_report(**parts(mall, model=untested)))
    assert soup.find(id="warning") is None
    assert "was not tested here" in text(soup.find("section", attrs={"aria-labelledby": "why"}))


def test_the_notes_and_the_provenance(soup, mall, parts):
    notes = [text(each) for each in soup.find(id="notes").find_all("li")]
    assert notes[0] == 'Column "CustomerID" is taken as the customer id.'
    granted = [text(each) for each in soup.find(id="method-notes").find_all("li")]
    assert any("standard deviations" in each for each in granted)
    facts = text(soup.find(class_="facts"))
    assert "seed 0" in facts
    assert "200 rows of Mall_Customers.csv; 200 have a segment" in facts
    for name, version in mall.model.provenance.versions.items():
        assert f"{name} {version}" in facts
    assert rows(soup, "features")[0] == ["Annual Income (k$)", "60.56", "26.20", "0", "0"]
    without = read(render_report(**parts(mall, notes=[])))
    assert "Nothing about the table had to be assumed." in text(without.find(id="notes"))


def test_the_next_steps_are_concrete(soup):
    steps = soup.find(class_="steps")
    commands = "\n".join(each.get_text() for each in steps.find_all("pre"))
    assert "clienteling playbook --out my-playbook.yaml" in commands
    assert "clienteling offers write --out my-offers.yaml" in commands
    assert (
        "clienteling campaign plan model.json Mall_Customers.csv --name spring --holdout 0.5\n"
        "clienteling campaign lift spring --outcomes outcomes.csv"
    ) in commands
    assert soup.find(id="trial") is None
    assert text(soup.find(id="too-few")).startswith(
        "None of the five segments has enough customers for a trial of its own: one takes about "
        "160 who get the same first offer to show even a rise of 14 points: from 5 to 19 % who "
        "answer."
    )


def test_a_trial_is_reckoned_with_a_response_of_some_percent(mall, parts):
    average = mall.reach[0]
    larger = replace(average.sent[0], customers=2000, first=2000)
    many = {**mall.reach, 0: Reach(2000, (larger, *average.sent[1:]), ())}
    soup = read(render_report(**parts(mall, reach=many)))
    assert [each[2:] for each in rows(soup, "trial")] == [
        ["1,000", "1,000", "3.1 points: from 5 to 8.1 %"]
    ]
    assert text(soup.find(id="too-few")).startswith(
        "Too few customers for a trial of their own have Premium Customers, Potential Customers, "
        "Low-Value Customers, Deal Seekers: it takes about 160"
    )
    assert "where 5 % answer without the offer" in text(soup.find(id="trial-caption"))
    assert "several segments together" in text(soup.find(id="too-few"))
    large = dict.fromkeys(range(5), many[0])
    assert read(render_report(**parts(mall, reach=large))).find(id="too-few") is None


def test_the_commands_carry_a_catalogue_of_one_s_own(mall, soup, parts):
    def commands(soup):
        return [line for each in soup.find_all("pre") for line in each.get_text().splitlines()]

    score = "clienteling score model.json new-customers.csv --out scored.parquet"
    assert commands(soup)[-1] == score
    own = mall.catalogue.model_copy(update={"catalogue": "my shop"})
    page = read(render_report(**parts(mall, catalogue=own, offers="our offers.yaml")))
    assert commands(page) == [
        "clienteling playbook --out my-playbook.yaml",
        "clienteling run customers.csv --playbook my-playbook.yaml --offers 'our offers.yaml'",
        "clienteling campaign plan model.json Mall_Customers.csv --name spring --holdout 0.5 "
        "--offers 'our offers.yaml'",
        "clienteling campaign lift spring --outcomes outcomes.csv",
        f"{score} --offers 'our offers.yaml'",
    ]
    page = read(render_report(**parts(mall, catalogue=own)))
    assert commands(page)[-1] == f"{score} --offers my-offers.yaml"


def test_the_map_comes_first(mall, parts, pictures):
    soup = read(render_report(**parts(mall, images=pictures)))
    first = soup.main.section
    assert first["aria-labelledby"] == "map"
    assert first.img["width"] == "641"
    assert soup.find(class_="contents").a["href"] == "#map"
    assert read(render_report(**parts(mall))).find(id="map") is None


def test_every_cell_has_the_label_of_its_column_for_a_phone(soup):
    """There a row is a card, and the header is out of sight."""
    tables = soup.select(".scroll table")
    assert len(tables) == 6
    for table in tables:
        head = [text(each) for each in table.thead.find_all("tr")[-1].find_all("th")][1:]
        for row in table.tbody.find_all("tr"):
            labels = [each["data-label"] for each in row.find_all("td")]
            assert labels == head


def test_customers_without_a_segment_are_told_with_the_cause(mall, parts):
    missing = {"Annual Income (k$)": 3, "Spending Score (1-100)": 0}
    left_out = replace(mall.prepared.usable, rows=203, missing=missing)
    soup = read(render_report(**parts(mall, usable=left_out)))
    assert text(soup.find(id="summary")).endswith(
        '3 of 203 customers have no segment: "Annual Income (k$)" is missing for 3.'
    )
    assert rows(soup, "features")[0][3] == "3"


def test_a_segment_without_offers_says_so(mall, parts):
    only = Offer(id="a", title="Gift", text="A gift.", segments=("premium",), reason="Because.")
    small = Catalogue(catalogue="small", offers=(only,))
    reached = reach(mall.model, mall.prepared.table, offers=small)
    soup = read(render_report(**parts(mall, catalogue=small, reach=reached)))
    without = [each.find_parent("article")["id"] for each in soup.find_all(class_="no-offer")]
    assert without == ["segment-0", "segment-2", "segment-3", "segment-4"]
    assert "“small” has no offer" in text(soup.find(class_="no-offer"))
    assert soup.find(id="trial") is None


def test_one_segment(parts):
    table = pd.DataFrame({"Income": [1.0, 2.0, 3.0, 9.0], "Spending": [4.0, 1.0, 2.0, 8.0]})
    found = run(table, k=1)
    soup = read(render_report(**parts(found)))
    assert "They form a single segment by income and spending" in text(soup.find(id="summary"))
    assert rows(soup, "evidence")[0][:5] == ["1 chosen", "–", "–", "–", "8.000"]
    without_row = replace(found.choice, rows=found.choice.rows[1:])
    soup = read(render_report(**parts(found, choice=without_row)))
    assert "There is no row for k = 1" in text(soup)
    assert len(rows(soup, "centres")) == 2
    assert text(soup.find(id="too-few")).startswith("There are too few customers for a trial: it")


def test_twenty_segments(twenty, parts):
    soup = read(render_report(**parts(twenty)))
    assert len(soup.find_all("article")) == 20
    assert len({each[0] for each in rows(soup, "centres")}) == 21
    assert rows(soup, "evidence")[-1][0] == "20 chosen"
    assert text(soup.find(id="segments")) == "The 20 segments, and what to offer"


@pytest.mark.parametrize("features", [["Age"], ["Age", "Annual Income (k$)", "Score"]])
def test_any_number_of_features(mall_csv, parts, features):
    table = pd.read_csv(mall_csv).rename(columns={"Spending Score (1-100)": "Score"})
    found = run(table, features, k=3)
    unscored = replace(found.comparison, silhouette=None, clusters=0, sizes=())
    soup = read(render_report(**parts(found, comparison=unscored)))
    head = soup.find(id="centres").find("thead").find_all("th")
    words = {"Annual Income (k$)": "Income (k$)", "Score": "Spending"}
    assert [text(each) for each in head][3:] == [words.get(each, each) for each in features]
    assert {len(each) for each in rows(soup, "centres")} == {3 + len(features)}
    # Where no playbook knows them, all segments get the same, which stands there once.
    unknown = len(features) == 1
    assert (soup.find(id="alike") is not None) == unknown
    times = 1 if unknown else 3
    assert [len(soup.find_all(class_=each)) for each in ("offers", "strategy")] == [times, times]
    table = {each[0]: each[1:] for each in rows(soup, "methods")}
    assert table["Silhouette (DBSCAN’s without noise)"][1] == "–"
    assert table["Customers in the largest group"][1] == "0"


def test_many_profile_figures_are_folded(mall, parts, with_segment):
    many = [
        mall.model.segments[0].profile[0].model_copy(update={"column": f"Column {index}"})
        for index in range(9)
    ]
    soup = read(render_report(**parts(mall, model=with_segment(mall.model, 0, profile=many))))
    card = soup.find(id="segment-0")
    folds = [text(each) for each in card.find_all("summary")]
    assert folds == ["What else they are like", "6 more figures"]
    assert [text(each.th) for each in card.find_all("details")[1].tbody.find_all("tr")] == [
        f"Column {index}" for index in range(3, 9)
    ]


def test_what_is_for_analysts_is_folded_and_the_story_is_not(soup):
    folded = {each["id"] for fold in soup.find_all("details") for each in fold.find_all(id=True)}
    assert {"evidence", "methods", "sweep", "features", "method-notes"} <= folded
    assert not {"summary", "segments", "segment-0", "notes", "why", "next"} & folded
    for name in ("offers", "strategy", "rule", "why", "verdict"):
        assert not [each for each in soup.find_all(class_=name) if each.find_parent("details")]


def test_the_swatches_have_the_colours_of_the_pictures(mall_page, mall):
    for each in mall.model.segments:
        assert f".segment-{each.id} {{ --colour: {colour_of(each.id)}; " in mall_page


def test_pictures_are_inside_with_a_text(mall, parts, pictures):
    soup = read(render_report(**parts(mall, images=[*pictures, pictures[0].parent / "other.png"])))
    images = soup.find_all("img")
    assert [each["width"] for each in images] == ["641", "640", "642", "643"]
    for image, index in zip(images, (1, 0, 2, 3), strict=True):
        content = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
        assert content == pictures[index].read_bytes()
    alts = [each["alt"] for each in images]
    assert "Deal Seekers: income 26 k$, below 88 % of customers" in alts[0]
    assert "from 269.0 to 29.06, with an elbow at 5." in alts[1]
    assert "eps = 0.368" in alts[2]
    assert "three groups of DBSCAN, of 125, 33, 27 customers; 15 customers are noise" in alts[3]


def test_a_picture_that_cannot_be_shown_is_refused(mall, parts, tmp_path):
    gone = tmp_path / "elbow_method.png"
    with pytest.raises(OutputError, match=r"elbow_method\.png: the picture can't be read"):
        render_report(**parts(mall, images=[gone]))
    gone.write_bytes(b"GIF89a")
    with pytest.raises(OutputError, match="is not a PNG picture"):
        render_report(**parts(mall, images=[gone]))


def test_the_same_result_gives_the_same_page(mall, mall_page, parts):
    assert render_report(**parts(mall)) == mall_page


def test_the_file_is_written_and_replaced_whole(mall, mall_page, parts, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("earlier", encoding="utf-8")
    write_report(path, **parts(mall))
    assert path.read_bytes() == mall_page.encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_earlier_file_alone(mall, parts, tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("earlier", encoding="utf-8")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OutputError, match=r"report\.html: can't be written \(No space left"):
        write_report(path, **parts(mall))
    assert path.read_text(encoding="utf-8") == "earlier"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["missing/report.html", "a-file/report.html", "."])
def test_a_place_that_cannot_be_written_is_refused(mall, parts, tmp_path, place):
    (tmp_path / "a-file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="can't be written"):
        write_report(tmp_path / place, **parts(mall))
    assert [each.name for each in tmp_path.iterdir()] == ["a-file"]


def test_the_report_takes_the_colours_and_no_drawing():
    """A report without pictures needs no extra: the palette alone loads without matplotlib."""
    sources = [
        each.read_text(encoding="utf-8")
        for each in resources.files("clienteling.report").iterdir()
        if each.name.endswith(".py")
    ]
    # What is imported in a function is drawn with, and asked for, only there.
    taken = re.findall(r"(?m)^(?:from|import) (clienteling\.plots\S*)", "\n".join(sources))
    assert set(taken) == {"clienteling.plots.palette"}


def test_a_share_of_a_level_stays_on_its_line(mall_csv, parts):
    found = run(mall_csv, categorical=["Gender"], k=3)
    soup = read(render_report(**parts(found)))
    cells = [each.get_text() for each in soup.select(".traits td, #centres td")]
    assert any(each.endswith("\u00a0%") for each in cells)
    assert not any(" %" in each for each in cells)


def test_a_line_never_breaks_before_a_percent_sign(mall_page):
    legend = read(mall_page).find(class_="legend").get_text()
    assert "40.5\xa0%" in legend
    assert " %" not in legend


def test_a_card_says_what_sets_apart_with_an_example_and_a_rule(soup):
    card = soup.find(id="segment-4")
    cells = [
        [text(cell) for cell in row.find_all(["th", "td"])]
        for row in card.find(class_="traits").find_all("tr")
    ]
    assert cells[1:] == [
        ["Income (k$)", "25.7", "60.6", "-1.3"],
        ["Spending", "79.4", "50.2", "+1.1"],
    ]
    assert text(card.find(class_="example")) == "For example: income 28 k$, spending 82"
    assert text(card.find(class_="rule")) == (
        "Rule of thumb: income up to 38 k$ and spending above 50. It catches 95 % of them, and all "
        "of whom it catches are theirs."
    )


def test_columns_that_took_no_part_are_compared_with_the_segments_as_a_whole(soup, mall):
    rows = soup.find(id="associations").find("tbody").find_all("tr")
    assert [[text(cell) for cell in row.find_all(["th", "td"])] for row in rows] == [
        ["Age", "moderately", "0.19", "eta squared"],
        ["Gender", "hardly or not", "0.00", "Cramér's V"],
    ]
    assert [each.column for each in mall.model.associations] == ["Age", "Gender"]


def test_the_commands_name_the_words_and_the_columns_of_this_run(mall, parts):
    levels = cl.segment("sample", categorical=["Gender"], k=5)
    model = levels.model_copy(update={"playbook": "general"})
    general = load_catalogue("general")
    steps = read(render_report(**parts(mall, model=model, catalogue=general))).find(class_="steps")
    commands = [line for each in steps.find_all("pre") for line in each.get_text().splitlines()]
    assert commands[:3] == [
        "clienteling playbook general --out my-playbook.yaml",
        "clienteling offers write general --out my-offers.yaml",
        "clienteling run customers.csv --features 'Annual Income (k$),Spending Score (1-100)' "
        "--categorical Gender --playbook my-playbook.yaml --offers my-offers.yaml",
    ]
