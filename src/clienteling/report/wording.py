"""The sentences of the report that depend on the result."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from clienteling.data.numbers import Usable
from clienteling.report.figures import counted, percent
from clienteling.segmentation.choose_k import Choice
from clienteling.segmentation.model import Model

__all__ = ["method_notes", "no_vote", "short_source", "summary", "with_options"]


def with_options(sentence: str) -> Markup:
    """Return a sentence in which no option of the command line is broken over lines.

    Examples
    --------
    >>> str(with_options("1 < 2; give --base-rate."))
    '1 &lt; 2; give <span class="option">--base-rate</span>.'
    """
    plain = str(escape(sentence))
    marked = re.sub(r"--[a-z]+(?:-[a-z]+)*", r'<span class="option">\g<0></span>', plain)
    return Markup(marked)


def summary(model: Model, usable: Usable, imputed: Sequence[str] = ()) -> list[Markup]:
    """Return the summary: who the customers are, in a few sentences."""
    are = "is 1 customer" if usable.rows == 1 else f"are {usable.rows:,} customers"
    number, by = counted(model.k), _joined(model.column_labels)
    largest = max(model.segments, key=lambda each: each.size)
    smallest = min(model.segments, key=lambda each: each.size)
    said = [_text("There {} in {}.", are, model.provenance.source)]
    if model.k == 1:
        said.append(_text("They form a single segment by {}: {}.", by, largest.name))
    else:
        if model.structure is None:
            sentence = "They are divided into {} segments by {}."
        elif model.structure.natural:
            sentence = "They are of {} kinds, told apart by {}."
        else:
            sentence = "They are divided into {} segments by {}, for convenience only."
        said.append(_text(sentence, number, by))
        said.append(
            _text(
                "The largest is {} with {} ({}), the smallest {} with {} ({}).",
                *(largest.name, f"{largest.size:,}", percent(largest.share)),
                *(smallest.name, f"{smallest.size:,}", percent(smallest.share)),
            )
        )
    everyone = usable.notes or ["Every one of them has a segment."]
    return said + [escape(each) for each in [*everyone, *imputed]]


def _text(sentence: str, *parts: str) -> Markup:
    """Put texts into a sentence, escaped, and each with its own direction of writing."""
    return Markup(sentence).format(*(Markup("<bdi>{}</bdi>").format(each) for each in parts))


def _joined(labels: Sequence[str]) -> str:
    if len(labels) > 4:
        return f"{len(labels)} features"
    if len(labels) == 1:
        return labels[0]
    return f"{', '.join(labels[:-1])} and {labels[-1]}"


def no_vote(choice: Choice) -> str:
    """Return what the two figures without a vote would have chosen."""
    by_variance = [row for row in choice.rows if row.calinski_harabasz is not None]
    by_likeness = [row for row in choice.rows if row.davies_bouldin is not None]
    if len(by_variance) < 2 or len(by_likeness) < 2:
        return ""
    highest = max(by_variance, key=lambda row: row.calinski_harabasz or 0.0).k
    lowest = min(by_likeness, key=lambda row: row.davies_bouldin or 0.0).k
    return (
        "Calinski-Harabasz (higher is better) and Davies-Bouldin (lower is better) are shown "
        f"because many know them; they have no vote. The first would take {highest}, the second "
        f"{lowest} segments."
    )


def method_notes(model: Model, usable: Usable) -> list[str]:
    """Return what the method takes for granted."""
    said = [
        "A customer belongs to the nearest centre. That suits groups that are round and of like "
        "spread; long or nested ones would be cut.",
    ]
    if len(model.features) > 1:
        said.insert(
            0,
            "Every feature counts the same: each is measured in its own standard deviations, so "
            "no unit outweighs another.",
        )
    if model.categories:
        weights = ", ".join(f"{each.column} {len(each.values) - 1}" for each in model.categories)
        said.insert(
            1,
            "A column that takes part by its levels weighs as much as several numbers, one fewer "
            f"than it has levels: {weights}.",
        )
    if model.method.judged < usable.usable:
        said.append(
            "The silhouette and the two figures without a vote are computed on "
            f"{model.method.judged:,} "
            f"customers, drawn evenly from the {usable.usable:,}."
        )
    return said


def short_source(source: str) -> str:
    """Return the name of a file or a table: a page is shared, the folders on a disk are not.

    Examples
    --------
    >>> short_source("shop/customers.csv"), short_source("a table of pandas")
    ('customers.csv', 'a table of pandas')
    >>> short_source("postgresql://shop@host/shop?table=customers")
    'customers'
    """
    return re.split(r"[/\\\\]", source.rstrip("/\\"))[-1].rpartition("table=")[2]
