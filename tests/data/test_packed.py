"""Compressed files: one file inside, and no more of it than a table of customers has."""

import bz2
import gzip
import io
import lzma
import zipfile

import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.errors import SourceError

TEXT = b"CustomerID,Income\n1,15\n2,70\n"


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return made.getvalue()


PACK = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda text: pa.compress(text, codec="zstd", asbytes=True),
    "zip": lambda text: zipped(customers_csv=text),
}


@pytest.mark.parametrize("kind", PACK)
def test_every_kind_is_unpacked(write, kind):
    table = cl.read(write(f"a.csv.{kind}", PACK[kind](TEXT)))
    assert table.to_arrow().to_pylist() == [
        {"CustomerID": 1, "Income": 15},
        {"CustomerID": 2, "Income": 70},
    ]
    assert table.source.endswith(f"a.csv.{kind}")


@pytest.mark.parametrize("kind", PACK)
def test_a_damaged_one_is_refused(write, kind):
    for content in (PACK[kind](TEXT * 100)[:-12], TEXT):
        with pytest.raises(SourceError, match="can't be read"):
            cl.read(write(f"a.csv.{kind}", content))


@pytest.mark.parametrize("kind", PACK)
def test_what_unpacks_without_end_is_refused(write, kind, monkeypatch):
    monkeypatch.setattr("clienteling.data.unpack._HARMLESS", 1 << 20)
    bomb = PACK[kind](TEXT + b"1,1\n" * 4_000_000)
    with pytest.raises(SourceError) as caught:
        cl.read(write(f"a.csv.{kind}", bomb))
    assert "unpacks to more than 200 times its size" in caught.value.message
    assert caught.value.hint == ("If you trust it, unpack it yourself and give the file inside.")


def test_a_zip_lies_about_its_size(write, monkeypatch):
    """The size in the archive's list is a claim; what comes out is counted too."""
    monkeypatch.setattr("clienteling.data.unpack._HARMLESS", 1 << 20)
    size = 16_000_000
    bomb = zipped(a_csv=b"1,1\n" * (size // 4))
    claimed = bomb.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(SourceError):
        cl.read(write("a.zip", claimed))


def test_a_zip_of_several_files_is_refused_with_their_names(write):
    path = write("a.zip", zipped(a_csv=TEXT, b_csv=TEXT))
    with pytest.raises(SourceError) as caught:
        cl.read(path)
    assert str(caught.value) == (
        f'{path}: holds 2 files ("a.csv", "b.csv"); it must be one.\n'
        "Unpack it and give the file with the customers."
    )
    with pytest.raises(SourceError, match="holds no file; it must be one"):
        cl.read(write("a.zip", zipped()))


def test_what_macos_adds_to_a_zip_does_not_count(write):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("shop/", b"")
        for name in ("shop/a.csv", "__MACOSX/shop/._a.csv", "shop/.DS_Store"):
            archive.writestr(name, TEXT)
    assert len(cl.read(write("a.zip", made.getvalue()))) == 2


def test_names_that_lead_out_of_the_folder_stay_inside(write, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../../evil.csv", TEXT)
    assert len(cl.read(write("a.zip", made.getvalue()))) == 2
    assert not list(tmp_path.parent.glob("evil.csv"))


def test_a_packed_file_in_a_packed_file_is_refused(write):
    with pytest.raises(SourceError, match=r'files that end in "\.gz" are not read'):
        cl.read(write("a.csv.gz.gz", gzip.compress(gzip.compress(TEXT))))


def test_packed_windows_text(write):
    table = cl.read(write("a.csv.gz", gzip.compress("a,b\nä,1\n".encode("cp1252"))))
    assert table.to_arrow().to_pylist() == [{"a": "ä", "b": 1}]
