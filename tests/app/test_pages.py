"""Each page without a browser: what it says, and what it answers."""

import gzip
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from clienteling.app.pages.home import border_words
from clienteling.app.pages.segments import segment_csv
from clienteling.app.plain import plain
from clienteling.app.study import Study

ROOT = Path(__file__).parents[2]
OWN = b"Member No;Salary; Score ;Town\nA1;15;81;=cmd\nA2;;50;x\nA3;137;18;y\n"


def ran(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def opened(page: str, own: Study | None = None) -> AppTest:
    """Return a page alone, without the menu."""
    script = f"from clienteling.app.pages.{page} import page\npage()"
    app = AppTest.from_string(script, default_timeout=120)
    if own is not None:
        app.session_state["own_study"] = own
    return ran(app)


def said(app: AppTest) -> str:
    """Return all that the page says, as it shows it."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "success", "warning", "error")
    texts = [each.value for kind in kinds for each in getattr(app, kind)]
    shown = re.sub(r"\\([^\w\s])", r"\1", "\n".join(texts))
    return shown.replace("\u2060", "").replace("\u00a0", " ")


@pytest.mark.parametrize("script", ["app.py", "src/clienteling/app/start.py"])
def test_the_app_opens_on_a_customer_with_an_answer(sample, script) -> None:
    app = ran(AppTest.from_file(str(ROOT / script), default_timeout=120))
    assert app.title[0].value == "Which offer should this customer get?"
    assert "Average Customers" in said(app)
    assert "segments of" not in said(app)


@pytest.mark.parametrize(
    ("income", "spending", "segment", "strategy", "offers", "runner_up"),
    [
        (
            15,
            81,
            "Deal Seekers",
            "Flash sales, coupons and bundle offers",
            ["48-hour flash sale", "Coupon booklet", "Three for two bundle"],
            "Average Customers",
        ),
        (
            137,
            18,
            "Potential Customers",
            "Discounts, free trials and onboarding offers",
            ["20 % off your next visit", "Free trial of our premium service", "Get-to-know tour"],
            "Premium Customers",
        ),
    ],
)
def test_a_customer_is_answered(
    sample, income, spending, segment, strategy, offers, runner_up
) -> None:
    app = opened("home")
    app.number_input[0].set_value(income)
    app.number_input[1].set_value(spending)
    ran(app)
    words = said(app)
    assert app.subheader[0].value == segment
    assert f"Strategy:** {strategy}" in words
    found = [words.index(f"**{rank}. {title}**") for rank, title in enumerate(offers, start=1)]
    assert found == sorted(found)
    assert f"This customer:** income {income} k$" in words
    answer = sample.model.predict(
        {"Annual Income (k$)": income, "Spending Score (1-100)": spending}
    )
    assert f"The next nearest segment is **{runner_up}**" in words
    assert f"{answer.margin:.2f} standard deviations" in words


def test_every_offer_has_its_reason(sample) -> None:
    words = said(opened("home"))
    assert words.count("*Why:*") == 3
    assert "They buy with the seasons, as most people do" in words


def test_a_customer_beyond_all_others_is_called_a_guess(sample) -> None:
    app = opened("home")
    assert "guess" not in said(app)
    app.number_input[0].set_value(190)
    words = said(ran(app))
    assert "Annual Income (k$) is 190 k$; all customers have 15 to 137 k$. The answer" in words
    assert "**A guess.** This customer lies beyond all others" in words
    assert "nearer to a border" not in words
    assert "The star is this customer" in words


def test_a_field_that_is_cleared_stays_empty_and_is_said(sample) -> None:
    app = opened("home")
    assert app.number_input[0].value == 61
    app.number_input[0].set_value(None)
    ran(app)
    assert app.number_input[0].value is None
    assert "Annual Income (k$) is missing." in said(app)
    # Half a unit is taken as it was typed.
    app.number_input[0].set_value(55.5)
    words = said(ran(app))
    assert app.number_input[0].value == 55.5
    answer = sample.model.predict({"Annual Income (k$)": 55.5, "Spending Score (1-100)": 50})
    assert f"{answer.margin:.2f} standard deviations" in words
    whole = sample.model.predict({"Annual Income (k$)": 55, "Spending Score (1-100)": 50})
    assert f"{whole.margin:.2f}" != f"{answer.margin:.2f}"


def test_a_customer_far_away_is_answered_with_a_warning(sample) -> None:
    """A refused number would leave the answer to the one before on the page."""
    app = opened("home")
    app.number_input[0].set_value(58000)
    ran(app)
    assert "Annual Income (k$) is 58,000" in said(app)
    assert "is it in another unit? The answer below is a mere guess." in said(app)
    words = said(app)
    assert "This customer:** income 58,000 k$" in words
    assert "The star is this customer" not in words
    assert "the map has no place for them" in words


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_no_number_is_too_large_to_be_answered(study_of, value) -> None:
    rng = np.random.default_rng(7)
    app = opened("home", study_of(pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"]), 3))
    app.number_input[0].set_value(value)
    assert "is it in another unit?" in said(ran(app))


@pytest.mark.parametrize(
    ("nearer", "how"),
    [
        (0, "Much less sure than usual"),
        (19, "Much less sure than usual"),
        (20, "Less sure than usual"),
        (66, "Less sure than usual"),
        (67, "About as sure as usual"),
        (134, "Surer than usual"),
        (179, "Surer than usual"),
        (180, "Much surer than usual"),
        (200, "Much surer than usual"),
    ],
)
def test_how_sure_follows_from_the_place_among_all_customers(sample, nearer, how) -> None:
    first, second = sample.model.segments[:2]
    # However far apart the segments are: only the order of the customers counts.
    for scale in (0.01, 1.0, 50.0):
        shown = replace(sample, margins=scale * np.arange(1, 201))
        margin = scale * (nearer + 0.5)
        words = border_words(shown, first, margin, second).replace("\u00a0", " ")
        assert words.startswith(f"**{how}.**")
        assert f"{margin:.2f} standard deviations" in words
        place = {0: "No customer", 200: "All customers"}.get(nearer, f"{nearer / 2:.1f} %")
        assert place in words


def test_inputs_follow_the_features(sample, study_of) -> None:
    rng = np.random.default_rng(5)
    names = ["Visits", "Basket (EUR)", "Age", ":red[Returns]"]
    own = study_of(pd.DataFrame(rng.normal(50, 9, size=(90, 4)), columns=names), 3)
    app = opened("home", own)
    assert len(app.number_input) == 4
    assert ":red[" not in app.number_input[3].label
    assert "The segments come from 4 features" in said(app)


@pytest.mark.parametrize("k", [1, 20])
@pytest.mark.parametrize("page", ["home", "segments", "why_k", "compare", "upload"])
def test_every_page_takes_any_number_of_segments(sample, study_of, page, k) -> None:
    rng = np.random.default_rng(6)
    own = study_of(pd.DataFrame({"*spend*": rng.normal(size=120).round(3)}), k)
    words = said(opened(page, own))
    if page == "home" and k == 1:
        assert "There is only one segment" in words


def test_the_segments_are_told_in_full(sample) -> None:
    app = opened("segments")
    words = said(app)
    for each in sample.model.segments:
        share = f"{100 * each.share:.1f} % of all"
        for part in (each.name, each.description, each.strategy, each.explanation, share):
            assert part in words
        assert sample.model.typical_words(each) in words
        assert each.rule.words in words
    assert "40.5 % of all" in words
    assert "Typical customer:**" in words
    assert "What else they are like" in words
    profile = app.table[0].value.reset_index()
    assert [each.replace("\u00a0", " ") for each in profile.columns] == [
        "Figure", "Here", "95 % interval", "All", "Difference"
    ]  # fmt: skip
    signs = str.maketrans({"\u00a0": " ", "\N{MINUS SIGN}": "-"})
    rows = [
        [re.sub(r"\\([^\w\s])", r"\1", each).translate(signs).replace("\u2060", "") for each in row]
        for row in profile.to_numpy().tolist()
    ]
    assert rows == [
        ["Age", "42.7", "39.1 to 46.3", "38.9", "higher (+0.47, +0.19 to +0.76)"],
        ["Gender: Female", "59 %", "48 to 69 %", "56 %", "not clear (+5 points, -8 to +19)"],
    ]
    # The average customers have nothing that sets them apart; the next ones have.
    apart = app.dataframe[0].value
    assert list(apart.columns) == ["Feature", "Here", "All", "Difference"]
    assert apart.to_numpy().tolist() == [
        ["Spending", "82.1", "50.2", "+1.2"],
        ["Income (k$)", "86.5", "60.6", "+1.0"],
    ]


def test_the_customers_of_a_segment_can_be_downloaded(sample) -> None:
    deal_seekers = sample.model.segments[4]
    content = segment_csv(sample, deal_seekers).decode("utf-8-sig").splitlines()
    assert len(content) == 1 + 22
    assert content[0].startswith("customer_id,Annual Income (k$),Spending Score (1-100),segment_id")
    assert all(",Deal Seekers," in line and ",48-hour flash sale," in line for line in content[1:])
    numbers = [len(segment_csv(sample, each).splitlines()) - 1 for each in sample.model.segments]
    assert numbers == [81, 39, 35, 23, 22]


def test_the_number_of_segments_is_explained(sample) -> None:
    app = opened("why_k")
    words = said(app)
    # All of the reason, and no part of it twice.
    for each in sample.model.why_k.split(". "):
        assert words.count(each.removesuffix(".")) == 1
    assert sample.choice.structure.words in words
    assert "Silhouette, stability and the least stable segment decide." in " ".join(words.split())
    decide, others = (each.value for each in app.table)
    assert list(decide.index) == list(others.index) == [str(k) for k in range(2, 11)]
    marks = "the choice, the elbow, the highest silhouette"
    assert decide.loc["5"].tolist() == [marks, "0.5547", "0.97", "0.97"]
    # What the method says of itself, everywhere alike: the elbow decides nothing.
    assert "The elbow stands beside them and has no vote." in words
    assert "It decides nothing: where it is at the number chosen, it agrees with it." in words
    assert "two questions decide" not in words
    assert decide.loc["2"].tolist()[2:] == ["–", "–"]
    assert others.loc["5", "Inertia"] == "65.57"


def test_a_long_profile_is_folded_and_has_the_same_digits_everywhere(sample) -> None:
    segments = [
        each.model_copy(
            update={
                "profile": [
                    figure.model_copy(
                        update={
                            "column": f"Column {index}",
                            "low": figure.value - 0.01 * (1 + 99 * each.id),
                            "high": figure.value + 0.01 * (1 + 99 * each.id),
                        }
                    )
                    for figure in each.profile
                    if not figure.level
                    for index in range(8)
                ]
            }
        )
        for each in sample.model.segments
    ]
    app = opened(
        "segments", replace(sample, model=sample.model.model_copy(update={"segments": segments}))
    )
    tables = [each.value.reset_index() for each in app.table]
    assert [len(each) for each in tables] == [8] * 5
    here = [value for each in tables for value in each["Here"]]
    assert len({len(each.replace("\\", "").partition(".")[2]) for each in here}) == 1


def test_an_unstable_segment_says_so_under_its_name(sample) -> None:
    first, *others = sample.model.segments
    shaky = first.model_copy(update={"warning": "Unstable: other ones come out (index 0.57)."})
    model = sample.model.model_copy(update={"segments": [shaky, *others]})
    for page in ("segments", "home"):
        app = opened(page, replace(sample, model=model))
        assert [each.value for each in app.warning] == [
            r"**Unstable\:** other ones come out \(index 0\.57\)\."
        ]


def test_dbscan_starts_at_the_knee_and_follows_its_settings(sample) -> None:
    app = opened("compare")
    figures = {each.label: each.value for each in app.metric}
    assert figures == {
        "Groups": "3",
        "Noise, of 200": "15",
        "Silhouette": "0.463",
        "Agreement": "0.50",
    }
    assert "Three groups, one of which holds 125 of 200 customers" in said(app)
    assert "no segment and no offer ever comes from it" in said(app)
    app.slider[0].set_value(0.3)
    app.number_input[0].set_value(5)
    figures = {each.label: each.value for each in ran(app).metric}
    assert (figures["Groups"], figures["Noise, of 200"]) == ("7", "35")


def headers_of(table) -> dict[str, str]:
    return {
        name: each["label"]
        for name, each in json.loads(table.proto.columns).items()
        if "label" in each
    }


def test_a_file_is_scored(sample) -> None:
    app = opened("upload")
    app.file_uploader[0].upload("own.csv", OWN, "text/csv")
    words = said(ran(app))
    assert "2 of 3 customers have a segment and offers." in words
    assert "customer A2: Annual Income (k$) is missing." in words
    assert 'Column "Salary" is read as Annual Income (k$).' in words
    sizes, preview = (each.value for each in app.dataframe)
    assert sizes["Customers"].tolist() == [0, 0, 1, 0, 1]
    assert sizes["Share"].tolist() == [
        "0.0\u00a0%", "0.0\u00a0%", "50.0\u00a0%", "0.0\u00a0%", "50.0\u00a0%"
    ]  # fmt: skip
    box = next(each for each in app.expander if each.label == "What was assumed")
    assert box.proto.expanded
    headers = headers_of(app.dataframe[1])
    assert {each: headers[each] for each in ("offer_1", "runner_up", "customer_id", "note")} == {
        "offer_1": "Offer 1",
        "runner_up": "Next nearest segment",
        "customer_id": "Customer",
        "note": "Note",
    }
    assert "segment_id" not in app.dataframe[1].proto.column_order
    assert preview["segment"].tolist()[0] == "Deal Seekers"
    app.file_uploader[0].clear()
    assert "own.csv" not in said(ran(app))


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (
            b"Income,Spending Skore\n15,81\n",
            [
                "own*.csv: columns are missing.",
                'no column "Spending Score',
                'Did you mean "Spending Skore"?',
            ],
        ),
        (
            b"Income,Score\n15,much\n",
            ['row 1, column "Score": "much" is not a number.', "with a decimal point"],
        ),
        (b"\x89PNG\r\n\x1a\n", ["own*.csv: is not a table; its content is a PNG picture."]),
        (b"", ["own*.csv: is empty.", "Give a file with a header and rows."]),
    ],
)
def test_a_bad_file_is_answered_with_what_to_do(sample, data, parts) -> None:
    app = opened("upload")
    app.file_uploader[0].upload("own*.csv", data, "text/csv")
    ran(app)
    assert len(app.error) == 1
    for part in parts:
        assert part in said(app)
    assert "/tmp" not in said(app)
    assert "Traceback" not in said(app)
    assert r"own\*\.csv" in app.error[0].value


def test_new_segments_stay_until_the_visitor_goes_back(sample) -> None:
    rows = "\n".join(f"{n},{10 * (n % 3) + n % 5 / 10}" for n in range(60))
    app = ran(AppTest.from_file(str(ROOT / "app.py"), default_timeout=120))
    app.session_state["own_study"] = _fitted(f"id,visits\n{rows}\n".encode())
    words = said(ran(app))
    assert "These are the segments of **my [x](http://y) file.csv** (60 customers)" in words
    assert [each.label for each in app.number_input] == ["visits"]
    assert app.number_input[0].value is not None
    button = next(each for each in app.button if each.label == "Back to the sample")
    button.click()
    ran(app)
    assert "These are the segments of" not in said(app)
    assert len(app.number_input) == 2


def test_new_segments_are_found_on_the_page(sample) -> None:
    rows = "\n".join(f"{n},{10 * (n % 3) + n % 5 / 10}" for n in range(60))
    app = opened("upload")
    app.file_uploader[0].upload("visits.csv", f"id,visits\n{rows}\n".encode(), "text/csv")
    ran(app)
    assert 'there is no column "Annual Income' in said(app)
    app.radio[0].set_value("Find new segments in this file")
    ran(app)
    app.button_group[0].set_value(["visits"])
    ran(app)
    next(each for each in app.button if each.label == "Find the segments").click()
    ran(app)
    own = app.session_state["own_study"]
    assert (own.name, own.model.k, own.model.feature_names) == ("visits.csv", 3, ["visits"])
    names = "; ".join(each.name for each in own.model.segments)
    assert f"Three segments were found in **visits.csv**: {names}." in said(app)
    app.radio[0].set_value("Score with the segments shown")
    assert "Three segments were found" in said(ran(app))
    app.file_uploader[0].clear()
    assert "were found" not in said(ran(app))


def test_columns_with_giants_are_tamed_where_the_visitor_asks(sample) -> None:
    places = np.repeat([3.0, 6.0, 9.0], [120, 45, 15])  # of the logarithm
    amounts = np.exp(np.random.default_rng(0).normal(places, 0.4))
    rows = "\n".join(f"{n},{amount:.0f},{n % 7}" for n, amount in enumerate(amounts))
    app = opened("upload")
    app.file_uploader[0].upload("shop.csv", f"id,spent,visits\n{rows}\n".encode(), "text/csv")
    ran(app)
    app.radio[0].set_value("Find new segments in this file")
    ran(app)
    app.button_group[0].set_value(["spent"])
    ran(app)
    assert not app.checkbox[0].value
    next(each for each in app.button if each.label == "Find the segments").click()
    plain_one = ran(app).session_state["own_study"]
    assert plain_one.model.transforms == ()
    offered = [each for each in plain_one.notes if "Tame columns" in each]
    assert len(offered) == 1
    assert "--" not in offered[0]
    app.checkbox[0].set_value(True)
    next(each for each in app.button if each.label == "Find the segments").click()
    own = ran(app).session_state["own_study"]
    assert own.model.transforms[0].log
    assert own.model.k == 3
    assert any("It was transformed: logarithm of 1 + x." in each for each in own.notes)


def test_a_file_in_another_unit_is_warned_of(sample) -> None:
    app = opened("upload")
    app.file_uploader[0].upload("own.csv", b"Income,Score\n58233,81\n61000,50\n", "text/csv")
    words = said(ran(app))
    assert not app.success
    assert app.warning[0].value.startswith("2 of 2 customers have a segment and offers. Look")
    assert 'All 2 values of "Income" lie far outside' in words
    assert "15 to 137 k$" in words
    twice = b"CustomerID,Income,Score\nA1,15,81\nA1,16,80\nA1,17,80\nA2,18,79\n"
    app.file_uploader[0].upload("own.csv", twice, "text/csv")
    words = said(ran(app))
    assert not app.success
    assert "4 of 4 customers have a segment and offers. Look at this first:" in words
    assert '2 rows have an id that stands before in "CustomerID"; each row counts' in words
    app.file_uploader[0].upload("own.csv", OWN, "text/csv")
    ran(app)
    assert app.success[0].value.startswith("2 of 3 customers")
    assert "far outside" not in said(app)


def test_text_among_the_numbers_is_told_where_segments_are_to_be_found(sample) -> None:
    app = opened("upload")
    data = "id,yearly income,Umsatz,Town\n1,15,856 pieces,x\n2,much,1 piece,y\n"
    app.file_uploader[0].upload("own.csv", data.encode(), "text/csv")
    ran(app)
    app.radio[0].set_value("Find new segments in this file")
    words = said(ran(app))
    assert 'yearly income: row 2 has "much", which is not a number.' in words
    assert 'Umsatz: row 1 has "856 pieces", which is not a number; 1 more such values.' in words
    assert "To use yearly income or Umsatz, write the numbers with a decimal point" in words
    assert "No column is left to form segments from." not in words
    # The words of the town are there still.
    assert [each.label for each in app.button_group] == [
        "No column has numbers. Words form segments as well: choose one or more"
    ]
    assert next(each for each in app.button if each.label == "Find the segments").disabled


def test_without_numbers_and_words_no_segments_can_be_found(sample) -> None:
    app = opened("upload")
    app.file_uploader[0].upload("own.csv", b"id,income\n1,\n2,\n", "text/csv")
    ran(app)
    app.radio[0].set_value("Find new segments in this file")
    ran(app)
    assert app.error[0].value == "No column is left to form segments from."


def test_words_alone_form_segments(sample) -> None:
    plans = np.random.default_rng(1).choice(["basic", "plus", "gold"], 150, p=[0.5, 0.3, 0.2])
    rows = "\n".join(f"{n},{plan}" for n, plan in enumerate(plans))
    app = opened("upload")
    app.file_uploader[0].upload("plans.csv", f"id,plan\n{rows}\n".encode(), "text/csv")
    ran(app)
    app.radio[0].set_value("Find new segments in this file")
    ran(app)
    app.button_group[0].set_value(["plan"])
    ran(app)
    next(each for each in app.button if each.label == "Find the segments").click()
    own = ran(app).session_state["own_study"]
    assert own.model.columns == ["plan"]
    assert own.model.k == 3
    assert sum(each.size for each in own.model.segments) == 150


def test_a_file_that_cannot_be_scored_is_pointed_to_new_segments(sample) -> None:
    app = opened("upload")
    app.file_uploader[0].upload("own.csv", b"id,visits\n1,2\n", "text/csv")
    assert "Then choose **Find new segments in this file** above." in said(ran(app))


def test_long_names_are_listed_under_the_map(sample, study_of) -> None:
    rng = np.random.default_rng(8)
    names = ["<b>yearly income</b> of the household", "spend"]
    own = study_of(pd.DataFrame(rng.normal(size=(90, 2)), columns=names), 4)
    for page in ("home", "segments", "compare"):
        listed = [each.value for each in opened(page, own).markdown]
        assert {plain(each.name) for each in own.model.segments} <= set(listed)
    # The names of the sample are on the map itself.
    assert "Deal Seekers" not in [each.value for each in opened("segments").markdown]


def test_groups_and_noise_are_listed_under_their_map(sample) -> None:
    app = opened("compare")
    listed = [each.value for each in app.markdown]
    for name in ("Group 1: 125", "Group 2: 33", "Group 3: 27", "Noise: 15"):
        assert plain(name) in listed


def test_the_pages_are_linked_above_and_at_the_foot(sample) -> None:
    app = ran(AppTest.from_file(str(ROOT / "app.py"), default_timeout=120))
    links = [each.proto.label for each in app.get("page_link")]
    # All pages above, so that none hides on a phone, and the other ones at the foot again.
    assert links[:7] == ["One customer", *links[7:]]
    assert links[7:] == [
        *("Segments", "How many", "K-means and DBSCAN", "Your customers"),
        *("Plan a campaign", "Did it pay?"),
    ]


def _fitted(data: bytes) -> Study:
    from clienteling.app.uploads import Upload, fit_upload

    return fit_upload(Upload("my [x](http://y) file.csv", data), ["visits"])


def test_a_log_of_purchases_is_not_taken_for_customers(sample) -> None:
    rows = "\n".join(f"{n % 12},2026-01-{n % 28 + 1:02},{n * 7 % 23}" for n in range(60))
    app = opened("upload")
    app.file_uploader[0].upload("log.csv", f"Customer,Date,Amount\n{rows}\n".encode(), "text/csv")
    ran(app)
    app.radio[0].set_value("Find new segments in this file")
    words = said(ran(app))
    assert "This looks like a log of purchases, not like a table of customers: 48 of 60" in words
    assert "`clienteling rfm TRANSACTIONS --customer Customer --date Date --amount Amount" in words

    # No column of a purchase is offered as one that tells customers apart.
    assert not app.button_group
    assert "Find the segments" not in [each.label for each in app.button]
    next(e for e in app.checkbox if e.label == "Each row is a customer all the same").check()
    ran(app)
    next(each for each in app.button if each.label == "Find the segments").click()
    assert ran(app).session_state["own_study"].customers == 60


def test_customers_are_made_of_a_log_of_purchases_on_the_page(sample) -> None:
    rng = np.random.default_rng(3)
    rows = "\n".join(
        f"C{n % 120},2026-{n % 11 + 1:02}-{n % 28 + 1:02},I{n},{9 * (n % 120 % 3) + 1 + paid:.2f}"
        for n, paid in enumerate(rng.random(900))
    )
    log = f"CustomerID,InvoiceDate,InvoiceNo,Amount\n{rows}\n"
    app = opened("upload")
    app.file_uploader[0].upload("log.csv", log.encode(), "text/csv")
    ran(app)
    app.radio[0].set_value("Find new segments in this file")
    ran(app)
    next(each for each in app.button if each.label == "Make a row per customer").click()
    words = said(ran(app))
    assert "120 customers were made of 900 rows of purchases." in words
    assert app.button_group[0].options == [
        *("recency", "frequency", "monetary", "tenure", "mean_basket"),
    ]  # fmt: skip
    app.button_group[0].set_value(["mean_basket"])
    ran(app)
    next(each for each in app.button if each.label == "Find the segments").click()
    own = ran(app).session_state["own_study"]
    assert (own.name, own.customers, own.model.k) == ("log.csv, a row per customer", 120, 3)
    expected = pd.read_csv(io.StringIO(log)).groupby("CustomerID")["Amount"].mean()
    found = own.recommended.to_pandas().set_index("customer_id")["mean_basket"]
    assert found.sort_index().to_numpy() == pytest.approx(expected.sort_index().to_numpy())


def test_the_number_of_segments_can_be_said(sample) -> None:
    rows = "\n".join(f"{n},{10 * (n % 3) + n % 5 / 10}" for n in range(60))
    app = opened("upload")
    app.file_uploader[0].upload("visits.csv", f"id,visits\n{rows}\n".encode(), "text/csv")
    ran(app)
    app.radio[0].set_value("Find new segments in this file")
    ran(app)
    app.button_group[0].set_value(["visits"])
    app.number_input[0].set_value(4)
    ran(app)
    next(each for each in app.button if each.label == "Find the segments").click()
    own = ran(app).session_state["own_study"]
    assert own.model.k == 4
    words = said(opened("why_k", own))
    assert "The number of segments was given: 4." in words
    assert "give it as **Number of segments** on the page *Your customers*" in words


def test_what_is_to_be_done_stays_when_the_file_is_another_one(sample) -> None:
    app = opened("upload")
    app.file_uploader[0].upload("own.csv", OWN, "text/csv")
    ran(app)
    app.radio[0].set_value("Find new segments in this file")
    ran(app)
    # The browser takes the old file away first; a choice that is gone then, it would forget.
    app.file_uploader[0].clear()
    assert ran(app).radio[0].value == "Find new segments in this file"
    app.file_uploader[0].upload("other.csv", b"id,visits\n1,2\n2,5\n", "text/csv")
    assert ran(app).radio[0].value == "Find new segments in this file"


def test_other_segments_are_advised_only_where_columns_are_missing(sample) -> None:
    app = opened("upload")
    for data in (b"", b"Income,Score\n15,much\n"):
        app.file_uploader[0].upload("own.csv", data, "text/csv")
        assert "Has this file other columns?" not in said(ran(app))
        assert len(app.error) == 1


def test_a_packed_file_is_taken_and_a_picture_is_answered(sample) -> None:
    app = opened("upload")
    # What the browser refused would stay beside the next file, so it refuses nothing.
    assert not app.file_uploader[0].proto.type
    app.file_uploader[0].upload("own.csv.gz", gzip.compress(OWN), "application/gzip")
    assert "2 of 3 customers have a segment and offers." in said(ran(app))
    app.file_uploader[0].upload("a.png", b"\x89PNG\r\n\x1a\n", "image/png")
    assert "a.png: is not a table; its content is a PNG picture." in said(ran(app))
