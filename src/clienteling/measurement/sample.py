"""A bounded sample of single customers with their covariates, for what sums can't tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlglot.expressions as exp

from clienteling.data.columns import find_columns
from clienteling.data.numbers import as_number
from clienteling.data.portable_hash import threshold
from clienteling.data.sql import chain, column, name, text
from clienteling.data.table import Table
from clienteling.errors import ColumnError
from clienteling.measurement.cells import finite, label
from clienteling.measurement.experiment import Experiment
from clienteling.measurement.folds import fold_number, hashed_for_folds

__all__ = ["CUSTOMERS", "Sample", "check_covariates", "draw_sample"]

#: Customers that are drawn at most, about.
CUSTOMERS = 100_000
#: A column of words with more of them is no covariate.
_LEVELS = 50
_SALT = "sample:"

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Single customers.

    Parameters
    ----------
    X : covariates, a row per customer; NaN where one is missing
    names : of the covariates; ``column=word`` for those of words
    offer : which offer each got, as in the experiment's cells
    outcome : of each
    fold : of each
    customers : how many the sample was drawn from
    """

    X: Floats
    names: tuple[str, ...]
    offer: Integers
    outcome: Floats
    fold: Integers
    customers: int


def check_covariates(table: Table, experiment: Experiment, covariates: Sequence[str]) -> list[str]:
    """Return the covariates' names in the table, or say all that is wrong with them.

    Raises
    ------
    ColumnError
        A column is missing, is the offer or an outcome, or holds dates.
    """
    names = list(dict.fromkeys(each.name for each in find_columns(table, list(covariates))))
    faults = [
        f'"{each}" is {"the offer" if each == experiment.offer else "an outcome"}, so it was not '
        "known before."
        for each in names
        if each == experiment.offer or each in experiment.outcomes
    ]
    faults += [
        f'"{each}" holds {table[each].kind} values, not numbers or words.'
        for each in names
        if table[each].kind in ("date", "other")
    ]
    if faults:
        raise ColumnError(
            f"{table.source}: these columns can't tell customers apart before the campaign.",
            faults=faults,
            hint="Choose other columns with --covariates.",
        )
    return names


def draw_sample(
    table: Table, experiment: Experiment, outcome: str, covariates: Sequence[str]
) -> Sample:
    """Draw customers by the hash of their id, so that the same are drawn on every engine.

    Raises
    ------
    ColumnError
        A column of words has too many of them, or customers can't be told apart by an id.
    """
    share = min(1.0, CUSTOMERS / max(experiment.customers, 1))
    drawn = hashed_for_folds(table, experiment.id, needed=True, salt=_SALT)
    folded = hashed_for_folds(table, experiment.id, needed=True)
    assert drawn is not None
    assert folded is not None
    numeric = [table[each].is_numeric for each in covariates]
    columns = [
        as_number(table, each) if is_number else column(each)
        for each, is_number in zip(covariates, numeric, strict=True)
    ]
    keys = [f"x{i}" for i in range(len(covariates))]
    taken = exp.select(
        column(experiment.offer).as_(name("offer")),
        as_number(table, outcome).as_(name("y")),
        *(each.as_(name(key)) for key, each in zip(keys, columns, strict=True)),
        drawn.as_(name("drawn")),
        folded.as_(name("folded")),
    )
    picked = (
        exp.select(
            *(column(each) for each in ("offer", "y", *keys)),
            fold_number(column("folded")).as_(name("fold")),
        )
        .where(exp.LT(this=column("drawn"), expression=text(threshold(share))))
        .where(exp.Not(this=exp.Is(this=column("offer"), expression=exp.null())))
        .where(finite(column("y")))
        .order_by(column("drawn"))
    )
    rows = table.engine.query(chain(table.subquery, ("taken", taken), ("picked", picked)))
    frame = rows.to_pandas()
    order = {each: place for place, each in enumerate(experiment.cells.offers)}
    parts, names, faults = [], [], []
    for each, key, is_number in zip(covariates, keys, numeric, strict=True):
        if is_number:
            parts.append(frame[[key]].astype("float64").to_numpy())
            names.append(each)
            continue
        words = frame[key].map(label)
        levels = sorted(words.unique())
        if len(levels) > _LEVELS:
            faults.append(f'"{each}" has more than {_LEVELS} different words.')
            continue
        codes = pd.Categorical(words, categories=levels).codes
        parts.append(np.eye(len(levels))[codes])
        names += [f"{each}={level}" for level in levels]
    if faults:
        raise ColumnError(
            f"{table.source}: these columns can't tell customers apart as they are.",
            faults=faults,
            hint="Choose other columns with --covariates.",
        )
    X = np.column_stack(parts)
    X[~(np.abs(X) <= 1e100)] = np.nan
    return Sample(
        X=X,
        names=tuple(names),
        offer=np.array([order[label(each)] for each in frame["offer"].tolist()], dtype=np.int64),
        outcome=frame["y"].to_numpy(dtype=np.float64),
        fold=frame["fold"].to_numpy(dtype=np.int64),
        customers=experiment.customers,
    )
