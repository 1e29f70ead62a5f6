"""CSV files for spreadsheets: formulas are made text, numbers and everything else stay."""

import csv
from pathlib import Path

import pandas as pd
import pytest

import clienteling as cl
from clienteling.data.csv_safe import write_csv


def written(frame: pd.DataFrame, folder: Path) -> list[list[str]]:
    path = folder / "a.csv"
    write_csv(cl.read(frame), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [each.name for each in folder.iterdir()] == ["a.csv"]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+49 170", "'+49 170"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("'=1", "'=1"),
        ("a=1", "a=1"),
        ("", ""),
        ('say "hi", twice', 'say "hi", twice'),
        ("two\nlines", "two\nlines"),
        ("Zoë €", "Zoë €"),
    ],
)
def test_text(tmp_path, value, expected):
    assert written(pd.DataFrame({"a": [value, "x"]}), tmp_path) == [["a"], [expected], ["x"]]


def test_numbers_dates_and_gaps_stay(tmp_path):
    frame = pd.DataFrame(
        {
            "whole": [-5, 7],
            "number": [-0.5, None],
            "truth": [True, False],
            "text": ["x", None],
        }
    )
    assert written(frame, tmp_path) == [
        ["whole", "number", "truth", "text"],
        ["-5", "-0.5", "true", "x"],
        ["7", "", "false", ""],
    ]


def test_names_of_columns_are_made_safe_too(tmp_path):
    frame = pd.DataFrame({"=HYPERLINK(1)": [1], "-x": ["y"], "fine": [2]})
    assert written(frame, tmp_path)[0] == ["'=HYPERLINK(1)", "'-x", "fine"]


def test_other_types_are_made_safe_as_text(tmp_path):
    assert written(pd.DataFrame({"a": [b"=1+1", b"x"]}), tmp_path) == [["a"], ["'=1+1"], ["x"]]


def test_pandas_reads_it_back(tmp_path):
    frame = pd.DataFrame({"name": ["Zoë, A.", 'B "b"'], "x": [1.5, -2.25]})
    write_csv(cl.read(frame), tmp_path / "a.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv"), frame)


def test_an_earlier_file_stays_where_the_new_one_fails(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("earlier")
    broken = cl.read(pd.DataFrame({"a": ["1", "x"]}))
    select = broken.select.copy()
    table = cl.Table(
        broken.engine, select, (*broken.columns, type(broken.columns[0])("no", "text")), "t"
    )
    with pytest.raises(cl.ClientelingError):
        write_csv(table, path)
    assert path.read_text() == "earlier"
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_a_folder_that_is_not_there_is_said_by_the_files_own_name(tmp_path):
    path = tmp_path / "no" / "a.csv"
    with pytest.raises(cl.InputError) as caught:
        write_csv(cl.read(pd.DataFrame({"a": [1]})), path)
    assert caught.value.message.startswith(f"{path}: can't be written")
