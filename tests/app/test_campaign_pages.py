"""The pages of campaigns without a browser: what they say, and what they answer."""

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
    assert "--" not in words
    figures = {each.label: each.value for each in app.metric}
    assert figures["Expected profit"] == "unknown"
    assert int(figures["Contacted"]) + int(figures["Held out"]) == 200
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
    assert list(tables[0].columns) == ["Contacted", "Held out", "Cost"]


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
    assert "income-spending: the offers don't say what they bring." in words
    assert "offers[1] (preview-evening): value is missing." in words
    assert "and 18 more" in words
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
    assert "Smallest lift" in app.table[0].value.columns


def test_a_file_of_offers_with_faults_is_answered(sample) -> None:
    app = opened("campaigns")
    app.file_uploader[0].upload("own.yaml", b"catalogue: x\noffers: []\n", "application/yaml")
    words = said(ran(app))
    assert "own.yaml" in words
    assert "Plan it" not in [each.label for each in app.button]


@pytest.mark.parametrize("k", [1, 3])
def test_any_segments_can_be_planned_for(study_of, k) -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"*spend*": rng.normal(size=120).round(3)})
    app = planned(opened("campaigns", study_of(frame, k)), Name="spring")
    # Without ids nobody can be named, so that is said, and how to go on.
    words = said(app)
    assert "no column was recognised as the customer id" in words
    assert "in the file, and upload it again." in words
