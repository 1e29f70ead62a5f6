"""In what a plan differs from another of the same name, in the words of who asked for it."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["differences_in_words"]

#: What people settle, by what it is called where plans are written down.
_SETTLED = {
    "day": "the day of the contacts",
    "last_day": "the days that count",
    "policy": "who gets which offer",
    "holdout": "the share held out",
    "global_holdout": "the share that no campaign contacts",
    "shop": "the shop",
    "limits": "the limits",
    "model": "the segments",
    "model_fingerprint": "the segments",
    "catalogue": "the offers",
    "catalogue_fingerprint": "the offers",
    "source": "the file of the customers",
    "customers": "how many customers there are",
    "decisions": "where its decisions lie",
    "folder": "where its decisions lie",
}


def differences_in_words(keys: Iterable[str]) -> str:
    """Return what differs, without the figures that only follow from it.

    Parameters
    ----------
    keys : of ``plan.json``, or of a campaign in the store

    Examples
    --------
    >>> differences_in_words(["holdout", "parts", "digest", "day"])
    'the day of the contacts and the share held out'
    >>> differences_in_words(["counts", "digest"])
    'the customers, their opt-outs and contacts, or what was learned'
    """
    given = set(keys)
    said = list(dict.fromkeys(words for key, words in _SETTLED.items() if key in given))
    if not said:
        return "the customers, their opt-outs and contacts, or what was learned"
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
