"""Write a file whole or not at all: beside its place first, and moved there at the end."""

from __future__ import annotations

import codecs
import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from clienteling.errors import OutputError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["aside", "write_batches_csv", "write_batches_parquet"]


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Give a place beside ``path`` to write to; it takes the place of ``path`` at the end.

    Raises
    ------
    OutputError
        The file can't be written, or the disk is full; nothing is left behind.
    """
    place = path.parent / f".{path.name}.{os.getpid()}.partial"
    try:
        yield place
        place.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path}: can't be written ({error.strerror or error}).",
            hint="Free some space or name another place with --out." if error.errno == 28 else "",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            place.unlink()


def write_batches_parquet(batches: Iterable[pa.Table], path: Path) -> None:
    """Write batches to one Parquet file."""
    import pyarrow.parquet as pq

    with aside(path) as place:
        writer = None
        try:
            for batch in batches:
                if writer is None:
                    writer = pq.ParquetWriter(place, batch.schema, compression="snappy")
                writer.write_table(batch.cast(writer.schema))
        finally:
            if writer is not None:
                writer.close()


def write_batches_csv(batches: Iterable[pa.Table], path: Path) -> None:
    """Write batches to one CSV file with a header and the mark of UTF-8."""
    import pyarrow.csv as csv

    with aside(path) as place, place.open("wb") as file:
        file.write(codecs.BOM_UTF8)
        for index, batch in enumerate(batches):
            options = csv.WriteOptions(include_header=index == 0, quoting_style="needed")
            csv.write_csv(batch, file, options)
