"""Text files are read alike on Spark: the same types, values and sentences as on DuckDB."""

import importlib.util
import shutil

import pytest

import clienteling as cl
from tests.conftest import lacking

pytestmark = pytest.mark.spark


@pytest.fixture(autouse=True)
def _spark():
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        lacking("spark", 'install Java 17 and pip install "clienteling[spark]"')


ROWS = """\
CustomerID;Größe;Income;Share;Since;Seen;Month;Debt;Order date
1;groß;1.234,50 €;5 %;21/08/2013;1/2/2013 1:05 PM;4 Sep 2012;(12);41507
2;klein;12,5 €;7,5%;01/02/2013;13/2/2013 12:05 AM;21. März 2013;3-;41508
3;;?;NA;;;;;
"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("windows.csv", ROWS.encode("cp1252")),
        ("returns.csv", ROWS.replace("\n", "\r").encode()),
        ("utf16.csv", ROWS.encode("utf-16")),
        ("plain.csv", ROWS.encode()),
        ("lines.csv", b"\n\n" + ROWS.encode()),
        ("numbers.csv", b'a,b,c\n"1,234",-1,x\n"5,678",2.5,?\nNaN,1e3,-\n'),
    ],
)
def test_the_same_table_as_on_duckdb(write, name, content):
    path = write(name, content)
    ours, theirs = cl.read(path), cl.read(path, engine="spark")
    assert theirs.columns == ours.columns
    assert theirs.notes == ours.notes
    assert theirs.assumptions == ours.assumptions
    found = theirs.to_arrow()
    for each in ours.names:
        expected = ours.to_arrow().column(each).to_pylist()
        values = [
            value.replace(tzinfo=None) if getattr(value, "tzinfo", None) else value
            for value in found.column(each).to_pylist()
        ]
        assert values == expected, each


def test_mixed_encodings_are_refused(write):
    with pytest.raises(cl.InputError, match="mixes encodings: line 2 is UTF-8, line 3 is not"):
        cl.read(write("a.csv", b"a,b\n1,\xc3\xa4\n2,\xe4\n"), engine="spark")
