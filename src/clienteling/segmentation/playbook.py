"""A playbook: the segments that a shop knows, where each one lies, and what to do for it.

Words are data. The built-in playbooks are YAML files beside this one; a user's own file replaces
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from clienteling.data.columns import Found, find_column
from clienteling.data.documents import (
    BuiltIn,
    Document,
    Strict,
    parts_of,
    repeated,
)
from clienteling.data.table import Table
from clienteling.errors import DocumentError, near_names
from clienteling.segmentation.rules_playbook import built_in_rules

__all__ = [
    "LEVELS",
    "Archetype",
    "Level",
    "Playbook",
    "PlaybookFeature",
    "built_in_playbooks",
    "load_playbook",
    "playbook_text",
]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Level = Literal["very low", "low", "moderate", "high", "very high"]

#: Each level with the share of customers that lie below it.
LEVELS: dict[Level, float] = {
    "very low": 0.03,
    "low": 0.15,
    "moderate": 0.5,
    "high": 0.85,
    "very high": 0.97,
}


class PlaybookFeature(Strict):
    """A feature that the playbook speaks of: its word, and the names that columns give it."""

    label: Text
    aliases: tuple[Text, ...] = ()


class Archetype(Strict):
    """A segment that the shop knows: its name, where it lies, and what to do for it."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    name: Text
    levels: dict[str, Level] = Field(min_length=1)
    description: Text
    strategy: Text


class Otherwise(Strict):
    """What holds for segments that no archetype describes."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = "general"
    description: Text
    strategy: Text


class Playbook(Document):
    """The segments that a shop knows, for a set of features.

    Parameters
    ----------
    playbook : its name
    title : for people
    features : the features it speaks of, by key
    segments : the archetypes
    otherwise : description and strategy where no archetype applies
    """

    playbook: Text
    title: Text
    features: dict[str, PlaybookFeature] = Field(default_factory=dict)
    segments: tuple[Archetype, ...] = ()
    otherwise: Otherwise | None = None

    @classmethod
    def disagreements(cls, content: Mapping[str, Any]) -> list[str]:
        """Return the faults between the segments, and between segments and features."""
        segments = parts_of(content, "segments")
        faults = []
        if not content.get("segments") and content.get("otherwise") is None:
            faults.append('it has neither "segments" nor "otherwise".')
        faults += repeated(segments, "key", "segments") + repeated(segments, "name", "segments")
        features = content.get("features") or {}
        if not isinstance(features, Mapping):
            return faults
        for place, each in segments:
            levels = each.get("levels")
            if not isinstance(levels, Mapping):
                continue
            for unknown in sorted(str(key) for key in levels if key not in features):
                hint = near_names(unknown, [str(key) for key in features])
                faults.append(
                    f'segments[{place}].levels: "{unknown}" is not among the features.'
                    + (f" {hint}" if hint else "")
                )
            faults += [
                f'segments[{place}].levels: "{absent}" has no level.'
                for absent in features
                if absent not in levels
            ]
        return faults

    def find_features(self, table: Table) -> dict[str, Found] | None:
        """Find the column for each feature, by key; None where one is not there."""
        found = {}
        for key, feature in self.features.items():
            match = find_column(feature.label, table.names, (key, *feature.aliases))
            # The full names among the aliases are no assumption; only short forms are said.
            if match is not None and match.name in feature.aliases:
                match = Found(match.name)
            if match is None:
                return None
            found[key] = match
        return found if found else None

    def feature_of(self, column: str) -> str | None:
        """Return the key of the feature that a column's name means, or None."""
        for key, feature in self.features.items():
            if find_column(feature.label, [column], (key, *feature.aliases)):
                return key
        return None

    def covers(self, columns: Sequence[str]) -> bool:
        """Whether every feature of the playbook is among the columns."""
        keys = {self.feature_of(column) for column in columns}
        return bool(self.segments) and set(self.features) <= keys


_BUILT_IN = BuiltIn("clienteling.segmentation", "playbooks", "playbook")


def built_in_playbooks() -> list[str]:
    """Return the names of the playbooks that come with the package.

    Examples
    --------
    >>> built_in_playbooks()
    ['general', 'income-spending']
    """
    return _BUILT_IN.names()


def playbook_text(name: str) -> str:
    """Return the YAML text of a built-in playbook, to start one's own from."""
    return _BUILT_IN.text(name)


def load_playbook(playbook: str | Path | Playbook) -> Playbook:
    """Return a playbook: a built-in one by its name, or one's own by its path.

    Raises
    ------
    DocumentError
        There is no such playbook, or it has faults; all of them are listed.

    Examples
    --------
    >>> [each.name for each in load_playbook("income-spending").segments][:2]
    ['Premium Customers', 'Potential Customers']
    """
    if isinstance(playbook, Playbook):
        return playbook
    if str(playbook) in built_in_rules() and not Path(playbook).exists():
        raise DocumentError(
            f'The playbook "{playbook}" goes by rules over scores, which K-means has none of.',
            hint="It is for transactions: clienteling rfm TRANSACTIONS --out FILE",
        )
    return _BUILT_IN.load(playbook, Playbook)
