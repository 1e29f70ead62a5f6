"""Categories in a model: Pagès' coding, words, the file, a refit, drift and single customers."""

import json
import pickle
import re

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import ColumnError, DataError, DocumentError
from clienteling.segmentation import coreset, sketch
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.structureless import structureless

CITIES = np.array(["Berlin", "Hamburg", "Munich"])


def shop(n: int = 600, seed: int = 0, rare: bool = True) -> pd.DataFrame:
    """Return customers of three groups that differ in city, card and spending."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, n)
    city = CITIES[group].astype(object)
    if rare:
        few = rng.random(n) < 0.04
        city[few] = rng.choice(["Ulm", "Kiel"], few.sum())
    gold = rng.random(n) < np.array([0.95, 0.05, 0.1])[group]
    return pd.DataFrame(
        {
            "CustomerID": np.arange(n),
            "spend": np.array([100.0, 50.0, 20.0])[group] + rng.normal(0, 6, n),
            "City": city,
            "Gold": gold,
            "Floor": rng.integers(1, 4, n),
        }
    )


@pytest.fixture(scope="module")
def model() -> cl.Model:
    return cl.segment(shop(), ["spend"], categorical=["City", "Gold"], k=3)


def famd(frame: pd.DataFrame, numbers: list[str], words: list[str]) -> np.ndarray:
    """Pagès (2004) by hand: standardised numbers, and (indicator - p) / sqrt(p) of each level."""
    columns = [(frame[each] - frame[each].mean()) / frame[each].std(ddof=0) for each in numbers]
    for each in words:
        dummies = pd.get_dummies(frame[each]).astype(float)
        share = dummies.mean()
        columns += [(dummies[level] - share[level]) / share[level] ** 0.5 for level in dummies]
    return np.column_stack(columns)


def test_the_distances_are_those_of_famd():
    frame = shop(rare=False)
    prepared = prepare(frame, ["spend"], categorical=["City", "Gold"])
    made = prepared.sketch
    names = [each.name for each in prepared.features]
    ours = (prepared.table.df()[names].to_numpy() - made.mean) / made.scale
    by_hand = famd(frame, ["spend"], ["City", "Gold"])
    apart = [
        ((rows[:, None] - rows[None]) ** 2).sum(axis=2) for rows in (ours[:200], by_hand[:200])
    ]
    assert np.abs(apart[0] - apart[1]).max() < 1e-9
    # A column of m levels adds m - 1 to the total variance, a number 1.
    assert (ours**2).mean(axis=0).sum() == pytest.approx(1 + 2 + 1)


def test_by_default_words_only_profile():
    plain = cl.segment(shop(), ["spend"], k=3)
    assert plain.columns == plain.feature_names == ["spend"]
    assert {each.column for each in plain.segments[0].profile} == {"City", "Gold", "Floor"}


def test_segments_are_named_and_told_by_their_levels(model):
    assert model.columns == ["spend", "City", "Gold"]
    assert [each.name for each in model.segments] == [
        "Low spend, mostly Munich",
        "High spend, Berlin",
        "Hamburg",
    ]
    high = model.segments[1]
    assert "gold yes 9" in high.explanation
    assert "% of all" in high.explanation
    assert model.typical_words(high).endswith("Berlin, gold yes")
    assert model.segments[2].rule.words == "Hamburg"
    assert {each.column for each in high.profile} == {"Floor"}


def test_a_centre_holds_the_shares_of_its_customers(model):
    scored = model.score(shop()).df()
    for segment in model.segments:
        own = scored[scored["segment_id"] == segment.id]
        centre = model.centre_of(segment)
        assert centre["City = Berlin"] == pytest.approx((own["City"] == "Berlin").mean())
        assert centre["City = other"] == pytest.approx(own["City"].isin(["Ulm", "Kiel"]).mean())
        assert centre["Gold = yes"] == pytest.approx(own["Gold"].mean())
        assert centre["spend"] == pytest.approx(own["spend"].mean())


def test_one_customer_is_scored_as_the_table(model):
    scored = model.score(shop()).df()
    for row in shop().sample(40, random_state=1).to_dict("records"):
        answer = model.predict({each: row[each] for each in model.columns})
        expected = scored.loc[row["CustomerID"]]
        assert answer.segment.id == expected["segment_id"]
        assert answer.margin == expected["margin"]


def test_a_new_level_counts_as_other_where_there_is_one(model):
    ulm, new = (
        model.predict({"spend": 95, "City": each, "Gold": True}) for each in ("Ulm", "Atlantis")
    )
    assert (ulm.segment, ulm.margin) == (new.segment, new.margin)


def test_a_new_level_is_not_known_where_there_is_none():
    without = cl.segment(shop(rare=False), ["spend"], categorical=["City", "Gold"], k=3)
    said = "City is none of the levels that the model knows."
    answer = without.predict({"spend": 95, "City": "Atlantis", "Gold": True})
    assert (answer.segment, answer.note) == (None, said)
    gaps = pd.DataFrame(
        {"spend": [95.0, 95.0, 95.0], "City": ["Atlantis", " ", "Bonn"], "Gold": [True, None, None]}
    )
    notes = without.score(gaps).df()["note"].tolist()
    assert notes == [said, "City is missing. Gold is missing.", f"{said} Gold is missing."]
    one = without.predict({"spend": 95, "City": None, "Gold": ""})
    assert one.note == "City is missing. Gold is missing."


def test_words_for_missing_leave_a_customer_out_and_are_said(tmp_path):
    frame = shop()
    frame.loc[:9, "City"] = ["unknown", "n/a", "-", "?", "NA"] * 2
    found = cl.segment(frame, ["spend"], categorical=["City", "Gold"], k=3)
    said = 'Column "City": 10 values such as "-" count as missing (otherwise: --as-text City).'
    assert said in found.notes
    assert any('"City" is missing for 10' in each for each in found.notes)
    assert not {"City = unknown", "City = NA"} & set(found.feature_names)
    scored = found.score(frame).df()
    assert scored["note"].tolist()[:10] == ["City is missing."] * 10
    one = found.predict({"spend": 95, "City": " N/A", "Gold": True})
    assert (one.segment, one.note) == (None, "City is missing.")
    filled = cl.segment(frame, ["spend"], categorical=["City"], k=3, impute="median")
    assert "most frequent level" in filled.score(frame).df()["note"][0]
    # Written as they are, all of them are towns as any others: here rare ones.
    kept = cl.read(frame, as_text="City")
    other = cl.segment(kept, ["spend"], categorical=["City", "Gold"], k=3)
    assert not any("count as missing" in each for each in other.notes)
    assert (other.score(frame).df()["note"] == "").all()
    assert other.predict({"spend": 95, "City": "unknown", "Gold": True}).segment is not None
    # A model of before keeps its answers.
    old = json.loads(other.to_json())
    for each in old["features"]:
        if each["level"]:
            del each["level"]["missing_words"]
    (tmp_path / "old.json").write_text(json.dumps(old))
    assert cl.Model.load(tmp_path / "old.json") == other


def test_the_most_frequent_level_is_filled_in_where_asked():
    frame = shop()
    frame.loc[:4, "City"] = None
    fills = cl.segment(frame, ["spend"], categorical=["City", "Gold"], k=3, impute="median")
    most = frame["City"].value_counts().idxmax()
    said = f"City was missing or not known: the most frequent level, {most}, used."
    assert fills.score(frame).df()["note"].tolist()[:6] == [said] * 5 + [""]
    assert f'("City = {most}" for 5)' in " ".join(fills.notes)
    row = frame.loc[0]
    answer = fills.predict({"spend": row["spend"], "City": None, "Gold": bool(row["Gold"])})
    assert answer.note == said
    given = fills.predict({"spend": row["spend"], "City": most, "Gold": bool(row["Gold"])})
    assert answer.margin == given.margin


def test_the_file_comes_back_the_same(model, tmp_path):
    model.save(tmp_path / "model.json")
    assert cl.Model.load(tmp_path / "model.json") == model
    levels = [each["level"] for each in json.loads(model.to_json())["features"]]
    assert levels[0] is None
    assert levels[4:] == [
        {"column": "City", "value": None, "missing_words": True},
        {"column": "Gold", "value": False, "missing_words": False},
        {"column": "Gold", "value": True, "missing_words": False},
    ]


def test_a_file_of_before_levels_loads(tmp_path):
    old = json.loads(cl.segment("sample").to_json())
    for each in old["features"]:
        del each["level"]
    (tmp_path / "old.json").write_text(json.dumps(old))
    assert cl.Model.load(tmp_path / "old.json") == cl.segment("sample")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.insert(0, f.pop()), "levels should stand after the columns of numbers"),
        (lambda f: f.insert(1, f.pop()), 'a level of "Gold" stands|should stand together'),
        (lambda f: f[1]["level"].update(value=3), 'the levels of "City" should be of one type'),
        (lambda f: f[1]["level"].update(value=f[2]["level"]["value"]), "stands more than once"),
        (lambda f: f[1]["level"].update(missing_words=False), "missing_words should be the same"),
        (lambda f: f[0].update(name="City"), "can't be both a number and a category"),
    ],
)
def test_levels_that_make_up_no_category_are_refused(model, tmp_path, change, said):
    content = json.loads(model.to_json())
    change(content["features"])
    (tmp_path / "model.json").write_text(json.dumps(content))
    with pytest.raises(DocumentError) as error:
        cl.Model.load(tmp_path / "model.json")
    assert re.search(said, "\n".join(error.value.faults))


def test_columns_of_another_type_are_refused(model):
    wrong = shop().assign(City=1.5, Gold="no")
    with pytest.raises(ColumnError) as error:
        model.score(wrong)
    assert len(error.value.faults) == 2
    assert '"City" should hold text (' in error.value.faults[0]
    assert '"Gold" should hold yes or no (no, yes' in error.value.faults[1]
    with pytest.raises(DataError, match='"Gold" is "perhaps", which is not one of its levels'):
        model.predict({"spend": 1, "City": "Berlin", "Gold": "perhaps"})


def test_a_refit_keeps_levels_names_and_ids(model):
    found = cl.refit(model, shop(seed=5))
    assert [each.name for each in found.model.segments] == [each.name for each in model.segments]
    assert found.model.categories == model.categories
    assert found.staying > 0.95
    assert cl.Model.model_validate_json(found.model.to_json()) == found.model


def test_a_level_that_nobody_has_any_more_is_no_hindrance(model):
    frame = shop(seed=5, rare=False)
    found = cl.refit(model, frame)
    assert found.model.categories == model.categories
    assert found.model.features[4].mean == 0
    assert len(found.kept) == 3


def test_drift_sees_levels_move(model):
    assert cl.drift(model, shop(seed=3)).verdict == "keep"
    moved = shop(seed=3).assign(City="Berlin")
    found = cl.drift(model, moved)
    assert found.verdict == "refit"
    assert "City = Berlin" in found.why


def test_many_customers_are_summarised_first(monkeypatch):
    monkeypatch.setattr(sketch, "EXACT_ROWS", 100)
    monkeypatch.setattr(coreset, "POINTS", 1000)
    for words, kind in ((["Gold"], "grid"), (["City", "Gold"], "coreset")):
        found = cl.segment(shop(5000), ["spend"], categorical=words, k=3)
        assert found.method.sketch == kind
        scored = found.score(shop(5000)).df()["segment_id"].value_counts().sort_index()
        assert [each.size for each in found.segments] == scored.tolist()


def test_roles_make_categories_and_names_of_columns_may_differ():
    by_role = cl.segment(shop(), roles={"City": "category", "Floor": "ignore"}, k=3)
    assert "City" in by_role.columns
    with pytest.raises(ColumnError, match="levels are text, whole numbers, or yes and no"):
        cl.inspect(shop(), roles={"spend": "category"})


def test_a_column_of_whole_numbers_is_no_number_then():
    found = cl.segment(shop(), ["spend", "Floor"], categorical=["Floor"], k=3)
    assert found.columns == ["spend", "Floor"]
    assert [each.kind for each in found.categories] == ["integer"]


def test_categories_alone_form_segments():
    found = cl.segment(shop(), [], categorical=["City", "Gold"], k=3)
    assert found.columns == ["City", "Gold"]
    assert sum(each.size for each in found.segments) == 600


def test_structureless_draws_have_one_level_each():
    rng = np.random.default_rng(0)
    rows = famd(shop(rare=False), ["spend"], ["City", "Gold"])
    levels = ((1, 2, 3), (4, 5))
    drawn = structureless(rows, "cloud", rng, levels)
    for places in levels:
        has = drawn[:, places] > 0
        assert (has.sum(axis=1) == 1).all()
        assert has.sum(axis=0).tolist() == (rows[:, places] > 0).sum(axis=0).tolist()
    # What goes together among the rows goes together in the draw.
    assert np.corrcoef(drawn[:, 0], drawn[:, 5])[0, 1] > 0.4


def test_independent_columns_have_no_natural_groups():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "spend": rng.normal(50, 10, 800),
            "age": rng.normal(40, 9, 800),
            "Gold": rng.random(800) < 0.4,
        }
    )
    found = cl.segment(frame, ["spend", "age"], categorical=["Gold"])
    assert found.structure is not None
    assert not found.structure.natural


@pytest.mark.parametrize(
    ("features", "levels"), [(["spend"], ["City", "Gold"]), ([], ["Floor", "City", "Gold"])]
)
@pytest.mark.parametrize("rare", [True, False])
def test_a_pipeline_of_scikit_learn_predicts_the_same_on_every_row(features, levels, rare):
    frame = shop(rare=rare)
    frame.loc[::7, "City"] = " " + frame.loc[::7, "City"] + "  "
    found = cl.segment(frame, features, categorical=levels, k=4)
    pipeline = pickle.loads(pickle.dumps(found.to_sklearn()))
    others = shop(3000, seed=9, rare=rare)
    if rare:
        others.loc[::50, "City"] = "Atlantis"
    for rows in (frame, others, others.astype({"City": object})):
        ours = found.predict(rows)
        assert pipeline.predict(rows[found.columns]).tolist() == ours["segment_id"].tolist()
    # The encoding itself is that of the model: a column per level, in the model's order.
    by_hand = np.column_stack(
        [frame[features]]
        + [np.array([each.row(value) for value in frame[each.column]]) for each in found.categories]
    )
    z = (by_hand - found.mean) / found.scale
    assert np.allclose(pipeline[:-1].transform(frame), z, rtol=0, atol=1e-12)
    if not rare:
        with pytest.raises(ValueError, match="unknown categories"):
            pipeline.predict(others.assign(City="Atlantis"))
