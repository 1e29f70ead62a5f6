"""Rules about one customer's columns, as data: all or any of (column, operator, value).

A rule is read, written out in words, turned into SQL (:mod:`clienteling.offers.eligibility`) or
answered for one customer; nothing in it is ever evaluated as code. There is no "not": a comparison
with a missing value is false, and "is missing" asks for it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    StringConstraints,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from clienteling.data.columns import find_column
from clienteling.data.documents import Strict
from clienteling.data.sql import LARGEST
from clienteling.errors import near_names

__all__ = ["OPERATORS", "Rule", "family", "fits", "is_missing", "misfits"]

#: What each operator takes: one value, several, or none.
OPERATORS = {
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), "one"),
    **dict.fromkeys(("in", "not in"), "several"),
    **dict.fromkeys(("is missing", "is not missing"), "none"),
}
#: How other languages, and slips of the pen, call them.
_ALSO_CALLED = {
    **{"==": "=", "<>": "!=", "=>": ">=", "=<": "<=", "is null": "is missing"},
    "is not null": "is not missing",
}
#: They compare what has an order on every engine: numbers and days.
ORDERING = ("<", "<=", ">", ">=")

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Rule(Strict):
    """A condition on one column, or all or any of several rules.

    Parameters
    ----------
    all, any : rules of which all must hold, or at least one
    column : whose value is looked at
    operator : ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``in``, ``not in``, ``is missing`` or
        ``is not missing``
    value : a number, a text, a day, or true or false; a list of them for ``in`` and ``not in``. In
        JSON a day is ``{"day": "2026-03-31"}``

    Examples
    --------
    >>> rule = Rule.model_validate(
    ...     {
    ...         "all": [
    ...             {"column": "Age", "operator": ">=", "value": 18},
    ...             {"column": "City", "operator": "in", "value": ["Bonn", "Trier"]},
    ...         ]
    ...     }
    ... )
    >>> rule.words
    'Age >= 18 and City in ("Bonn", "Trier")'
    >>> fits(rule, {"Age": 40, "City": "Trier"}), fits(rule, {"Age": None, "City": "Trier"})
    (True, False)
    """

    all: tuple[Rule, ...] | None = None
    any: tuple[Rule, ...] | None = None
    column: Name | None = None
    operator: str | None = None
    value: Any = None

    @field_validator("operator", mode="before")
    @classmethod
    def _known_operator(cls, given: Any) -> Any:
        if not isinstance(given, str) or given not in OPERATORS:
            near = _ALSO_CALLED.get(str(given).lower())
            hint = f'Did you mean "{near}"?' if near else near_names(str(given), OPERATORS)
            raise ValueError(f'"{given}" is no operator. {hint or _operators()}')
        return given

    @field_validator("value", mode="before")
    @classmethod
    def _plain_value(cls, given: Any, info: ValidationInfo) -> Any:
        several = isinstance(given, list | tuple)
        values = [_day_again(each) for each in (given if several else [given])]
        # Text has no order here, so that a day in quotes can only be meant as one.
        if info.data.get("operator") in ORDERING:
            values = [_as_family(each, "day") if _is_day(each) else each for each in values]
        for each in values:
            family(each)
        return tuple(values) if several else values[0]

    @field_serializer("value", when_used="json")
    def _marked_days(self, value: Any) -> Any:
        """JSON knows no days: without a mark, one would come back as a text."""
        if isinstance(value, tuple):
            return [_day_marked(each) for each in value]
        return _day_marked(value)

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        kinds = [each for each in ("all", "any", "column") if getattr(self, each) is not None]
        if len(kinds) != 1:
            raise ValueError(
                'a rule is "all" of a list of rules, "any" of a list of rules, or one column with '
                "an operator and a value; this one "
                + (f"has {' and '.join(kinds)}." if kinds else "has none of them.")
            )
        if self.column is None:
            if self.operator is not None or self.value is not None:
                raise ValueError(f'"{kinds[0]}" takes a list of rules and nothing else.')
            if not self.parts:
                raise ValueError(f'"{kinds[0]}" is empty.')
            return self
        if self.operator is None:
            raise ValueError(f'"{self.column}" has no operator. {_operators()}')
        fault = _value_fault(self.operator, self.value)
        if fault:
            raise ValueError(fault)
        return self

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The rules that this one is made of; empty for a condition on a column."""
        return self.all or self.any or ()

    @property
    def conditions(self) -> list[Rule]:
        """All conditions on columns in it, in their order."""
        if self.column is not None:
            return [self]
        return [each for part in self.parts for each in part.conditions]

    @property
    def values(self) -> tuple[Any, ...]:
        """What the column is compared with; empty for ``is missing``."""
        if self.operator is None or OPERATORS[self.operator] == "none":
            return ()
        return self.value if isinstance(self.value, tuple) else (self.value,)

    @property
    def words(self) -> str:
        """The rule as a person writes it."""
        if self.column is not None:
            said = ", ".join(_shown(each) for each in self.values)
            said = f" ({said})" if isinstance(self.value, tuple) else f" {said}" if said else ""
            return f"{self.column} {self.operator}{said}"
        within = [f"({each.words})" if len(each.parts) > 1 else each.words for each in self.parts]
        return (" and " if self.all else " or ").join(within)


def family(value: Any) -> str:
    """Return what kind of value stands in a rule: ``number``, ``yes or no``, ``text`` or ``day``.

    Raises
    ------
    ValueError
        It is none of these.
    """
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int | float):
        if not abs(value) <= LARGEST:
            raise ValueError(f"{value} is not a finite number.")
        return "number"
    if isinstance(value, dt.datetime):
        raise ValueError(f'"{value}" has a time; rules compare days, such as {value.date()}.')
    if isinstance(value, dt.date):
        return "day"
    if isinstance(value, str) or value is None:
        return "text"
    raise ValueError(f"{value!r} is not a number, a text, a day, or true or false.")


def fits(rule: Rule, customer: Mapping[str, Any]) -> bool:
    """Whether a rule holds for one customer; the same answer as the SQL gives.

    Parameters
    ----------
    rule : the rule
    customer : values by column; what is left out is missing
    """
    if rule.all is not None:
        return all(fits(each, customer) for each in rule.all)
    if rule.any is not None:
        return any(fits(each, customer) for each in rule.any)
    found = find_column(rule.column or "", list(customer))
    value = customer[found.name] if found else None
    if rule.operator == "is missing":
        return is_missing(value)
    if is_missing(value):
        return False
    if rule.operator == "is not missing":
        return True
    kinds = {family(each) for each in rule.values}
    own = _as_family(value, "number" if kinds == {"yes or no"} else kinds.pop())
    if own is None:
        return False
    compared = [float(each) if isinstance(each, int) else each for each in rule.values]
    return _COMPARE[rule.operator or ""](own, compared)


def misfits(rule: Rule, customer: Mapping[str, Any]) -> list[str]:
    r"""Return what in one customer's values a rule can't compare, as it refuses such a column.

    Examples
    --------
    >>> rule = Rule(column="newsletter", operator="=", value=True)
    >>> misfits(rule, {"newsletter": False}), misfits(rule, {"newsletter": None})
    ([], [])
    >>> misfits(rule, {"newsletter": "true"})
    ['"newsletter" is "true"; the rule "newsletter = true" needs true or false.']
    """
    faults = []
    for each in rule.conditions:
        found = find_column(each.column or "", list(customer))
        value = customer[found.name] if found else None
        if found is None or is_missing(value) or not each.values:
            continue
        kind = family(each.values[0])
        if _as_family(value, "number" if kind == "yes or no" else kind) is None:
            shown = _shown(value)
            faults.append(
                f'"{found.name}" is {shown}; the rule "{each.words}" needs {_NEEDS[kind]}.'
            )
    return list(dict.fromkeys(faults))


def _day_marked(value: Any) -> Any:
    return {"day": value.isoformat()} if isinstance(value, dt.date) else value


def _day_again(value: Any) -> Any:
    """Return the day that :func:`_day_marked` made a mapping of; else what was given."""
    if isinstance(value, Mapping) and set(value) == {"day"} and _is_day(value["day"]):
        return dt.date.fromisoformat(value["day"])
    return value


def _is_day(value: Any) -> bool:
    """Whether a text is a day as ISO 8601 writes it, and nothing more."""
    return isinstance(value, str) and len(value) == 10 and _as_family(value, "day") is not None


_NEEDS = {
    "number": "a number",
    "yes or no": "true or false",
    "text": "a text",
    "day": "a day, such as 2026-03-31",
}
_COMPARE: dict[str, Callable[[Any, list[Any]], bool]] = {
    "=": lambda own, values: bool(own == values[0]),
    "!=": lambda own, values: bool(own != values[0]),
    "<": lambda own, values: bool(own < values[0]),
    "<=": lambda own, values: bool(own <= values[0]),
    ">": lambda own, values: bool(own > values[0]),
    ">=": lambda own, values: bool(own >= values[0]),
    "in": lambda own, values: own in values,
    "not in": lambda own, values: own not in values,
}


def is_missing(value: Any) -> bool:
    """Whether a customer has no value: none, not a number, or an infinite one."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str | bool | dt.date):
        return False
    try:
        return not abs(float(value)) <= LARGEST
    except OverflowError:
        return True
    except (TypeError, ValueError):
        return False


def _as_family(value: Any, kind: str) -> Any:
    """Return the value to compare; None where it is of another kind."""
    if kind == "text":
        return value if isinstance(value, str) else None
    if kind == "day":
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else None
        except ValueError:
            return None
    try:
        number = math.nan if isinstance(value, dt.date) else float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) <= LARGEST else None


def _value_fault(operator: str, value: Any) -> str:
    """Say why a value doesn't go with an operator; empty where it does."""
    wanted = OPERATORS[operator]
    if wanted == "none":
        return f'"{operator}" takes no value.' if value is not None else ""
    if value is None:
        return f'"{operator}" has no value.'
    if wanted == "several":
        if not isinstance(value, tuple) or not value:
            return f'"{operator}" takes a list of values, such as [1, 2].'
        if len({None if each is None else family(each) for each in value}) > 1 or None in value:
            return f'"{operator}" takes values of one kind.'
        return ""
    if isinstance(value, tuple):
        return f'"{operator}" takes one value; for several there is "in".'
    if operator in ORDERING and family(value) not in ("number", "day"):
        return f'"{operator}" compares numbers and days, not {_shown(value)}.'
    return ""


def _operators() -> str:
    return "The operators are: " + ", ".join(OPERATORS) + "."


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        return str(Decimal(repr(value)))
    return f'"{value}"' if isinstance(value, str) else str(value)
