"""The pages of campaigns without a browser: what they say, and what they answer."""

import re

import numpy as np
import pandas as pd
import pytest
import yaml

from clienteling.app.planning import priced
from tests.app.test_pages import opened, ran, said


def button(app, label):
    return next(each for each in app.button if each.label == label)


def planned(app, **inputs):
    """Fill in the page of the plan, and press the button."""
    for label, value in inputs.items():
        found = [*app.text_input, *app.number_input, *app.radio]
        next(each for each in found if each.label == label.replace("_", " ")).set_value(value)
    button(app, "Plan it").click()
    return ran(app)


def test_a_campaign_is_planned_and_told_in_numbers(sample) -> None:
    app = opened("campaigns")
    words = said(app)
    assert "The 200 customers of the sample" in words
    assert "Take it with you" not in words
    words = said(planned(app, Name="spring"))
    assert "Of 200 customers 200 would be contacted" in words
    assert "What they bring can't be said" in words
    assert "say it above, where you know it." in words
    assert "--" not in words.replace("`clienteling app --store shop.db`", "")
    figures = {each.label: each.value for each in app.metric}
    assert figures["Expected profit"] == "unknown"
    assert int(figures["Contacted"]) + int(figures["Held out"]) == 200
    assert figures["Cost"] == "unknown"
    labels = [each.proto.label.replace("\\", "") for each in app.get("download_button")]
    for each in (
        "Keep the campaign (ZIP)",
        "All decisions (CSV)",
        "All decisions (Parquet)",
        "To contact by email (CSV)",
        "The plan as a page",
    ):
        assert each in labels
    tables = [each.value for each in app.table]
    assert tables[1].index[0] == "Average Customers"
    # A column of what nobody knows tells nothing.
    assert list(tables[0].columns) == ["Contacted", "Held out"]


def test_a_plan_is_hidden_as_soon_as_something_is_changed(sample) -> None:
    app = planned(opened("campaigns"), Name="spring")
    app.number_input[1].set_value(20.0)
    words = said(ran(app))
    assert "The plan of spring is hidden" in words.replace("**", "")
    assert not app.metric
    app.number_input[1].set_value(10.0)
    assert "Take it with you" in said(ran(app))


def test_a_bad_name_and_offers_without_prices_get_the_command_lines_message(sample) -> None:
    app = planned(opened("campaigns"), Name="our spring")
    assert '"our spring" can\'t be the name of a campaign.' in said(app)
    app = opened("campaigns")
    app.text_input[0].set_value("spring")
    app.radio[0].set_value("budget")
    words = said(planned(ran(app)))
    # In the words of the table above it, and by the titles that stand there.
    assert "The offers don't say yet what they bring." in words
    first = sample.catalogue.offers[0].title
    assert re.search(f"Value and Resp. % are empty for all [0-9]+ offers, such as “{first}”", words)
    assert "Fill in Value and Resp. % in the table above, for example 12 and 3" in words
    assert "0.03" not in words
    assert "preview-evening" not in words
    assert not app.metric


def test_offers_of_ones_own_are_planned_with(sample) -> None:
    told = {"cost": 2.0, "value": 40.0, "response": 0.1}
    own = priced(sample.catalogue, [told] * len(sample.catalogue.offers))
    app = opened("campaigns")
    text = yaml.safe_dump(own.model_dump(mode="json", exclude_defaults=True))
    app.file_uploader[0].upload("own.yaml", text.encode(), "application/yaml")
    app.radio[0].set_value("budget")
    ran(app)
    budget = next(each for each in app.number_input if each.label == "Budget")
    budget.set_value(100.0)
    words = said(planned(app, Name="spring"))
    figures = {each.label: each.value for each in app.metric}
    assert figures["Cost"] == "100.00"
    assert "The contacts cost 100.00 and are expected to bring" in words
    assert "What other budgets would bring" in words
    assert figures["Smallest lift it can show"].endswith("points")
    assert list(app.table[0].value.columns) == ["Contacted", "Held out", "Cost", "Smallest lift"]


def test_a_file_of_offers_with_faults_is_answered(sample) -> None:
    app = opened("campaigns")
    app.file_uploader[0].upload("own.yaml", b"catalogue: x\noffers: []\n", "application/yaml")
    words = said(ran(app))
    assert "own.yaml" in words
    # What was filled in stays; planned it can be only without the faults.
    assert [each.label for each in app.text_input] == ["Name"]
    assert "once the faults of the offers, named above, are mended" in words
    assert button(app, "Plan it").disabled
    app.file_uploader[0].clear()
    assert not button(ran(app), "Plan it").disabled


def test_only_the_offers_that_lack_something_are_named(sample) -> None:
    own = priced(
        sample.catalogue,
        [{"value": 12.0, "response": 0.03}] * 14 + [{"value": 12.0, "response": None}],
    )
    app = opened("campaigns")
    text = yaml.safe_dump(own.model_dump(mode="json", exclude_defaults=True))
    app.file_uploader[0].upload("own.yaml", text.encode(), "application/yaml")
    app.radio[0].set_value("thompson")
    words = said(planned(ran(app), Name="spring"))
    assert f"Resp. % is empty for “{sample.catalogue.offers[14].title}”." in words
    assert "Value" not in words.partition("Resp. % is empty")[0][-30:]


@pytest.mark.parametrize("k", [1, 3])
def test_any_segments_can_be_planned_for(study_of, k) -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"*spend*": rng.normal(size=120).round(3)})
    app = planned(opened("campaigns", study_of(frame, k)), Name="spring")
    # Without ids nobody can be named, so that is said, and how to go on.
    words = said(app)
    assert "no column was recognised as the customer id" in words
    assert "in the file, and upload it again." in words


def uploader(app, label):
    return next(each for each in app.file_uploader if each.label == label)


def test_a_campaign_of_this_visit_is_still_collecting(sample) -> None:
    made = planned(opened("campaigns"), Name="spring").session_state["planned_campaign"]
    app = opened("did_it_pay")
    assert "Did it pay?" not in [each.label for each in app.button]
    app.session_state["planned_campaign"] = made
    ran(app)
    assert app.radio[1].options[0] == "spring, planned in this visit"
    today = pd.Timestamp.now(tz="UTC").date()
    rows = "".join(f"{n},response,1,{today}\n" for n in range(1, 60))
    content = f"customer_id,name,value,happened_at\n{rows}".encode()
    uploader(app, "What came of it").upload("came.csv", content, "text/csv")
    ran(app)
    button(app, "Did it pay?").click()
    words = said(ran(app))
    # Of 200 customers a tenth are held out: too few to say anything at all.
    assert "held out, so it can't be told" in words
    assert "hold some out in the next one." in words
    assert not app.exception


def test_an_experiment_in_a_file_is_judged(sample) -> None:
    rng = np.random.default_rng(5)
    mail = np.array(["Blue", "No mail"] * 1000)
    visit = (rng.random(2000) < np.where(mail == "Blue", 0.4, 0.2)).astype(int)
    rows = pd.DataFrame({"flag": visit, "mail": mail, "visit": visit, "store": ["a", "b"] * 1000})
    rows["store"] = rng.choice(["a", "b"], 2000)
    app = opened("did_it_pay")
    app.radio[0].set_value("An experiment in a file of my own")
    ran(app)
    content = rows.to_csv(index=False).encode()
    uploader(app, "The file of the experiment").upload("mine.csv", content, "text/csv")
    ran(app)
    # The last one, an earlier value of the outcome, is left open.
    assert [each.value for each in app.selectbox] == ["mail", "No mail", None]
    # Which column is the outcome is plain by its name.
    assert app.multiselect[0].value == ["visit"]
    app.multiselect[0].set_value([])
    ran(app)
    button(app, "Did it pay?").click()
    assert "There is no outcome to measure by." in said(ran(app))
    app.multiselect[0].set_value(["visit"])
    ran(app)
    app.multiselect[1].set_value(["store"])
    ran(app)
    button(app, "Did it pay?").click()
    words = said(ran(app))
    assert app.success[0].value.startswith("**Paid")
    assert "What can't be concluded" in words
    assert "--" not in words.replace("`clienteling app --store shop.db`", "")
    assert list(app.table[0].value.columns) == ["Customers", "Lift", "95 % interval", "p"]
    assert list(app.table[1].value.index) == ["a", "b"]
    app.multiselect[1].set_value([])
    assert "The answer is hidden" in said(ran(app))


def test_segments_are_made_of_what_was_known_before(sample) -> None:
    rng = np.random.default_rng(5)
    mail = np.array(["Blue", "No mail"] * 600)
    visit = (rng.random(1200) < np.where(mail == "Blue", 0.5, 0.2)).astype(int)
    age = (3 + 9 * rng.integers(0, 2, 1200) + rng.normal(0, 1, 1200)).round(2)
    rows = pd.DataFrame({"mail": mail, "visit": visit, "age": age})
    app = opened("did_it_pay")
    app.radio[0].set_value("An experiment in a file of my own")
    ran(app)
    content = rows.to_csv(index=False).encode()
    uploader(app, "The file of the experiment").upload("mine.csv", content, "text/csv")
    ran(app)
    app.checkbox[0].check()
    ran(app)
    made_of = next(each for each in app.multiselect if each.label == "Columns to make them of")
    assert made_of.options == ["age"]
    button(app, "Did it pay?").click()
    words = said(ran(app))
    assert "The segments that were made" in words
    assert 'segments were made of "age", proposed by what the file holds.' in words
    assert "where one of these columns was not, choose others above." in words
    assert "--" not in words.replace("`clienteling app --store shop.db`", "")
    assert "one unit of visit earns" not in words
    next(each for each in app.number_input if each.label.startswith("Cost")).set_value(0.1)
    ran(app)
    button(app, "Did it pay?").click()
    # What was taken for granted stands beside the figures, not in a fold alone.
    assert "one unit of visit earns 1." in said(ran(app))


def test_a_file_that_is_no_campaign_is_refused_at_once(sample) -> None:
    app = opened("did_it_pay")
    uploader(app, "The campaign that you kept (ZIP)").upload("mine.zip", b"x", "application/zip")
    words = said(ran(app))
    assert "mine.zip: is no ZIP file that can be read." in words
    assert "What came of it" not in [each.label for each in app.file_uploader]


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"a\n1\n"])
def test_a_bad_experiment_is_answered(sample, data) -> None:
    app = opened("did_it_pay")
    app.radio[0].set_value("An experiment in a file of my own")
    ran(app)
    uploader(app, "The file of the experiment").upload("mine.csv", data, "text/csv")
    ran(app)
    assert len(app.error) == 1
    assert "/tmp" not in said(app)
