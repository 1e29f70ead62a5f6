"""A file that a visitor uploads: it lies on disk only for as long as it is being read."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clienteling.app.columns import Columns, columns_for_segments
from clienteling.app.page_words import on_page
from clienteling.app.study import Study, study
from clienteling.data.columns import find_id, repeated_ids
from clienteling.data.csv_safe import write_csv
from clienteling.data.read import read
from clienteling.data.table import Table
from clienteling.data.unpack import PACKED
from clienteling.errors import ClientelingError, DataError, EngineError
from clienteling.features.measures import MEASURES
from clienteling.features.purchase_log import PurchaseLog
from clienteling.features.rfm import rfm
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.recommend import recommend, with_reason
from clienteling.segmentation.missing_again import words_as_missing
from clienteling.segmentation.model import Model
from clienteling.segmentation.scoring import far_outside

__all__ = [
    "MEMORY",
    "ROWS",
    "THREADS",
    "Made",
    "Scored",
    "Upload",
    "columns_of",
    "csv_of",
    "customers_of",
    "fit_upload",
    "open_upload",
    "rename",
    "score_upload",
]

#: What the engine may use: the web app must run beside others in one gigabyte.
MEMORY, THREADS = "256MB", 2

#: Customers that a file may have: the result is held in memory as long as the visit lasts.
ROWS = 200_000

#: The endings of files that are read as what they say; others are looked at as text.
_SUFFIXES = (".tsv", ".tab", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xls")


@dataclass(frozen=True)
class Upload:
    """A file as the browser sent it: the name it has there, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, eq=False)
class Scored:
    """The customers of a file, each with a segment and offers.

    Parameters
    ----------
    table : as :func:`clienteling.recommend` gives it, a row per customer
    notes : what was assumed, in sentences
    far : which values lie far outside of what the segments were made on, in sentences
    repeated : whether ids stand more than once, in a sentence
    """

    table: pa.Table
    notes: tuple[str, ...]
    far: tuple[str, ...]
    repeated: tuple[str, ...] = ()

    @property
    def not_scored(self) -> pa.Table:
        """The customers without a segment; their ``note`` says why."""
        return self.table.filter(pc.is_null(self.table.column("segment_id")))

    def sizes(self, model: Model) -> list[int]:
        """Return how many customers each segment of the model has here."""
        ids = self.table.column("segment_id").drop_null().to_numpy()
        return [int(np.count_nonzero(ids == each.id)) for each in model.segments]


@dataclass(frozen=True, eq=False)
class Made:
    """Customers that were made of a log of purchases.

    Parameters
    ----------
    upload : a row for each
    customers, purchases : how many there are, and how many rows they were made of
    notes : what was assumed, in sentences
    """

    upload: Upload
    customers: int
    purchases: int
    notes: tuple[str, ...]


def customers_of(upload: Upload, log: PurchaseLog, amount: str | None = None) -> Made:
    """Make a row per customer of a log of purchases, as ``clienteling rfm --behaviour`` does.

    Parameters
    ----------
    upload : the file with the purchases
    log : what its columns are
    amount : the column of the amounts, where none is called like one

    Raises
    ------
    ClientelingError
        As for :func:`clienteling.rfm`; the message calls the file by its own name.
    """
    columns = {**log.columns, **({"amount": amount} if amount else {})}
    with (
        open_upload(upload) as table,
        tempfile.TemporaryDirectory(prefix="clienteling-") as folder,
    ):
        found = rfm(table, **columns)  # type: ignore[arg-type]
        path = Path(folder) / "customers.parquet"
        found.table.only("customer_id", *(each.name for each in MEASURES)).to_parquet(path)
        own = Upload(f"{upload.name}, a row per customer", path.read_bytes())
        return Made(own, found.customers, len(table), tuple(map(on_page, found.notes)))


def score_upload(upload: Upload, shown: Study) -> Scored:
    """Give every customer of a file a segment and offers.

    Raises
    ------
    ClientelingError
        The file is not a table, or lacks the features; the message calls it by its own name.
    """
    with open_upload(upload) as table:
        recommended = recommend(shown.model, table, offers=shown.catalogue)
        far = far_outside(shown.model, table)
        notes = (*recommended.notes, *words_as_missing(shown.model, table))
        found = find_id(table)
        repeated = repeated_ids(table, found.name) if found is not None else []
        return Scored(recommended.to_arrow(), notes, tuple(far), tuple(repeated))


def fit_upload(
    upload: Upload,
    features: Sequence[str] | None = None,
    progress: Callable[[str, float], None] | None = None,
    *,
    categorical: Sequence[str] = (),
    transform: str | None = None,
    k: int | None = None,
    rows_are_customers: bool = False,
) -> Study:
    """Find new segments in a file.

    Parameters
    ----------
    upload : the file
    features : the columns that take part; by default those that a built-in playbook knows
    progress : called with what is being done and the share that is done, from 0 to 1
    categorical : columns that take part by their levels
    transform, k, rows_are_customers : as for :func:`clienteling.segment`

    Raises
    ------
    ClientelingError
        As for :func:`clienteling.segment`; the message calls the file by its own name.
    """
    with open_upload(upload) as table:
        return study(
            table,
            upload.name,
            features=features,
            categorical=categorical,
            transform=transform,
            k=k,
            rows_are_customers=rows_are_customers,
            opens=partial(open_upload, upload),
            progress=progress,
        )


def columns_of(upload: Upload) -> Columns:
    """Return which columns of a file can be features, and why others can't.

    Raises
    ------
    ClientelingError
        The file is not a table; the message calls it by its own name.
    """
    with open_upload(upload) as table:
        return columns_for_segments(table)


def csv_of(recommended: pa.Table, model: Model, catalogue: Catalogue) -> bytes:
    """Return recommendations as the command line writes them for a spreadsheet.

    UTF-8 with its mark, formulas neutralised, and with the reason of the first offer.
    """
    table = with_reason(read(recommended, memory=MEMORY, threads=THREADS), model, catalogue)
    with tempfile.TemporaryDirectory(prefix="clienteling-") as folder:
        path = Path(folder) / "recommendations.csv"
        write_csv(table, path)
        return path.read_bytes()


@contextmanager
def open_upload(upload: Upload) -> Iterator[Table]:
    """Open a file as a table, for as long as the context lasts.

    Raises
    ------
    ClientelingError
        It is no table, or too large a one; the message calls it by its own name.
    """
    with tempfile.TemporaryDirectory(prefix="clienteling-", ignore_cleanup_errors=True) as folder:
        # The name is the visitor's, so it is shown but never used as a path.
        path = Path(folder) / f"upload{_ending(upload.name)}"
        path.write_bytes(upload.data)
        try:
            table = read(path, memory=MEMORY, threads=THREADS)
            # There is no command line here whose options could say it otherwise.
            notes = tuple(re.sub(r" \(otherwise: --[^)]*\)", "", each) for each in table.notes)
            table = replace(table, source=upload.name, notes=notes)
            if len(table) > ROWS:
                raise DataError(
                    f"{upload.name}: has {len(table):,} customers; the web app takes up to "
                    f"{ROWS:,}.",
                    hint="Larger tables are work for the command line: clienteling score",
                )
            yield table
        except ClientelingError as error:
            rename(error, str(path), upload.name)
            raise


def _ending(name: str) -> str:
    """Return how the name of a file ends that is read as one of this name would be.

    Examples
    --------
    >>> _ending("Shop.CSV"), _ending("log.csv.gz"), _ending("log.gz"), _ending("shop.xlsx")
    ('.csv', '.csv.gz', '.csv.gz', '.xlsx')
    """
    inner, suffix = Path(name).stem, Path(name).suffix.lower()
    if suffix == ".zip":  # the name inside says what it is
        return suffix
    if suffix in PACKED:
        return f"{_ending(inner)}{suffix}" if Path(inner).suffix not in PACKED else f".csv{suffix}"
    return suffix if suffix in _SUFFIXES else ".csv"


def rename(error: ClientelingError, path: str, name: str) -> None:
    """Call the file by its own name in a message: where it lies here is no visitor's concern."""
    folder = str(Path(path).parent)

    def renamed(text: str) -> str:
        return text.replace(path, name).replace(folder, "")

    error.message = renamed(error.message)
    error.faults = tuple(renamed(each) for each in error.faults)
    # A query's text helps nobody here.
    error.hint = "" if isinstance(error, EngineError) else on_page(renamed(error.hint))
    error.args = (str(error),)
