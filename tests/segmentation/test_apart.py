"""What sets segments apart, measured against pandas on every customer."""

import json

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_segments import share_words


def check_rules(model: Model, frame: pd.DataFrame) -> None:
    """The fidelity of every rule is that of the rule as it is shown, over all customers."""
    own = model.predict(frame)["segment_id"]
    for each in model.segments:
        assert each.rule is not None
        found = pd.Series(True, index=frame.index)
        for limit in each.rule.conditions:
            if limit.above is not None:
                found &= frame[limit.feature] > limit.above
                assert f"above {limit.above:,.10g}" in each.rule.words
            if limit.up_to is not None:
                found &= frame[limit.feature] <= limit.up_to
                assert f"up to {limit.up_to:,.10g}" in each.rule.words
        both = (found & (own == each.id)).sum()
        assert each.rule.recall == pytest.approx(both / each.size, abs=1e-12)
        assert each.rule.precision == pytest.approx(both / found.sum(), abs=1e-12)


def test_the_mall(mall, mall_frame):
    check_rules(mall, mall_frame)
    deal_seekers = mall.segments[-1]
    assert deal_seekers.rule.words == "income up to 38 k$ and spending above 50"
    assert deal_seekers.rule.sentence == (
        "income up to 38 k$ and spending above 50: catches 95\N{NO-BREAK SPACE}% of them, and all "
        "of whom it catches are theirs"
    )
    assert mall.apart(deal_seekers) == (
        "income 26 k$ (all customers 61, -1.3 standard deviations); "
        "spending 79 (all customers 50, +1.1 standard deviations)"
    )
    assert mall.apart(mall.segments[0]) == ""


@pytest.mark.parametrize("transform", ["none", "auto"])
def test_rules_over_all_customers(data_folder, transform):
    path = data_folder / "ifood_customers.csv"
    columns = ["Income", "MntWines", "NumWebPurchases"]
    model = cl.segment(path, columns, k=4, transform=transform)
    check_rules(model, pd.read_csv(path).dropna(subset=columns).reset_index(drop=True))


@pytest.mark.parametrize("features", [2, 5])
def test_rules_of_a_sketch_are_measured_on_all_customers(features):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(60_000, features)), columns=list("abcde")[:features])
    frame += rng.integers(0, 3, size=(60_000, 1)) * 4
    frame["id"] = np.arange(60_000)
    model = cl.segment(frame, list("abcde")[:features], k=3)
    assert model.method.sketch != "exact"
    check_rules(model, frame)


def test_the_typical_customer_is_the_one_nearest_to_the_centre(mall, mall_frame):
    columns = mall.feature_names
    z = (mall_frame[columns] - mall.mean) / mall.scale
    for each in mall.segments:
        nearest = ((z - np.array(each.centre)) ** 2).sum(axis=1).min()
        own = (np.array([each.typical[c] for c in columns]) - mall.mean) / mall.scale
        assert ((own - np.array(each.centre)) ** 2).sum() == pytest.approx(nearest, abs=1e-9)
    assert mall.typical_words(mall.segments[-1]) == "income 28 k$, spending 82"


def test_traits_against_pandas(mall, mall_frame):
    own = mall.predict(mall_frame)["segment_id"]
    for each in mall.segments:
        for trait in each.traits:
            column = mall_frame[trait.feature]
            assert trait.value == pytest.approx(column[own == each.id].mean())
            assert trait.overall == pytest.approx(column.mean())
            apart = (trait.value - trait.overall) / column.std(ddof=0)
            assert trait.difference == pytest.approx(apart)
        sizes = [abs(trait.difference) for trait in each.traits]
        assert sizes == sorted(sizes, reverse=True)


def test_one_segment_has_no_rule(mall_frame):
    (only,) = cl.segment(mall_frame, k=1).segments
    assert only.rule is None
    assert only.traits == []
    assert only.typical


def test_a_model_of_before_still_loads(mall):
    document = mall.model_dump(mode="json")
    for each in document["segments"]:
        for added in ("traits", "typical", "rule"):
            del each[added]
    old = Model.model_validate_json(json.dumps(document))
    assert old.segments[0].rule is None
    assert old.typical_words(old.segments[0]) == ""


@pytest.mark.parametrize(
    ("share", "words"), [(1.0, "all"), (0.9999, "99\xa0%"), (0.0001, "0\xa0%"), (0.954, "95\xa0%")]
)
def test_all_is_said_only_of_all(share, words):
    assert share_words(share) == words
