"""The same next month: names and ids that stay, and what is said where they can't."""

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import DocumentError, InputError
from clienteling.segmentation.matching import match

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"


def names(model: cl.Model) -> dict[int, str]:
    return {each.id: each.name for each in model.segments}


def without(frame: pd.DataFrame, mall: cl.Model, gone: str) -> pd.DataFrame:
    return frame[(mall.predict(frame)["segment"] != gone).to_numpy()]


def draw(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    return frame.sample(len(frame), replace=True, random_state=seed)


@pytest.fixture(scope="module", autouse=True)
def few_references():
    """Judge the structure on few reference draws: that is not what is tested here."""
    import importlib

    module = importlib.import_module("clienteling.segmentation.structure")
    with pytest.MonkeyPatch.context() as patch:
        for each in dir(module):
            if each == "DRAWS":
                patch.setattr(module, each, 20)
        yield


def stays(mall: cl.Model, frame: pd.DataFrame, seed: int) -> None:
    found = cl.refit(mall, draw(frame, seed))
    assert names(found.model) == names(mall), seed
    assert (found.changes, len(found.kept)) == ((), 5)
    assert [each.key for each in found.model.segments] == [each.key for each in mall.segments]
    truth = mall.centres_in_units
    assert np.abs((found.model.centres_in_units - truth) / mall.scale).max() < 0.6


@pytest.mark.parametrize("seed", range(10))
def test_a_fresh_sample_keeps_names_and_ids(mall, mall_frame, seed):
    stays(mall, mall_frame, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
def test_a_hundred_fresh_samples_keep_names_and_ids(mall, mall_frame, seed):
    stays(mall, mall_frame, seed)


@pytest.mark.parametrize("place", [(190.0, 50.0), (60.0, 140.0), (150.0, 150.0)])
@pytest.mark.parametrize("many", [25, 60])
def test_one_new_group_is_all_that_is_said(mall, mall_frame, place, many):
    rows = np.random.default_rng(1).normal(place, 7.0, (many, 2))
    more = pd.DataFrame(rows, columns=[INCOME, SCORE])
    found = cl.refit(mall, pd.concat([mall_frame, more], ignore_index=True))
    assert [each.kind for each in found.changes] == ["new"]
    assert {id: name for id, name in names(found.model).items() if id != 5} == names(mall)
    new = found.model.segments[5]
    assert (new.id, new.size) == (5, many)
    assert f"{new.name} (id 5, {many} customers) is new" in found.words[1]
    assert found.model.retired == []


def test_a_name_that_today_would_be_another_is_kept_and_said(mall, mall_frame):
    assert cl.refit(mall, mall_frame).today == {}
    first, second, *others = mall.segments
    names = {"name": second.name}, {"name": first.name}
    swapped = [first.model_copy(update=names[0]), second.model_copy(update=names[1]), *others]
    found = cl.refit(mall.model_copy(update={"segments": swapped}), mall_frame)
    assert [each.name for each in found.model.segments[:2]] == [second.name, first.name]
    assert found.today == {0: first.name, 1: second.name}
    assert found.words[-2:] == (
        '"Premium Customers" keeps its name; by today\'s figures it would be called "Average '
        'Customers".',
        '"Average Customers" keeps its name; by today\'s figures it would be called "Premium '
        'Customers".',
    )
    # Names of a playbook that is not at hand can't be held against others.
    own = {"segments": swapped, "playbook": "ours"}
    assert cl.refit(mall.model_copy(update=own), mall_frame).today == {}


@pytest.fixture(scope="module")
def gone(mall, mall_frame):
    """Return a refit in which the third segment vanished, and its customers."""
    left = without(mall_frame, mall, "Potential Customers")
    return cl.refit(mall, left), left


def test_a_vanished_segment_retires_its_id(gone, mall):
    found, _ = gone
    assert [(each.kind, each.id) for each in found.changes] == [("vanished", 2)]
    assert "no customers are left of it" in found.changes[0].words
    assert list(names(found.model)) == [0, 1, 3, 4]
    assert [(each.id, each.name) for each in found.model.retired] == [(2, "Potential Customers")]


def test_scoring_gives_ids_not_places_in_numpy_and_in_sql(gone):
    import duckdb

    found, left = gone
    model = found.model
    scored = model.score(left).df()
    assert set(scored["segment_id"]) == {0, 1, 3, 4}
    assert scored["segment"].tolist() == [names(model)[id] for id in scored["segment_id"]]
    for row, customer in zip(scored.to_dict("records"), left.to_dict("records"), strict=True):
        answer = model.predict({each: customer[each] for each in model.feature_names})
        assert (answer.segment.id, answer.segment.name) == (row["segment_id"], row["segment"])
        assert answer.runner_up.name == row["runner_up"]
    with duckdb.connect() as database:
        database.register("customers", left)
        exported = database.sql(model.sql()).df()
    assert exported["segment_id"].tolist() == scored["segment_id"].tolist()
    sizes = scored["segment_id"].value_counts().to_dict()
    assert {each.id: each.size for each in model.segments} == sizes
    offers = cl.recommend(model, left).df()
    by_segment = offers.groupby("segment_id")["offer_1"].nunique()
    assert by_segment.to_dict() == {0: 1, 1: 1, 3: 1, 4: 1}


def test_a_group_that_comes_back_takes_the_next_id(gone, mall_frame, tmp_path):
    found, _ = gone
    found.model.save(tmp_path / "model.json")
    again = cl.refit(cl.Model.load(tmp_path / "model.json"), mall_frame)
    assert names(again.model)[5] == "Potential Customers"
    assert [each.id for each in again.model.retired] == [2]
    assert [each.kind for each in again.changes] == ["new"]


def test_one_group_in_the_stead_of_another_is_new_and_the_other_vanished(mall, gone):
    """The new group falls to the nearest earlier segment, here the one that vanished."""
    _, left = gone
    rows = np.random.default_rng(1).normal((190.0, 50.0), 7.0, (25, 2))
    more = pd.DataFrame(rows, columns=[INCOME, SCORE])
    found = cl.refit(mall, pd.concat([left, more], ignore_index=True))
    assert [(each.kind, each.id) for each in found.changes] == [("new", 5), ("vanished", 2)]
    assert list(names(found.model)) == [0, 1, 3, 4, 5]


def test_fewer_segments_are_merged_and_more_are_split(mall, mall_frame):
    fewer = cl.refit(mall, mall_frame, 4)
    assert [(each.kind, each.name) for each in fewer.changes] == [("merged", "Deal Seekers")]
    assert "100% of its customers are now Average Customers" in fewer.changes[0].words
    blob = pd.DataFrame(np.random.default_rng(0).normal(size=(400, 2)), columns=["a", "b"])
    one = cl.segment(blob, features=["a", "b"], k=1)
    two = cl.refit(one, blob, 2)
    assert {each.kind for each in two.changes} <= {"split", "divided", "merged"}
    assert any(each.kind == "split" for each in two.changes)


def test_the_moves_are_the_two_scorings_side_by_side(mall, mall_frame):
    drawn = draw(mall_frame, 7)
    found = cl.refit(mall, drawn)
    before = mall.score(drawn).df()["segment"]
    after = found.model.score(drawn).df()["segment"]
    counted = pd.crosstab(before, after)
    assert sum(each.customers for each in found.moves) == 200
    for each in found.moves:
        assert each.customers == counted.loc[each.before, each.after]
        assert each.share == pytest.approx(each.customers / counted.loc[each.before].sum())
    assert found.staying == pytest.approx((before == after).mean())


def test_transforms_words_and_column_names_stay(mall_frame):
    frame = mall_frame.assign(**{INCOME: mall_frame[INCOME] ** 3})
    earlier = cl.segment(frame, transform={INCOME: "winsorise+log"})
    renamed = draw(frame, 3).rename(columns={INCOME: "annual_income"})
    found = cl.refit(earlier, renamed, "same")
    assert found.model.k == earlier.k
    for new, old in zip(found.model.features, earlier.features, strict=True):
        assert (new.name, new.label, new.unit) == (old.name, old.label, old.unit)
        assert (new.steps, new.aliases) == (old.steps, old.aliases)
    assert found.model.features[0].mean != earlier.features[0].mean


@pytest.mark.parametrize("features", [["x0"], ["x0", "x1", "x2"]])
def test_any_number_of_features(blobs, features):
    frame = blobs(4, features=3)
    earlier = cl.segment(frame, features=features, k=4)
    found = cl.refit(earlier, draw(frame, 1))
    assert names(found.model) == names(earlier)


def test_a_playbook_that_is_not_at_hand_is_said(blobs, mall):
    own = mall.model_copy(update={"playbook": "ours"})
    found = cl.refit(own, "sample")
    assert found.model.playbook == "ours"
    assert names(found.model) == names(mall)
    assert any('The playbook "ours" is not at hand' in each for each in found.model.notes)


def test_what_cannot_be_refitted_is_refused(mall):
    with pytest.raises(InputError, match='k is "more"'):
        cl.refit(mall, "sample", "more")


def test_ids_with_an_unexplained_gap_are_refused(mall, tmp_path):
    text = mall.to_json().replace('"id": 4,', '"id": 6,')
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(DocumentError, match="without gaps but for those of the retired"):
        cl.Model.load(tmp_path / "model.json")


def test_a_place_decides_where_the_customers_do_not():
    """A new group takes all the customers of the nearest segment with it, but lies elsewhere."""
    counts = np.array([[30, 70]])
    assert match(counts, np.zeros((1, 2)), np.array([[0.1, 0.0], [4.0, 0.0]])) == {0: 0}


def test_each_segment_keeps_its_own_stability_where_sizes_change_the_order(mall, mall_frame):
    """The sixth segment is the unstable one, whatever number the earlier model gives it."""
    six = cl.segment(mall_frame, k=6, id="CustomerID")
    turned = six.model_copy(
        update={
            "segments": [
                each.model_copy(update={"id": place})
                for place, each in enumerate(reversed(six.segments))
            ]
        }
    )
    found = cl.refit(turned, mall_frame).model
    assert [each.name for each in found.segments] == [each.name for each in turned.segments]
    assert [each.stability for each in found.segments] == pytest.approx(
        [each.stability for each in turned.segments]
    )
    assert [each.is_unstable for each in found.segments] == [True] + [False] * 5


def test_a_kept_name_is_judged_by_todays_figures(mall, mall_frame):
    """Where others have moved, a name that stays may fit no longer: that is said anew."""
    frame = mall_frame.copy()
    seekers = (mall.predict(frame)["segment"] == "Deal Seekers").to_numpy()
    earlier = mall.model_copy(
        update={
            "segments": [
                each.model_copy(update={"fit": "The name fits loosely: its income is high."})
                for each in mall.segments
            ]
        }
    )
    assert {each.fit for each in cl.refit(earlier, frame).model.segments} == {""}
    frame.loc[seekers, INCOME] += 26
    found = cl.refit(mall, frame, "same")
    assert "Average Customers" in found.kept.values()
    fits = {each.name: each.fit for each in found.model.segments}
    assert fits["Average Customers"] == "The name fits loosely: its income is low, not moderate."


def test_a_name_that_cannot_be_judged_is_said_to_be_of_an_earlier_fit(mall, mall_frame):
    segments = [
        each.model_copy(update={"fit": "The name fits loosely: its income is high, not low."})
        for each in mall.segments
    ]
    earlier = mall.model_copy(update={"segments": segments, "playbook": "own"})
    found = cl.refit(earlier, mall_frame).model
    assert {each.fit for each in found.segments} == {
        "At an earlier fit the name fitted loosely: its income is high, not low."
    }
    assert {each.fit for each in cl.refit(found, mall_frame).model.segments} == {
        "At an earlier fit the name fitted loosely: its income is high, not low."
    }


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (True, "These customers form no natural groups, which those of the earlier fit did: "),
        (False, ""),
    ],
)
def test_another_verdict_on_natural_groups_is_said(mall, before, said):
    rng = np.random.default_rng(1)
    crowd = pd.DataFrame(rng.normal(50, 12, (200, 2)), columns=[INCOME, SCORE])
    structure = mall.structure.model_copy(update={"natural": before})
    found = cl.refit(mall.model_copy(update={"structure": structure}), crowd)
    assert not found.model.structure.natural
    assert any(each.startswith("These customers form") for each in found.words) == before
    assert any(each.startswith(said) for each in found.words)


def test_groups_that_were_none_before_are_said(mall, mall_frame):
    structure = mall.structure.model_copy(update={"natural": False})
    found = cl.refit(mall.model_copy(update={"structure": structure}), mall_frame)
    assert found.model.structure.natural
    assert (
        "These customers form natural groups, which those of the earlier fit did not: the "
        "segments, a convenience then, are kinds of customers now."
    ) in found.words


def test_names_with_commas_are_told_apart(mall, mall_frame):
    first, *others = mall.segments
    commas = first.model_copy(update={"name": "High income, few visits"})
    found = cl.refit(mall.model_copy(update={"segments": [commas, *others]}), mall_frame)
    assert found.words[0].startswith(
        "5 of 5 segments stay: High income, few visits; Premium Customers; "
    )
