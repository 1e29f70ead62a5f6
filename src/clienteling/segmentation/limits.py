"""Limits that a model must meet before anything is published: a segment is a contract."""

from __future__ import annotations

import math
from collections.abc import Mapping

from clienteling.errors import InputError, LimitError, near_names
from clienteling.segmentation.drift import Drift
from clienteling.segmentation.model import Model

__all__ = ["LIMITS", "check_limits", "parse_limits"]

#: What can be limited, and in which direction.
LIMITS = {
    "smallest-share": "at least",
    "silhouette": "at least",
    "least-stability": "at least",
    "largest-drift": "at most",
}


def parse_limits(text: str | None) -> dict[str, float]:
    """Read ``smallest-share=0.05,largest-drift=0.25``.

    Raises
    ------
    InputError
        A limit is not known or no number; all faults are named.

    Examples
    --------
    >>> parse_limits("smallest-share=0.05, silhouette=0.3")
    {'smallest-share': 0.05, 'silhouette': 0.3}
    """
    limits: dict[str, float] = {}
    faults = []
    for each in (text or "").split(",") if text is not None else []:
        name, _, given = (part.strip() for part in each.partition("="))
        if name not in LIMITS:
            faults.append(f'"{name}" can\'t be limited. {near_names(name, LIMITS)}'.strip())
            continue
        if name in limits:
            faults.append(f'"{name}" is limited twice.')
        try:
            limits[name] = float(given)
        except ValueError:
            limits[name] = math.nan
        if not math.isfinite(limits[name]):
            faults.append(f'"{name}" is "{given}", which is not a number.')
    if faults:
        raise InputError(
            "--require is not understood.",
            faults=faults,
            hint=f"The limits are: {', '.join(LIMITS)}; such as: smallest-share=0.05",
        )
    return limits


def check_limits(limits: Mapping[str, float], model: Model, drift: Drift | None = None) -> None:
    """Refuse a model that doesn't meet its limits.

    Parameters
    ----------
    limits : by name, see :data:`LIMITS`
    model : the new model
    drift : the earlier model held against the new customers; needed for ``largest-drift``

    Raises
    ------
    LimitError
        A limit is not met; each is named with its figure.

    Examples
    --------
    >>> import clienteling as cl
    >>> check_limits({"smallest-share": 0.2}, cl.segment("sample"))
    Traceback (most recent call last):
    clienteling.errors.LimitError: 1 of 1 limits is not met; nothing was published.
      - smallest-share is 0.11 (Deal Seekers); it must be at least 0.2.
    Look into what has changed, or set the limit with --require anew.
    """
    smallest = min(model.segments, key=lambda each: each.share)
    found: dict[str, tuple[float | None, str]] = {
        "smallest-share": (smallest.share, smallest.name),
        "silhouette": (model.silhouette, ""),
        "least-stability": _least_stable(model),
    }
    if drift is not None:
        worst = max(drift.features, key=lambda each: each.psi)
        found["largest-drift"] = (worst.psi, worst.what)
    faults = []
    for name, limit in limits.items():
        figure, whose = found[name]
        at_least = LIMITS[name] == "at least"
        if figure is not None and (figure >= limit if at_least else figure <= limit):
            continue
        shown = "not defined" if figure is None else f"{figure:.4g}"
        of = f" ({whose})" if whose else ""
        faults.append(f"{name} is {shown}{of}; it must be {LIMITS[name]} {limit:g}.")
    if faults:
        verb = "is" if len(faults) == 1 else "are"
        raise LimitError(
            f"{len(faults)} of {len(limits)} limits {verb} not met; nothing was published.",
            faults=faults,
            hint="Look into what has changed, or set the limit with --require anew.",
        )


def _least_stable(model: Model) -> tuple[float | None, str]:
    """Return the Jaccard index of the least stable segment, and its name."""
    judged = [(each.stability, each.name) for each in model.segments if each.stability is not None]
    return min(judged) if judged else (None, "")
