"""A learned policy: found where it is planted, refused where there is none; the Qini curve."""

import numpy as np
import pandas as pd
import pytest

from clienteling.errors import ColumnError
from clienteling.measurement import sample as sampling
from clienteling.measurement.evaluate import evaluate


def customers(effect: float, n: int = 6_000, seed: int = 0) -> pd.DataFrame:
    """Return customers of whom the younger half answers to the mail, by that much."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(20, 80, n)
    mail = rng.choice(["mail", "none"], n)
    rate = 0.2 + effect * (mail == "mail") * np.where(age < 50, 1.0, -1.0)
    return pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.05, np.nan, age),
            "city": rng.choice(["Bonn", "Rome"], n),
            "mail": mail,
            "visit": (rng.random(n) < rate).astype(int),
        }
    )


def learned(rows, **more):
    return evaluate(
        rows,
        offer="mail",
        control="none",
        outcomes=["visit"],
        **{"covariates": ["age", "city"], **more},
    )


def test_a_planted_policy_is_found():
    found = learned(customers(0.15))
    (policy,) = found.learned
    assert policy.answer == "customers"
    # The best possible is 0.075 over either one for all.
    assert policy.low < 0.075 < policy.high
    assert 0.4 < policy.shares["mail"] < 0.6
    assert "offers by customer beat" in found.answer[0]
    (curve,) = found.qini
    assert curve.coefficient_low > 0
    assert curve.share[25] == pytest.approx(0.5)
    assert curve.gain[25] == pytest.approx(0.075, abs=0.02)
    assert curve.low[25] < 0.075 < curve.high[25]


def test_without_an_effect_the_same_is_sent_to_all():
    found = learned(customers(0.0, seed=1))
    (policy,) = found.learned
    assert policy.answer in ("one_offer", "nothing")
    assert policy.low <= 0
    assert "there is no evidence" in found.answer[0]
    (curve,) = found.qini
    assert curve.coefficient_low < 0 < curve.coefficient_high


def test_the_curve_ends_at_the_lift_over_all():
    found = learned(customers(0.15))
    (curve,) = found.qini
    lift = found.lift[0]
    assert curve.gain[0] == 0.0
    assert curve.gain[-1] == pytest.approx(lift.estimate, abs=0.5 * lift.se)
    assert curve.high[-1] - curve.low[-1] == pytest.approx(lift.high - lift.low, rel=0.1)


def test_it_is_the_same_again():
    rows = customers(0.15)
    assert learned(rows).learned == learned(rows).learned


def test_a_bounded_sample_is_drawn(monkeypatch):
    monkeypatch.setattr(sampling, "CUSTOMERS", 2_000)
    found = learned(customers(0.15))
    assert 1_800 < found.learned[0].customers < 2_200
    assert "drawn evenly from the 6,000" in found.notes[-1]


def test_covariates_that_are_none_are_refused_together():
    rows = customers(0.1).assign(day=pd.Timestamp("2024-01-01"), name=range(6_000))
    with pytest.raises(ColumnError) as refused:
        learned(rows, covariates=["mail", "visit", "day"])
    assert str(refused.value).count("\n  - ") == 3
    words = rows.assign(name=[f"n{each}" for each in range(6_000)])
    with pytest.raises(ColumnError, match="more than 50 different words"):
        learned(words, covariates=["name"])


@pytest.mark.slow
def test_hillstroms_visits_are_no_reason_to_send_by_customer(data_folder):
    found = evaluate(
        data_folder / "hillstrom.csv.gz",
        offer="segment",
        control="No E-Mail",
        outcomes=["visit"],
        covariates=["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"],
    )
    (policy,) = found.learned
    assert (policy.one, policy.answer) == ("Mens E-Mail", "one_offer")
    womens = {each.offer: each for each in found.qini}["Womens E-Mail"]
    assert womens.coefficient_low > 0
