"""The median in the place of what is missing: against pandas, and alike on every path."""

import duckdb
import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.data.read import read
from clienteling.errors import DataError, DocumentError, InputError
from clienteling.features.imputation import count_imputed, find_medians, imputed, imputed_table
from clienteling.segmentation.nearest import nearest
from clienteling.segmentation.scoring import rule_of

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)", "Age"]


@pytest.fixture(scope="module")
def gaps(mall_csv) -> pd.DataFrame:
    """Return the sample with one value in five missing, and some customers without any."""
    frame = pd.read_csv(mall_csv)
    rng = np.random.default_rng(4)
    values = frame[FEATURES].astype(float)
    frame[FEATURES] = values.mask(rng.random(values.shape) < 0.2)
    frame.loc[[3, 150], FEATURES] = np.nan
    frame.loc[7, FEATURES] = [np.inf, 40.0, np.nan]
    return frame


@pytest.fixture(scope="module")
def model(gaps) -> cl.Model:
    return cl.segment(gaps, features=FEATURES, k=4, impute="median", transform={"Age": "log"})


def some_missing(frame: pd.DataFrame) -> pd.Series:
    missing = frame[FEATURES].isna()
    return missing.any(axis=1) & ~missing.all(axis=1) & (frame.index != 7)


def test_the_medians_are_those_of_pandas(gaps, model):
    expected = gaps[FEATURES].replace(np.inf, np.nan).median()
    assert find_medians(read(gaps), FEATURES) == pytest.approx(expected.to_dict())
    assert list(model.medians) == pytest.approx(expected.tolist())
    assert model.provenance.usable == 197
    assert sum(each.size for each in model.segments) == 197


def test_those_who_have_a_median_are_counted(gaps, model):
    found = count_imputed(read(gaps), dict(zip(FEATURES, model.medians, strict=True)))
    filled = gaps[some_missing(gaps)]
    assert found.customers == len(filled)
    assert found.features == filled[FEATURES].isna().sum().to_dict()
    (note,) = [each for each in model.notes if "median" in each]
    assert note.startswith(f"{len(filled)} customers have the median in the place of a missing")
    assert any(each.startswith("3 of 200 customers have no segment") for each in model.notes)


def test_the_fit_is_that_of_the_filled_table(gaps, model):
    filled = gaps[some_missing(gaps) | gaps[FEATURES].notna().all(axis=1)]
    medians = dict(zip(FEATURES, model.medians, strict=True))
    plain = cl.segment(filled.fillna(medians), features=FEATURES, k=4, transform={"Age": "log"})
    np.testing.assert_allclose(model.centres, plain.centres, rtol=1e-9)
    assert model.inertia == pytest.approx(plain.inertia)


def test_numpy_engine_and_exported_sql_agree_row_by_row(gaps, model):
    scored = model.score(gaps).df()
    values = gaps[FEATURES].to_numpy(dtype=float)
    found = nearest(rule_of(model), values)
    assert scored["segment_id"].fillna(-1).astype(int).tolist() == found.ids.tolist()
    np.testing.assert_allclose(scored["margin"], found.margins, rtol=1e-9)
    with duckdb.connect() as database:
        database.register("customers", gaps)
        exported = database.sql(model.sql()).df()
    same = ["segment_id", "segment", "margin", "runner_up", "note"]
    pd.testing.assert_frame_equal(exported[same], scored[same], check_dtype=False)
    for row, customer in zip(scored.to_dict("records"), values, strict=True):
        answer = model.predict(dict(zip(FEATURES, customer, strict=True)))
        assert answer.note == row["note"]
        assert answer.segment is None or answer.segment.name == row["segment"]


def test_each_is_marked_and_keeps_the_gap_in_the_result(gaps, model):
    offers = cl.recommend(model, gaps).df()
    marked = offers["segment"].notna() & (offers["note"] != "")
    assert marked.tolist() == some_missing(gaps).tolist()
    row = offers[marked & gaps["Age"].isna() & gaps[FEATURES[0]].notna()].iloc[0]
    assert pd.isna(row["Age"])
    assert row["note"].endswith(f"Age was missing: median {model.medians[2]:g} used.")
    assert offers.loc[3, "note"] == " ".join(f"{each} is missing." for each in FEATURES)
    assert offers.loc[7, "note"] == f"{FEATURES[0]} is not a finite number."


def test_without_being_asked_nothing_is_filled_in(gaps):
    plain = cl.segment(gaps, features=FEATURES, k=4)
    assert plain.medians == ()
    assert all(each.median is None for each in plain.features)
    whole = np.isfinite(gaps[FEATURES]).all(axis=1)
    assert plain.score(gaps).df()["segment"].notna().tolist() == whole.tolist()


def test_a_single_feature_has_nothing_to_go_by(gaps):
    one = cl.segment(gaps, features=["Age"], k=2, impute="median")
    scored = one.score(gaps).df()
    assert scored["segment"].notna().tolist() == gaps["Age"].notna().tolist()


def test_it_goes_through_a_saved_model_and_a_refit(gaps, model, tmp_path):
    model.save(tmp_path / "model.json")
    loaded = cl.Model.load(tmp_path / "model.json")
    assert loaded == model
    assert cl.drift(loaded, gaps).verdict == "keep"
    assert cl.drift(loaded, gaps).usable == 197
    more = gaps.assign(Age=gaps["Age"] + 2)
    again = cl.refit(loaded, more, "same")
    assert again.model.medians[2] == model.medians[2] + 2
    assert sum(each.customers for each in again.moves) == 197
    # Each model fills its own medians in: those without an age don't move.
    by_hand = pd.crosstab(
        model.score(more).df()["segment"], again.model.score(more).df()["segment"]
    )
    for each in again.moves:
        assert each.customers == by_hand.loc[each.before, each.after]
    assert cl.refit(loaded, more, "same", impute="none").model.medians == ()


def test_columns_called_like_the_steps_are_safe():
    frame = pd.DataFrame({"x": [1.0, None, 3.0], "y": ["a", "b", "c"], "numbers": [1.0, 2.0, None]})
    whole = imputed_table(read(frame), {"x": 9.0, "numbers": 7.0}).df()
    assert whole["x"].tolist() == [1.0, 9.0, 3.0]
    assert whole["numbers"].tolist() == [1.0, 2.0, 7.0]
    assert whole["y"].tolist() == ["a", "b", "c"]


def test_infinite_is_wrong_and_not_missing():
    assert np.isinf(imputed(np.array([[np.inf, np.nan]]), [1.0, 2.0])[0, 0])


def test_what_cannot_be_filled_in_is_refused(gaps, model, tmp_path):
    with pytest.raises(InputError, match='Did you mean "median"'):
        cl.segment(gaps, features=FEATURES, impute="mediann")
    with pytest.raises(DataError, match='column "Age" is empty in all 200 rows'):
        cl.segment(gaps.assign(Age=np.nan), features=FEATURES, impute="median")
    text = model.to_json().replace(f'"median": {model.medians[2]}', '"median": null')
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(DocumentError, match="all of them have a median or none"):
        cl.Model.load(tmp_path / "model.json")


@pytest.mark.slow
@pytest.mark.parametrize("features", [3, 6])  # a grid, a coreset
def test_many_customers_are_filled_in_in_the_engine(features, tmp_path):
    rng = np.random.default_rng(0)
    places = rng.normal(size=(4, features)) * 6
    values = places[rng.integers(0, 4, 120_000)] + rng.normal(size=(120_000, features))
    values[rng.random(values.shape) < 0.05] = np.nan
    names = [f"x{index}" for index in range(features)]
    frame = pd.DataFrame(values, columns=names).rename_axis("id").reset_index()
    frame.to_parquet(tmp_path / "many.parquet")
    model = cl.segment(tmp_path / "many.parquet", names, k=4, impute="median")
    assert model.method.sketch == ("grid" if features == 3 else "coreset")
    assert list(model.medians) == pytest.approx(frame[names].median().tolist())
    ids = nearest(rule_of(model), values).ids
    assert np.bincount(ids[ids >= 0]).tolist() == [each.size for each in model.segments]
    filled = frame[names].fillna(frame[names].median())
    kept = filled[frame[names].notna().any(axis=1)]
    assert model.mean == pytest.approx(kept.mean().to_numpy())
