"""What a model says of its features: what each goes through, how it was spread, its levels."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from clienteling.features.transforms import Transform
from clienteling.segmentation.words import FeatureWords

__all__ = ["Bins", "Feature", "Level", "Part", "Positive", "Steps", "level_faults"]

Positive = Annotated[FiniteFloat, Field(gt=0)]


class Part(BaseModel):
    """A part of a model's file: fixed, and nothing in it that isn't known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Steps(Part):
    """What a feature goes through before it is standardised.

    Parameters
    ----------
    low, high : values beyond these limits count as the limits; in the feature's own units
    log : whether the logarithm of 1 + x is taken
    reason : why, in a sentence
    """

    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    log: bool = False
    reason: str = ""

    @model_validator(mode="after")
    def _limits_in_order(self) -> Steps:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low is {self.low:g}; it should be below high, {self.high:g}.")
        return self

    @property
    def transform(self) -> Transform:
        """The same steps, to compute with."""
        return Transform(self.low, self.high, self.log)


class Bins(Part):
    """How a feature was spread at the fit: what drift is measured against.

    Parameters
    ----------
    edges : ascending, the deciles that differ, in the feature's own units; a value at an edge lies
        below it
    shares : of the customers in each bin, from 0 to 1; one more than there are edges
    """

    edges: list[FiniteFloat]
    shares: list[Annotated[FiniteFloat, Field(ge=0, le=1)]]

    @model_validator(mode="after")
    def _fit_together(self) -> Bins:
        if len(self.shares) != len(self.edges) + 1:
            raise ValueError(
                f"has {len(self.shares)} shares for {len(self.edges)} edges; it should have one "
                "more."
            )
        if any(high <= low for low, high in itertools.pairwise(self.edges)):
            raise ValueError("edges: should be ascending.")
        return self


class Level(Part):
    """The level of a column that a feature stands for: 1 for the customers who have it, else 0.

    Parameters
    ----------
    column : its name
    value : text, a whole number, or true and false; null for every value that is no other level
        of the column
    missing_words : whether a text such as "unknown" or "n/a" that is none of the levels means that
        there is no value; the same for all levels of a column
    """

    column: str
    value: str | int | bool | None
    missing_words: bool = False


class Feature(Part):
    """A column that takes part, or a level of one, and how it is standardised.

    Parameters
    ----------
    name : the column, with its level where it stands for one
    label, unit : for people
    aliases : other names that the column goes by in other files
    level : the level that it stands for; null where the column holds numbers
    steps : what it goes through first; null where it is taken as it is
    mean, scale : of all customers at the fit, after these steps; the scale is the standard
        deviation with divisor n, for a level the square root of its share
    low, high : the least and the largest value at the fit, in the feature's own units
    median : what takes the place of a missing value, in the feature's own units; null where
        customers without a value have no segment
    bins : how the customers were spread at the fit
    """

    name: str
    label: str
    unit: str = ""
    aliases: list[str] = Field(default_factory=list)
    level: Level | None = None
    steps: Steps | None = None
    mean: FiniteFloat
    scale: Positive
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    median: FiniteFloat | None = None
    bins: Bins | None = None

    @property
    def words(self) -> FeatureWords:
        """What the feature is called."""
        of = self.level.column if self.level else ""
        return FeatureWords(self.name, self.label, self.unit, of, self.mean if of else 0.0)

    @property
    def column(self) -> str:
        """The column that it comes from."""
        return self.level.column if self.level else self.name

    @property
    def near(self) -> tuple[float, float] | None:
        """What a customer can well have: the range at the fit, and as much again on each side."""
        if self.low is None or self.high is None:
            return None
        span = self.high - self.low
        return self.low - span, self.high + span

    @property
    def range_words(self) -> str:
        """The range at the fit, for people."""
        low, high = self.low or 0.0, self.high or 0.0
        return f"{self.words.number(low, 4)} to {self.words.figure(high, 4)}"


def level_faults(features: Sequence[Feature]) -> list[str]:
    """Say where levels don't make up categories: their types, their order, their names."""
    faults = []
    is_level = [each.level is not None for each in features]
    if is_level != sorted(is_level):
        faults.append("features: levels should stand after the columns of numbers.")
    levels = [each.level for each in features if each.level is not None]
    columns = [each.column for each in levels]
    if [each for each, _ in itertools.groupby(columns)] != list(dict.fromkeys(columns)):
        faults.append("features: the levels of a column should stand together.")
    for each in dict.fromkeys(columns):
        values = [level.value for level in levels if level.column == each]
        named = [value for value in values if value is not None]
        if not named or len({type(value) for value in named}) > 1:
            faults.append(f'features: the levels of "{each}" should be of one type.')
        if len(set(values)) < len(values) or None in values[:-1]:
            faults.append(
                f'features: a level of "{each}" stands more than once, or null is not the last.'
            )
        if len({level.missing_words for level in levels if level.column == each}) > 1:
            faults.append(f'features: missing_words should be the same for all levels of "{each}".')
        if any(feature.name == each for feature in features if feature.level is None):
            faults.append(f'features: "{each}" can\'t be both a number and a category.')
    return faults
