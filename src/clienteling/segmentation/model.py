"""The model: a text file that says what the segments are and how customers get theirs.

It is JSON that a person can read and git can compare, validated on load, and never a pickle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from pydantic import Field, FiniteFloat, model_validator

from clienteling.data.columns import label_and_unit
from clienteling.errors import DocumentError
from clienteling.features.categories import Category
from clienteling.features.transforms import PLAIN, Transform, inverted
from clienteling.segmentation.model_features import Feature, Part, level_faults
from clienteling.segmentation.model_file import model_text, read_content, validated, write_model
from clienteling.segmentation.model_segments import Association, Retired, Segment
from clienteling.segmentation.sketch import Floats

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from clienteling.data.read import Source
    from clienteling.data.table import Table

__all__ = ["Answer", "Evidence", "Method", "Model", "Provenance", "Structure"]


class Evidence(Part):
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


class Method(Part):
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


class Structure(Part):
    """Whether there are natural groups, against structureless reference draws."""

    natural: bool
    draws: int
    beaten_by: int
    sample: int


class Provenance(Part):
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


class Model(Part):
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
        faults += level_faults(self.features)
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
        words: dict[str, bool] = {}
        for each in self.features:
            if each.level is not None:
                found.setdefault(each.level.column, []).append(each.level.value)
                words[each.level.column] = each.level.missing_words
        return tuple(
            Category(each, tuple(v for v in values if v is not None), None in values, words[each])
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

        With transforms or categories it is a ColumnTransformer (functions of numpy and a
        StandardScaler for numbers, OneHotEncoder and StandardScaler for levels), then KMeans, and
        takes a pandas frame with the columns by name. Where the model gives medians to those who
        lack a number, a SimpleImputer does so, even for those who lack all of them, to whom the
        model gives no segment.

        Leave customers without a level out first: the pipeline takes no gap for a gap, but for a
        level that is new. What is new counts as "other" where the model has that, else it is
        refused.
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
