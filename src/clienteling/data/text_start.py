"""The start of a text file: is it text at all, what separates its fields, which names it has."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from clienteling.data.encodings import declared_encoding
from clienteling.errors import SourceError

__all__ = ["FirstRecord", "first_record", "refuse_no_text", "start_of_text"]

#: Bytes and columns that a header may have: beyond, no engine can do anything useful with it.
_LONGEST_HEADER = 1 << 20
_MOST_COLUMNS = 4_096

_DELIMITERS = (",", ";", "\t", "|")
_LINE_END = re.compile("\r\n|\r|\n")
_SIGNATURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
}


@dataclass(frozen=True)
class FirstRecord:
    """What the first record of a text file tells.

    Parameters
    ----------
    delimiter : what separates the fields
    names : the names of the columns, as they stand there
    skip : lines before the header
    """

    delimiter: str
    names: tuple[str, ...]
    skip: int


def refuse_no_text(shown: str, head: bytes) -> None:
    """Refuse what is empty or no text.

    Raises
    ------
    SourceError
        It says what the content is.
    """
    if not head.strip():
        raise SourceError(f"{shown}: is empty.", hint="Give a file with a header and rows.")
    for signature, what in _SIGNATURES.items():
        if head.startswith(signature):
            raise SourceError(
                f"{shown}: is not a table; its content is {what}.",
                hint="Give a CSV file: one line per customer, the column names in the first line.",
            )
    if b"\x00" in head and not (declared_encoding(head) or "").startswith(("utf-16", "utf-32")):
        raise SourceError(
            f"{shown}: is not a text table; it holds binary data.",
            hint='From a spreadsheet, save the sheet as "CSV UTF-8".',
        )


def start_of_text(shown: str, head: bytes, encoding: str) -> str:
    """Return the text that a file begins with.

    Raises
    ------
    SourceError
        The bytes are not of that encoding; the line is named.
    """
    try:
        # A character may be cut at the end of what was read: the incremental decoder waits for it.
        return codecs.getincrementaldecoder(encoding)().decode(head).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        raise SourceError(
            f"{shown}: is not UTF-8 text (line {line}).",
            hint='Save it as UTF-8; in a spreadsheet that is "CSV UTF-8".',
        ) from error


def first_record(shown: str, path: Path, head: bytes, delimiter: str | None) -> FirstRecord:
    """Read the header of a UTF-8 text.

    Parameters
    ----------
    shown : what to call the file in messages
    path : the file
    head : its first bytes
    delimiter : what separates the fields; None to find it out

    Raises
    ------
    SourceError
        The header is too long to be one.
    """
    if not _LINE_END.search(head.decode("utf-8", "replace").strip()):
        with path.open("rb") as file:
            head = file.read(_LONGEST_HEADER + 1)
    start = start_of_text(shown, head, "utf-8")
    lines = start.lstrip("\r\n")
    skip = len(_LINE_END.findall(start[: len(start) - len(lines)]))
    # Excel's own first line that names the delimiter.
    named = re.match(r'"?sep=(.)"?(?:\r\n|\r|\n)', lines, re.IGNORECASE)
    if named:
        lines, skip = lines[named.end() :], skip + 1
        delimiter = delimiter or named[1]
    first = _LINE_END.split(lines, maxsplit=1)[0]
    found = delimiter or _delimiter(first)
    too_long = len(head) > _LONGEST_HEADER and first == lines
    try:
        names = next(csv.reader(io.StringIO(lines, newline=""), delimiter=found), [])
    except csv.Error:
        too_long, names = True, []
    if too_long or len(names) > _MOST_COLUMNS:
        many = f"{len(names):,} columns" if not too_long else "no end within a megabyte"
        raise SourceError(
            f"{shown}: the first line, which holds the names of the columns, has {many}.",
            hint=f"Give a table of at most {_MOST_COLUMNS:,} columns, a line per customer.",
        )
    return FirstRecord(found, tuple(names), skip)


def _delimiter(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=lambda sign: (outside.count(sign), -_DELIMITERS.index(sign)))
