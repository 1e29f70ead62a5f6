"""The encoding of a text file: UTF-8, UTF-16, or the Windows encoding that old programs write.

A file that is UTF-8 throughout is never looked at as a whole: the engine reads it where it lies,
and says when it isn't. Any other file is written anew as UTF-8, piece by piece.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path

from clienteling.data.assumptions import Assumption
from clienteling.errors import SourceError

__all__ = ["LONGEST_LINE", "check_last_line", "declared_encoding", "find_encoding", "write_utf8"]

#: Bytes of a line; DuckDB reads no longer ones.
LONGEST_LINE = 2_000_000

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Bytes that cp1252 has no character for.
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def declared_encoding(head: bytes) -> str | None:
    """Return the encoding that the first bytes show, or None where they don't.

    Parameters
    ----------
    head : the first bytes of the file

    Examples
    --------
    >>> declared_encoding("Größe".encode("utf-16")), declared_encoding(b"a,b")
    ('utf-16', None)
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # UTF-16 without its mark: every other byte of plain text is zero.
    some = head[:1000]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = some[start::2], some[1 - start :: 2]
        if len(some) >= 4 and zeros.count(0) >= 0.8 * len(zeros) and others.count(0) == 0:
            return encoding
    return None


def find_encoding(path: Path, shown: str) -> tuple[str, list[Assumption]]:
    """Return the encoding of a text without a mark, from all of its lines, and what was assumed.

    Parameters
    ----------
    path : the file
    shown : what to call it in messages

    Returns
    -------
    tuple[str, list[Assumption]]
        ``utf-8`` or ``cp1252``.

    Raises
    ------
    SourceError
        Some lines are UTF-8 and others are not, a line is neither, or is too long.
    """
    utf8_line = other_line = 0
    example = ""
    line = 1
    for lines in _pieces(path, shown):
        for each in lines:
            if not each.isascii():
                try:
                    each.decode("utf-8")
                    utf8_line = utf8_line or line
                except UnicodeDecodeError as error:
                    if _UNDEFINED.search(each):
                        raise _not_text(shown, line) from error
                    example = example or _word(each)
                    other_line = other_line or line
                if utf8_line and other_line:
                    raise SourceError(
                        f"{shown}: mixes encodings: line {utf8_line} is UTF-8, line {other_line} "
                        "is not.",
                        hint="Save it anew as UTF-8, or have all of it read as Windows text with "
                        "--encoding cp1252.",
                    )
            line += 1
    if not other_line:
        return "utf-8", []
    what = f'the text is not UTF-8: it is read as Windows text (cp1252), such as "{example}"'
    return "cp1252", [Assumption(what, option="--encoding")]


def check_last_line(path: Path, shown: str) -> None:
    """Refuse a file whose last line is too long: DuckDB would leave it out without a word.

    Raises
    ------
    SourceError
        No line ends within the last two megabytes.
    """
    size = path.stat().st_size
    if size <= LONGEST_LINE:
        return
    with path.open("rb") as file:
        file.seek(size - LONGEST_LINE)
        end = file.read()
    if b"\n" not in end and b"\r" not in end:
        raise SourceError(
            f"{shown}: the last line is longer than {LONGEST_LINE / 1e6:.0f} MB.",
            hint="Mend that line; a double quote that never closes makes one line of many.",
        )


def write_utf8(path: Path, target: Path, encoding: str, shown: str, skip: int = 0) -> None:
    """Write a text anew as UTF-8 with plain line ends, in bounded memory.

    Parameters
    ----------
    path : the file
    target : where it goes
    encoding : of the file
    shown : what to call the file in messages
    skip : lines at the start that are left out

    Raises
    ------
    SourceError
        A character is none of that encoding; its line is named.
    """
    line = 1
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as file:
        first = True
        while True:
            chunk = source.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = line + error.object[: error.start].count(b"\n")
                raise SourceError(
                    f"{shown}: is not {encoding} text (line {at}).",
                    hint="Name its encoding with --encoding, such as cp1252, or save it as UTF-8.",
                ) from error
            if first:
                text = text.removeprefix("\ufeff")
                for _ in range(skip):
                    text = text.partition("\n")[2]
                first = False
            line += text.count("\n")
            file.write(text)
            if not chunk:
                return


def _pieces(path: Path, shown: str) -> Iterator[list[bytes]]:
    """Give the lines of a file in pieces that cut no line."""
    rest, line = b"", 1
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            rest += chunk
            # A return at the end may be half of a line end.
            cut = rest.rfind(b"\n") + 1 or rest.rfind(b"\r", 0, -1) + 1
            if not cut and len(rest) > LONGEST_LINE:
                raise SourceError(
                    f"{shown}: line {line} is longer than {LONGEST_LINE / 1e6:.0f} MB.",
                    hint="Mend that line; a double quote that never closes makes one line of many.",
                )
            lines = rest[:cut].splitlines()
            line += len(lines)
            yield lines
            rest = rest[cut:]
    yield rest.splitlines()


def _not_text(shown: str, line: int) -> SourceError:
    return SourceError(
        f"{shown}: is neither UTF-8 nor Windows text (line {line}).",
        hint="Name its encoding with --encoding, such as mac-roman or cp850, or save it as UTF-8.",
    )


def _word(line: bytes) -> str:
    found = re.search(r"[^,;|\t\"]*[^\x00-\x7f][^,;|\t\"]*", line.decode("cp1252"))
    return found[0].strip()[:40] if found else ""
