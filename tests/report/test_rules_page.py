"""The page on a model of rules says what the model says."""

import html
import re

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import OutputError
from clienteling.report.rules_page import render_rules, write_rules_report


@pytest.fixture(scope="module")
def model() -> cl.RulesModel:
    rng = np.random.default_rng(0)
    lines = pd.DataFrame(
        {
            "customer": rng.integers(0, 300, 3_000),
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 3_000), "D"),
            "amount": rng.lognormal(3, 1, 3_000).round(2),
        }
    )
    return cl.rfm_model(cl.rfm(lines))


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())


def test_every_segment_with_its_figures_rules_and_offers(model):
    page = render_rules(model)
    said = words(page)
    for each in model.segments:
        card = page[page.index(f'id="segment-{each.id}"') :]
        card = words(card[: card.index("</article>")])
        assert each.name in card
        assert f"{each.size:,}" in card
        assert each.strategy in card
    catalogue = cl.load_catalogue("rfm")
    titles = [offer.title for offer in catalogue.offers]
    assert sum(title in said for title in titles) >= len(model.segments)
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_thresholds_stand_in_the_order_of_the_scores(model):
    page = render_rules(model)
    table = words(page[page.index('id="bands"') :].split("</table>")[0])
    recency, frequency = (
        next(each for each in model.features if each.name == name)
        for name in ("recency", "frequency")
    )
    assert table.index(f"above {recency.thresholds[-1]:,.10g}") < table.index(
        f"up to {recency.thresholds[0]:,.10g}"
    )
    after = table[table.index(frequency.words.heading) :]
    assert after.index(f"up to {frequency.thresholds[0]:,.10g}") < after.index(
        f"above {frequency.thresholds[-1]:,.10g}"
    )


def test_hostile_names_stay_text(model):
    first = model.segments[0].model_copy(update={"name": "<script>alert(1)</script>"})
    page = render_rules(model.model_copy(update={"segments": [first, *model.segments[1:]]}))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_file_that_cannot_be_written(model, tmp_path):
    with pytest.raises(OutputError, match="can't be written"):
        write_rules_report(tmp_path / "nowhere" / "report.html", model)
    assert list(tmp_path.iterdir()) == []
