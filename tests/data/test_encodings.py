"""Text in any encoding is read as it is meant, or refused with the line: never mangled."""

import gc
import re
import tempfile
from pathlib import Path

import pytest

import clienteling as cl
from clienteling.data.encodings import find_encoding
from clienteling.data.files import inspect_path
from clienteling.errors import InputError, SourceError

TEXT = "CustomerID,Straße,Prénom\n1,Märzgasse,Zoë\n2,Öland,José\n"
ROWS = [
    {"CustomerID": 1, "Straße": "Märzgasse", "Prénom": "Zoë"},
    {"CustomerID": 2, "Straße": "Öland", "Prénom": "José"},
]


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("utf-16-le", ""),
        ("utf-16-be", ""),
        ("utf-32", ""),
        ("cp1252", "Straße"),
        ("latin-1", "Straße"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_table_in_every_encoding(write, encoding, note, end):
    table = cl.read(write("a.csv", TEXT.replace("\n", end).encode(encoding)))
    assert table.to_arrow().to_pylist() == ROWS
    said = (
        f'The text is not UTF-8: it is read as Windows text (cp1252), such as "{note}" '
        "(otherwise: --encoding)."
    )
    assert table.notes == ((said,) if note else ())
    assert [each.option for each in table.assumptions] == (["--encoding"] if note else [])


def test_the_euro_sign_and_quotes_of_windows(write):
    table = cl.read(write("a.csv", "a,b\n€ 5,“x”\n".encode("cp1252")))
    assert table.df()["b"].tolist() == ["“x”"]


def test_one_letter_far_down_changes_how_the_whole_is_read(write):
    rows = b"".join(b"%d,name\n" % number for number in range(20_000))
    table = cl.read(write("a.csv", b"id,name\n" + rows + b"20000,M\xe4rz\n"))
    assert len(table) == 20_001
    assert table.df()["name"].iloc[-1] == "März"
    assert '"März"' in table.notes[0]


def test_encodings_that_are_named(write):
    path = write("a.csv", TEXT.encode("mac-roman"))
    assert cl.read(path, encoding="mac-roman").to_arrow().to_pylist() == ROWS
    path = write("b.csv", TEXT.encode("cp850"))
    assert cl.read(path, encoding="cp850").to_arrow().to_pylist() == ROWS


def test_mixed_encodings_are_refused_with_both_lines(write):
    path = write("a.csv", b"a,b\n1,M\xc3\xa4rz\n2,x\n3,M\xe4rz\n")
    with pytest.raises(SourceError) as caught:
        cl.read(path)
    assert str(caught.value) == (
        f"{path}: mixes encodings: line 2 is UTF-8, line 4 is not.\n"
        "Save it anew as UTF-8, or have all of it read as Windows text with --encoding cp1252."
    )
    assert cl.read(path, encoding="cp1252").df()["b"].tolist() == ["MÃ¤rz", "x", "März"]


def test_text_that_is_in_neither_is_refused_with_its_line(write):
    path = write("a.csv", b"a,b\n1,x\n2,\x81\x8d\n")
    with pytest.raises(SourceError, match=r"neither UTF-8 nor Windows text \(line 3\)"):
        cl.read(path)


def test_a_named_encoding_that_does_not_fit_is_refused_with_the_line(write):
    path = write("a.csv", TEXT.encode("cp1252"))
    with pytest.raises(SourceError, match=r"is not utf-8 text \(line 1\)"):
        cl.read(path, encoding="utf-8")
    with pytest.raises(InputError, match='there is no encoding "klingon"'):
        cl.read(path, encoding="klingon")
    with pytest.raises(InputError, match='there is no encoding "rot13"'):
        cl.read(path, encoding="rot13")


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\r\n1,x\n2,y\r3,z\r\n",
        b"a,b\r1,x\n2,y\r\n3,z",
        b"a,b\n1,x\r\n2,y\n3,z\n",
        b"\r\n\na,b\n1,x\r\n2,y\n3,z\n",
    ],
)
def test_line_ends_of_several_kinds(write, content):
    table = cl.read(write("a.csv", content))
    assert [tuple(each.values()) for each in table.to_arrow().to_pylist()] == [
        (1, "x"),
        (2, "y"),
        (3, "z"),
    ]


def test_the_line_of_a_spreadsheet_that_names_the_delimiter(write):
    table = cl.read(write("a.csv", "sep=;\r\na;b\r\n1;2,5\r\n"))
    assert table.names == ["a", "b"]
    table = cl.read(write("a.csv", "sep=;\na;b\nä;2\n".encode("cp1252")))
    assert table.to_arrow().to_pylist() == [{"a": "ä", "b": 2}]


def test_a_delimiter_that_is_named(write):
    assert cl.read(write("a.csv", "a:b\n1:2\n"), delimiter=":").names == ["a", "b"]
    assert cl.read(write("a.csv", "a,b\tc\n1\t2\n"), delimiter="tab").names == ["a,b", "c"]


def test_what_was_rewritten_goes_with_the_table(write, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    table = cl.read(write("a.csv", TEXT.encode("cp1252")))
    assert [each.name for each in folder.rglob("*.csv")] == ["text.csv"]
    assert len(table) == 2
    del table
    gc.collect()
    assert list(folder.rglob("*.csv")) == []


def test_a_clean_file_is_read_where_it_lies(write):
    file = inspect_path(write("a.csv", TEXT))
    assert not file.rewritten
    assert file.scratch is None
    assert Path(file.path).name == "a.csv"


def test_a_line_without_end_is_refused_in_bounded_memory(write):
    path = write("a.csv", b"a,b\n1,\xe4\n" + b"x" * 9_000_000)
    with pytest.raises(SourceError, match="line 3 is longer than 2 MB"):
        find_encoding(Path(path), path)
    path = write("a.csv", b"a,b\n1,2\n3," + b"x" * 3_000_000 + b"\n")
    with pytest.raises(SourceError, match="line 3 is longer than 2 MB"):
        cl.read(path)


def test_lines_that_end_between_two_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("clienteling.data.encodings._CHUNK", 3)
    path = tmp_path / "a.csv"
    for end in (b"\n", b"\r\n", b"\r"):
        path.write_bytes(end.join([b"a,b", b"1,x", b"2,\xe4", b"3,\xc3\xa4"]))
        with pytest.raises(SourceError, match=re.escape("line 4 is UTF-8, line 3 is not")):
            find_encoding(path, str(path))
        path.write_bytes(end.join([b"a,b", b"1,x", b"2,\xe4"]))
        assert cl.read(path).to_arrow().to_pylist()[1] == {"a": 2, "b": "ä"}
