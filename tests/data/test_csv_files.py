"""CSV as it comes from shops: delimiters, marks, line ends, quotes, compression, odd lines."""

import gzip
import re

import pytest

import clienteling as cl
from clienteling.errors import SourceError

NAMES = ["CustomerID", "Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"]
KINDS = ["integer", "text", "integer", "integer", "integer"]


@pytest.fixture(scope="module")
def mall(mall_csv):
    return mall_csv.read_bytes().replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("plain.csv", lambda mall: mall),
        ("CAPITALS.CSV", lambda mall: mall),
        ("with a space and 'quote'.csv", lambda mall: mall),
        ("brackets[1].csv", lambda mall: mall),
        ("text.txt", lambda mall: mall),
        ("semicolons.csv", lambda mall: mall.replace(b",", b";")),
        ("pipes.csv", lambda mall: mall.replace(b",", b"|")),
        ("tabs.tsv", lambda mall: mall.replace(b",", b"\t")),
        ("tabs.csv", lambda mall: mall.replace(b",", b"\t")),
        ("mark.csv", lambda mall: b"\xef\xbb\xbf" + mall),
        ("crlf.csv", lambda mall: mall.replace(b"\n", b"\r\n")),
        ("no-end.csv", lambda mall: mall.rstrip(b"\n")),
        ("blank-lines-after.csv", lambda mall: mall + b"\n\n"),
        ("blank-lines-before.csv", lambda mall: b"\n\n" + mall),
        ("packed.csv.gz", gzip.compress),
        ("packed.tsv.gz", lambda mall: gzip.compress(mall.replace(b",", b"\t"))),
        ("quoted.csv", lambda mall: re.sub(rb"([^,\n]+)", rb'"\1"', mall)),
    ],
)
def test_the_same_table_however_it_is_written(write, mall, name, change):
    table = cl.read(write(name, change(mall)))
    assert table.names == NAMES
    assert [each.kind for each in table.columns] == KINDS
    assert table.notes == ()
    rows = table.to_arrow().to_pylist()
    assert len(rows) == 200
    assert list(rows[0].values()) == [1, "Male", 19, 15, 39]
    assert list(rows[199].values()) == [200, "Male", 30, 137, 83]


def test_quoted_fields_hold_separators_quotes_and_line_ends(write):
    path = write("quoted.csv", '"Na,me",Income\n"a ""b"", c",1\n"two\nlines",2\n')
    assert cl.read(path).to_arrow().to_pylist() == [
        {"Na,me": 'a "b", c', "Income": 1},
        {"Na,me": "two\nlines", "Income": 2},
    ]


def test_a_separator_inside_a_quoted_name_is_not_counted(write):
    path = write("names.csv", '"a,b,c";"d,e"\n1;2\n')
    assert cl.read(path).names == ["a,b,c", "d,e"]


def test_names_of_every_script(write):
    path = write("names.csv", "收入,Ausgaben in €,потребление\n1,2,3\n")
    assert cl.read(path).to_arrow().to_pylist() == [
        {"收入": 1, "Ausgaben in €": 2, "потребление": 3}
    ]


def test_a_row_with_fields_missing_is_named(write, mall):
    path = write("short.csv", mall + b"201,Male,1\n")
    with pytest.raises(SourceError) as caught:
        cl.read(path)
    assert str(caught.value) == (
        f"{path}: line 202 has 3 fields, the header has 5.\n"
        "Mend that line; a field with the separator in it must stand in double quotes."
    )


def test_a_row_with_a_field_too_many_is_named(write, mall):
    path = write("long.csv", mall + b"201,Male,1,2,3,4\n")
    with pytest.raises(SourceError, match="line 202 has 6 fields, the header has 5"):
        cl.read(path)


def test_a_header_with_too_few_names_loses_no_row(write):
    """A guess at the layout would take a data row for the header."""
    path = write("short-header.csv", "Income,Score\n1,2,3\n4,5,6\n")
    with pytest.raises(SourceError, match="line 2 has 3 fields, the header has 2"):
        cl.read(path)


def test_lines_above_the_header_are_not_skipped_unasked(write, mall):
    with pytest.raises(SourceError, match="fields, the header has 1"):
        cl.read(write("title.csv", b"Our customers\n" + mall))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty."),
        (b" \n\n", "is empty."),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not a table; its content is a PNG picture."),
        (b"%PDF-1.7 ...", "is not a table; its content is a PDF document."),
        (b"PK\x03\x04", "is not a table; its content is an Excel workbook or a ZIP archive."),
        (b"a,b\n\0\0\0,\0\n", "is not a text table; it holds binary data."),
        (b"a,b\n", "has a header but no rows."),
        (b"a,b", "has a header but no rows."),
        (b"\xef\xbb\xbfa,b\r\n", "has a header but no rows."),
    ],
)
def test_what_is_no_table_is_refused(write, content, expected):
    path = write("some.csv", content)
    with pytest.raises(SourceError) as caught:
        cl.read(path)
    assert caught.value.message == f"{path}: {expected}"
    assert caught.value.hint


def test_half_a_gzip_file_is_refused(write, mall):
    whole = gzip.compress(mall)
    with pytest.raises(SourceError, match="can't be read"):
        cl.read(write("half.csv.gz", whole[: len(whole) // 2]))


def test_a_plain_file_named_gz_is_refused(write, mall):
    with pytest.raises(SourceError, match="can't be read"):
        cl.read(write("plain.csv.gz", mall))


def test_a_packed_file_named_csv_is_refused(write, mall):
    with pytest.raises(SourceError, match="its content is a gzip archive"):
        cl.read(write("packed.csv", gzip.compress(mall)))


def test_a_quote_that_never_closes_is_named_with_its_line(write):
    path = write("open.csv", 'Name,Income\na,1\n"b,2\nc,3\n')
    with pytest.raises(SourceError, match="a double quote opens in line 3 and never closes"):
        cl.read(path)
