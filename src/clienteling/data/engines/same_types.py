"""The Parquet files of a folder must give each column one type."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from clienteling.data.engines.duckdb_words import first_line
from clienteling.errors import SourceError

__all__ = ["check_same_types"]

#: Parquet's types in plain words, where a column has no logical type.
_PLAIN = {
    "BYTE_ARRAY": "text",
    "StringType()": "text",
    "INT32": "whole numbers",
    "INT64": "whole numbers",
    "FLOAT": "numbers",
    "DOUBLE": "numbers",
    "BOOLEAN": "yes or no",
}


def check_same_types(connection: duckdb.DuckDBPyConnection, pattern: str) -> None:
    """Refuse a folder whose files give one column different types.

    Raises
    ------
    SourceError
        With a fault per column that names a file for each of its types.
    """
    try:
        rows = connection.execute(
            # Text has two spellings, the older of which DuckDB itself writes.
            "SELECT name, CASE converted_type WHEN 'UTF8' THEN 'StringType()' "
            "ELSE coalesce(logical_type, type) END, min(file_name) FROM parquet_schema(?) "
            "WHERE num_children IS NULL GROUP BY ALL ORDER BY ALL",
            [pattern],
        ).fetchall()
    except duckdb.Error as error:
        raise SourceError(
            f"{pattern}: can't be read as a table. {first_line(error)}",
            hint="The file is damaged; copy or export it again.",
        ) from error
    root = os.path.commonpath([str(Path(file).parent) for _, _, file in rows])
    kinds: dict[str, list[tuple[str, str]]] = {}
    for feature, kind, file in rows:
        kinds.setdefault(feature, []).append((kind, file))
    faults = [
        f'column "{feature}" is '
        + ", but ".join(f"{kind} in {_below(root, file)}" for kind, file in _in_words(found))
        + "."
        for feature, found in kinds.items()
        if len(found) > 1
    ]
    if faults:
        raise SourceError(
            f"{pattern}: a column changes its type from file to file.",
            faults=faults,
            hint="Write the files anew with one type per column.",
        )


def _in_words(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Call the types by plain words, unless two of them would be called the same."""
    said = [(_PLAIN.get(kind, kind), file) for kind, file in found]
    return said if len({kind for kind, _ in said}) == len(said) else found


def _below(root: str, file: str) -> str:
    return Path(os.path.relpath(file, root)).as_posix()
