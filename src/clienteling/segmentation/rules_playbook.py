"""A playbook of rules: segments that are said in scores, such as those of RFM.

Where a playbook of levels names what K-means found, this one says itself who belongs where.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from clienteling.data.documents import BuiltIn, Document, Strict, parts_of, repeated
from clienteling.errors import near_names

__all__ = [
    "Range",
    "RulesPlaybook",
    "ScoredFeature",
    "WordedSegment",
    "built_in_rules",
    "first_rule",
    "load_rules_playbook",
    "rules_text",
]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: Scores go from 1 to this.
SCORES = 5


def _range(value: Any) -> Any:
    """Read ``4-5``, ``3`` or a pair as the lowest and the highest score."""
    pair = value
    if isinstance(value, int) and not isinstance(value, bool):
        pair = (value, value)
    elif isinstance(value, str) and (found := re.fullmatch(r"\s*(\d)\s*-\s*(\d)\s*", value)):
        pair = (int(found[1]), int(found[2]))
    if (
        isinstance(pair, tuple | list)
        and len(pair) == 2
        and all(isinstance(each, int) for each in pair)
        and not 1 <= pair[0] <= pair[1] <= SCORES
    ):
        raise ValueError(f"{value!r} is no range of scores from 1 to {SCORES}.")
    return pair


#: The lowest and the highest score that a rule lets through.
Range = Annotated[tuple[int, int], BeforeValidator(_range)]


class ScoredFeature(Strict):
    """A feature with scores.

    Parameters
    ----------
    label, unit : for people
    best : whether low or high values get the highest score
    aliases : the names that columns give it
    """

    label: Text
    unit: str = ""
    best: Literal["low", "high"]
    aliases: tuple[Text, ...] = ()


class WordedSegment(Strict):
    """A segment: its rules, of which one must fit, and its words."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    name: Text
    rules: tuple[dict[str, Range], ...] = Field(min_length=1)
    description: Text
    strategy: Text


class RulesPlaybook(Document):
    """Segments by rules over scores.

    Parameters
    ----------
    playbook : its name
    title : for people
    features : the features by the names of their columns
    segments : in the order in which their rules are tried
    """

    playbook: Text
    title: Text
    features: dict[str, ScoredFeature] = Field(min_length=1, max_length=6)
    segments: tuple[WordedSegment, ...] = Field(min_length=1)

    @property
    def rules(self) -> list[tuple[str, Mapping[str, tuple[int, int]]]]:
        """The rules in their order, each with the key of its segment."""
        return [(each.key, rule) for each in self.segments for rule in each.rules]

    @classmethod
    def disagreements(cls, content: Mapping[str, Any]) -> list[str]:
        """Return the faults between the segments, and scores that no rule or two rules cover."""
        segments = parts_of(content, "segments")
        faults = repeated(segments, "key", "segments") + repeated(segments, "name", "segments")
        features = content.get("features")
        if not isinstance(features, Mapping) or not 1 <= len(features) <= 6:
            return faults
        rules: list[tuple[str, Mapping[str, tuple[int, int]]]] = []
        whole = True
        for place, segment in segments:
            whole = whole and bool(segment.get("rules"))
            for number, rule in parts_of(segment, "rules"):
                where = f"segments[{place}].rules[{number}]"
                unknown = [str(each) for each in rule if each not in features]
                faults += [
                    f'{where}: "{each}" is not among the features. '
                    f"{near_names(each, [str(key) for key in features])}".strip()
                    for each in unknown
                ]
                ranges = _ranges(rule)
                whole = whole and not unknown and ranges is not None
                rules.append((f"segments[{place}]", ranges or {}))
        return faults + (_not_once(list(map(str, features)), rules) if whole and rules else [])


def _ranges(rule: Mapping[str, Any]) -> dict[str, tuple[int, int]] | None:
    ranges = {}
    for key, value in rule.items():
        try:
            low, high = _range(value)
        except (TypeError, ValueError):
            return None
        ranges[str(key)] = (low, high)
    return ranges


def _not_once(
    features: Sequence[str], rules: Sequence[tuple[str, Mapping[str, tuple[int, int]]]]
) -> list[str]:
    taken = {
        combination: first_rule(dict(zip(features, combination, strict=True)), rules)
        for combination in itertools.product(range(1, SCORES + 1), repeat=len(features))
    }
    faults = []
    left = [each for each, rule in taken.items() if rule is None]
    if left:
        shown = ", ".join(f"{f} {s}" for f, s in zip(features, left[0], strict=True))
        more = f", nor {len(left) - 1} more" if len(left) > 1 else ""
        faults.append(f"segments: no rule covers the scores {shown}{more}.")
    reached = {rules[rule][0] for rule in taken.values() if rule is not None}
    faults += [
        f"{each}: its rules never apply; those before it cover all of their scores."
        for each in dict.fromkeys(where for where, _ in rules)
        if each not in reached
    ]
    return faults


def first_rule(
    scores: Mapping[str, int], rules: Sequence[tuple[str, Mapping[str, Sequence[int]]]]
) -> int | None:
    """Return the place of the first rule that lets the scores through, or None.

    Examples
    --------
    >>> rules = [("best", {"frequency": (4, 5)}), ("rest", {})]
    >>> first_rule({"frequency": 5}, rules), first_rule({"frequency": 3}, rules)
    (0, 1)
    """
    matching: Iterator[int] = (
        place
        for place, (_, rule) in enumerate(rules)
        if all(low <= scores[feature] <= high for feature, (low, high) in rule.items())
    )
    return next(matching, None)


# In a folder of their own: a playbook of levels and one of rules are not the same document.
_BUILT_IN = BuiltIn("clienteling.segmentation", "playbooks/rules", "playbook of rules")


def built_in_rules() -> list[str]:
    """Return the names of the playbooks of rules that come with the package.

    Examples
    --------
    >>> built_in_rules()
    ['rfm']
    """
    return _BUILT_IN.names()


def rules_text(name: str) -> str:
    """Return the YAML text of a built-in playbook of rules, to start one's own from."""
    return _BUILT_IN.text(name)


def load_rules_playbook(playbook: str | Path | RulesPlaybook) -> RulesPlaybook:
    """Return a playbook of rules: a built-in one by its name, or one's own by its path.

    Raises
    ------
    DocumentError
        There is no such playbook, or it has faults; all of them are listed.

    Examples
    --------
    >>> [each.name for each in load_rules_playbook("rfm").segments][:2]
    ['Champions', 'Loyal Customers']
    """
    if isinstance(playbook, RulesPlaybook):
        return playbook
    return _BUILT_IN.load(playbook, RulesPlaybook)
