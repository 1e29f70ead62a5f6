"""Excel workbooks: a sheet is a table like any other, and the one that is read is said."""

import datetime
import importlib.util
from pathlib import Path

import pytest

import clienteling as cl
from clienteling.errors import InputError, MissingExtra, SourceError

openpyxl = pytest.importorskip("openpyxl", reason="pip install openpyxl")
pytest.importorskip("python_calamine", reason='pip install "clienteling[excel]"')

HEADER = ["CustomerID", "Name", "Income", "Since", "Member"]
SINCE = datetime.datetime(2013, 8, 21)


@pytest.fixture
def make(tmp_path):
    """Return a function that writes a workbook of the given sheets."""

    def make(name: str = "a.xlsx", **sheets: list[list[object]]) -> Path:
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
        workbook.save(tmp_path / name)
        return tmp_path / name

    return make


def test_a_sheet_is_a_table(make):
    rows = [HEADER, [1, 'Zoë "Z", GmbH', 15.5, SINCE, True], [2, None, 70, SINCE, False]]
    table = cl.read(make(Customers=rows))
    assert table.names == HEADER
    assert [each.kind for each in table.columns[:3]] == ["integer", "text", "number"]
    found = table.to_arrow().to_pylist()
    assert [each["Income"] for each in found] == [15.5, 70.0]
    assert [each["Name"] for each in found] == ['Zoë "Z", GmbH', None]
    assert table.notes[0] == 'The sheet "Customers" is read, the only one.'


def test_the_first_sheet_is_read_and_the_others_are_offered(make):
    path = make(**{"This year": [["a"], [1]], "Last year": [["a"], [2]]})
    table = cl.read(path)
    assert table.df()["a"].tolist() == [1]
    assert table.notes == (
        'The sheet "This year" is read, the first of 2 (otherwise: --sheet "Last year").',
    )
    for sheet in ("Last year", 2, "2"):
        table = cl.read(path, sheet=sheet)
        assert table.df()["a"].tolist() == [2]
        assert table.notes == ()
    with pytest.raises(SourceError) as caught:
        cl.read(path, sheet="Last yaer")
    assert str(caught.value) == (
        f'{path}: there is no sheet "Last yaer".\n'
        'Did you mean "Last year"? The sheets are: "This year", "Last year".'
    )


def test_empty_rows_around_the_table_are_no_customers(make):
    table = cl.read(make(A=[[], ["a", "b"], [1, 2], [None, None], [3, 4], [None, None], [None]]))
    assert table.df()["a"].astype(object).where(table.df()["a"].notna(), None).tolist() == [
        1,
        None,
        3,
    ]


def test_an_empty_sheet_is_refused(make):
    with pytest.raises(SourceError, match='the sheet "A" is empty'):
        cl.read(make(A=[]))
    with pytest.raises(SourceError, match="has a header but no rows"):
        cl.read(make(A=[["a", "b"]]))


def test_ids_of_digits_stay_exact(make):
    table = cl.read(make(A=[["id", "code"], [123456789012, "007"], [123456789013, "7"]]))
    assert table.to_arrow().to_pylist() == [
        {"id": 123456789012, "code": "007"},
        {"id": 123456789013, "code": "7"},
    ]


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 something", b"PK\x05\x06" + b"\xff" * 18, b"\xd0\xcf\x11\xe0rest", b"", b"a,b"],
)
def test_a_damaged_workbook_is_refused(write, name, content):
    with pytest.raises(SourceError, match="can't be read as a workbook"):
        cl.read(write(name, content))


def test_a_workbook_without_the_extra_names_the_line_to_install_it(make, monkeypatch):
    path = make(A=[["a"], [1]])
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "python_calamine" else real(name)
    )
    with pytest.raises(MissingExtra) as caught:
        cl.read(path)
    assert str(caught.value) == (
        "Excel workbooks need an optional part that is not installed.\n"
        'Install it with: pip install "clienteling[excel]"'
    )


def test_options_that_say_nothing_about_a_workbook_are_refused(make):
    with pytest.raises(InputError) as caught:
        cl.read(make(A=[["a"], [1]]), encoding="cp1252", delimiter=";")
    assert caught.value.faults == ("--delimiter doesn't apply.", "--encoding doesn't apply.")


def test_a_workbook_that_unpacks_without_end_is_refused(make, monkeypatch):
    monkeypatch.setattr("clienteling.data.unpack._HARMLESS", 1 << 10)
    monkeypatch.setattr("clienteling.data.unpack._RATIO", 2)
    with pytest.raises(SourceError, match="unpacks to more than 2 times its size"):
        cl.read(make(A=[["a"], *([1] for _ in range(2000))]))


def test_a_title_above_the_names_is_left_out_and_said(make):
    table = cl.read(make(A=[["Customers, spring 2024"], [], ["Name", "Orders"], ["Ann", 3]]))
    assert table.df().to_dict("list") == {"Name": ["Ann"], "Orders": [3]}
    (said,) = [each for each in table.notes if "title" in each]
    assert said == 'The first row, "Customers, spring 2024", is taken for a title and left out.'
