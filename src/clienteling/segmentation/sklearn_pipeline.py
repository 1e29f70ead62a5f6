"""The model to and from a scikit-learn pipeline: standardised columns, then KMeans.

Columns of levels go through OneHotEncoder first, with the very levels of the model, and columns
that are transformed through functions of numpy. Whoever has the pipeline needs scikit-learn and
pandas to use it, and nothing of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils.validation import check_is_fitted

from clienteling.data.read import Source
from clienteling.errors import InputError
from clienteling.features.categories import Category
from clienteling.features.transforms import PLAIN
from clienteling.segmentation.choose_k import choice_of
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.model import Model
from clienteling.segmentation.nearest import Rule, nearest
from clienteling.segmentation.playbook import Playbook
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.segment import build_model
from clienteling.segmentation.sketch import Floats

__all__ = ["from_pipeline", "to_pipeline"]


#: Stands for every value that is no level of a column; no customer has it.
_ANY_OTHER = "any other value"


def to_pipeline(model: Model) -> Pipeline:
    """Return a fitted pipeline whose ``predict`` gives places in ``segments``."""
    steps: list[Any] = []
    if model.categories or model.transforms:
        steps.append(_columns(model))
    else:
        if model.medians:
            steps.append(SimpleImputer(strategy="median").fit([model.medians]))
        steps.append(_scaler(model, model.mean, model.scale))
    kmeans = KMeans(model.k, init=model.centres, n_init=1)
    # A fit of one step from the centres onto themselves sets all that predict needs.
    kmeans.fit(model.centres)
    kmeans.cluster_centers_ = np.ascontiguousarray(model.centres)
    kmeans.labels_ = np.arange(model.k, dtype=np.int32)
    kmeans.inertia_ = model.inertia
    return make_pipeline(*steps, kmeans)


def _scaler(
    model: Model, mean: Floats, scale: Floats, fitted: StandardScaler | None = None
) -> StandardScaler:
    scaler = fitted or StandardScaler()
    scaler.mean_, scaler.scale_, scaler.var_ = mean, scale, scale**2
    scaler.n_features_in_ = len(mean)
    scaler.n_samples_seen_ = model.provenance.usable
    return scaler


def _columns(model: Model) -> ColumnTransformer:
    """Return what standardises each column of a frame, and the levels of those that have them."""
    numbers = [each.name for each in model.features if each.level is None]
    steps = [
        (number, make_pipeline(*_before(model, index), StandardScaler()), [number])
        for index, number in enumerate(numbers)
    ]
    steps += [(each.column, _levels(each), [each.column]) for each in model.categories]
    columns = ColumnTransformer(steps)
    # Fitted on rows that are made up, so that scikit-learn sets all that it needs; then the means
    # and scales are those of the model.
    many = 1 + 2 * max((len(each.levels) for each in model.categories), default=1)
    rows: dict[str, object] = {each: np.arange(float(many)) for each in numbers}
    rows |= {each.column: _every_level(each, many) for each in model.categories}
    columns.fit(pd.DataFrame(rows))
    for index, number in enumerate(numbers):
        own = slice(index, index + 1)
        _scaler(model, model.mean[own], model.scale[own], columns.named_transformers_[number][-1])
    start = len(numbers)
    for each in model.categories:
        own = slice(start, start + len(each.values))
        encoded = columns.named_transformers_[each.column]
        _scaler(model, model.mean[own], model.scale[own], encoded[-1])
        start += len(each.values)
    return columns


def _before(model: Model, index: int) -> list[Any]:
    """Return the steps that a column of numbers goes through before it is standardised."""
    steps: list[Any] = [FunctionTransformer(np.asarray, kw_args={"dtype": float})]
    if model.medians:
        steps.append(SimpleImputer(strategy="constant", fill_value=float(model.medians[index])))
    own = model.transforms[index] if model.transforms else PLAIN
    if own.low is not None or own.high is not None:
        steps.append(_between(own.low, own.high))
    if own.log and own.low is not None and own.low >= 0:
        steps.append(FunctionTransformer(np.log1p))
    elif own.log:
        # The logarithm is mirrored below zero: that of what lies above, less that of what lies
        # below, of which one is always 0.
        above = make_pipeline(_between(0.0, None), FunctionTransformer(np.log1p))
        below = make_pipeline(FunctionTransformer(np.negative), *(step for _, step in above.steps))
        steps.append(FeatureUnion([("above", above), ("below", below)]))
        steps.append(FunctionTransformer(np.dot, kw_args={"b": [[1.0], [-1.0]]}))
    return steps


def _between(low: float | None, high: float | None) -> FunctionTransformer:
    return FunctionTransformer(np.clip, kw_args={"a_min": low, "a_max": high})


def _levels(category: Category) -> Pipeline:
    """Return the steps from a column's values to its standardised levels, not fitted yet."""
    as_objects = FunctionTransformer(pd.DataFrame.astype, kw_args={"dtype": object})
    before = [as_objects]
    if category.kind == "text":
        strip = {"func": methodcaller("strip", " "), "na_action": "ignore"}
        before = [FunctionTransformer(pd.DataFrame.map, kw_args=strip), as_objects]
    levels: list[object] = list(category.levels)
    if category.rest:
        # What is seen once among the rows of the fit is rare, and all that is new counts as rare.
        encoder = OneHotEncoder(
            categories=[np.array([*levels, _ANY_OTHER], dtype=object)],
            min_frequency=2,
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
        )
    else:
        encoder = OneHotEncoder(categories=[np.array(levels, dtype=object)], sparse_output=False)
    return make_pipeline(*before, encoder, StandardScaler())


def _every_level(category: Category, many: int) -> pd.Series[Any]:
    """Return each level at least twice, and once what stands for every other value."""
    first: list[object] = [_ANY_OTHER] if category.rest else []
    values = [*first, *islice(cycle(category.levels), many - len(first))]
    return pd.Series(values, dtype=object)


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
    prepared = prepare(customers, features, playbook=playbook, rows_are_customers=True)
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
