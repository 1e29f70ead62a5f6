"""Numbers that stand for "unknown" are reported where they lie off the others, and kept."""

import random

import pytest

import clienteling as cl


def read(write, values, name="Age", **options):
    lines = [f"{value},x" for value in values]
    return cl.read(write("a.csv", "\n".join([f"{name},b", *lines])), **options)


DRAWN = random.Random(1)
AGES = [DRAWN.randint(18, 70) for _ in range(300)]


@pytest.mark.parametrize(
    ("others", "sentinel", "times"),
    [
        (AGES, 118, 1),
        (AGES, 0, 1),
        (AGES, -1, 1),
        (AGES, 999, 2),
        (AGES, 99, 1),
        ([*AGES, 101], 118, 40),
        ([each * 1_000 for each in AGES], 666666, 1),
        ([each / 10 for each in AGES], -9, 3),
        ([each % 5 for each in AGES], 99, 3),
    ],
)
def test_what_stands_out_is_said_and_kept(write, others, sentinel, times):
    table = read(write, [*others, *[sentinel] * times])
    assert [(each.column, each.option) for each in table.assumptions] == [
        ("Age", f'--drop "Age={sentinel}"')
    ]
    assert len(table) == len(others) + times
    assert table.to_arrow().column("Age").null_count == 0
    dropped = read(write, [*others, *[sentinel] * times], drop={"Age": [sentinel]})
    assert dropped.notes == ()
    assert dropped.to_arrow().column("Age").null_count == times


@pytest.mark.parametrize(
    "values",
    [
        AGES,
        [*AGES, 71, 0, 1, 2, 5, 9],
        [each % 2 for each in AGES],
        [each % 3 for each in AGES],
        [each % 10 for each in AGES],
        [*[0] * 200, *range(1, 11)],
        [each - 44 for each in AGES],
        [*range(1, 100)],
        [*range(100)] * 3,
        [0] * 100,
        [99, 118],
        [20, 30, 999],
        [*AGES, 101, 118],
    ],
)
def test_what_is_one_value_among_others_is_not(write, values):
    assert read(write, values).notes == ()


def test_an_id_is_not_looked_at(write):
    assert read(write, [*range(1, 50), 999], name="CustomerID").notes == ()


def test_the_sentence(write):
    table = read(write, [*AGES, 118, 118, -1])
    assert table.notes == (
        'Column "Age": -1 may mean "unknown": 1 of 303 values, while the others are 18 to 70; it '
        'is kept (otherwise: --drop "Age=-1").',
        'Column "Age": 118 may mean "unknown": 2 of 303 values, while the others are 18 to 70; it '
        'is kept (otherwise: --drop "Age=118").',
    )
