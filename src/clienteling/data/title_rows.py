"""Rows above the names of the columns: the title that an export puts over its table in a sheet.

In a text file such a line has other fields than the header, which is refused; in a sheet all rows
have the same cells, and the title would name the columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from clienteling.data.assumptions import Assumption

__all__ = ["LOOKED_AT", "count_title_rows", "titles_left_out"]

#: Rows with something in them that are looked at.
LOOKED_AT = 20
#: A title has so many filled cells at most: "Report of" and a day, say.
_FEW = 2
_VALUE = re.compile(r"\s*[-+(]?\s*[$€£]?\s*[0-9]")


def count_title_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return how many of the first rows stand above the names of the columns.

    Only where it is plain: few cells are filled in them, then comes a row of words that names all
    columns, or all but one, and below it stand numbers.

    Parameters
    ----------
    rows : the first ones with something in them

    Examples
    --------
    >>> table = [["Name", "Orders", "Paid"], ["Ann", "3", "20"], ["Ben", "5", "70"]]
    >>> count_title_rows([["Customers, spring 2024", "", ""], *table]), count_title_rows(table)
    (1, 0)
    >>> count_title_rows([["", "paid"], ["Ann", "Bonn"], ["Ben", "Kiel"]])
    0
    """
    filled = [[each for each in row if each.strip()] for row in rows]
    width = max(map(len, filled), default=0)
    for place, cells in enumerate(filled):
        named = len(cells) >= max(2, width - 1) and not any(map(_VALUE.match, cells))
        if named:
            below = (each for row in filled[place + 1 :] for each in row)
            return place if any(map(_VALUE.match, below)) else 0
        if len(cells) > _FEW or len(cells) >= width:
            return 0
    return 0


def titles_left_out(titles: Sequence[Sequence[str]]) -> list[Assumption]:
    """Return what was assumed of the rows above the names; nothing where there are none.

    Examples
    --------
    >>> print(titles_left_out([["Customers, spring 2024", ""]])[0].sentence)
    The first row, "Customers, spring 2024", is taken for a title and left out.
    """
    if not titles:
        return []
    first = " ".join(each.strip() for each in titles[0] if each.strip())
    if len(titles) == 1:
        return [Assumption(f'the first row, "{first}", is taken for a title and left out')]
    what = f'the first {len(titles)} rows, from "{first}" on, are taken for a title and left out'
    return [Assumption(what)]
