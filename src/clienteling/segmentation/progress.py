"""How a fit says how far it is."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress"]

#: Called with what is being done and the share of it that is done, from 0 to 1.
Progress = Callable[[str, float], None]
