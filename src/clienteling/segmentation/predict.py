"""The segment of one customer, or of a small frame: the numpy path of the scoring."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from clienteling.data.columns import find_column
from clienteling.data.csv_types import MISSING_WORDS
from clienteling.data.number_styles import TwoReadings, read_number
from clienteling.errors import ColumnError, DataError, InputError, near_names
from clienteling.features.categories import level_word
from clienteling.features.imputation import imputed
from clienteling.segmentation.model import Answer, Model
from clienteling.segmentation.nearest import nearest
from clienteling.segmentation.rules import RuleAnswer, RulesModel
from clienteling.segmentation.scoring import filled_words, not_known, rule_of

if TYPE_CHECKING:
    import pandas as pd

    from clienteling.segmentation.load import AnyModel

__all__ = ["predict_any", "predict_by_rules", "predict_frame", "predict_one", "values_of"]

_Answer = TypeVar("_Answer")
_Model = TypeVar("_Model", Model, RulesModel)


def predict_any(
    model: _Model,
    customers: Any,
    one: Callable[[_Model, Mapping[str, Any]], _Answer],
    more: str = "",
) -> _Answer | pd.DataFrame | list[_Answer]:
    """Return the segment of one customer, or of each of several; see :meth:`Model.predict`.

    Parameters
    ----------
    model : of either kind
    customers : a mapping, a row of a pandas frame, a list of mappings, or a pandas frame
    one : answers for one customer of this kind of model
    more : what else to say where something different is given

    Raises
    ------
    InputError
        Something else than features by name is given.
    """
    if isinstance(customers, Mapping):
        return one(model, customers)
    if hasattr(customers, "columns"):
        return predict_frame(model, customers)
    if hasattr(customers, "to_dict"):  # a row of a pandas frame
        return one(model, {str(name): value for name, value in customers.items()})
    if isinstance(customers, str) or not all(isinstance(each, Mapping) for each in customers):
        raise InputError(
            "predict takes the features of each customer by name.",
            hint=f"Such as: {dict.fromkeys(model.columns, 0)}{more}.",
        )
    return [one(model, each) for each in customers]


def predict_one(model: Model, customer: Mapping[str, Any]) -> Answer:
    """Return the segment of one customer.

    Parameters
    ----------
    model : the segments
    customer : the value of each feature, by its name or a known other name of it

    Raises
    ------
    ColumnError
        A feature is missing, or a name is not a feature.
    DataError
        A value is no number.
    """
    row = np.array([values_of(model, customer)])
    missing = missing_of(model, customer)
    found = nearest(rule_of(model), row)
    if found.ids[0] < 0:
        filled = imputed(row, model.medians) if model.medians else row
        return Answer(None, None, None, _note(model, filled[0], missing))
    runner_up = int(found.runner_ups[0])
    return Answer(
        model.segments[int(found.ids[0])],
        float(found.margins[0]) if runner_up >= 0 else None,
        model.segments[runner_up] if runner_up >= 0 else None,
        note=_imputed_note(model, row[0]),
        warning=_warning(model, row[0]),
    )


def predict_by_rules(model: RulesModel, customer: Mapping[str, Any]) -> RuleAnswer:
    """Return the segment of one customer by the first rule that fits; see :func:`predict_one`."""
    row = np.array(values_of(model, customer))
    note = _note(model, row, missing_of(model, customer))
    if note:
        return RuleAnswer(None, note=note)
    scores = {
        feature.name: feature.score(float(value))
        for feature, value in zip(model.features, row, strict=True)
    }
    return RuleAnswer(model.segment_of(scores), scores)


def values_of(model: AnyModel, customer: Mapping[str, Any]) -> list[float]:
    """Return the customer's features in the model's order; NaN where there is no value.

    A column of levels has one feature for each of them.

    Raises
    ------
    ColumnError
        A feature is missing, or a name is not a feature.
    DataError
        A value is no number, or no level.
    """
    names = list(customer)
    chosen: dict[str, str] = {}
    lacking = []
    for column in model.columns:
        match = find_column(column, names, model.aliases[column])
        if match is None:
            lacking.append(f'"{column}" is missing.')
        else:
            chosen[column] = match.name
    for each in names:
        if each not in chosen.values():
            hint = near_names(each, model.columns)
            lacking.append(f'"{each}" is not a feature.' + (f" {hint}" if hint else ""))
    categories = {each.column: each for each in model.categories}
    values: list[float] = []
    faults = []
    for column, given in chosen.items():
        value = customer[given]
        try:
            if column in categories:
                values += categories[column].row(value)
            else:
                values.append(_number(value))
        except TwoReadings as error:
            faults.append(f'"{column}" is "{value}", which could be {error}.')
        except (TypeError, ValueError):
            what = "a number"
            if column in categories:
                levels = ", ".join(map(level_word, categories[column].levels))
                what = f"one of its levels ({levels})"
            faults.append(f'"{column}" is "{value}", which is not {what}.')
    if lacking:
        raise ColumnError(
            "The customer's features are not those of the model.",
            faults=[*lacking, *faults],
            hint="The features are: " + ", ".join(f'"{each}"' for each in model.columns) + ".",
        )
    if faults:
        raise DataError(
            "The features are not understood." if categories else "Features must be numbers.",
            faults=faults,
            hint="Write numbers with a decimal point."
            if categories
            else "Write them with a decimal point.",
        )
    return values


def missing_of(model: AnyModel, customer: Mapping[str, Any]) -> set[str]:
    """Return the columns of levels for which a customer has no value at all."""
    found = set()
    for each in model.categories:
        match = find_column(each.column, list(customer), model.aliases[each.column])
        if match is not None and each.is_missing(customer[match.name]):
            found.add(each.column)
    return found


def _warning(model: Model, values: np.ndarray[Any, Any]) -> str:
    far = [
        f"{feature.name} is {feature.words.number(float(value), 4)}; the customers that the model "
        f"was made on have {feature.range_words}."
        for feature, value in zip(model.features, values, strict=True)
        if feature.near is not None
        and not math.isnan(value)  # a median takes its place
        and not feature.near[0] <= value <= feature.near[1]
    ]
    if not far:
        return ""
    return " ".join([*far, "That is far outside: is it in another unit?"])


def predict_frame(model: AnyModel, frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``segment_id``, ``segment``, ``margin``, ``runner_up`` and ``note`` of each row."""
    from clienteling.segmentation.scoring import score

    # One definition for many rows: the frame goes through the engine, as every other source.
    columns = ["segment_id", "segment", "margin", "runner_up", "note"]
    if frame.empty:
        return frame.reindex(columns=columns)
    scored = score(model, frame).df()
    result: pd.DataFrame = scored[columns].set_index(frame.index)
    return result


def _number(value: Any) -> float:
    import pandas as pd

    if value is None or value is pd.NA:
        return math.nan
    if isinstance(value, str):
        said = value.strip()
        if said.lower() in MISSING_WORDS:
            return math.nan
        return read_number(said)
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _imputed_note(model: Model, values: np.ndarray[Any, Any]) -> str:
    if not model.medians:
        return ""
    return " ".join(
        said
        for said, value in zip(filled_words(model), _one_each(model, values).values(), strict=True)
        if math.isnan(value)
    )


def _one_each(model: AnyModel, values: np.ndarray[Any, Any]) -> dict[str, float]:
    """Return one value per column: the levels of a column are there together or not at all."""
    if isinstance(model, RulesModel):
        return dict(zip(model.columns, values.tolist(), strict=True))
    of = [each.column for each in model.features]
    return {each: float(values[of.index(each)]) for each in model.columns}


def _note(model: AnyModel, values: np.ndarray[Any, Any], missing: Collection[str]) -> str:
    categories = {each.column for each in model.categories}
    parts = []
    for feature, value in _one_each(model, values).items():
        if math.isnan(value):
            unknown = feature in categories and feature not in missing
            parts.append(not_known(feature) if unknown else f"{feature} is missing.")
        elif abs(value) > 1e300:
            parts.append(f"{feature} is not a finite number.")
    return " ".join(parts)
