"""Each page without a browser: what it says, and what it answers."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from clienteling.app.pages.home import border_words
from clienteling.app.pages.segments import segment_csv
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
    assert f"The runner-up is **{runner_up}**" in words
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
    assert "Among the customers income goes from 15 k$ to 137 k$. Beyond that" in words


@pytest.mark.parametrize(
    ("margin", "how"),
    [(0.0, "Right at the border"), (0.3, "Near the border"), (0.7, "Well inside"), (2.0, "Far")],
)
def test_the_distance_to_the_border_is_said_in_words_and_figures(sample, margin, how) -> None:
    first, second = sample.model.segments[:2]
    words = border_words(sample, first, margin, second)
    share = round(100 * np.mean(sample.recommended.column("margin").to_numpy() < margin))
    assert words.startswith(f"**{how}")
    assert f"{margin:.2f} standard deviations" in words
    assert f"{share}\u00a0% of the customers are nearer" in words


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
        share = f"{100 * each.share:.0f} % of all"
        for part in (each.name, each.description, each.strategy, each.explanation, share):
            assert part in words
    assert "40 % of all" in words
    profile = app.dataframe[0].value
    assert profile.iloc[0].tolist() == ["Age, mean", "42.7", "39.1 to 46.3", "38.9"]
    assert profile.iloc[1].tolist() == ["Gender: Female", "59%", "48% to 69%", "56%"]


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
    assert sample.model.why_k in words
    assert sample.choice.structure.words in words
    assert "no vote: elbow and silhouette decide" in " ".join(words.split())
    table = app.dataframe[0].value
    assert table["k"].tolist() == list(range(2, 11))
    assert table.loc[table["k"] == 5, "Best by"].tolist() == ["chosen, elbow, silhouette"]
    assert table.loc[table["k"] == 5, "Inertia"].iloc[0] == pytest.approx(65.568, abs=0.001)


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


def test_a_file_is_scored(sample) -> None:
    app = opened("upload")
    app.file_uploader[0].upload("own.csv", OWN, "text/csv")
    words = said(ran(app))
    assert "2 of 3 customers have a segment and offers." in words
    assert "customer 2: Annual Income (k$) is missing." in words
    assert 'Column "Salary" is read as Annual Income (k$).' in words
    sizes, preview = (each.value for each in app.dataframe)
    assert sizes["Customers"].tolist() == [0, 0, 1, 0, 1]
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


def _fitted(data: bytes) -> Study:
    from clienteling.app.uploads import Upload, fit_upload

    return fit_upload(Upload("my [x](http://y) file.csv", data), ["visits"])
