"""The expected profit and the smallest lift, against simulation."""

import numpy as np
import pytest

from clienteling.campaigns.forecast import base_rate_of, forecast, smallest_lift
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Experience


def catalogue_of(**told):
    offer = {"id": "a", "title": "A", "text": "x", "segments": ["premium"], "reason": "r."}
    return Catalogue.model_validate({"catalogue": "mine", "offers": [{**offer, **told}]})


@pytest.mark.parametrize(
    ("contacted", "held", "rate"), [(9000, 1000, 0.05), (3000, 3000, 0.02), (1900, 100, 0.1)]
)
def test_a_campaign_of_this_size_finds_the_smallest_lift_four_times_in_five(contacted, held, rate):
    from statsmodels.stats.proportion import test_proportions_2indep as compare

    rng = np.random.default_rng(1)
    lift = smallest_lift(contacted, held, rate)
    got, without = rng.binomial(contacted, rate + lift, 400), rng.binomial(held, rate, 400)
    found = [
        compare(x, contacted, y, held, method="score", correction=False).pvalue < 0.05
        for x, y in zip(got, without, strict=True)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)


def test_smallest_lifts_that_there_are_not():
    assert smallest_lift(100, 0, 0.1) is None
    assert smallest_lift(3, 1, 0.6) is None
    assert 0 < smallest_lift(1000, 1000, 0.0) < 0.01


def test_the_interval_holds_what_comes_in_95_of_100_times():
    """Drawn by the same assumptions, but by its own draws."""
    catalogue = catalogue_of(cost=0.5, value=20.0, response=0.05, response_weight=200)
    found = forecast({(0, "a"): 3000, (1, "a"): 2000}, catalogue)
    rng = np.random.default_rng(7)
    rate = rng.beta(10, 190, 4000)
    brought = rng.binomial(5000, rate) * 20.0 - 2500
    assert np.mean((brought >= found.low) & (brought <= found.high)) == pytest.approx(
        0.95, abs=0.012
    )
    assert found.estimate == pytest.approx(5000 * 0.05 * 20 - 2500)


def test_outcomes_narrow_the_interval_and_doing_nothing_counts():
    catalogue = catalogue_of(cost=0.5, value=20.0, response=0.05, response_weight=200)
    seen = {(0, "a"): Experience(20_000, 1000, 20_000.0, 400_000.0)}
    wide = forecast({(0, "a"): 3000}, catalogue)
    narrow = forecast({(0, "a"): 3000}, catalogue, seen)
    assert narrow.high - narrow.low < (wide.high - wide.low) / 2
    seen[0, "nothing"] = Experience(10_000, 200, 4000.0, 80_000.0)
    less = forecast({(0, "a"): 3000}, catalogue, seen)
    assert narrow.estimate - less.estimate == pytest.approx(3000 * 0.02 * 20, rel=0.01)
    rate, known_from = base_rate_of(catalogue, seen)
    assert (rate, known_from) == (pytest.approx(0.02, abs=1e-4), "held_out")
    assert base_rate_of(catalogue) == (0.05, "assumed")
    assert base_rate_of(catalogue, seen, 0.03) == (0.03, "given")


def test_who_would_respond_anyway_is_taken_off_by_the_same_notion_of_a_response():
    """Contacts whose whole response comes without an offer, too, bring their cost only."""
    catalogue = catalogue_of(cost=0.5, value=20.0, response=0.05, response_weight=200)
    none = forecast({(0, "a"): 3000}, catalogue, base_rate=0.05)
    assert none.estimate == pytest.approx(-3000 * 0.5)
    half = forecast({(0, "a"): 3000}, catalogue, base_rate=0.03)
    assert half.estimate == pytest.approx(3000 * (0.02 * 20 - 0.5))
    # What was said and what those who were held out did come to the same.
    seen = {
        (0, "a"): Experience(20_000, 1000, 20_000.0, 400_000.0),
        (0, "nothing"): Experience(100_000, 3000, 60_000.0, 1_200_000.0),
    }
    watched, told = (
        forecast({(0, "a"): 3000}, catalogue, seen, base_rate=rate) for rate in (None, 0.03)
    )
    assert watched.estimate == pytest.approx(told.estimate, rel=1e-3)


def test_responses_without_an_offer_count_what_those_to_the_offer_do():
    catalogue = catalogue_of(cost=0.5, value=20.0, response=0.05, response_weight=200)
    seen = {(0, "a"): Experience(20_000, 1000, 20_000.0, 400_000.0)}
    alone = forecast({(0, "a"): 3000}, catalogue, seen)
    seen[0, "nothing"] = Experience(9999, 199, valued=False)
    less = forecast({(0, "a"): 3000}, catalogue, seen)
    without = alone.estimate - less.estimate
    # The 0.5 is that of the least informative Beta distribution.
    assert without == pytest.approx(3000 * 199.5 / 10_000 * 20)


def test_without_values_there_is_no_forecast():
    assert forecast({(0, "a"): 10}, catalogue_of()) is None
    assert base_rate_of(catalogue_of()) == (None, "")
