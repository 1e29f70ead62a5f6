"""Tell whether there is a value at all."""

from __future__ import annotations

import math
import sys
from typing import Any

__all__ = ["is_null"]


def is_null(value: Any) -> bool:
    """Whether a value stands for none: None, NaN, or what pandas has for it.

    Examples
    --------
    >>> is_null(None), is_null(float("nan")), is_null(0), is_null("")
    (True, True, False, False)
    """
    # Who hands over pandas' own word for it has loaded pandas.
    pandas = sys.modules.get("pandas")
    return (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or (pandas is not None and (value is pandas.NA or value is pandas.NaT))
    )
