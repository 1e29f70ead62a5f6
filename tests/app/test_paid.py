import datetime as dt
import io
import tempfile

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from clienteling.app.pages.lifts import not_concluded
from clienteling.app.paid import Asked, columns_in, measure_experiment, measure_kept
from clienteling.app.planning import Wishes, plan, priced
from clienteling.app.uploads import Upload, fit_upload
from clienteling.errors import ClientelingError, DataError
from clienteling.measurement.evaluate import evaluate

pytest.importorskip("statsmodels", reason='pip install "clienteling[campaigns]"')

DAY = dt.date(2026, 3, 1)


@pytest.fixture(scope="module")
def spring() -> tuple[Upload, pd.DataFrame]:
    """Return a campaign of 3,000 customers that is over, and its decisions."""
    rng = np.random.default_rng(3)
    group = rng.integers(0, 3, 3000)
    frame = pd.DataFrame({"visits": (10 * group + rng.normal(3, 1, 3000)).round(1)})
    frame.insert(0, "customer_id", range(1, 3001))
    own = fit_upload(Upload("shop.csv", frame.to_csv(index=False).encode()), ["visits"])
    told = {"cost": 0.5, "value": 12.0, "response": 0.1}
    offers = priced(own.catalogue, [told] * len(own.catalogue.offers))
    made = plan(own.model, own.opens, offers, Wishes("spring", DAY, holdout=0.3))
    decided = pq.read_table(io.BytesIO(made.decisions("parquet"))).to_pandas()
    return Upload("spring.zip", made.folder), decided


def came(decided: pd.DataFrame, contacted: float = 0.25, others: float = 0.05) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    rates = np.where(decided["arm"] == "offer", contacted, others)
    hits = decided.loc[rng.random(len(decided)) < rates, ["customer_id"]]
    return hits.assign(name="response", value=1, happened_at="2026-03-10")


def as_upload(frame: pd.DataFrame, name: str = "came.csv") -> Upload:
    return Upload(name, frame.to_csv(index=False).encode())


def test_a_campaign_that_paid(spring, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept, decided = spring
    rows = came(decided)
    paid = measure_kept(kept, as_upload(rows))
    assert paid.found.verdict.code == "paid"
    assert paid.taken == f"{len(rows):,} outcomes were taken in."
    assert paid.refused is None
    by_hand = [
        decided[decided["arm"] == arm]["customer_id"].isin(rows["customer_id"]).mean()
        for arm in ("offer", "holdout")
    ]
    assert paid.found.lift[0].estimate == pytest.approx(by_hand[0] - by_hand[1])
    assert {each.segment for each in paid.found.lift if each.by} == set(decided["segment"])
    assert "report.html" in paid.files
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def test_a_row_per_customer_measures_alike(spring) -> None:
    kept, decided = spring
    rows = came(decided)
    wide = decided[["customer_id"]].assign(
        bought=decided["customer_id"].isin(rows["customer_id"]).astype(int)
    )
    paid = measure_kept(kept, as_upload(wide), columns=["bought"], on=dt.date(2026, 3, 10))
    one = measure_kept(kept, as_upload(rows)).found.lift[0]
    assert paid.found.lift[0].outcome == "bought"
    assert paid.found.lift[0].estimate == one.estimate


def test_what_is_wrong_is_named_and_the_rest_is_taken_in(spring) -> None:
    kept, decided = spring
    rows = came(decided).astype(str)
    bad = pd.DataFrame(
        {"customer_id": ["99999", "12"], "name": "response", "value": ["1", "x"],
         "happened_at": "2026-03-10"}
    )  # fmt: skip
    paid = measure_kept(kept, as_upload(pd.concat([rows, bad]), "mine.csv"))
    assert paid.refused is not None
    assert "mine.csv: 2 outcomes were not taken in" in paid.refused.message
    assert f"row {len(rows) + 1}" in paid.refused.faults[0]
    with pytest.raises(DataError) as caught:
        measure_kept(kept, as_upload(bad, "mine.csv"))
    assert "mine.csv: 2 outcomes were not taken in" in caught.value.message


@pytest.mark.parametrize(
    ("campaign", "outcomes", "said"),
    [
        (b"x", b"customer_id,happened_at\n1,2026-03-10\n", "spring.zip: is no ZIP file"),
        (None, b"", "mine.csv: is empty."),
        (None, b"a,b\n1,2\n", 'there is no column "happened_at"'),
        (None, b"customer_id,happened_at\n1,2025-01-01\n", "no outcome happened in the days"),
    ],
)
def test_bad_files_are_answered_by_their_names(spring, tmp_path, campaign, outcomes, said) -> None:
    kept = Upload("spring.zip", campaign or spring[0].data)
    with pytest.raises(ClientelingError) as caught:
        measure_kept(kept, Upload("mine.csv", outcomes))
    assert said in str(caught.value)
    assert "--" not in str(caught.value)
    assert tempfile.gettempdir() not in str(caught.value)


def experiment() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"id": range(4000), "mail": ["yes", "no"] * 2000})
    rows["store"] = rng.choice(["north", "south"], len(rows))
    rows["visit"] = (rng.random(len(rows)) < np.where(rows["mail"] == "yes", 0.3, 0.2)).astype(int)
    return rows


def test_an_experiment_is_learned_from_and_sharpened_by_what_was_known_before() -> None:
    rng = np.random.default_rng(3)
    rows = experiment()
    rows = rows.assign(age=rng.normal(40, 9, len(rows)), earlier=rng.gamma(2.0, 20.0, len(rows)))
    rows["spend"] = rows["visit"] + rows["earlier"]
    known = {"covariates": ("age", "store"), "before": "earlier"}
    found = measure_experiment(as_upload(rows), Asked("mail", "no", ("spend",), **known))
    (lift,) = (each for each in found.found.lift if each.by is None)
    assert lift.method == "cuped"
    assert lift.variance_kept < 0.1
    assert found.found.learned[0].covariates == ("age", "store")
    assert "images/uplift_1.png" in found.files


def test_an_experiment_is_measured_as_on_the_command_line() -> None:
    rows = experiment()
    asked = Asked("mail", "no", ("visit",), ("store",), cost=0.02, worth=1.0)
    paid = measure_experiment(as_upload(rows, "mine.csv"), asked)
    settings = {"costs": 0.02, "worths": {"visit": 1.0}, "segments": ["store"]}
    wanted = evaluate(rows, offer="mail", control="no", outcomes=["visit"], **settings)
    assert paid.found.lift == wanted.lift
    assert paid.found.verdict == wanted.verdict
    assert paid.found.profit == wanted.profit


def test_segments_are_made_as_on_the_command_line() -> None:
    rows = experiment()
    rng = np.random.default_rng(6)
    kind = rng.integers(0, 2, len(rows))
    rows["orders"] = (2 + 9 * kind + rng.normal(0, 1, len(rows))).round(2)
    own = as_upload(rows, "mine.csv")
    assert columns_in(own).features("mail", "visit") == ("orders", "store")
    wanted = evaluate(rows, offer="mail", control="no", outcomes=["visit"], segments="auto")
    assert wanted.made is not None
    paid = measure_experiment(own, Asked("mail", "no", ("visit",), makes=True))
    assert paid.found.made is not None
    assert paid.found.made.sentences == wanted.made.sentences
    assert paid.found.lift == wanted.lift
    # Words are levels and numbers are features, whatever they were chosen as.
    named = measure_experiment(
        own, Asked("mail", "no", ("visit",), makes=True, made_of=("orders", "store"))
    )
    assert named.found.made is not None
    assert named.found.made.model.columns == ["orders", "store"]
    assert not named.found.made.proposed


def test_the_columns_of_a_file_are_offered() -> None:
    found = columns_in(as_upload(experiment()))
    assert found.numbers == ("id", "visit")
    assert set(found.levels) == {"mail", "store", "visit"}
    assert set(found.levels["mail"]) == {"yes", "no"}
    assert not found.has_names
    assert not found.has_moment


@pytest.mark.parametrize(
    ("columns", "likely"),
    [
        (["flag", "visit"], ("visit",)),
        (["score"], ("score",)),
        (["flag", "score"], ()),
        (["visit", "spend"], ()),
    ],
)
def test_an_outcome_is_chosen_where_there_is_no_doubt(columns, likely) -> None:
    rows = pd.DataFrame({"customer_id": range(40), "mail": ["a", "b"] * 20})
    rows = rows.assign(**{each: [0, 1, 1, 0] * 10 for each in columns})
    found = columns_in(as_upload(rows))
    assert found.outcomes("mail") == tuple(columns)
    assert found.likely("mail") == likely


def test_offers_are_named_by_their_titles_with_the_days(spring) -> None:
    kept, decided = spring
    paid = measure_kept(kept, as_upload(came(decided)))
    titles = [each.partition(":")[0] for each in paid.by_offer]
    assert not set(titles) & set(decided["offer"])
    assert any(" " in each for each in titles)
    said = "The contacts were on 1 March 2026; outcomes until 28 March 2026 count."
    assert paid.found.when == said
    assert said in paid.files["report.html"].decode()


def test_bad_choices_get_the_command_lines_message() -> None:
    rows = experiment().assign(back=-1.0)
    with pytest.raises(ClientelingError) as caught:
        measure_experiment(as_upload(rows, "mine.csv"), Asked("mail", "no", ("back",)))
    assert 'column "back" lies below zero' in str(caught.value)
    assert "say so above" in str(caught.value)
    with pytest.raises(ClientelingError, match="no outcome to measure by"):
        measure_experiment(as_upload(rows), Asked("mail", "no", ()))


def test_what_can_not_be_concluded_is_said() -> None:
    rows = experiment()
    rows.loc[:20, "store"] = "kiosk"
    without = evaluate(rows, offer="mail", control="no", outcomes=["visit"])
    said = not_concluded(without)
    assert "Whether it works better for some customers than for others." in said
    assert "Whether it earned more than it cost: no cost and value was given." in said
    inside = evaluate(rows, offer="mail", control="no", outcomes=["visit"], segments=["store"])
    said = not_concluded(inside)
    assert "Of visit in “kiosk”: too few customers to say anything." in said
    assert "That the lift on visit differs between segments." in said
    rows["visit"] = 0
    rows.loc[0, "visit"] = 1
    nothing = evaluate(rows, offer="mail", control="no", outcomes=["visit"])
    assert not_concluded(nothing)[0].startswith("Whether it paid; why not")
