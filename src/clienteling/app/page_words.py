"""Sentences that speak of the command line's options, as a page says them."""

from __future__ import annotations

import re

from clienteling.errors import ClientelingError

__all__ = ["on_page", "rephrase"]

#: What an option is on the pages.
_SAID = [
    (re.compile(option), said)
    for option, said in (
        (r"such as --name spring-2026", "such as spring-2026"),
        (r"; give --holdout", "; hold some out"),
        (r"; raise --holdout", "; hold more out"),
        (r"; give --base-rate", "; say it above, where you know it"),
        (
            r"Where you know their share, give --base-rate",
            "Where you know their share, say it above",
        ),
        (r"(?<=ive your catalogue )with --offers", "under “The offers”"),
        (r"(?<=give the file )with --offers", "under “The offers”"),
        (r"Name it with --id COLUMN", "Call it customer_id in the file, and upload it again"),
        (r"; clienteling offers check says why", ""),
        (r"; say what it earns with --value \S+", "; say above what it earns"),
        (r"Name columns (.*?) with --segments", r"Choose columns \1"),
        (r"Choose other columns with --covariates", "Choose other columns above"),
        (r"name others with --features", "choose others above"),
        (r"Name such with --features", "Choose such above"),
        (r" \(--(?:cost|outcome .*|value \S+)\)", ""),
        (r"say --allow-negative", "say so above"),
        (r"say so with --shares", "say so above"),
        (r"name it with --on", "name it above"),
        (r"plan the next one with --holdout", "hold some out in the next one"),
    )
]
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])")
_OPTION = re.compile(r"(?<!\w)--[a-z]|\bclienteling [a-z]+ ")


def on_page(text: str) -> str:
    """Return a text without the command line's options.

    What an option is called on the page is put in its place; a sentence about any other option
    helps nobody here and is left out.

    Examples
    --------
    >>> on_page("Nobody is held out; give --holdout.")
    'Nobody is held out; hold some out.'
    >>> on_page("Two columns are ids. Name one with --id.")
    'Two columns are ids.'
    """
    for option, said in _SAID:
        text = option.sub(said, text)
    if not _OPTION.search(text):
        return text
    return " ".join(each for each in _SENTENCE.split(text) if not _OPTION.search(each))


def rephrase(error: ClientelingError) -> ClientelingError:
    """Return the same error, as a page says it."""
    error.message = on_page(error.message)
    error.faults = tuple(filter(None, map(on_page, error.faults)))
    error.hint = on_page(error.hint)
    error.args = (str(error),)
    return error
