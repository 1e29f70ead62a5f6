"""Look at a path before an engine opens it: does it exist, what kind is it, is it a table."""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clienteling.errors import SourceError, near_names

__all__ = ["SAMPLE", "DataFile", "inspect_path", "sample_path"]

#: The SOURCE word for the sample that comes with the package.
SAMPLE = "sample"

_DELIMITERS = (",", ";", "\t", "|")
_TEXT_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".txt": "csv"}
_JSON_SUFFIXES = {".jsonl": "json", ".ndjson": "json"}
# What DuckDB unpacks by itself, too.
_COMPRESSED: dict[str, Callable[..., Any]] = {".gz": gzip.open}
_HEAD = 1 << 16
_SIGNATURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip archive",
}


@dataclass(frozen=True)
class DataFile:
    """A file, or a folder of Parquet files, that an engine can open.

    Parameters
    ----------
    path : the file, or a glob of the folder's files
    kind : ``csv``, ``json`` or ``parquet``
    delimiter : what separates the fields of a CSV file
    header : the names in the first line of a CSV file, as they stand there
    skip : empty lines before the header
    """

    path: str
    kind: str
    delimiter: str = ","
    header: tuple[str, ...] = ()
    skip: int = 0


def sample_path() -> Path:
    """Return where the sample, Mall Customers, lies: in the package or in the checkout.

    Examples
    --------
    >>> sample_path().name
    'Mall_Customers.csv'
    """
    package = Path(__file__).resolve().parents[1]
    for path in (
        package / "sample" / "Mall_Customers.csv",
        package.parents[1] / "Mall_Customers.csv",
    ):
        if path.is_file():
            return path
    raise SourceError(
        "The sample Mall_Customers.csv is not where the package expects it.",
        hint="Install the package anew, or give the path of a file of your own.",
    )


def inspect_path(source: str) -> DataFile:
    """Find out what lies at ``source``, and refuse what is not a table.

    Parameters
    ----------
    source : a path of CSV, TSV, JSON lines or Parquet (text compressed with gzip too), a folder or
        a glob of Parquet files, or ``sample``

    Raises
    ------
    SourceError
        There is nothing at that path, or it is not a table.
    """
    if not source.strip():
        raise SourceError("The source is empty.", hint=f'Give a path, or "{SAMPLE}".')
    if source == SAMPLE and not Path(source).exists():
        return inspect_path(str(sample_path()))
    if any(sign in source for sign in "*?[") and not Path(source).exists():
        return _parquet_files(
            source,
            sorted(
                Path().glob(source) if not source.startswith("/") else Path("/").glob(source[1:])
            ),
            source,
        )
    path = Path(source).expanduser()
    try:
        if path.is_dir():
            pattern = str(Path(glob.escape(str(path))) / "**" / "*.parquet")
            return _parquet_files(pattern, sorted(path.rglob("*.parquet")), str(path))
        if not path.exists():
            raise _no_such_file(path)
    except OSError as error:
        raise SourceError(f"{source}: can't be read ({error.strerror}).") from error
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    compressed = suffixes[-1] if suffixes and suffixes[-1] in _COMPRESSED else ""
    suffix = next(iter(suffixes[-2:-1] if compressed else suffixes[-1:]), "")
    head = _head(path, compressed)
    if head[:4] == b"PAR1" or suffix == ".parquet":
        return _parquet_file(path, head)
    if suffix not in _TEXT_SUFFIXES and suffix not in _JSON_SUFFIXES:
        raise SourceError(
            f'{path}: files that end in "{suffix or path.name}" are not read.',
            hint="Give a CSV, TSV, Parquet or JSON lines (.jsonl) file. "
            "From a spreadsheet, save the sheet as CSV UTF-8.",
        )
    start = _start_of_text(path, head)
    if suffix in _JSON_SUFFIXES:
        return DataFile(str(path), "json")
    lines = start.lstrip("\r\n")
    skip = len(start[: len(start) - len(lines)].splitlines())
    delimiter = _delimiter(lines.splitlines()[0])
    header = next(csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter))
    return DataFile(str(path), "csv", delimiter, tuple(header), skip)


def _no_such_file(path: Path) -> SourceError:
    folder = path.parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    hint = near_names(path.name, names)
    if not folder.is_dir():
        hint = f"The folder {folder} does not exist either."
    return SourceError(
        f"{path}: there is no such file.",
        hint=(hint + " " if hint else "") + f'To try the built-in sample, give "{SAMPLE}".',
    )


def _parquet_files(pattern: str, found: list[Path], source: str) -> DataFile:
    other = [each for each in found if each.suffix.lower() != ".parquet"]
    if other or not found:
        takes_in = f"takes in {other[0]}, which is" if other else "holds"
        raise SourceError(
            f"{source}: {takes_in} no Parquet file.",
            hint="A folder or a pattern is read as Parquet; give a CSV file by its name.",
        )
    return DataFile(pattern, "parquet")


def _parquet_file(path: Path, head: bytes) -> DataFile:
    if head[:4] != b"PAR1":
        raise SourceError(f"{path}: is named .parquet but is not a Parquet file.")
    with path.open("rb") as file:
        file.seek(-4, io.SEEK_END)
        if file.read() != b"PAR1":
            raise SourceError(
                f"{path}: the Parquet file is cut off; its end is missing.",
                hint="Copy or export the file again.",
            )
    return DataFile(str(path), "parquet")


def _head(path: Path, compressed: str) -> bytes:
    try:
        opener = _COMPRESSED.get(compressed, open)
        with opener(path, "rb") as file:
            return bytes(file.read(_HEAD))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{path}: can't be read ({reason}).") from error


def _start_of_text(path: Path, head: bytes) -> str:
    """Return what a text file begins with, or refuse what is not text."""
    if not head.strip():
        raise SourceError(f"{path}: is empty.", hint="Give a file with a header and rows.")
    for signature, what in _SIGNATURES.items():
        if head.startswith(signature):
            raise SourceError(
                f"{path}: is not a table; its content is {what}.",
                hint="Give a CSV file: one line per customer, the column names in the first line.",
            )
    if b"\x00" in head:
        raise SourceError(
            f"{path}: is not a text table; it holds binary data (or UTF-16 text).",
            hint='From a spreadsheet, save the sheet as "CSV UTF-8".',
        )
    try:
        # A character may be cut at the end of what was read: the incremental decoder waits for it.
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        return decoder.decode(head)
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        raise SourceError(
            f"{path}: is not UTF-8 text (line {line}).",
            hint='Save it as UTF-8; in a spreadsheet that is "CSV UTF-8".',
        ) from error


def _delimiter(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=lambda sign: (outside.count(sign), -_DELIMITERS.index(sign)))
