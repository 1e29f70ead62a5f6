"""A title above the names of the columns is left out, and said; nothing else is taken for one."""

import pytest

from clienteling.data.title_rows import count_title_rows

TABLE = [["Name", "Orders", "Paid"], ["Ann", "3", "20,5"], ["Ben", "5", "70"]]


@pytest.mark.parametrize(
    ("above", "titles"),
    [
        ([], 0),
        ([["Customers", "", ""]], 1),
        ([["Customers"], ["as of", "2024-03-01"]], 2),
        ([["Ann", "3", "20"]], 0),
        ([["", "2023", "2024"]], 1),
    ],
)
def test_what_a_title_is(above, titles):
    assert count_title_rows([*above, *TABLE]) == titles


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["a"], ["1"]],
        [["", "paid"], ["Ann", "5"], ["Ben", "7"]],
        [["Town", ""], ["Ann", "Bonn"], ["Ben", "Kiel"]],
        [["2023", "2024"], ["1", "2"]],
        [["Name"], ["Ann", "3"], ["Ben", "5"]],
    ],
)
def test_what_none_is(rows):
    assert count_title_rows(rows) == 0
