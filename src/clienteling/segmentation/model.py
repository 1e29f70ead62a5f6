"""The model: a text file that says what the segments are and how customers get theirs.

It is JSON that a person can read and git can compare, validated on load, and never a pickle.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, overload

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeInt,
    ValidationError,
    model_validator,
)

from clienteling.data.columns import label_and_unit
from clienteling.data.documents import faults_of, read_text
from clienteling.data.whole_files import aside
from clienteling.errors import DocumentError
from clienteling.features.categories import Category
from clienteling.features.transforms import PLAIN, Transform, inverted
from clienteling.segmentation.sketch import Floats
from clienteling.segmentation.words import FeatureWords

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from clienteling.data.read import Source
    from clienteling.data.table import Table

__all__ = [
    "SCHEMA_VERSION",
    "UNSTABLE",
    "Answer",
    "Association",
    "Bins",
    "Condition",
    "Evidence",
    "Feature",
    "Figure",
    "Level",
    "Method",
    "Model",
    "Retired",
    "Segment",
    "Steps",
    "Trait",
    "TreeRule",
    "model_text",
    "read_content",
    "share_words",
    "validated",
    "write_model",
]

SCHEMA_VERSION = 1
#: Below this mean Jaccard index a segment should not be trusted (Hennig 2007,
#: doi:10.1016/j.csda.2006.11.025).
UNSTABLE = 0.6

_Kind = TypeVar("_Kind", bound=BaseModel)

Positive = Annotated[FiniteFloat, Field(gt=0)]
#: None is farther from the mean than the square root of the number of customers.
Standardised = Annotated[FiniteFloat, Field(ge=-1e9, le=1e9)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Steps(_Part):
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


class Bins(_Part):
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


class Level(_Part):
    """The level of a column that a feature stands for: 1 for the customers who have it, else 0.

    Parameters
    ----------
    column : its name
    value : text, a whole number, or true and false; null for every value that is no other level
        of the column
    """

    column: str
    value: str | int | bool | None


class Feature(_Part):
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


class Figure(_Part):
    """What a segment is like in a column that took no part in making it.

    Parameters
    ----------
    column : its name
    level : the level of a column of words; empty for a mean
    value : mean, or share from 0 to 1
    low, high : 95 % interval of the value
    overall : the same figure for all customers
    effect : how much the segment differs from all other customers: of means Hedges' g, in standard
        deviations; of shares their difference. None where there are no others
    effect_low, effect_high : 95 % interval of the effect
    """

    column: str
    level: str = ""
    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    overall: FiniteFloat
    effect: FiniteFloat | None = None
    effect_low: FiniteFloat | None = None
    effect_high: FiniteFloat | None = None

    @property
    def effect_words(self) -> str:
        """The effect with its interval, in a few words; empty where there is none.

        Examples
        --------
        >>> figure = Figure(
        ...     column="Age",
        ...     value=32.7,
        ...     low=31.5,
        ...     high=33.9,
        ...     overall=38.9,
        ...     effect=-0.58,
        ...     effect_low=-0.93,
        ...     effect_high=-0.23,
        ... )
        >>> figure.effect_words
        "Hedges' g -0.58, -0.93 to -0.23"
        """
        if self.effect is None or self.effect_low is None or self.effect_high is None:
            return ""
        if self.level:
            low, high = 100 * self.effect_low, 100 * self.effect_high
            return f"{100 * self.effect:+.0f} points, {low:+.0f} to {high:+.0f}"
        return f"Hedges' g {self.effect:+.2f}, {self.effect_low:+.2f} to {self.effect_high:+.2f}"

    @property
    def words(self) -> str:
        """The figure in a few words.

        Examples
        --------
        >>> Figure(column="Age", value=32.7, low=31.5, high=33.9, overall=38.9).words
        'Age 32.7 on average (31.5 to 33.9; all customers 38.9)'
        """
        effect = f"; {self.effect_words}" if self.effect_words else ""
        if not self.level:
            return (
                f"{self.column} {_shown(self.value)} on average ({_shown(self.low)} to "
                f"{_shown(self.high)}; all customers {_shown(self.overall)}{effect})"
            )
        return (
            f"{self.column} {self.level} {self.value:.0%} ({self.low:.0%} to {self.high:.0%}; "
            f"all customers {self.overall:.0%}{effect})"
        )


def _shown(value: float) -> str:
    """Return one decimal, and of a number below one its first two digits."""
    return f"{value:,.1f}" if abs(value) >= 1 or value == 0 else f"{value:.2g}"


class Association(_Part):
    """How strongly a column that took no part goes with the segments as a whole.

    Parameters
    ----------
    column : its name
    measure : for numbers, the share of the variance that lies between segments; for words and
        flags, Cramér's V; both corrected for chance
    value : from 0, nothing in common, to 1
    """

    column: str
    measure: Literal["eta squared", "Cramér's V"]
    value: Annotated[FiniteFloat, Field(ge=0, le=1)]

    @property
    def strength(self) -> float:
        """Both measures on the scale of a correlation."""
        return self.value**0.5 if self.measure == "eta squared" else self.value


class Trait(_Part):
    """A feature that sets a segment apart from all customers.

    Parameters
    ----------
    feature : its column
    value : the segment's mean, in the feature's own units; where the feature is transformed, the
        mean of the transformed values, in own units again
    overall : the same of all customers
    difference : of the two, in standard deviations of all customers, after the transforms
    """

    feature: str
    value: FiniteFloat
    overall: FiniteFloat
    difference: FiniteFloat


class Condition(_Part):
    """What a feature must be, in its own units: larger than ``above``, and at most ``up_to``."""

    feature: str
    above: FiniteFloat | None = None
    up_to: FiniteFloat | None = None


class TreeRule(_Part):
    """A rule of thumb for a segment, from a shallow decision tree.

    It describes; a customer's segment is decided by the nearest centre alone.

    Parameters
    ----------
    conditions : all of them must hold
    words : the same for people
    recall : share of the segment's customers that the rule catches, over all customers
    precision : share of the customers that it catches who are the segment's
    """

    conditions: list[Condition] = Field(min_length=1)
    words: str
    recall: Annotated[FiniteFloat, Field(ge=0, le=1)]
    precision: Annotated[FiniteFloat, Field(ge=0, le=1)]

    @property
    def sentence(self) -> str:
        r"""The rule with what it is worth.

        Examples
        --------
        >>> limit = Condition(feature="Income", above=70.0)
        >>> rule = TreeRule(conditions=[limit], words="income above 70", recall=1, precision=0.954)
        >>> rule.sentence
        'income above 70: catches all of them, and 95\xa0% of whom it catches are theirs'
        """
        recall, precision = share_words(self.recall), share_words(self.precision)
        return (
            f"{self.words}: catches {recall} of them, and {precision} of whom it catches are theirs"
        )


def share_words(share: float) -> str:
    r"""Return a share in whole percent that says all only where it is all.

    Examples
    --------
    >>> share_words(1.0), share_words(0.9999), share_words(0.954)
    ('all', '99\xa0%', '95\xa0%')
    """
    return "all" if share == 1 else f"{min(99.0, max(share * 100, 0.5)):.0f}\N{NO-BREAK SPACE}%"


class Segment(_Part):
    """A named group of customers.

    Parameters
    ----------
    id : from 0, numbered by size at the first fit; a refit keeps it, and gives a new segment the
        next number that was never used
    name : distinct in the model
    key : the archetype of the playbook; offers are chosen by it
    size : customers at the fit
    share : of all customers with a segment, from 0 to 1
    centre : standardised, one number per feature
    description, strategy : from the playbook
    explanation : where the centre lies among all customers
    fit : how loosely the name fits; empty where it fits
    stability : mean Jaccard index with what is found when customers are drawn anew, from 0 to 1;
        None where it was not judged
    warning : what to say beside the segment where it is not found again; else empty
    profile : figures on columns that took no part
    traits : the features that set it apart from all customers, the most telling first
    typical : the values of the customer nearest to the centre, by feature; of very many customers,
        of the point of the sketch that is nearest
    rule : a rule of thumb that catches most of its customers and few others, if there is one
    """

    id: NonNegativeInt
    name: Annotated[str, Field(min_length=1)]
    key: str
    size: NonNegativeInt
    share: Annotated[FiniteFloat, Field(ge=0, le=1)]
    centre: list[Standardised]
    description: str
    strategy: str
    explanation: str
    fit: str = ""
    stability: Annotated[FiniteFloat, Field(ge=0, le=1)] | None = None
    warning: str = ""
    profile: list[Figure] = Field(default_factory=list)
    traits: list[Trait] = Field(default_factory=list)
    typical: dict[str, FiniteFloat] = Field(default_factory=dict)
    rule: TreeRule | None = None

    @property
    def is_unstable(self) -> bool:
        """Whether it is not found again when customers are drawn anew."""
        return self.stability is not None and self.stability < UNSTABLE


class Retired(_Part):
    """A segment of an earlier model that a refit did not find again: its id is not used again."""

    id: NonNegativeInt
    name: str


class Evidence(_Part):
    """The figures for one number of segments; see :class:`~clienteling.segmentation.KRow`."""

    k: int
    inertia: FiniteFloat
    silhouette: FiniteFloat | None
    calinski_harabasz: FiniteFloat | None
    davies_bouldin: FiniteFloat | None
    silhouette_error: FiniteFloat | None = None
    stability: FiniteFloat | None = None
    stability_low: FiniteFloat | None = None
    stability_reference: FiniteFloat | None = None
    least_jaccard: FiniteFloat | None = None


class Method(_Part):
    """How the figures were made.

    Parameters
    ----------
    sketch : ``exact`` (all customers), ``grid`` or ``coreset``
    points : weighted points that the fits ran on
    error : share of the customers' total sum of squares inside the points
    passes : passes over all customers that made the centres exact
    judged : customers that silhouette, Calinski-Harabasz and Davies-Bouldin were computed on
    """

    sketch: Literal["exact", "grid", "coreset"]
    points: int
    error: FiniteFloat
    passes: int
    judged: int


class Structure(_Part):
    """Whether there are natural groups, against structureless reference draws."""

    natural: bool
    draws: int
    beaten_by: int
    sample: int


class Provenance(_Part):
    """Where the model comes from."""

    source: str
    rows: int
    usable: int
    date: str
    seed: int
    versions: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """The segment of one customer.

    Parameters
    ----------
    segment : None where the customer can't be scored
    margin : distance to the runner-up's centre less the distance to the segment's, in standard
        deviations: 0 is on the border. None where there is nothing to compare with
    runner_up : the next best segment
    note : why the customer can't be scored, or which medians took the place of a missing value;
        else empty
    warning : which values lie far outside of what the model was made on; else empty
    """

    segment: Segment | None
    margin: float | None
    runner_up: Segment | None
    note: str = ""
    warning: str = ""


class Model(_Part):
    """Named segments, and the rule that gives every customer theirs: the nearest centre.

    ``catalogue`` is the name of the shop's own catalogue where the model was made with one, with
    the fingerprint of its content, and ``id`` the column that held the customer's id.

    Examples
    --------
    >>> import clienteling as cl
    >>> model = cl.segment(cl.read("sample"))
    >>> answer = model.predict({"Annual Income (k$)": 15, "Spending Score (1-100)": 81})
    >>> answer.segment.name, answer.runner_up.name
    ('Deal Seekers', 'Average Customers')
    """

    schema_version: Literal[1] = 1
    kind: Literal["kmeans"] = "kmeans"
    playbook: str
    features: list[Feature] = Field(min_length=1)
    segments: list[Segment] = Field(min_length=1)
    retired: list[Retired] = Field(default_factory=list)
    catalogue: str = ""
    catalogue_fingerprint: str = ""
    id: str | None = None
    why_k: str
    elbow_k: int | None = None
    silhouette_k: int | None = None
    inertia: FiniteFloat
    silhouette: FiniteFloat | None
    choose_k: list[Evidence] = Field(default_factory=list)
    structure: Structure | None = None
    associations: list[Association] = Field(default_factory=list)
    method: Method
    notes: list[str] = Field(default_factory=list)
    provenance: Provenance

    @model_validator(mode="after")
    def _holds_together(self) -> Model:
        faults = []
        for index, each in enumerate(self.segments):
            if len(each.centre) != len(self.features):
                faults.append(
                    f"segments[{index + 1}].centre: has {len(each.centre)} numbers for "
                    f"{len(self.features)} features."
                )
        ids = [each.id for each in self.segments]
        gone = {each.id for each in self.retired}
        # Without a retired one the ids have no gap; a refit leaves one where a segment vanished.
        known = sorted({*ids, *gone})
        if ids != sorted(set(ids)) or gone & set(ids) or known != list(range(len(known))):
            shown = ", ".join(map(str, ids))
            faults.append(
                f"segments: the ids are {shown}; they should ascend from 0, without gaps but for "
                "those of the retired."
            )
        faults += _level_faults(self.features)
        if len({each.median is None for each in self.features}) > 1:
            faults.append("features: either all of them have a median or none.")
        for what, names in (
            ("segments", [each.name for each in self.segments]),
            ("features", [each.name for each in self.features]),
        ):
            faults += [
                f'{what}: the name "{each}" stands more than once.'
                for each in sorted({each for each in names if names.count(each) > 1})
            ]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    @property
    def k(self) -> int:
        """How many segments there are."""
        return len(self.segments)

    @property
    def feature_names(self) -> list[str]:
        """The features, in their order: columns of numbers, then the levels of categories."""
        return [each.name for each in self.features]

    @property
    def columns(self) -> list[str]:
        """The columns that take part, in their order."""
        return list(dict.fromkeys(each.column for each in self.features))

    @property
    def column_labels(self) -> list[str]:
        """The word for people for each column that takes part, in their order."""
        labels = {
            each.column: label_and_unit(each.column)[0] if each.level else each.label
            for each in self.features
        }
        return list(labels.values())

    @property
    def aliases(self) -> dict[str, list[str]]:
        """Other names that each column goes by."""
        return {each.column: each.aliases for each in self.features}

    @property
    def categories(self) -> tuple[Category, ...]:
        """The columns whose levels take part."""
        found: dict[str, list[str | int | bool | None]] = {}
        for each in self.features:
            if each.level is not None:
                found.setdefault(each.level.column, []).append(each.level.value)
        return tuple(
            Category(each, tuple(v for v in values if v is not None), None in values)
            for each, values in found.items()
        )

    @property
    def axis_names(self) -> list[str]:
        """What an axis of the transformed features is called."""
        return [
            f"ln(1 + {each.name})" if each.steps and each.steps.log else each.name
            for each in self.features
        ]

    @property
    def mean(self) -> Floats:
        """Array of shape (features,)."""
        return np.array([each.mean for each in self.features])

    @property
    def scale(self) -> Floats:
        """Array of shape (features,)."""
        return np.array([each.scale for each in self.features])

    @property
    def transforms(self) -> tuple[Transform, ...]:
        """What each feature goes through; empty where all are taken as they are."""
        steps = [each.steps.transform if each.steps else PLAIN for each in self.features]
        return () if all(each.is_plain for each in steps) else tuple(steps)

    @property
    def medians(self) -> tuple[float, ...]:
        """What takes the place of a missing value of each feature; empty where nothing does."""
        known = tuple(each.median for each in self.features if each.median is not None)
        return known if len(known) == len(self.features) else ()

    @property
    def centres(self) -> Floats:
        """Array of shape (k, features), standardised."""
        return np.array([each.centre for each in self.segments])

    @property
    def centres_in_units(self) -> Floats:
        """Array of shape (k, features), in the features' own units."""
        return inverted(self.centres * self.scale + self.mean, self.transforms)

    @property
    def overall(self) -> Floats:
        """Array of shape (features,), the mean of all customers as a centre would show it."""
        return np.asarray(inverted(self.mean[None, :], self.transforms)[0], dtype=np.float64)

    def centre_of(self, segment: Segment) -> dict[str, float]:
        """Return the segment's centre by feature, in the features' own units."""
        standardised = np.array([segment.centre])
        values = inverted(standardised * self.scale + self.mean, self.transforms)[0]
        return {
            # A share that is nothing or all is said so, without what arithmetic leaves behind.
            each.name: round(min(1.0, max(0.0, float(value))), 12) if each.level else float(value)
            for each, value in zip(self.features, values, strict=True)
        }

    def apart(self, segment: Segment) -> str:
        """Return what sets a segment apart, in words; empty where nothing does."""
        words = {each.name: each.words for each in self.features}
        said = []
        for each in segment.traits:
            called = words[each.feature]
            of_all = f"all customers {called.number(each.overall)}"
            if not called.of:
                of_all += f", {each.difference:+.1f} standard deviations"
            said.append(f"{called.label} {called.figure(each.value)} ({of_all})")
        return "; ".join(said)

    def typical_words(self, segment: Segment) -> str:
        """Return the typical customer of a segment in words; empty where none is known."""
        typical = segment.typical
        return ", ".join(
            each.words.label
            if each.level
            else f"{each.words.label} {each.words.figure(typical[each.name], 3)}"
            for each in self.features
            if each.name in typical and not (each.level and typical[each.name] < 1)
        )

    @overload
    def predict(self, customers: Mapping[str, Any] | pd.Series[Any]) -> Answer: ...
    @overload
    def predict(self, customers: pd.DataFrame) -> pd.DataFrame: ...
    @overload
    def predict(self, customers: Sequence[Mapping[str, Any]]) -> list[Answer]: ...
    def predict(
        self,
        customers: Mapping[str, Any] | pd.Series[Any] | pd.DataFrame | Sequence[Mapping[str, Any]],
    ) -> Answer | pd.DataFrame | list[Answer]:
        """Return the segment of one customer, or of each of several.

        Parameters
        ----------
        customers : the features of one customer by name (a mapping, or a row of a pandas frame);
            or a list of such mappings; or a pandas frame with a row per customer. For files and
            large tables there is :meth:`score`.

        Returns
        -------
        Answer, list of Answer or pandas.DataFrame
            The frame has the columns ``segment_id``, ``segment``, ``margin``, ``runner_up`` and
            ``note``, and the index of the given one.

        Raises
        ------
        ColumnError
            A feature is missing, or a name is unknown.
        DataError
            A value is no number.
        InputError
            Something else than features by name is given.
        """
        from clienteling.segmentation import predict

        arrays = "; arrays go through to_sklearn()"
        return predict.predict_any(self, customers, predict.predict_one, arrays)

    def score(self, customers: Source, *, id: str | None = None) -> Table:
        """Return the segment of every customer as a lazy table; see :func:`clienteling.score`."""
        from clienteling.segmentation.scoring import score

        return score(self, customers, id=id)

    def sql(self, dialect: str = "duckdb", *, table: str = "customers") -> str:
        """Return the scoring as a SQL query over ``table``, in a dialect that sqlglot knows."""
        from clienteling.segmentation.scoring import scoring_sql

        return scoring_sql(self, dialect, table)

    def to_sklearn(self) -> Pipeline:
        """Return the model as a fitted scikit-learn pipeline: StandardScaler, then KMeans.

        Its ``predict`` takes an array of shape (customers, features), in the features' own units
        and order, and returns places in ``segments``: the ids, unless a refit left a gap in them.
        """
        from clienteling.segmentation.sklearn_pipeline import to_pipeline

        return to_pipeline(self)

    @staticmethod
    def from_sklearn(
        pipeline: Pipeline, customers: Source, *, features: Sequence[str], **options: Any
    ) -> Model:
        """Return a model with the centres of a fitted pipeline of StandardScaler and KMeans.

        Parameters
        ----------
        pipeline : fitted; its segments keep their numbers
        customers : any source, for the sizes, the names and the figures
        features : the columns, in the order that the pipeline was fitted on
        options : ``playbook``, as for :func:`clienteling.segment`
        """
        from clienteling.segmentation.sklearn_pipeline import from_pipeline

        return from_pipeline(pipeline, customers, features=features, **options)

    def save(self, path: str | Path) -> None:
        """Write the model as JSON, whole or not at all.

        Raises
        ------
        OutputError
            The file can't be written.
        """
        write_model(self, path)

    def to_json(self) -> str:
        """Return the model's text, as it is saved."""
        return model_text(self)

    @staticmethod
    def load(path: str | Path) -> Model:
        """Read a model that :meth:`save` wrote.

        Raises
        ------
        DocumentError
            The file is not a model, is cut off, is of a newer schema, or has faults.
        """
        text, kind = read_content(path)
        if kind == "rules":
            raise DocumentError(
                f"{path}: is a model of rules, not one of centres.",
                hint="Read it with: clienteling.load_model",
            )
        return validated(path, text, Model)


def _level_faults(features: Sequence[Feature]) -> list[str]:
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
        if any(feature.name == each for feature in features if feature.level is None):
            faults.append(f'features: "{each}" can\'t be both a number and a category.')
    return faults


def model_text(model: BaseModel) -> str:
    """Return a model of either kind as the text that its file holds."""
    return json.dumps(model.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def write_model(model: BaseModel, path: str | Path) -> None:
    """Write a model of either kind, whole or not at all.

    Raises
    ------
    OutputError
        The file can't be written.
    """
    with aside(Path(path)) as place:
        place.write_text(model_text(model), encoding="utf-8", newline="\n")


def read_content(path: str | Path) -> tuple[str, object]:
    """Return the text of a model's file and the kind that it says it is.

    Raises
    ------
    DocumentError
        The file is not a model, is cut off, or is of a newer schema.
    """
    text = read_text(path, "model")
    try:
        content = json.loads(text)
    except ValueError as error:
        raise DocumentError(
            f"{path}: is not a whole model file; its JSON breaks off or is damaged at line "
            f"{getattr(error, 'lineno', '?')}.",
            hint="Copy the file again, or fit the model anew with: clienteling run",
        ) from error
    except RecursionError as error:
        raise DocumentError(f"{path}: is not a model file; it is nested too deeply.") from error
    if not isinstance(content, dict) or "schema_version" not in content:
        raise DocumentError(
            f"{path}: is JSON, but not a model file; it has no schema_version.",
            hint="A model is the model.json that clienteling run writes.",
        )
    version = content["schema_version"]
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise DocumentError(
            f"{path}: has schema version {version}; this program reads up to {SCHEMA_VERSION}.",
            hint="Update it with: pip install --upgrade clienteling",
        )
    return text, content.get("kind")


def validated(path: str | Path, text: str, kind: type[_Kind]) -> _Kind:
    """Return the model in a text.

    Raises
    ------
    DocumentError
        It has faults; all of them are listed.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise DocumentError(
            f"{path}: the model has faults.",
            faults=faults_of(error, Model),
            hint="Restore the file, or fit the model anew with: clienteling run",
        ) from error
