"""Numbers that stand for "unknown" are reported where they lie off the others, and kept."""

import random
import sqlite3

import pandas as pd
import pytest

import clienteling as cl
from clienteling.data.sentinels import sentinels_among
from clienteling.errors import ColumnError
from clienteling.segmentation.prepare import prepare


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


def amounts(zeros: int) -> list[float]:
    drawn = random.Random(2)
    return [*(round(drawn.gauss(20, 400), 1) for _ in range(900)), *[0.0] * zeros]


def test_an_unmistakable_peak_among_the_others_is_said(write):
    (found,) = read(write, amounts(80), name="Profit").assumptions
    assert found.what == (
        '0 may mean "unknown": 80 of 980 values, at least 10 times as many as any other value has; '
        "it is kept"
    )
    assert found.option == '--drop "Profit=0"'


@pytest.mark.parametrize("zeros", [0, 1, 9])
def test_a_value_a_little_more_frequent_is_none(write, zeros):
    assert read(write, amounts(zeros), name="Profit").notes == ()


@pytest.mark.parametrize("values", [[each % 12 for each in range(400)] + [9] * 4000])
def test_levels_have_no_peaks(write, values):
    assert read(write, values).notes == ()


SAID = (
    'Column "Age": 999 may mean "unknown": 2 of 302 values, while the others are 18 to 70; it is '
    'kept (otherwise: --drop "Age=999").'
)


def sources(frame, tmp_path):
    """Return the same rows as every kind of source that is no text."""
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    with sqlite3.connect(tmp_path / "a.db") as connection:
        frame.to_sql("customers", connection, index=False)
    connection.close()
    return {
        "frame": frame,
        "parquet": tmp_path / "a.parquet",
        "json": tmp_path / "a.jsonl",
        "database": f"sqlite:///{tmp_path / 'a.db'}?table=customers",
    }


@pytest.mark.parametrize("kind", ["frame", "parquet", "json", "database"])
def test_every_source_says_it_and_drops_it(tmp_path, kind):
    rows = [*AGES, 999, 999]
    frame = pd.DataFrame({"Age": rows, "Spend": [float(each % 97) / 7 for each in range(302)]})
    source = sources(frame, tmp_path)[kind]
    assert SAID in cl.inspect(source).notes
    kept = prepare(source, ["Age", "Spend"])
    assert SAID in kept.notes
    assert kept.usable.usable == 302
    table = cl.read(source, drop={"Age": [999]})
    assert table.to_arrow().column("Age").null_count == 2
    dropped = prepare(table, ["Age", "Spend"])
    assert SAID not in dropped.notes
    assert dropped.usable.usable == 300
    with pytest.raises(ColumnError, match="values can't be dropped") as error:
        cl.read(source, drop={"Aeg": [1]})
    assert error.value.faults == ('there is no column "Aeg".',)


def test_numbers_that_are_not_finite_are_passed_over():
    frame = pd.DataFrame({"x": [*AGES, 999, float("inf"), float("nan"), -float("inf")]})
    (said,) = sentinels_among(cl.read(frame), ["x"])
    assert "1 of 301 values, while the others are 18 to 70" in said


def test_a_folder_is_scored_without_what_is_dropped(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    for part in range(2):
        frame = pd.DataFrame({"Age": [*AGES, 999], "Spend": [each * 2.0 for each in [*AGES, 30]]})
        frame.to_parquet(folder / f"{part}.parquet")
    table = cl.read(folder, drop={"Age": [999]})
    # A folder is scored file by file, and a file that is opened anew would have the values again.
    assert table.files == ()
    assert table.to_arrow().column("Age").null_count == 2
