"""What DuckDB says of a file, in words for the person who gave the file."""

from __future__ import annotations

import re

import duckdb

from clienteling.data.encodings import LONGEST_LINE
from clienteling.errors import EngineError, OutputError, SourceError

__all__ = ["damaged", "first_line", "not_opened", "unreadable"]

#: What DuckDB says where a Parquet file has the right end but wrong bytes before it.
_DAMAGED = "Failed to read file|[Dd]ecompress|don't know what type|TProtocol|[Cc]orrupt"


def first_line(error: Exception) -> str:
    """Return the first line of what was said: DuckDB adds the query after it."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def damaged(error: Exception, path: str) -> SourceError | None:
    """Tell that a Parquet file is damaged, which shows only when it is read, or None."""
    said = first_line(error)
    if not re.search(_DAMAGED, said):
        return None
    file = re.search('file "([^"]+)"', said)
    return SourceError(
        f"{file[1] if file else path}: the Parquet file is damaged ({said}).",
        hint="Copy or export the file again.",
    )


def not_opened(path: str, error: duckdb.Error) -> OutputError:
    """Say why a database file could not be opened to write."""
    said = first_line(error)
    if re.search("lock|different configuration|already attached|in use", said):
        return OutputError(
            f"{path}: can't be written, since something else has it open. {said}",
            hint="Close it there: in another program, or another connection in this one.",
        )
    return OutputError(f"{path}: can't be written as a DuckDB database. {said}")


def unreadable(path: str, error: EngineError) -> SourceError:
    """Turn DuckDB's words about a file into words for the person who gave the file."""
    said = str(error.__cause__ or error)
    ragged = re.search(
        r"CSV Error on Line: (\d+).*?Expected Number of Columns: (\d+) Found: (\d+)",
        said,
        re.DOTALL,
    )
    if ragged:
        line, expected, found = ragged.groups()
        return SourceError(
            f"{path}: line {line} has {found} fields, the header has {expected}.",
            hint="Mend that line; a field with the separator in it must stand in double quotes.",
        )
    quoted = re.search(r"CSV Error on Line: (\d+).*unterminated quote", said, re.DOTALL)
    if quoted:
        return SourceError(
            f"{path}: a double quote opens in line {quoted[1]} and never closes.",
            hint='Close it; a quote inside a quoted field is written twice, as in "5"" pipe".',
        )
    too_long = re.search(r"CSV Error on Line: (\d+).*Maximum line size", said, re.DOTALL)
    if too_long:
        return SourceError(
            f"{path}: line {too_long[1]} is longer than {LONGEST_LINE / 1e6:.0f} MB.",
            hint="Mend that line; a double quote that never closes makes one line of many.",
        )
    broken = re.search(r"Malformed JSON .*? in (?:line|record/value) (\d+): ([^.]*)", said)
    if broken:
        return SourceError(
            # DuckDB names the line after the one that it could not read.
            f"{path}: line {int(broken[1]) - 1} is no JSON ({broken[2].strip()}).",
            hint="Give one JSON object per line; text stands in double quotes.",
        )
    if "unicode" in said.lower() or "utf-8" in said.lower():
        line_number = re.search(r"Line: (\d+)", said)
        where = f" (line {line_number[1]})" if line_number else ""
        return SourceError(
            f"{path}: is not UTF-8 text{where}.",
            hint='Save it as UTF-8; in a spreadsheet that is "CSV UTF-8".',
        )
    return SourceError(f"{path}: can't be read as a table. {first_line(Exception(said))}")
