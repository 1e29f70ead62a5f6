"""The model to and from a scikit-learn pipeline of StandardScaler and KMeans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from clienteling.data.read import Source
from clienteling.errors import InputError
from clienteling.segmentation.choose_k import choice_of
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.model import Model
from clienteling.segmentation.nearest import Rule, nearest
from clienteling.segmentation.playbook import Playbook
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.segment import build_model

__all__ = ["from_pipeline", "to_pipeline"]


def to_pipeline(model: Model) -> Pipeline:
    """Return a fitted pipeline whose ``predict`` gives places in ``segments``."""
    scaler = StandardScaler()
    if model.transforms:
        raise InputError(
            "The model transforms its features, and a pipeline of StandardScaler and KMeans can't.",
            hint='Fit it with transform="none", or score with the model itself.',
        )
    if model.categories:
        raise InputError(
            "The model has categories, and a pipeline of StandardScaler and KMeans takes numbers.",
            hint="Score with the model itself: predict, score or sql.",
        )
    scaler.mean_, scaler.scale_ = model.mean, model.scale
    scaler.var_ = model.scale**2
    scaler.n_features_in_ = len(model.features)
    scaler.n_samples_seen_ = model.provenance.usable
    kmeans = KMeans(model.k, init=model.centres, n_init=1)
    # A fit of one step from the centres onto themselves sets all that predict needs.
    kmeans.fit(model.centres)
    kmeans.cluster_centers_ = np.ascontiguousarray(model.centres)
    kmeans.labels_ = np.arange(model.k, dtype=np.int32)
    kmeans.inertia_ = model.inertia
    return make_pipeline(scaler, kmeans)


def from_pipeline(
    pipeline: Pipeline,
    customers: Source,
    *,
    features: Sequence[str],
    playbook: str | Path | Playbook | None = None,
) -> Model:
    """Return a model with the centres of a fitted pipeline; see :meth:`Model.from_sklearn`."""
    steps = [step for _, step in pipeline.steps]
    if (
        len(steps) != 2
        or not isinstance(steps[0], StandardScaler)
        or not isinstance(steps[1], KMeans)
    ):
        raise InputError(
            "The pipeline is not a StandardScaler followed by a KMeans.",
            hint="Make it with make_pipeline(StandardScaler(), KMeans(5)) and fit it.",
        )
    scaler, kmeans = steps
    try:
        for step in steps:
            check_is_fitted(step)
    except NotFittedError as error:
        raise InputError(
            "The pipeline is not fitted.", hint="Call its fit with the customers first."
        ) from error
    if kmeans.n_features_in_ != len(features):
        raise InputError(
            f"The pipeline has {kmeans.n_features_in_} features; {len(features)} are named.",
            hint="Name the columns in the order that the pipeline was fitted on.",
        )
    prepared = prepare(customers, features, playbook=playbook)
    made = prepared.sketch
    mean = scaler.mean_ if scaler.with_mean else np.zeros(len(features))
    scale = scaler.scale_ if scaler.with_std else np.ones(len(features))
    own = kmeans.cluster_centers_ * scale + mean
    centres = (own - made.mean) / made.scale
    labels = nearest(Rule(made.mean, made.scale, centres), made.points).ids
    sizes = np.bincount(labels, weights=made.weights, minlength=len(centres)).astype(np.int64)
    z = made.standardised()
    inertia = float(made.weights @ ((z - centres[labels]) ** 2).sum(axis=1))
    choice = choice_of(made, Fit(centres, labels, inertia, sizes))
    return build_model(prepared, choice, seed=0)
