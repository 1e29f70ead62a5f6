"""The verdict, the checks of the draw, segments against one offer, and bad input."""

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import ColumnError, DataError, InputError
from clienteling.measurement.digits import with_interval
from clienteling.measurement.evaluate import evaluate


def judged(rows, outcomes=("visit",), **settings):
    given = {"offer": "mail", "control": "none", "outcomes": list(outcomes), **settings}
    return evaluate(rows, **given)


def test_it_paid(mailing):
    found = judged(mailing)
    assert found.verdict.code == "paid"
    assert found.verdict.sentence.startswith("Paid, if a contact cost less than what 0.")
    assert "compared with none" in found.verdict.sentence
    priced = judged(mailing, worths={"visit": 2.0})
    (over_all,) = (each for each in priced.lift if each.by is None and each.offer == "red")
    _, least, _ = with_interval(
        *(2.0 * e for e in (over_all.estimate, over_all.low, over_all.high))
    )
    assert priced.verdict.code == "paid"
    assert f"if a contact cost less than {least}" in priced.verdict.sentence
    costed = judged(mailing, worths={"visit": 2.0}, costs={"blue": 0.0, "red": 0.0})
    assert costed.verdict.sentence.startswith("Paid: ")
    assert "No cost" not in costed.verdict.sentence


@pytest.mark.parametrize(
    ("outcomes", "worths", "by", "other"),
    [
        (
            ["visit", "spend"],
            {},
            "visit, the first outcome",
            "spend, name it first (--outcome spend --outcome visit)",
        ),
        (
            ["visit", "spend"],
            {"spend": 0.4},
            "spend, the first outcome that is worth something",
            "visit, say what it earns (--value visit=…)",
        ),
        (
            ["spend", "visit"],
            {"spend": 0.4},
            "spend, the first outcome that is worth something",
            "visit, name it first and say what it earns "
            "(--outcome visit --outcome spend --value visit=…)",
        ),
        (
            ["spend", "visit"],
            {"spend": 0.4, "visit": 2.0},
            "spend, the first outcome that is worth something",
            "visit, name it first (--outcome visit --outcome spend)",
        ),
    ],
)
def test_the_verdict_names_the_outcome_that_it_is_by(mailing, outcomes, worths, by, other):
    found = judged(mailing, outcomes, worths=worths)
    assert found.verdict.judged_by == f"This is judged by {by}. To judge by {other}."
    assert by.startswith(found.verdict.outcome)
    assert found.as_document()["verdict_outcome"] == found.verdict.outcome


def test_a_single_outcome_needs_no_word_on_it_and_no_verdict_has_none(mailing):
    assert judged(mailing).verdict.outcome == "visit"
    assert judged(mailing).verdict.judged_by == ""
    waiting = judged(mailing, ["visit", "spend"], planned=9_000).verdict
    assert (waiting.outcome, waiting.judged_by) == ("", "")


def test_no_effect_cannot_be_told(mailing):
    rng = np.random.default_rng(1)
    found = judged(mailing.assign(visit=rng.integers(0, 2, len(mailing))))
    assert found.verdict.code == "cant_tell"
    assert "which may be chance" in found.verdict.sentence


def test_where_all_did_the_same_the_lift_is_nought(mailing):
    found = judged(mailing.assign(spend=0.1 + 0.2, visit=1), ["spend", "visit"], segments="regular")
    assert {each.estimate for each in found.lift} == {0.0}
    assert {each.advantage for each in found.by_segment} == {0.0}


def test_a_finished_experiment_is_not_waited_for(mailing):
    rng = np.random.default_rng(1)
    found = judged(mailing.assign(visit=rng.integers(0, 2, len(mailing))))
    assert found.verdict.sentence.startswith("Can't tell: ")
    assert judged(mailing, planned=9_000).verdict.sentence.startswith("Can't tell yet, still ")


def test_costs_above_the_lift_did_not_pay(mailing):
    found = judged(mailing, costs=5.0, worths={"visit": 10.0})
    assert found.verdict.code == "did_not_pay"
    cheap = judged(mailing, costs={"blue": 0.01, "red": 5.0}, worths={"visit": 10.0})
    assert cheap.verdict.code == "paid"
    assert "blue brought" in cheap.verdict.sentence
    blue = next(each for each in cheap.profit if each.offer == "blue" and each.by is None)
    lift = next(each for each in cheap.lift if each.offer == "blue" and each.by is None)
    assert blue.estimate == pytest.approx(10 * lift.estimate - 0.01)
    assert blue.total == pytest.approx(blue.estimate * lift.customers)


def test_a_cost_without_a_worth_is_said(mailing):
    found = judged(mailing, costs=0.01)
    assert 'One unit of "visit" is taken to be worth 1' in found.notes[-1]
    assert found.verdict.sentence.endswith("Here one visit is taken to be worth 1.")
    spent = judged(mailing, ["spend"], costs=0.01).verdict
    assert spent.code == "paid"
    assert spent.sentence.endswith(
        "Here all of spend is taken to be earned, as if what was sold had cost nothing."
    )
    said = judged(mailing, costs=5.0, worths={"visit": 10.0}).verdict.sentence
    assert "taken to be worth" not in said


def test_before_the_planned_size_there_is_no_verdict(mailing):
    assert judged(mailing, planned=6_000).verdict.code == "paid"
    found = judged(mailing, planned=10_000)
    assert found.verdict.code == "collecting"
    assert "6,000 of 10,000 planned customers" in found.verdict.sentence


def test_unequal_groups_raise_an_alarm_unless_planned(mailing):
    fewer = mailing.drop(mailing[mailing["mail"] == "none"].index[:500])
    found = judged(fewer)
    assert found.checks[0].alarm
    assert found.verdict.code == "cant_tell"
    assert "--shares" in found.verdict.sentence
    sizes = fewer["mail"].value_counts()
    planned = judged(fewer, shares={each: float(n) for each, n in sizes.items()})
    assert planned.verdict.code == "paid"
    with pytest.raises(InputError) as refused:
        judged(fewer, shares={"reed": 1, "blue": -1})
    assert str(refused.value).count("\n  - ") == 4
    assert 'there is no offer "reed". Did you mean "red"?' in str(refused.value)


def test_a_segment_that_the_offer_changed_raises_an_alarm(mailing):
    found = judged(mailing.assign(came=mailing["visit"]), outcomes=["spend"], segments=["came"])
    (check,) = [each for each in found.checks if each.kind == "segment_balance"]
    assert check.alarm
    assert 'The groups differ in "came"' in check.sentence


def test_segments_beat_one_offer_where_they_do(mailing):
    (found,) = judged(mailing, segments=["regular"]).by_segment
    assert found.answer == "segments"
    assert found.offers == {"yes": "red", "no": "blue"}
    assert 0 < found.low < 0.04 < found.high
    assert "yes: red" in found.sentence


def test_one_offer_is_sent_to_all_where_segments_are_chance(mailing):
    rng = np.random.default_rng(3)
    found = judged(
        mailing.assign(letter=rng.choice(list("abcdef"), len(mailing))), segments=["letter"]
    )
    (contrast,) = found.by_segment
    assert contrast.answer == "one_offer"
    assert contrast.low <= 0
    assert found.answer == (contrast.sentence,)
    assert "Send " in contrast.sentence
    costly = judged(mailing, segments=["regular"], costs=9.0, worths={"visit": 1.0})
    assert costly.by_segment[0].answer == "nothing"
    assert costly.answer[0].endswith("Send nothing.")


def test_nothing_is_sent_to_all_that_may_be_chance(mailing):
    """Where neither offer does anything, the better looking one is not advised."""
    rng = np.random.default_rng(9)
    rows = mailing.assign(
        visit=rng.permutation(mailing["visit"]), letter=rng.choice(list("ab"), len(mailing))
    )
    best = max(judged(rows).lift, key=lambda each: each.estimate)
    assert best.estimate > 0
    assert not best.clear
    doubt = f"{best.offer} looks best as one for all, but whether it beats sending nothing can't be"
    for settings in ({}, {"segments": ["letter"]}, {"covariates": ["letter"]}):
        (answer,) = judged(rows, **settings).answer
        assert doubt in answer
        assert "Send " not in answer
    # Nor by groups that are not what was drawn, though the offer works.
    uneven = judged(mailing[(mailing["mail"] != "red") | (mailing.index % 5 > 0)])
    assert uneven.verdict.code == "cant_tell"
    assert "can't be told" in uneven.answer[0]


def test_customers_who_stand_in_several_rows_are_noticed(mailing):
    rows = mailing.assign(customer_id=mailing.index)
    assert "repeated_ids" not in {each.kind for each in judged(rows).checks}
    once = judged(pd.concat([rows, rows.head(1)]))
    (check,) = [each for each in once.checks if each.kind == "repeated_ids"]
    assert (check.observed, check.alarm) == ((1.0,), False)
    assert check.sentence.startswith('1 row has a customer in "customer_id" who stands in a row')
    twice = judged(pd.concat([rows, rows]), segments=["regular"])
    assert twice.verdict.code == "cant_tell"
    assert "6,000 rows have a customer" in twice.verdict.sentence
    assert "Give a row per customer" in twice.verdict.sentence


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), (" True", "FALSE"), ("Ja", "nein")])
def test_yes_and_no_are_read_as_a_response(mailing, yes, no):
    rows = mailing.assign(visit=np.where(mailing["visit"] == 1, yes, no))
    found = judged(rows)
    assert found.lift == judged(mailing).lift
    assert '"visit" is read as 1 for yes and 0 for no.' in found.notes
    rows.loc[3, "visit"] = "perhaps"
    with pytest.raises(DataError, match="or as yes and no throughout") as refused:
        judged(rows)
    assert "The values of" not in str(refused.value)


def test_an_offer_of_three_customers_is_told_what_to_do(mailing):
    rows = mailing.copy()
    rows.loc[:2, "mail"] = "green"
    with pytest.raises(DataError) as refused:
        judged(rows)
    assert '"green" in column "mail" has 3 customers' in str(refused.value)
    assert "Leave the rows of those with too few out" in str(refused.value)


def test_without_segments_the_question_is_answered_too(mailing):
    (answer,) = judged(mailing).answer
    assert "Send blue to all." in answer or "Send red to all." in answer
    assert "--segments" in answer


def test_missing_values_are_counted_and_said(mailing):
    holes = mailing.copy()
    holes.loc[:9, "mail"] = None
    holes["visit"] = holes["visit"].astype("float64")
    holes.loc[100:119, "visit"] = np.nan
    found = judged(holes)
    assert found.notes[0] == "10 customers without an offer are left out."
    assert '"visit" is missing for 20 customers' in found.notes[1]
    lost = mailing.assign(visit=mailing["visit"].astype("float64"))
    lost.loc[(lost["mail"] == "red") & (lost.index < 600), "visit"] = np.nan
    alarmed = judged(lost)
    assert alarmed.verdict.code == "cant_tell"
    assert "is missing more often in some groups" in alarmed.verdict.sentence


def test_unknown_columns_are_named_together(mailing):
    with pytest.raises(ColumnError) as refused:
        judged(mailing, ["vist"], offer="mial", segments=["regulr"])
    said = str(refused.value)
    for wrong, right in (("vist", "visit"), ("mial", "mail"), ("regulr", "regular")):
        assert f'there is no column "{wrong}". Did you mean "{right}"?' in said


def test_faults_in_the_values_are_said_together(mailing):
    rows = mailing.assign(
        word=np.where(mailing.index == 5, "abc", "1"), loss=-mailing["spend"], id2=mailing.index
    )
    rows.loc[:4, "mail"] = "green"
    with pytest.raises(DataError) as refused:
        judged(rows, ["word", "loss"], control="nome", segments=["id2"])
    said = str(refused.value)
    assert 'column "word" must be numbers: it holds "abc".' in said
    assert 'column "loss" lies below zero for' in said
    assert 'column "id2" has 6,000 different values' in said
    assert 'no customer has "nome" in column "mail"' in said
    assert 'Did you mean "none"?' in said
    assert '"green" in column "mail" has 5 customers' in said
    assert 'The values of "mail" are: "blue", "green", "none", "red".' in said


def test_returns_are_let_through_when_asked(mailing):
    rows = mailing.assign(spend=mailing["spend"] - 30)
    with pytest.raises(DataError, match="--allow-negative"):
        judged(rows, ["spend"])
    assert judged(rows, ["spend"], allow_negative=True).lift[0].enough


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (pd.DataFrame({"mail": ["none"] * 40, "visit": [0, 1] * 20}), "there is no offer"),
        (pd.DataFrame({"mail": ["none"], "visit": [1]}).iloc[:0], "no rows"),
        (
            pd.DataFrame({"mail": ["none", "a"] * 40, "visit": [np.nan] * 80}),
            "is empty in all 80 rows",
        ),
    ],
)
def test_what_is_no_experiment_is_refused(rows, said):
    with pytest.raises(InputError, match=said):
        judged(cl.read(rows))


def test_offers_may_be_numbers_or_flags(mailing):
    for made in (
        (mailing["mail"] != "none").astype(int),
        mailing["mail"] != "none",
        (mailing["mail"] != "none").astype(float),
    ):
        rows = mailing.assign(mail=made)
        control = "false" if made.dtype == bool else "0"
        found = judged(
            rows, control=control, shares={control: 1, {"0": "1"}.get(control, "true"): 2}
        )
        assert found.experiment.control == control
        assert found.verdict.code == "paid"


def test_words_for_no_value_are_missing_and_near_alike_ones_are_said(mailing):
    place = pd.Series(np.arange(len(mailing)) % 6)
    words = {0: "Bonn", 1: "Bonn", 2: "Köln", 3: "köln ", 4: "N/A", 5: None}
    found = judged(mailing.assign(city=place.map(words).to_numpy()), segments="city")
    assert {each.segment for each in found.lift if each.by == "city"} == {
        *("Bonn", "Köln", "köln ", "(missing)"),
    }
    n = int((place == 4).sum())
    assert f'Column "city": {n:,} values such as "N/A" count as missing.' in found.notes
    (near,) = (each for each in found.notes if "differ only in case" in each)
    assert near.endswith('"Köln" and "köln ".')
