"""What is worth knowing of a table before a fit, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from clienteling.data.inspection import ColumnFigures, Extreme
from clienteling.features.roles import is_year

if TYPE_CHECKING:
    from clienteling.segmentation.inspect import Inspection

__all__ = ["findings_of", "outliers_of", "shown_value"]

#: Skewness from which it is worth a word.
_SKEWED = 2.0
#: Where more of a column lies far out than this share, they are its tail.
_TAIL = 0.01


def findings_of(found: Inspection) -> Iterator[str]:
    """Yield what is worth knowing before a fit, in sentences."""
    rows = found.rows
    if found.purchases is not None:
        yield found.purchases.sentence
    for count, what in (
        (found.repeated_rows, "in all columns"),
        (
            found.repeated_but_id if found.id_like else None,
            f"in all columns but {_listed(found.id_like)}",
        ),
    ):
        if count:
            yield f"{_rows(count, 'repeats', 'repeat')} an earlier one {what}."
    if found.repeated_ids and found.purchases is None:
        have = _rows(found.repeated_ids, "has", "have")
        yield f'{have} an id that stands before in "{found.id}".'
    empty = [each.name for each in found.columns if not each.present]
    if rows and empty:
        yield f"{_listed(empty)}: empty in all rows."
    constant = [each.name for each in found.columns if each.constant]
    if constant and rows > 1:
        yield f"{_listed(constant)}: the same value in all rows."
    for copy in found.copies:
        r = "" if copy.r is None else f" (correlation {copy.r:.3f})"
        yield f'"{copy.name}" says what "{copy.of}" says{r}.'
    others = [each for each in found.id_like if each != found.id]
    if others:
        yield f"{_listed(others)}: different in every row, so it names customers."
    gaps = [f'"{e.name}" ({e.missing:,})' for e in found.columns if e.missing and e.present]
    if gaps:
        yield f"Of {rows:,} rows, some lack a value: {', '.join(gaps)}."
    tails = [each for each in _far(found) if _is_tail(each)]
    yield from outliers_of(found)
    if tails:
        shown = ", ".join(_tail(each) for each in tails)
        yield f"Long tails, as amounts and counts often have, far out: {shown}."
    skewed = [
        f'"{each.name}" ({each.skewness:.1f})'
        for each in found.columns
        if each.name in found.features and abs(each.skewness or 0) > _SKEWED
    ]
    if skewed:
        yield f"Skewed: {', '.join(skewed)}; --transform auto answers that."


def outliers_of(found: Inspection) -> list[str]:
    """Return the single values that lie far out, a sentence per column; no tails."""
    return [_single(each) for each in _far(found) if not _is_tail(each)]


def _far(found: Inspection) -> list[ColumnFigures]:
    return [each for each in found.columns if each.outliers and each.name not in found.id_like]


def _is_tail(each: ColumnFigures) -> bool:
    return each.outliers > max(3, _TAIL * each.present)


def _single(each: ColumnFigures) -> str:
    values = ", ".join(_times(each, one) for one in each.examples)
    such = ", such as" if each.outliers > sum(one.rows for one in each.examples) else ":"
    lie = "value lies" if each.outliers == 1 else "values lie"
    return f'"{each.name}": {each.outliers:,} {lie} far out{such} {values}.'


def _times(each: ColumnFigures, one: Extreme) -> str:
    shown = shown_value(each, one.value)
    return shown if one.rows == 1 else f"{shown} ({one.rows:,} times)"


def _tail(each: ColumnFigures) -> str:
    farthest = shown_value(each, each.examples[0].value)
    return f'"{each.name}" ({each.outliers:,} values, the farthest {farthest})'


def _rows(count: int, one: str, several: str) -> str:
    return f"1 row {one}" if count == 1 else f"{count:,} rows {several}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{each}"' for each in names)


def shown_value(figures: ColumnFigures, value: float | str | None) -> str:
    """Return a value of a column for people: years as years, others with separators.

    Examples
    --------
    >>> shown_value(ColumnFigures("Income", "integer", 9, 0, 9), 666666.0)
    '666,666'
    >>> shown_value(ColumnFigures("Year_Birth", "integer", 9, 0, 9, 1893.0, 1996.0), 1893.0)
    '1893'
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if is_year(figures):
        return f"{value:.0f}"
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e12 else f"{value:,.4g}"
