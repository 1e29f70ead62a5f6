"""Rules that no customer can fulfil, whoever the customers are: age > 60 and age < 20."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from clienteling.offers.rules import Rule, family

__all__ = ["contradictions"]


def contradictions(rule: Rule) -> list[str]:
    r"""Return, in words, the conditions of a rule that can't hold together.

    What is named is a contradiction for certain; among several "any" not every combination is
    tried.

    Examples
    --------
    >>> old = {"column": "Age", "operator": ">", "value": 60}
    >>> young = {"column": "Age", "operator": "<", "value": 20}
    >>> contradictions(Rule.model_validate({"all": [old, young]}))
    ['"Age > 60" and "Age < 20" can\'t both hold.']
    >>> contradictions(Rule.model_validate({"any": [old, young]}))
    []
    """
    return _found(rule, [])


def _found(rule: Rule, outer: Sequence[Rule]) -> list[str]:
    """Return what contradicts in a rule, given the conditions that hold around it."""
    if rule.any is not None:
        within = [_found(each, outer) for each in rule.any]
        # One alternative that can hold is enough; the others are still slips of the pen.
        own = [words for each in rule.any for words in _found(each, ())]
        said = [words for found in within for words in found] if all(within) else own
        return list(dict.fromkeys(said))
    flat, choices = _flattened(rule)
    together = [*outer, *flat]
    by_column: dict[str, list[Rule]] = {}
    for each in together:
        # In a table "age" finds the column "Age".
        by_column.setdefault((each.column or "").casefold(), []).append(each)
    said = []
    for conditions in by_column.values():
        pairs = [pair for pair in itertools.combinations(conditions, 2) if _impossible(pair)]
        said += [f'"{one.words}" and "{other.words}" can\'t both hold.' for one, other in pairs]
        if not pairs and _impossible(conditions):
            words = ", ".join(f'"{each.words}"' for each in conditions)
            said.append(f"{words} can't all hold.")
    for each in choices:
        said += _found(each, together)
    return list(dict.fromkeys(said))


def _flattened(rule: Rule) -> tuple[list[Rule], list[Rule]]:
    """Split what must hold into conditions and into choices of "any"."""
    if rule.column is not None:
        return [rule], []
    if rule.any is not None:
        return [], [rule]
    flat: list[Rule] = []
    choices: list[Rule] = []
    for part in rule.parts:
        conditions, more = _flattened(part)
        flat += conditions
        choices += more
    return flat, choices


def _impossible(conditions: Sequence[Rule]) -> bool:
    """Whether no value fulfils all of these conditions on one column."""
    operators = {each.operator for each in conditions}
    if "is missing" in operators:
        return len(operators) > 1
    if len({family(value) for each in conditions for value in each.values}) != 1:
        return False  # of different kinds: that is another fault, and the table shows which
    excluded = {
        value for each in conditions if each.operator in ("!=", "not in") for value in each.values
    }
    lows = [(each.value, each.operator == ">") for each in conditions if each.operator in _FROM]
    highs = [(each.value, each.operator == "<") for each in conditions if each.operator in _TO]

    def within(value: Any) -> bool:
        above = all(value > low or (value == low and not strict) for low, strict in lows)
        below = all(value < high or (value == high and not strict) for high, strict in highs)
        return above and below and value not in excluded

    chosen = [set(each.values) for each in conditions if each.operator in ("=", "in")]
    if chosen:
        return not any(within(value) for value in set.intersection(*chosen))
    if not lows or not highs:
        return False
    low, high = max(low for low, _ in lows), min(high for high, _ in highs)
    return bool(low > high or (low == high and not within(low)))


_FROM, _TO = (">", ">="), ("<", "<=")
