"""Words in a column of text that mean "no value", where its words describe customers.

A city called "unknown" is no city. In a column of categories, and in one that profiles segments,
the words that mean "no value" among numbers mean it too, unless the column is kept as it is
written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlglot.expressions as exp

from clienteling.data.assumptions import Assumption, as_text_option
from clienteling.data.sql import case, column, name, text
from clienteling.data.table import Table
from clienteling.data.typed_column import MISSING_WORDS, says_missing
from clienteling.errors import ColumnError, columns_are

__all__ = ["SaidMissing", "is_missing_word", "kept_as_written", "said_missing", "word_or_null"]


@dataclass(frozen=True)
class SaidMissing:
    """The words of a column that mean "no value".

    Parameters
    ----------
    column : its name
    rows : how many have such a word; empty cells are not among them
    example : one of the words
    levels : how many different ones there are
    """

    column: str
    rows: int
    example: str
    levels: int = 1

    @property
    def words(self) -> str:
        """What was assumed, for a sentence."""
        one = self.rows == 1
        said = f'{self.rows:,} {"value" if one else "values"} such as "{self.example}" '
        return said + ("counts as missing" if one else "count as missing")

    @property
    def assumption(self) -> Assumption:
        """What was assumed, with the option that says otherwise.

        Examples
        --------
        >>> print(SaidMissing("City", 12, "n/a").assumption.sentence)
        Column "City": 12 values such as "n/a" count as missing (otherwise: --as-text City).
        """
        return Assumption(self.words, self.column, as_text_option(self.column))


def is_missing_word(value: str) -> bool:
    """Whether a text says that there is no value.

    Examples
    --------
    >>> is_missing_word(" N/A "), is_missing_word("Nancy")
    (True, False)
    """
    return value.strip(" ").lower() in MISSING_WORDS


def word_or_null(value: exp.Expr) -> exp.Expr:
    """Return a text as it is, or null where it says that there is no value."""
    lower = exp.Lower(this=exp.Trim(this=value.copy()))
    return case([(says_missing(lower), exp.null())], value)


def said_missing(table: Table, columns: Sequence[str]) -> list[SaidMissing]:
    """Return, in one query, which of these columns of text have such words.

    Columns that the table keeps as they are written have none.

    Examples
    --------
    >>> import pandas as pd
    >>> import clienteling as cl
    >>> shop = cl.read(pd.DataFrame({"City": ["Bonn", "-", "unknown", ""], "Plan": list("abca")}))
    >>> said_missing(shop, ["City", "Plan"])
    [SaidMissing(column='City', rows=2, example='-', levels=2)]
    """
    asked = [each for each in columns if each not in table.as_written]
    if not asked:
        return []
    counts: list[exp.Expr] = []
    for index, each in enumerate(asked):
        trimmed = exp.Trim(this=column(each))
        empty = exp.EQ(this=trimmed.copy(), expression=text(""))
        lower = exp.Lower(this=trimmed.copy())
        word = case([(empty, exp.null()), (says_missing(lower), trimmed)], None)
        raw = case([(empty.copy(), exp.null()), (says_missing(lower), column(each))], None)
        counts += [
            exp.Count(this=word).as_(name(f"rows_{index}")),
            exp.Min(this=word.copy()).as_(name(f"word_{index}")),
            exp.Count(this=exp.Distinct(expressions=[raw])).as_(name(f"levels_{index}")),
        ]
    row = table.query(exp.select(*counts)).to_pylist()[0]
    return [
        SaidMissing(each, int(row[f"rows_{i}"]), row[f"word_{i}"], int(row[f"levels_{i}"]))
        for i, each in enumerate(asked)
        if row[f"rows_{i}"]
    ]


def kept_as_written(table: Table, columns: Sequence[str]) -> Table:
    """Return the same rows, with columns of text in which every word is a value.

    Raises
    ------
    ColumnError
        A column is not there, or holds no text; with a fault for each.
    """
    if not columns:
        return table
    known = {each.name: each for each in table.columns}
    faults = [
        f'there is no column "{each}".'
        if each not in known
        else f'column "{each}" holds {known[each].kind}, not text.'
        for each in columns
        if each not in known or known[each].kind != "text"
    ]
    if faults:
        raise ColumnError(
            f"{table.source}: columns can't be kept as text.",
            faults=faults,
            hint=columns_are(known, columns),
        )
    return replace(table, as_written=frozenset({*table.as_written, *columns}))
