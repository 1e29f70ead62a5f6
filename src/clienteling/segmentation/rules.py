"""A model of rules: scores from thresholds, and ordered rules over the scores.

The other kind of model beside :class:`~clienteling.segmentation.model.Model`: the same file,
``model.json`` with ``"kind": "rules"``, and the same things to do with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, overload

from pydantic import Field, FiniteFloat, NonNegativeInt, model_validator

from clienteling.features.categories import Category
from clienteling.segmentation.model_features import Part
from clienteling.segmentation.model_file import model_text, write_model
from clienteling.segmentation.rules_playbook import first_rule
from clienteling.segmentation.words import FeatureWords

if TYPE_CHECKING:
    import pandas as pd

    from clienteling.data.read import Source
    from clienteling.data.table import Table

__all__ = ["Rule", "RuleAnswer", "RuleFeature", "RuleSegment", "RulesModel", "RulesProvenance"]

#: More combinations of scores than this are not gone through one by one.
_MOST = 100_000


class RuleFeature(Part):
    """A column that is scored.

    Parameters
    ----------
    name : the column
    label, unit : for people
    aliases : other names that the column goes by in other files
    best : whether low or high values get the highest score
    thresholds : ascending, in the feature's own unit; a value at a threshold lies below it. There
        is one score more than thresholds
    """

    name: Annotated[str, Field(min_length=1)]
    label: str
    unit: str = ""
    aliases: list[str] = Field(default_factory=list)
    best: Literal["low", "high"]
    thresholds: list[FiniteFloat] = Field(min_length=1, max_length=99)

    @property
    def words(self) -> FeatureWords:
        """What the feature is called."""
        return FeatureWords(self.name, self.label, self.unit)

    def score(self, value: float) -> int:
        """Return the score of a value, from 1 to one more than there are thresholds."""
        below = sum(each < value for each in self.thresholds)
        return 1 + (len(self.thresholds) - below if self.best == "low" else below)


class Rule(Part):
    """A rule: whose scores all lie in its ranges, goes to its segment.

    Parameters
    ----------
    segment : the key of the segment
    scores : lowest and highest score by feature; a feature that is not named may have any
    """

    segment: str
    scores: dict[str, Annotated[list[int], Field(min_length=2, max_length=2)]]


class RuleSegment(Part):
    """A named group of customers, said in rules.

    Parameters
    ----------
    id : from 0, numbered by size when the model was made
    name, key : distinct in the model; offers are chosen by the key
    size : customers when the model was made
    share : of all customers with a segment, from 0 to 1
    revenue : their net value together
    revenue_share : of the net value of all customers with a segment; None where that is not above 0
    typical : their means, by feature, in the features' own units; empty where there is nobody
    description, strategy : from the playbook
    explanation : what is typical of them, in words
    """

    id: NonNegativeInt
    name: Annotated[str, Field(min_length=1)]
    key: str
    size: NonNegativeInt
    share: Annotated[FiniteFloat, Field(ge=0, le=1)]
    revenue: FiniteFloat
    revenue_share: FiniteFloat | None
    typical: dict[str, FiniteFloat]
    description: str
    strategy: str
    explanation: str


class RulesProvenance(Part):
    """Where the model comes from.

    Parameters
    ----------
    source : the name of the transactions' file or table
    rows, kept : rows of it, and those that were used
    customers : who has a segment
    as_of : the day that recency is counted to
    date : when the model was made
    versions : of the programs
    """

    source: str
    rows: int
    kept: int
    customers: int
    as_of: str
    date: str
    versions: dict[str, str]


@dataclass(frozen=True)
class RuleAnswer:
    """The segment of one customer.

    Parameters
    ----------
    segment : None where the customer can't be scored
    scores : by feature
    margin, runner_up : always None: a rule has no distance
    note : why the customer can't be scored; else empty
    """

    segment: RuleSegment | None
    scores: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    margin: None = None
    runner_up: None = None


class RulesModel(Part):
    """Named segments, and the rules that give every customer theirs: the first that fits.

    :func:`clienteling.rfm_model` makes one, :func:`clienteling.load_model` reads it again.
    """

    schema_version: Literal[1] = 1
    kind: Literal["rules"] = "rules"
    playbook: str
    features: list[RuleFeature] = Field(min_length=1)
    rules: list[Rule] = Field(min_length=1)
    segments: list[RuleSegment] = Field(min_length=1)
    notes: list[str] = Field(default_factory=list)
    provenance: RulesProvenance

    @model_validator(mode="after")
    def _holds_together(self) -> RulesModel:
        faults = self._repeated()
        for place, each in enumerate(self.segments):
            if each.id != place:
                faults.append(f"segments[{place + 1}].id: is {each.id}; it should be {place}.")
        for place, feature in enumerate(self.features, 1):
            if any(low > high for low, high in itertools.pairwise(feature.thresholds)):
                faults.append(f"features[{place}].thresholds: are not ascending.")
        scores = {each.name: len(each.thresholds) + 1 for each in self.features}
        keys = {each.key for each in self.segments}
        for place, rule in enumerate(self.rules, 1):
            if rule.segment not in keys:
                faults.append(f'rules[{place}].segment: there is no segment "{rule.segment}".')
            for name, (low, high) in rule.scores.items():
                if name not in scores:
                    faults.append(f'rules[{place}].scores: "{name}" is not among the features.')
                elif not 1 <= low <= high <= scores[name]:
                    faults.append(
                        f"rules[{place}].scores.{name}: {low} to {high} is no range of scores "
                        f"from 1 to {scores[name]}."
                    )
        if not faults:
            faults = self._uncovered(scores)
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _repeated(self) -> list[str]:
        return [
            f'{what}: the {kind} "{each}" stands more than once.'
            for what, kind, found in (
                ("segments", "name", [each.name for each in self.segments]),
                ("segments", "key", [each.key for each in self.segments]),
                ("features", "name", [each.name for each in self.features]),
            )
            for each in sorted({each for each in found if found.count(each) > 1})
        ]

    def _uncovered(self, scores: Mapping[str, int]) -> list[str]:
        ranges = [range(1, most + 1) for most in scores.values()]
        rules = self._ordered
        combinations = itertools.islice(itertools.product(*ranges), _MOST)
        for combination in combinations:
            if first_rule(dict(zip(scores, combination, strict=True)), rules) is None:
                shown = ", ".join(f"{f} {s}" for f, s in zip(scores, combination, strict=True))
                return [f"rules: none covers the scores {shown}."]
        return []

    @property
    def _ordered(self) -> list[tuple[str, Mapping[str, Sequence[int]]]]:
        return [(each.segment, each.scores) for each in self.rules]

    @property
    def k(self) -> int:
        """How many segments there are."""
        return len(self.segments)

    @property
    def feature_names(self) -> list[str]:
        """The columns that take part, in their order."""
        return [each.name for each in self.features]

    @property
    def columns(self) -> list[str]:
        """The same: rules score columns of numbers."""
        return self.feature_names

    @property
    def aliases(self) -> dict[str, list[str]]:
        """Other names that each column goes by."""
        return {each.name: each.aliases for each in self.features}

    @property
    def categories(self) -> tuple[Category, ...]:
        """No column takes part by its levels."""
        return ()

    def segment_of(self, scores: Mapping[str, int]) -> RuleSegment:
        """Return the segment of the first rule that lets the scores through.

        Parameters
        ----------
        scores : one per feature, by its name
        """
        place = first_rule(scores, self._ordered)
        assert place is not None, "a model's rules cover every combination of scores"
        key = self.rules[place].segment
        return next(each for each in self.segments if each.key == key)

    @overload
    def predict(self, customers: Mapping[str, Any] | pd.Series[Any]) -> RuleAnswer: ...
    @overload
    def predict(self, customers: pd.DataFrame) -> pd.DataFrame: ...
    @overload
    def predict(self, customers: Sequence[Mapping[str, Any]]) -> list[RuleAnswer]: ...
    def predict(
        self,
        customers: Mapping[str, Any] | pd.Series[Any] | pd.DataFrame | Sequence[Mapping[str, Any]],
    ) -> RuleAnswer | pd.DataFrame | list[RuleAnswer]:
        """Return the segment of one customer, or of each of several.

        Parameters
        ----------
        customers : as for :meth:`clienteling.Model.predict`

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

        return predict.predict_any(self, customers, predict.predict_by_rules)

    def score(self, customers: Source, *, id: str | None = None) -> Table:
        """Return the segment of every customer as a lazy table; see :func:`clienteling.score`."""
        from clienteling.segmentation.scoring import score

        return score(self, customers, id=id)

    def sql(self, dialect: str = "duckdb", *, table: str = "customers") -> str:
        """Return the scoring as a SQL query over ``table``, in a dialect that sqlglot knows."""
        from clienteling.segmentation.scoring import scoring_sql

        return scoring_sql(self, dialect, table)

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
