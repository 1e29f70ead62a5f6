"""A customer's values as JSON and back, exactly: days, infinite numbers and all.

They are kept with a decision, so that it can be made again from them.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from clienteling.errors import DataError

__all__ = ["values_from", "values_text"]


def values_text(values: Mapping[str, Any]) -> str:
    """Return values by column as a JSON text.

    Raises
    ------
    DataError
        A value is of a kind that no column holds.

    Examples
    --------
    >>> values_text({"Age": 40, "since": dt.date(2026, 3, 1), "score": math.inf})
    '{"Age": 40, "since": {"day": "2026-03-01"}, "score": {"number": "inf"}}'
    >>> values_from(values_text({"since": dt.date(2026, 3, 1)}))
    {'since': datetime.date(2026, 3, 1)}
    """
    faults = []
    plain = {}
    for name, value in values.items():
        try:
            plain[str(name)] = _plain(value)
        except TypeError:
            faults.append(f'"{name}" is {value!r:.60}.')
    if faults:
        raise DataError(
            "These values can't be kept.",
            faults=faults,
            hint="Give numbers, texts, days, points in time, true, false or nothing.",
        )
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)


def values_from(text: str) -> dict[str, Any]:
    """Return the values of :func:`values_text`."""
    return {name: _value(each) for name, each in json.loads(text).items()}


def _plain(value: Any) -> Any:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "item") and hasattr(value, "dtype"):  # a scalar of numpy
        value = value.item()
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": str(value)}
    if isinstance(value, Decimal):
        return _plain(float(value))
    if isinstance(value, dt.datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    raise TypeError(type(value).__name__)


def _value(plain: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    ((kind, text),) = plain.items()
    if kind == "number":
        return float(text)
    return dt.datetime.fromisoformat(text) if kind == "moment" else dt.date.fromisoformat(text)
