"""To and from scikit-learn: the same customers in the same segments."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.cluster import DBSCAN, KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import clienteling as cl
from clienteling.errors import InputError

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


@pytest.mark.parametrize("k", [1, 2, 5, 20])
def test_to_sklearn_predicts_the_same_segments(mall_frame, mall_values, k):
    model = cl.segment(mall_frame, k=k)
    pipeline = model.to_sklearn()
    ours = model.predict(mall_frame)["segment_id"]
    assert pipeline.predict(mall_values).tolist() == ours.tolist()


def test_to_sklearn_has_what_a_fitted_pipeline_has(mall, mall_values):
    pipeline = mall.to_sklearn()
    scaler, kmeans = (step for _, step in pipeline.steps)
    own = StandardScaler().fit(mall_values)
    for attribute in ("mean_", "scale_", "var_", "n_samples_seen_", "n_features_in_"):
        assert getattr(scaler, attribute) == pytest.approx(getattr(own, attribute), rel=1e-12)
    z = own.transform(mall_values)
    assert pipeline.transform(mall_values) == pytest.approx(
        np.linalg.norm(z[:, None] - mall.centres, axis=2), abs=1e-7
    )
    assert pipeline.score(mall_values) == pytest.approx(-mall.inertia)
    assert kmeans.inertia_ == mall.inertia
    assert kmeans.cluster_centers_.tolist() == mall.centres.tolist()


def test_to_sklearn_can_be_fitted_anew(mall, mall_values):
    again = clone(mall.to_sklearn()).fit(mall_values)
    assert again[-1].inertia_ == pytest.approx(mall.inertia)


def test_to_sklearn_leaves_numpys_random_numbers_alone(mall):
    before = np.random.get_state()[1].tolist()
    mall.to_sklearn()
    assert np.random.get_state()[1].tolist() == before


def test_from_sklearn_keeps_numbers_and_centres(mall, mall_frame, mall_values):
    pipeline = make_pipeline(StandardScaler(), KMeans(5, n_init=20, random_state=3))
    labels = pipeline.fit_predict(mall_values)
    model = cl.Model.from_sklearn(pipeline, mall_frame, features=FEATURES)
    assert model.predict(mall_frame)["segment_id"].tolist() == labels.tolist()
    assert [each.size for each in model.segments] == np.bincount(labels).tolist()
    assert model.centres == pytest.approx(pipeline[-1].cluster_centers_, abs=1e-12)
    assert model.inertia == pytest.approx(mall.inertia)
    assert model.silhouette == pytest.approx(mall.silhouette)
    assert {each.name: each.size for each in model.segments} == {
        each.name: each.size for each in mall.segments
    }
    assert model.why_k == "The 5 segments were made elsewhere and taken over."


def test_there_and_back_again(mall, mall_frame):
    back = cl.Model.from_sklearn(mall.to_sklearn(), mall_frame, features=FEATURES)
    assert [(each.id, each.name, each.size) for each in back.segments] == [
        (each.id, each.name, each.size) for each in mall.segments
    ]
    assert back.centres == pytest.approx(mall.centres, abs=1e-12)


def test_from_sklearn_scores_other_customers_by_the_pipelines_scale(mall_frame, mall_values):
    """A pipeline that was fitted on some customers only, without their mean."""
    pipeline = make_pipeline(StandardScaler(with_mean=False), KMeans(4, n_init=5, random_state=0))
    pipeline.fit(mall_values[:150])
    model = cl.Model.from_sklearn(pipeline, mall_frame, features=FEATURES)
    centres = pipeline[-1].cluster_centers_ * pipeline[0].scale_
    assert model.centres_in_units == pytest.approx(centres, rel=1e-9)


def test_from_sklearn_with_fewer_customers_than_segments_use(mall_frame, mall_values):
    """A segment that none of these customers is in stays, empty."""
    pipeline = make_pipeline(StandardScaler(), KMeans(5, n_init=20, random_state=3))
    labels = pipeline.fit_predict(mall_values)
    some = mall_frame[labels != labels[0]]
    model = cl.Model.from_sklearn(pipeline, some, features=FEATURES)
    assert model.segments[labels[0]].size == 0
    assert sum(each.size for each in model.segments) == len(some)
    assert cl.Model.model_validate_json(model.to_json()) == model


@pytest.mark.parametrize(
    "pipeline",
    [
        make_pipeline(StandardScaler()),
        make_pipeline(MinMaxScaler(), KMeans(2)),
        make_pipeline(StandardScaler(), DBSCAN()),
        make_pipeline(StandardScaler(), StandardScaler(), KMeans(2)),
    ],
)
def test_other_pipelines_are_refused(mall_frame, pipeline):
    with pytest.raises(InputError, match="not a StandardScaler followed by a KMeans"):
        cl.Model.from_sklearn(pipeline, mall_frame, features=FEATURES)


def test_a_pipeline_that_is_not_fitted_is_refused(mall_frame):
    with pytest.raises(InputError, match=r"The pipeline is not fitted\."):
        cl.Model.from_sklearn(
            make_pipeline(StandardScaler(), KMeans(2)), mall_frame, features=FEATURES
        )


def test_another_number_of_features_is_refused(mall, mall_frame):
    with pytest.raises(InputError, match="The pipeline has 2 features; 1 are named"):
        cl.Model.from_sklearn(mall.to_sklearn(), mall_frame, features=FEATURES[:1])


def test_a_frame_of_other_columns_is_refused(mall):
    with pytest.raises(InputError, match="columns are missing"):
        cl.Model.from_sklearn(
            mall.to_sklearn(), pd.DataFrame({"a": [1, 2], "b": [1, 2]}), features=FEATURES
        )


def tailed(rows=400, seed=0):
    """Return customers with a long tail, refunds on both sides of zero, and words."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "spent": rng.lognormal(3, 1.5, rows).round(2),
            "saldo": (rng.normal(0, 40, rows) ** 3 / 100).round(2),
            "visits": rng.poisson(4, rows),
            "plan": rng.choice(["basic", "plus"], rows),
        }
    )


@pytest.mark.parametrize(
    "transform",
    [
        "auto",
        {"spent": "log"},
        {"saldo": "log"},
        {"spent": "winsorise"},
        {"spent": "winsorise+log", "saldo": "winsorise+log", "visits": "winsorise"},
    ],
    ids=str,
)
@pytest.mark.parametrize("categorical", [[], ["plan"]], ids=str)
def test_transforms_are_part_of_the_pipeline(transform, categorical):
    frame = tailed()
    model = cl.segment(
        frame, ["spent", "saldo", "visits"], categorical=categorical, transform=transform, k=6
    )
    assert model.transforms
    written = pickle.dumps(model.to_sklearn())
    assert b"clienteling" not in written
    pipeline = pickle.loads(written)
    far = tailed(seed=8) * pd.Series({"spent": 1000, "saldo": 1000, "visits": 10, "plan": 1})
    for rows in (frame, tailed(5000, seed=9), far):
        ours = model.predict(rows)["segment_id"]
        assert pipeline.predict(rows).tolist() == ours.tolist()


@pytest.mark.parametrize("transform", ["none", {"spent": "log"}], ids=str)
def test_medians_are_part_of_the_pipeline(transform):
    frame = tailed()
    frame.loc[::7, "spent"] = np.nan
    frame.loc[1::7, "saldo"] = np.nan
    names = ["spent", "saldo"]
    model = cl.segment(frame, names, transform=transform, impute="median", k=4)
    rows = frame[names] if model.transforms else frame[names].to_numpy()
    assert model.to_sklearn().predict(rows).tolist() == model.predict(frame)["segment_id"].tolist()
