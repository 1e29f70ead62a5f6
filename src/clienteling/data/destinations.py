"""Write a table where it is wanted: a file, a folder of Parquet, or a table of a database.

Always whole or not at all: it is written aside and moved at the end. A folder is written part by
part, one for each file of the source, with a manifest of what is done; a run that was stopped
goes on from it. An engine whose tasks write side by side, as Spark's do, writes all parts at once,
one a task, and a run that was stopped before their end begins anew.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.csv_safe import write_csv
from clienteling.data.sql import column, text
from clienteling.data.table import PartsEngine, Table
from clienteling.data.urls import DatabaseAddress, is_url, parse_url
from clienteling.errors import OutputError

__all__ = ["Destination", "check_destination", "open_part", "write_to"]

#: Readers of a folder of Parquet pass over names that begin with an underscore.
_MANIFEST = "_manifest.json"

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Destination:
    """Where a result goes.

    Parameters
    ----------
    kind : ``parquet``, ``csv``, ``folder`` or ``table``
    path : of the file or folder
    address : of the table
    """

    kind: str
    path: Path | None = None
    address: DatabaseAddress | None = None

    @property
    def shown(self) -> str:
        """What to call it in messages."""
        return self.address.shown if self.address else str(self.path)


def check_destination(out: str) -> Destination:
    """Find out what kind of place ``out`` is, and refuse what can't be written, before any work.

    Raises
    ------
    OutputError
        The place can't be written, or holds something of somebody's own.
    """
    if is_url(out):
        return Destination("table", address=parse_url(out))
    path = Path(out)
    kind = {".parquet": "parquet", ".csv": "csv", "": "folder"}.get(path.suffix.lower())
    if kind is None:
        raise OutputError(
            f"{out}: the result must be a .parquet or .csv file, a folder, or a database's table.",
            hint="Name it as --out scored.parquet",
        )
    parent = path.absolute().parent
    if not parent.is_dir():
        raise OutputError(f"{out}: there is no folder {parent}.", hint="Make it first.")
    if kind != "folder" and path.is_dir():
        raise OutputError(f"{out}: is a folder, so it can't be the file.")
    if kind == "folder" and path.exists():
        _check_folder(path)
    if not os.access(parent, os.W_OK):
        raise OutputError(f"{out}: can't be written; the folder {parent} is not yours to write to.")
    return Destination(kind, path=path.absolute())


def write_to(
    destination: Destination,
    table: Table,
    make: Callable[[Table], Table],
    *,
    fingerprint: str,
    progress: Progress | None = None,
) -> list[Path]:
    """Make a result of a table and write it.

    Parameters
    ----------
    destination : where it goes
    table : the customers
    make : gives the result for the customers, or for some of them
    fingerprint : of all that the result depends on besides the customers; a stopped run goes on
        only where it is the same
    progress : called with the share that is done, from 0 to 1

    Returns
    -------
    list of Path
        The files that were written; empty for a table.

    Raises
    ------
    OutputError
        The place can't be written; nothing is left half-written.
    """
    report = progress or (lambda share: None)
    if destination.address is not None:
        result = make(table)
        with _watched(table, report):
            result.engine.write_table(result.as_select(), destination.address)
        return []
    assert destination.path is not None
    if destination.kind == "folder":
        return _write_folder(destination.path, table, make, fingerprint, report)
    with _watched(table, report):
        if destination.kind == "csv":
            write_csv(make(table), destination.path)
        else:
            make(table).to_parquet(destination.path)
    return [destination.path]


@contextmanager
def _watched(table: Table, progress: Progress) -> Iterator[None]:
    """Report how far the engine is with its one query, where it tells."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            progress(table.engine.progress())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _check_folder(path: Path) -> None:
    if not path.is_dir():
        raise OutputError(f"{path}: is a file, so it can't be the folder.")
    own = [
        each.name
        for each in path.iterdir()
        if each.name != _MANIFEST and not each.match("part-*.parquet")
    ]
    if own:
        shown = ", ".join(sorted(own)[:5])
        raise OutputError(
            f"{path}: holds files that are not of an earlier result ({shown}); "
            "the folder would be replaced whole, and they would be lost.",
            hint="Name another folder with --out.",
        )


def _write_folder(
    folder: Path,
    table: Table,
    make: Callable[[Table], Table],
    fingerprint: str,
    progress: Progress,
) -> list[Path]:
    staging = folder.with_name(f".{folder.name}.partial")
    parts = _parts(table)
    try:
        manifest = _resume(staging, fingerprint, parts)
        done: list[str] = manifest["done"]
        side_by_side = isinstance(table.engine, PartsEngine)
        if side_by_side and not done:
            done += _write_side_by_side(staging, make(table))
            _save(staging, manifest)
        for index, part in enumerate([] if side_by_side else parts):
            progress(index / len(parts))
            file = f"part-{index:05d}.parquet"
            if file in done:
                continue
            customers = table if part is None else open_part(table, part)
            with _watched(table, lambda share, at=index: progress((at + share) / len(parts))):  # type: ignore[misc]
                make(customers).to_parquet(staging / file)
            done.append(file)
            _save(staging, manifest)
        old = staging.with_name(f"{staging.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            _check_folder(folder)
            folder.rename(old)
        staging.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"{folder}: can't be written ({error.strerror or error}).",
            hint="What is done is kept aside; the same command goes on from there.",
        ) from error
    finally:
        if not list(staging.glob("part-*")):  # nothing to go on from
            shutil.rmtree(staging, ignore_errors=True)
    return [folder / each for each in sorted(done)]


def _write_side_by_side(staging: Path, result: Table) -> list[str]:
    """Write all parts by one query, and return their names."""
    assert isinstance(result.engine, PartsEngine)
    for each in staging.iterdir():  # of a run that was stopped before their end
        if each.is_dir():
            shutil.rmtree(each)
        elif each.name != _MANIFEST:
            each.unlink()
    return [each.name for each in result.engine.write_parts(result.as_select(), staging)]


def _parts(table: Table) -> Sequence[Path | None]:
    """Return the files that a table is made of, or None for a table that is one piece."""
    # Where all parts are written side by side, the files are read so, too.
    one_piece = len(table.files) < 2 or isinstance(table.engine, PartsEngine)
    return [None] if one_piece else [Path(each) for each in table.files]


def open_part(table: Table, part: Path) -> Table:
    """Return the rows of a table that lie in one of its files of Parquet."""
    # Selected and not opened anew: one of the files may well have no rows.
    rows = exp.Anonymous(this="read_parquet", expressions=[text(glob.escape(str(part)))])
    columns = (column(each) for each in table.names)
    return replace(table, select=exp.select(*columns).from_(rows), files=())


def _resume(staging: Path, fingerprint: str, parts: Sequence[Path | None]) -> dict[str, Any]:
    made = {
        "fingerprint": fingerprint,
        "parts": [
            None if part is None else [str(part), part.stat().st_size, part.stat().st_mtime_ns]
            for part in parts
        ],
    }
    try:
        earlier = json.loads((staging / _MANIFEST).read_text(encoding="utf-8"))
        if {key: earlier[key] for key in made} == made:
            return dict(earlier)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing to go on from
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    manifest: dict[str, Any] = {**made, "done": []}
    _save(staging, manifest)
    return manifest


def _save(staging: Path, manifest: dict[str, Any]) -> None:
    aside = staging / f".{_MANIFEST}"
    aside.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    aside.replace(staging / _MANIFEST)
