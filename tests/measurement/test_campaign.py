"""A campaign's lift: like against like, and what can't be concluded is said."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from clienteling.errors import DataError
from clienteling.measurement.campaign import measure_decisions
from clienteling.measurement.stand_ins import stand_ins

DAY = dt.date(2026, 3, 1)
ARMS = ("offer", "holdout")


def decided(n=8000, seed=0):
    """Return decisions of two offers in two segments, a quarter held out."""
    rng = np.random.default_rng(seed)
    vip = rng.random(n) < 0.4
    held = rng.random(n) < 0.25
    rows = pd.DataFrame({"customer_id": np.arange(n), "segment_id": np.where(vip, 0, 1)})
    rows["segment"] = np.where(vip, "VIPs", "Others")
    rows["offer"] = np.where(vip, "wine", "mail")
    rows["arm"] = np.where(held, "holdout", "offer")
    rows.loc[n - 500 :, ["arm", "offer"]] = "nothing"
    return rows


def came(rows, rate, seed=1):
    """Return responses and what they spent."""
    rng = np.random.default_rng(seed)
    who = rows[rng.random(len(rows)) < rate]["customer_id"]
    spend = pd.DataFrame(
        {"customer_id": who, "name": "spend", "value": rng.exponential(30, len(who))}
    )
    once = pd.DataFrame({"customer_id": who, "name": "response", "value": 1.0})
    return pd.concat([once, spend]).assign(happened_at=pd.Timestamp("2026-03-05"))


def measured(rows, outcomes, **given):
    told = {"campaign": "spring", "holdout": 0.25, "day": DAY, "costs": {"wine": 2.0, "mail": 0.1}}
    return measure_decisions(rows, outcomes, **{**told, **given})


def test_the_lift_is_that_of_those_contacted_against_those_held_out():
    rows = decided()
    rate = np.where(rows["arm"] == "offer", np.where(rows["offer"] == "wine", 0.3, 0.1), 0.1)
    found = measured(rows, came(rows, rate), names=["response"], values={"wine": 20, "mail": 20})
    overall = found.found.lift[0]
    part = rows[rows["arm"] != "nothing"]
    responders = set(came(rows, rate)["customer_id"])
    means = part["customer_id"].isin(responders).groupby(part["arm"]).mean()
    assert overall.estimate == pytest.approx(means["offer"] - means["holdout"])
    assert found.verdict.code == "paid"
    wine, mail = (next(e for e in found.offers if e.offer == o) for o in ("wine", "mail"))
    assert wine.found.lift[0].low < 0.2 < wine.found.lift[0].high
    assert wine.p_adjusted < 0.001 < 0.05 < mail.p_adjusted
    assert "which may be chance" in mail.sentence
    # Each offer is charged its own cost, and all together their mean.
    assert wine.found.profit[0].cost == 2.0
    sent = rows[rows["arm"] == "offer"]["offer"].value_counts()
    assert found.found.profit[0].cost == pytest.approx(
        (2 * sent["wine"] + 0.1 * sent["mail"]) / sent.sum()
    )


def test_who_has_no_outcome_counts_as_none_and_others_days_do_not_count():
    rows = decided()
    outcomes = came(rows, 0.2)
    late = outcomes.assign(happened_at=pd.Timestamp("2026-06-01"))
    early = outcomes.assign(happened_at=pd.Timestamp("2026-02-01"))
    alone = measured(rows, outcomes, last_day=dt.date(2026, 3, 28), today=dt.date(2026, 4, 1))
    more = measured(
        rows, pd.concat([late, outcomes, early]), last_day=dt.date(2026, 3, 28),
        today=dt.date(2026, 4, 1),
    )  # fmt: skip
    assert more.found.lift == alone.found.lift
    assert more.found.experiment.customers == 7500
    with pytest.raises(DataError, match="there is nothing to measure by") as caught:
        measured(rows, late, last_day=dt.date(2026, 3, 28))
    assert caught.value.faults == (
        "no outcome happened in the days that count, 2026-03-01 to 2026-03-28.",
        f"there are {len(late):,}, of other days: on 2026-06-01.",
    )
    assert caught.value.hint.endswith("or take in what happened in those days.")


def test_before_the_last_day_there_is_no_verdict():
    rows = decided()
    found = measured(
        rows, came(rows, np.where(rows["arm"] == "offer", 0.3, 0.1)),
        last_day=dt.date(2026, 3, 28), today=dt.date(2026, 3, 28),
    )  # fmt: skip
    assert found.verdict.code == "collecting"
    found = measured(rows, came(rows, 0.1), planned=9000)
    assert found.verdict.code == "collecting"
    assert "7,500 of 9,000 planned customers" in found.verdict.sentence


def test_what_a_response_counts_over_offers_and_what_counts_nothing_is_said():
    rows = decided()
    outcomes = came(rows, 0.2)
    given = {"values": {"wine": 20.0, "mail": 5.0}, "worths": {"spnd": 0.4}}
    notes = measured(rows, outcomes, **given).notes
    assert any(each.startswith("A response counts from 5.00 to 20.00: ") for each in notes)
    assert any('no outcome "spnd" yet' in each and '"spend"' in each for each in notes)
    alike = measured(rows, outcomes, values={"wine": 20.0, "mail": 20.0}).notes
    assert not any("A response counts" in each or "yet" in each for each in alike)


def spread(n=12_000, seed=3):
    """Return decisions of three offers that stand unevenly in two segments."""
    rng = np.random.default_rng(seed)
    vip = rng.random(n) < 0.4
    rows = pd.DataFrame({"customer_id": np.arange(n), "segment": np.where(vip, "VIPs", "Others")})
    drawn = [
        rng.choice(["wine", "mail", "call"], n, p=p) for p in ((0.6, 0.3, 0.1), (0.1, 0.8, 0.1))
    ]
    rows["offer"] = np.where(vip, *drawn)
    rows["arm"] = np.where(rng.random(n) < 0.2, "holdout", "offer")
    return rows


VALUES = {"wine": 60.0, "mail": 5.0, "call": 30.0}
PRICES = {"wine": 3.0, "mail": 0.1, "call": 1.0}


def test_offers_of_different_values_earn_together_what_each_earned():
    rows = spread()
    lifted = rows["offer"].map({"wine": 0.2, "mail": 0.06, "call": 0.1})
    outcomes = came(rows, np.where(rows["arm"] == "offer", lifted, 0.05))
    given = {"names": ["response"], "costs": PRICES, "values": VALUES, "holdout": 0.2}
    found = measured(rows, outcomes, **given)
    overall = found.found.profit[0]
    own = {each.offer: each.found.profit[0] for each in found.offers}
    assert overall.total == pytest.approx(sum(each.total for each in own.values()))
    assert overall.worth is None
    # The intervals of the offers, each by its share of the contacts, make that over all.
    n = {each.offer: each.contacted for each in found.offers}
    for end in ("low", "high"):
        away = [(getattr(own[e], end) - own[e].estimate) * n[e] / sum(n.values()) for e in n]
        reach = np.linalg.norm(away) * (1 if end == "high" else -1)
        assert getattr(overall, end) == pytest.approx(overall.estimate + reach)
    assert found.verdict.code == "paid"
    assert f"{overall.estimate:+.3f} profit from response" in found.verdict.sentence
    assert "after its cost of 3.00: +" in next(
        e.sentence for e in found.offers if e.offer == "wine"
    )
    # And so do the segments, with the contacts that each had.
    responded = rows["customer_id"].isin(outcomes["customer_id"]).astype(float)
    for each in found.found.profit[1:]:
        part = rows[rows["segment"] == each.segment]
        total = 0.0
        for offer in VALUES:
            of = part["offer"] == offer
            got, held = (responded[part[of & (part["arm"] == arm)].index] for arm in ARMS)
            total += len(got) * (VALUES[offer] * (got.mean() - held.mean()) - PRICES[offer])
        assert each.total == pytest.approx(total)
        costs = part[part["arm"] == "offer"]["offer"].map(PRICES)
        assert each.cost == pytest.approx(costs.mean())
    # What a contact may cost is what it earned and cost.
    even = found.found.break_even[0]
    assert even.all_to == pytest.approx(overall.estimate + overall.cost)
    assert found.as_document()["profit"][0]["worth"] is None


def test_offers_with_few_customers_are_compared_together_with_others():
    rows = spread()
    rare = (rows["offer"] == "call") & (rows["customer_id"] % 20 > 0)
    rows = rows[~rare]
    outcomes = came(rows, np.where(rows["arm"] == "offer", 0.15, 0.05))
    given = {"names": ["response"], "costs": PRICES, "values": VALUES, "holdout": 0.2}
    found = measured(rows, outcomes, **given)
    assert next(each for each in found.offers if each.offer == "call").found is None
    responded = rows["customer_id"].isin(outcomes["customer_id"])
    brought = (rows["offer"].map(VALUES) * responded).where(responded, 0.0)
    got = rows["arm"] == "offer"
    few = rows["offer"].isin(["call", "wine"])  # the smaller one of the two others goes with it
    total = -rows[got]["offer"].map(PRICES).sum()
    for where in (few, ~few):
        means = [brought[where & arm].mean() for arm in (got, ~got)]
        total += (where & got).sum() * (means[0] - means[1])
    assert found.found.profit[0].total == pytest.approx(total)


def test_where_all_values_are_the_same_the_groups_are_compared_as_a_whole():
    rows = spread()
    outcomes = came(rows, np.where(rows["arm"] == "offer", 0.15, 0.05))
    given = {"names": ["response"], "costs": PRICES, "holdout": 0.2}
    found = measured(rows, outcomes, values=dict.fromkeys(VALUES, 20.0), **given).found
    lift, profit = found.lift[0], found.profit[0]
    assert profit.worth == 20.0
    assert profit.estimate == pytest.approx(20 * lift.estimate - profit.cost)
    assert (profit.low, profit.high) == pytest.approx(
        (20 * lift.low - profit.cost, 20 * lift.high - profit.cost)
    )


def test_groups_that_are_not_of_the_planned_sizes_raise_the_alarm():
    rows = decided()
    lost = rows[(rows["arm"] != "holdout") | (rows["customer_id"] % 5 > 0)]
    found = measured(lost, came(lost, np.where(lost["arm"] == "offer", 0.3, 0.1)))
    assert found.verdict.code == "cant_tell"
    assert "not of the planned sizes" in found.verdict.sentence


def test_without_a_holdout_nothing_is_concluded():
    rows = decided().query("arm != 'holdout'")
    with pytest.raises(DataError, match="0 were held out, so it can't be told"):
        measured(rows, came(rows, 0.2))


def test_those_who_were_forgotten_count_as_before():
    rows = decided()
    outcomes = came(rows, np.where(rows["arm"] == "offer", 0.3, 0.1))
    gone = rows["customer_id"] % 7 == 0
    values = outcomes.pivot_table(index="customer_id", columns="name", values="value").fillna(0)
    whole = rows[gone].merge(values, on="customer_id", how="left").fillna(0.0)
    sums = []
    for (segment, arm, offer), own in whole.groupby(["segment_id", "arm", "offer"]):
        group = {"segment_id": segment, "arm": arm, "offer": offer}
        sums.append({**group, "name": "", "customers": len(own), "total": 0.0, "squares": 0.0})
        for each in ("response", "spend"):
            had = own[own[each] != 0][each]
            told = {"customers": len(had), "total": had.sum(), "squares": (had**2).sum()}
            sums.append({**group, "name": each, **told})
    before = measured(rows, outcomes)
    left = outcomes[~outcomes["customer_id"].isin(rows[gone]["customer_id"])]
    after = measured(rows[~gone], left, forgotten=sums)
    assert len(after.found.lift) == len(before.found.lift)
    for old, new in zip(before.found.lift, after.found.lift, strict=True):
        assert (new.segment, new.customers) == (old.segment, old.customers)
        assert new.estimate == pytest.approx(old.estimate)
        assert (new.low, new.high) == pytest.approx((old.low, old.high), rel=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_stand_ins_have_the_same_sums(n):
    values = np.random.default_rng(n).exponential(20, n)
    group = {"segment_id": None, "arm": "offer", "offer": "a"}
    sums = [
        {**group, "name": "", "customers": n + 2, "total": 0.0, "squares": 0.0},
        {**group, "name": "y", "customers": n, "total": values.sum(), "squares": (values**2).sum()},
    ]
    found = np.array([each["y"] for each in stand_ins(sums, {"y": False, "none": True})])
    assert len(found) == n + 2
    assert found.sum() == pytest.approx(values.sum())
    assert (found**2).sum() == pytest.approx((values**2).sum())


def test_judged_as_on_an_earlier_day_what_came_later_is_not_known():
    rows = decided()
    soon = came(rows, 0.2)
    later = came(rows, 0.2, seed=2).assign(happened_at=pd.Timestamp("2026-03-20"))
    until = {"last_day": dt.date(2026, 3, 28), "today": dt.date(2026, 3, 10)}
    assert measured(rows, pd.concat([soon, later]), **until).found.lift == (
        measured(rows, soon, **until).found.lift
    )
