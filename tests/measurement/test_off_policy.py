"""Off-policy estimates against plain numpy on the single decisions, and against another log."""

import re

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import ColumnError, DataError
from clienteling.measurement.log import DecisionLog, read_log, shares_of_log
from clienteling.measurement.off_policy import off_policy, probabilities


@pytest.fixture(scope="module")
def decided() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    n = 8_000
    place = rng.choice(["top", "foot"], n)
    mail = np.where(place == "top", 0.7, 0.4)
    drawn = rng.random(n) < mail
    rate = np.where(drawn, np.where(place == "top", 0.2, 0.05), 0.1)
    return pd.DataFrame(
        {
            "place": place,
            "action": np.where(drawn, "mail", "call"),
            "reward": (rng.random(n) < rate).astype(int),
            "p": np.where(drawn, mail, 1 - mail),
        }
    )


POLICY = {("top", "mail"): 0.9, ("top", "call"): 0.1, ("foot", "mail"): 0.2, ("foot", "call"): 0.8}


def counted(rows, **more) -> DecisionLog:
    given = {"action": "action", "reward": "reward", "propensity": "p", "context": ["place"]}
    return read_log(cl.read(rows), **{**given, **more})


def test_the_estimates_are_those_of_the_single_decisions(decided):
    log = counted(decided)
    found = off_policy(log, probabilities(log, POLICY))
    pi = np.array([POLICY[key] for key in zip(decided["place"], decided["action"], strict=True)])
    r, w = decided["reward"].to_numpy(), pi / decided["p"].to_numpy()
    assert found.effective == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert found.largest_weight == pytest.approx(w.max() / w.sum())
    assert found.logged == pytest.approx(r.mean())
    assert found["ips"].estimate == pytest.approx((w * r).mean())
    assert found["ips"].se == pytest.approx((w * r).std(ddof=1) / np.sqrt(len(r)))
    theta = (w * r).sum() / w.sum()
    assert found["snipw"].estimate == pytest.approx(theta)
    residual = np.sqrt((w**2 * (r - theta) ** 2).sum()) / w.sum()
    assert found["snipw"].se == pytest.approx(residual)
    # The truth, from the rates that the rewards were drawn with.
    truth = 0.5 * (0.9 * 0.2 + 0.1 * 0.1) + 0.5 * (0.2 * 0.05 + 0.8 * 0.1)
    for each in found.estimates:
        assert each.low < truth < each.high
    assert found.answer == "better"


def test_the_doubly_robust_estimate_is_that_of_the_single_decisions(decided):
    places, actions = ["foot", "top"], ["call", "mail"]
    c = decided["place"].map(places.index).to_numpy()
    a = decided["action"].map(actions.index).to_numpy()
    r, p = decided["reward"].to_numpy(float), decided["p"].to_numpy()
    fold = np.arange(len(r)) % 4
    pi = np.array([[POLICY[each, other] for other in actions] for each in places])
    found = off_policy(DecisionLog.of_arrays(a, r, p, context=c, fold=fold), pi)
    score = np.empty(len(r))
    for each in range(4):
        here, others = fold == each, fold != each
        overall = r[others].mean()
        model = np.empty((2, 2))
        for j in range(2):
            of_action = r[others & (a == j)]
            mean = (of_action.sum() + 10 * overall) / (len(of_action) + 10)
            for i in range(2):
                cell = r[others & (a == j) & (c == i)]
                model[i, j] = (cell.sum() + 10 * mean) / (len(cell) + 10)
        base = (pi * model).sum(axis=1)[c[here]]
        weight = (pi[c, a] / p)[here]
        score[here] = base + weight * (r[here] - model[c[here], a[here]])
    n = len(r)
    assert found["dr"].estimate == pytest.approx(score.mean(), rel=1e-10)
    assert found["dr"].se == pytest.approx(score.std(ddof=1) / np.sqrt(n), rel=1e-3)
    assert found.advantage.estimate == pytest.approx((score - r).mean(), rel=1e-9)
    assert found.advantage.se == pytest.approx((score - r).std(ddof=1) / np.sqrt(n), rel=1e-3)


def test_the_policy_that_ran_has_the_value_that_it_had(decided):
    log = counted(decided)
    own = {("top", "mail"): 0.7, ("top", "call"): 0.3, ("foot", "mail"): 0.4, ("foot", "call"): 0.6}
    found = off_policy(log, probabilities(log, own))
    assert found.effective == pytest.approx(len(decided))
    assert found["snipw"].estimate == pytest.approx(found.logged)
    assert found.advantage.estimate == pytest.approx(0.0, abs=1e-3)
    assert found.answer == "cant_tell"
    assert found.warnings == ()


def test_values_below_zero_and_large_ones(decided):
    for shift in (-5.0, 1e4):
        log = counted(decided.assign(reward=decided["reward"] * 10 + shift))
        found = off_policy(log, probabilities(log, POLICY))
        dr = found["dr"]
        assert dr.low < 10 * 0.14 + shift < dr.high
        assert dr.high - dr.low < 1.0


def test_too_thin_an_overlap_is_refused(decided):
    rows = decided[~((decided["place"] == "top") & (decided["action"] == "call"))]
    log = counted(rows)
    found = off_policy(log, probabilities(log, "call"))
    assert found.answer == "refused"
    assert found.estimates == ()
    assert "actions that the log never tried" in found.refused
    few = counted(decided.iloc[:150])
    found = off_policy(few, probabilities(few, "mail"))
    assert "at least 100 are needed" in found.refused


def test_wrong_propensities_are_noticed(decided):
    low = counted(decided.assign(p=0.3))
    found = off_policy(low, probabilities(low, POLICY))
    assert any("are not those that it was drawn with" in each for each in found.warnings)
    # Too high they look like actions that had no chance.
    high = counted(decided.assign(p=0.9))
    found = off_policy(high, probabilities(high, POLICY))
    assert found.refused.endswith("(or the propensities are not those that it was drawn with).")


def test_what_most_could_not_get_is_refused_though_the_context_tried_it(decided):
    """To six in ten the call was not open: all say so, and only the weights can tell."""
    rows = decided.assign(open=np.random.default_rng(1).random(len(decided)) < 0.4)
    closed = ~rows["open"]
    rows.loc[closed, "action"], rows.loc[closed, "p"] = "mail", 1.0
    log = counted(rows)
    found = off_policy(log, probabilities(log, "call"))
    assert found.answer == "refused"
    assert "actions that had no chance in the log" in found.sentence
    assert re.search(r"mean of 0\.(3|4)\d\d where 1 is expected", found.refused)
    # Those whom it could reach are judged.
    alone = counted(rows[rows["open"]])
    assert off_policy(alone, probabilities(alone, "call")).answer != "refused"


def test_one_decision_with_much_weight_is_noticed(decided):
    rows = decided.copy()
    rows.loc[0, "p"] = 0.001
    log = counted(rows)
    warned = off_policy(log, probabilities(log, POLICY)).warnings
    assert any("A single decision carries" in each for each in warned)


def test_faults_of_a_log_are_said_together(decided):
    rows = decided.assign(p=decided["p"] * 100)
    rows.loc[:2, "p"] = 0.0
    with pytest.raises(DataError) as refused:
        counted(rows)
    assert "zero or below for 3 decisions" in str(refused.value)
    assert "above 1 for 7,997 decisions" in str(refused.value)
    with pytest.raises(ColumnError, match='there is no column "rewrd"'):
        counted(decided, reward="rewrd")


def test_decisions_that_lack_something_are_counted(decided):
    rows = decided.assign(reward=decided["reward"].astype("float64"))
    rows.loc[:9, "reward"] = np.nan
    log = counted(rows)
    assert log.decisions == 7_990
    assert log.notes[-1].startswith("10 of 8,000 decisions are left out")


def test_a_policy_must_be_one(decided):
    log = counted(decided)
    with pytest.raises(ValueError, match="add up to 1"):
        off_policy(log, [[0.5, 0.4], [0.5, 0.5]])
    with pytest.raises(ValueError, match="contexts × actions"):
        off_policy(log, [[0.5, 0.5]])
    with pytest.raises(ValueError, match="propensity"):
        DecisionLog.of_arrays([0], [1.0], [0.0])
    with pytest.raises(KeyError, match="top"):
        probabilities(log, {("foot", "mail"): 1.0})


def open_bandit(data_folder, name: str) -> cl.Table:
    return cl.read(data_folder / f"open_bandit_{name}_men.csv.gz")


@pytest.mark.parametrize("context", [["position"], []])
def test_the_uniform_log_of_open_bandit_tells_thompson_samplings_value(data_folder, context):
    shares, decisions, own = shares_of_log(
        open_bandit(data_folder, "bts"), action="item_id", context=context, reward="click"
    )
    assert decisions == 10_000
    log = read_log(
        open_bandit(data_folder, "random"),
        action="item_id",
        reward="click",
        propensity="propensity_score",
        context=context,
    )
    assert len(log.actions) == 34
    found = off_policy(log, probabilities(log, shares))
    for each in found.estimates:
        assert each.low < own < each.high
    assert 2_500 < found.effective < 3_500
    assert f"count as {found.effective:,.0f} of the other policy" in found.warnings[0]


def test_thompson_samplings_log_tells_the_uniform_ones_value(data_folder):
    log = read_log(
        open_bandit(data_folder, "bts"),
        action="item_id",
        reward="click",
        propensity="propensity_score",
        context=["position"],
    )
    found = off_policy(log, np.full((3, 34), 1 / 34))
    own = open_bandit(data_folder, "random").df()["click"].mean()
    assert 100 < found.effective < 1_000
    assert found["snipw"].low < own < found["snipw"].high
