"""What can be a source: paths, folders and globs of Parquet, JSON lines, frames, the sample."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.errors import DataError, SourceError

FRAME = pd.DataFrame({"Income": [15, 70, 137], "Score": [39.5, np.nan, 83.0]})


def test_the_sample_is_the_200_customers(mall_csv):
    assert cl.sample_path().read_bytes() == mall_csv.read_bytes()
    assert cl.read("sample").df().equals(pd.read_csv(mall_csv))


def test_a_file_named_sample_comes_before_the_built_in_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sample").mkdir()
    FRAME.to_parquet("sample/a.parquet")
    assert len(cl.read("sample")) == 3


def test_path_objects_and_a_home_folder(tmp_path, monkeypatch):
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    assert len(cl.read(tmp_path / "a.csv")) == 3
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(cl.read("~/a.csv")) == 3


def test_parquet(tmp_path):
    FRAME.to_parquet(tmp_path / "a.parquet")
    table = cl.read(str(tmp_path / "a.parquet"))
    assert [each.kind for each in table.columns] == ["integer", "number"]
    pd.testing.assert_frame_equal(table.df(), FRAME)


@pytest.mark.parametrize("folder", ["plain", "brackets[1]", "star*", "it's"])
def test_a_folder_of_parquet_is_one_table(tmp_path, folder):
    inside = tmp_path / folder / "year=2024"
    inside.mkdir(parents=True)
    (tmp_path / "other").mkdir()
    FRAME.to_parquet(tmp_path / "other" / "not-meant.parquet")
    FRAME.to_parquet(tmp_path / folder / "a.parquet")
    FRAME.to_parquet(inside / "b.parquet")
    (tmp_path / folder / "_SUCCESS").write_text("")
    assert len(cl.read(str(tmp_path / folder))) == 6


def test_a_glob_of_parquet(tmp_path, monkeypatch):
    for name in "ab":
        FRAME.to_parquet(tmp_path / f"{name}.parquet")
    assert len(cl.read(str(tmp_path / "*.parquet"))) == 6
    monkeypatch.chdir(tmp_path)
    assert len(cl.read("[a].parquet")) == 3


def test_a_folder_without_parquet_is_refused(tmp_path):
    FRAME.to_csv(tmp_path / "a.csv")
    with pytest.raises(SourceError) as caught:
        cl.read(str(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path}: holds no Parquet file.\n"
        "A folder or a pattern is read as Parquet; give a CSV file by its name."
    )


def test_a_glob_of_something_else_is_refused(tmp_path):
    FRAME.to_csv(tmp_path / "a.csv")
    with pytest.raises(SourceError) as caught:
        cl.read(str(tmp_path / "*.csv"))
    assert caught.value.message == (
        f"{tmp_path}/*.csv: takes in {tmp_path}/a.csv, which is no Parquet file."
    )


@pytest.mark.parametrize("cut", [slice(None, -20), slice(2, None), slice(None, 3), slice(0)])
def test_a_damaged_parquet_file_is_refused(tmp_path, cut):
    path = tmp_path / "a.parquet"
    FRAME.to_parquet(path)
    path.write_bytes(path.read_bytes()[cut])
    with pytest.raises(SourceError, match="Parquet file"):
        cl.read(str(path))


def test_a_parquet_file_with_a_broken_end_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + b"x" * 50 + b"PAR1")
    with pytest.raises(SourceError, match="can't be read as a table"):
        cl.read(str(path))


def test_json_lines(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"Income": 15, "Score": 39.5}\n{"Score": 2, "Income": null}\n')
    table = cl.read(str(path))
    assert table.to_arrow().to_pylist() == [
        {"Income": 15, "Score": 39.5},
        {"Income": None, "Score": 2.0},
    ]


@pytest.mark.parametrize("text", ["", "\n", "\x89PNG\r\n"])
def test_an_empty_or_binary_json_lines_file_is_refused(tmp_path, text):
    path = tmp_path / "a.jsonl"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SourceError, match=r"is empty|is not a table|is not UTF-8"):
        cl.read(str(path))


@pytest.mark.parametrize(("good", "after"), [(0, 5), (1, 5), (3, 0), (250_000, 9)])
def test_a_damaged_line_of_json_is_named(tmp_path, good, after):
    path = tmp_path / "a.jsonl"
    whole = json.dumps({"Income": 1, "Score": 2}) + "\n"
    path.write_text(whole * good + '{"Income": x}\n' + whole * after)
    with pytest.raises(SourceError, match=f"line {good + 1} is no JSON") as caught:
        cl.segment(str(path), ["Income"])
    assert "one JSON object per line" in caught.value.hint


def test_a_word_among_the_numbers_of_json_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"Income": 15}\n{"Income": "much"}\n{"Income": 17}\n{"Income": null}\n')
    with pytest.raises(DataError) as caught:
        cl.segment(str(path), ["Income"])
    assert caught.value.faults == ('row 2, column "Income": "much" is not a number.',)


def test_numbers_in_quotes_are_numbers_in_json_too(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [f'{{"Income": {value if value % 2 else json.dumps(str(value))}}}' for value in (1, 2)]
    path.write_text("\n".join(lines * 20))
    assert cl.segment(str(path), ["Income"], k=2).k == 2


@pytest.mark.parametrize(
    "frame",
    [FRAME, pa.Table.from_pandas(FRAME, preserve_index=False)],
    ids=["pandas", "arrow"],
)
def test_frames(frame):
    table = cl.read(frame)
    assert table.names == ["Income", "Score"]
    assert len(table) == 3
    assert table.df()["Income"].tolist() == [15, 70, 137]


def test_a_table_is_returned_as_it_is():
    table = cl.read("sample")
    assert cl.read(table) is table


def test_opening_a_frame_doesnt_change_it():
    before = FRAME.copy(deep=True)
    cl.read(FRAME).df()
    pd.testing.assert_frame_equal(FRAME, before)


@pytest.mark.parametrize("source", [5, None, [1, 2], {"a": [1]}, object()])
def test_what_is_no_source_is_refused(source):
    with pytest.raises(SourceError, match="can't be read as a table"):
        cl.read(source)


def test_an_array_without_names_is_refused():
    """DuckDB would take its rows for columns."""
    with pytest.raises(SourceError, match="can't be read as a table"):
        cl.read(np.zeros((3, 2)))


@pytest.mark.parametrize("source", ["", " "])
def test_an_empty_path_is_not_this_folder(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    FRAME.to_parquet("a.parquet")
    with pytest.raises(SourceError, match=r"^The source is empty"):
        cl.read(source)


def test_a_frame_without_rows_is_refused():
    with pytest.raises(SourceError, match=r"^the DataFrame: has columns but no rows\.$"):
        cl.read(FRAME.head(0))


def test_no_such_file_offers_near_names(tmp_path):
    (tmp_path / "customers.csv").write_text("a\n1\n")
    with pytest.raises(SourceError) as caught:
        cl.read(str(tmp_path / "custmers.csv"))
    assert str(caught.value) == (
        f"{tmp_path}/custmers.csv: there is no such file.\n"
        'Did you mean "customers.csv"? To try the built-in sample, give "sample".'
    )


def test_no_such_folder_is_said(tmp_path):
    with pytest.raises(SourceError, match=f"The folder {tmp_path}/no does not exist either"):
        cl.read(str(tmp_path / "no" / "a.csv"))


@pytest.mark.parametrize("name", ["a.json", "a.docx", "a.db", "customers"])
def test_other_kinds_of_file_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04 something")
    with pytest.raises(SourceError, match="are not read"):
        cl.read(str(tmp_path / name))


def test_a_source_that_may_not_be_read(tmp_path):
    path = tmp_path / ("x" * 400 + ".csv")
    with pytest.raises(SourceError, match=r"can't be read \(File name too long\)|no such file"):
        cl.read(str(path))


def test_a_type_that_changes_in_size_is_named_as_parquet_has_it(tmp_path):
    for name, kind in (("a", "int32"), ("b", "int64")):
        (tmp_path / name).mkdir()
        FRAME[["Income"]].astype(kind).to_parquet(tmp_path / name / "rows.parquet")
    with pytest.raises(SourceError) as caught:
        cl.read(tmp_path)
    assert caught.value.faults == (
        'column "Income" is INT32 in a/rows.parquet, but INT64 in b/rows.parquet.',
    )
