"""Hostile files: each ends in a table or in words, in bounded memory."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clienteling as cl
from clienteling.errors import InputError, SourceError

#: The long form of the sweeps takes minutes, and gigabytes of disk: CLIENTELING_SWEEPS=full.
FULL = os.environ.get("CLIENTELING_SWEEPS") == "full"
QUICK, MANY, MEGABYTES = (100, 10_000, 1_000) if FULL else (100, 500, 100)


def test_a_header_of_very_many_columns_is_refused(write):
    path = write("a.csv", ",".join(f"c{i}" for i in range(20_000)) + "\n" + "1," * 19_999 + "1\n")
    with pytest.raises(SourceError) as caught:
        cl.read(path)
    assert str(caught.value) == (
        f"{path}: the first line, which holds the names of the columns, has 20,000 columns.\n"
        "Give a table of at most 4,096 columns, a line per customer."
    )


def test_a_header_without_end_is_refused(write):
    with pytest.raises(SourceError, match="has no end within a megabyte"):
        cl.read(write("a.csv", ",".join(f"column {i}" for i in range(1_000_000))))
    with pytest.raises(SourceError, match="has no end within a megabyte"):
        cl.read(write("b.csv", '"' + "x" * 2_000_000 + '"\n1\n'))
    with pytest.raises(SourceError, match="has no end within a megabyte"):
        cl.read(write("c.csv", "x" * 300_000 + "\n1\n"))


def test_a_last_line_without_end_is_refused(write):
    """DuckDB leaves it out without a word."""
    path = write("a.csv", "a,b\n1,2\n3," + "x" * 3_000_000)
    with pytest.raises(SourceError, match="the last line is longer than 2 MB"):
        cl.read(path)


def test_a_wide_header_is_read(write):
    names = [f"c{i}" for i in range(300)]
    table = cl.read(write("a.csv", "\n".join([",".join(names), ",".join("1" * 300)])))
    assert table.names == names
    assert {each.kind for each in table.columns} == {"integer"}


def test_nul_bytes_in_cells_are_kept_or_refused(write):
    rows = "".join(f"{i},name\n" for i in range(10_000))
    table = cl.read(write("a.csv", "a,b\n" + rows + "1,x\0y\n"))
    assert table.df()["b"].iloc[-1] == "x\0y"
    with pytest.raises(SourceError, match="it holds binary data"):
        cl.read(write("b.csv", "a,b\n1,x\0y\n"))


def test_nested_quotes(write):
    rows = [['a "quoted ""twice"" word"', "1"], ['"', "2"], ['""', "3"], ['",\r\n"', "4"]]
    text = io.StringIO()
    csv.writer(text).writerows([["Name", "Income"], *rows])
    found = cl.read(write("a.csv", text.getvalue())).to_arrow().to_pylist()
    names = [each["Name"].replace("\r\n", "\n") for each in found]
    assert names == [name.replace("\r\n", "\n") for name, _ in rows]
    assert [each["Income"] for each in found] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "cell", ["=cmd()", "=1+1", "+SUM(A1)", "@x", "-2+3", '=cmd|"/c calc"!A0', "'; DROP TABLE x; --"]
)
def test_formulas_and_sql_are_text(write, cell):
    text = io.StringIO()
    csv.writer(text).writerows([["Name", "Income"], [cell, 1]])
    table = cl.read(write("a.csv", text.getvalue()))
    assert table.to_arrow().to_pylist() == [{"Name": cell, "Income": 1}]


def test_names_that_are_sql_are_names(write):
    names = ["'; DROP TABLE x; --", 'a"b', "SELECT", "t_0", "v_0", "{}", "%s", "a.b"]
    text = io.StringIO()
    csv.writer(text).writerows([names, ["1,5"] * len(names)])
    table = cl.read(write("a.csv", text.getvalue()))
    assert table.to_arrow().to_pylist() == [dict.fromkeys(names, 1.5)]


_CELL = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["", "NA", "1", "1,5", "1.234", "(3)", "5 %", "$", "01/02/2013", "=cmd()"]),
    st.integers().map(str),
    st.floats().map(str),
)
_TABLE = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(_CELL, min_size=width, max_size=width), min_size=1, max_size=8)
)


def _read(path):
    """Return the table, or None and what was said: any other exception is a fault."""
    try:
        return cl.read(path), ""
    except InputError as refused:
        return None, refused.message


def _is_read_or_refused(rows, folder, delimiter, end, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    path = folder / "a.csv"
    path.write_bytes(text.getvalue().encode(encoding, "replace"))
    table, refused = _read(path)
    if table is None:
        assert str(path) in refused
        return
    found = table.to_arrow()
    assert found.num_columns == len(table.columns) == len(set(table.names))
    assert all(each.sentence.endswith(".") for each in table.assumptions)


_FILES = {
    "rows": _TABLE,
    "delimiter": st.sampled_from(",;\t|"),
    "end": st.sampled_from(["\n", "\r\n", "\r"]),
    "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
}
_SLOW_IS_FINE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=QUICK, deadline=None, suppress_health_check=_SLOW_IS_FINE)
@given(**_FILES)
def test_made_tables_are_read_or_refused(tmp_path, rows, delimiter, end, encoding):
    _is_read_or_refused(rows, tmp_path, delimiter, end, encoding)


@pytest.mark.slow
@settings(max_examples=MANY, deadline=None, suppress_health_check=_SLOW_IS_FINE)
@given(**_FILES)
def test_very_many_made_tables_are_read_or_refused(tmp_path, rows, delimiter, end, encoding):
    _is_read_or_refused(rows, tmp_path, delimiter, end, encoding)


@settings(max_examples=2 * QUICK, deadline=None, suppress_health_check=_SLOW_IS_FINE)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    table, refused = _read(path)
    assert str(path) in refused if table is None else table.to_arrow().num_rows


#: Reads a file in a process of its own, which may not take more than a gigabyte.
_BOUNDED = """
import sys
from pathlib import Path
import clienteling as cl
try:
    print(len(cl.read(sys.argv[1], memory="500MB", threads=1)))
except cl.InputError as refused:
    print(refused.message)
# Not getrusage: it counts what the process held that this one was started from.
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else ["VmHWM: 0 kB"]
print(*(int(each.split()[1]) // 1024 for each in lines if "VmHWM" in each), file=sys.stderr)
"""


def _read_alone(path: Path) -> tuple[str, int]:
    done = subprocess.run(
        [sys.executable, "-c", _BOUNDED, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    return done.stdout.strip(), int(done.stderr.split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("start", [b"", b"a,b\n1,", b"a,b\n1,\xe4", b'a,b\n1,"'])
def test_a_line_without_end(tmp_path, start):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(start)
        for _ in range(MEGABYTES):
            file.write(b"x" * 1_000_000)
    said, megabytes = _read_alone(path)
    path.unlink()
    assert "longer than 2 MB" in said or "no end within a megabyte" in said or "quote" in said
    assert megabytes < 1_000


@pytest.mark.slow
def test_a_large_file_of_windows_text_takes_bounded_memory(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"a;b\n")
        for _ in range(4 * MEGABYTES // 10):
            file.write(b"1.234,5;M\xe4rz 2013 in der Stadt\n" * 30_000)
    said, megabytes = _read_alone(path)
    path.unlink()
    assert said == str(12_000 * MEGABYTES)
    assert megabytes < 1_000
