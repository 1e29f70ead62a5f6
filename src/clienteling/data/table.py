"""A lazy table of customers: what it is called, its columns, and the engine that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import sqlglot.expressions as exp

from clienteling.data.dialects import render

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from clienteling.data.assumptions import Assumption
    from clienteling.data.files import DataFile
    from clienteling.data.urls import DatabaseAddress

__all__ = ["Column", "Engine", "PartsEngine", "Table", "ViewEngine"]


@dataclass(frozen=True)
class Column:
    """A column and what its values are.

    Parameters
    ----------
    name : as it stands in the source, without blanks around it
    kind : ``integer``, ``number``, ``text``, ``boolean``, ``date`` or ``other``
    """

    name: str
    kind: str

    @property
    def is_numeric(self) -> bool:
        """Whether the column can be a feature as it is."""
        return self.kind in ("integer", "number", "boolean")


class Engine(Protocol):
    """What every engine can do."""

    #: the dialect of its SQL, as sqlglot calls it
    dialect: str
    #: whether the rows keep the order of the source, so that they can be numbered
    ordered: bool
    #: whether text that is no number can be read as null
    try_cast: bool

    def query(self, select: exp.Expr) -> pa.Table:
        """Run a query and return its rows."""

    def batches(self, select: exp.Expr, rows: int) -> Iterator[pa.Table]:
        """Run a query and give its rows part by part; nothing else is asked until the end."""

    def progress(self) -> float:
        """Return how far the running query is, from 0 to 1; 0 where the engine doesn't tell."""

    def write_parquet(self, select: exp.Expr, path: Path) -> None:
        """Run a query and write its rows to one Parquet file."""

    def write_csv(self, select: exp.Expr, path: Path) -> None:
        """Run a query and write its rows to one CSV file, with a header."""

    def write_table(self, select: exp.Expr, address: DatabaseAddress) -> None:
        """Run a query and keep its rows as a table of a database."""


class ViewEngine(Engine, Protocol):
    """An engine that reads files and can keep a query under a name."""

    def open_file(self, file: DataFile) -> Table:
        """Open a file, or a folder of files, as a table."""

    def create_view(self, select: exp.Select) -> str:
        """Keep a query as a view and return its name."""


@runtime_checkable
class PartsEngine(Engine, Protocol):
    """An engine whose tasks write the files of a folder side by side."""

    def write_parts(self, select: exp.Expr, folder: Path) -> list[Path]:
        """Run a query and write its rows to ``part-00000.parquet`` and so on, in their order."""


@dataclass(frozen=True)
class Table:
    """Rows that stay in their engine until they are asked for.

    Parameters
    ----------
    engine : holds the rows and runs the queries
    select : the query that gives the rows
    columns : the columns in their order
    source : what to call the table in messages; never holds a password
    notes : what was assumed when it was opened, each in a sentence
    files : the Parquet files that hold the rows, in their order; empty for other sources
    assumptions : what was assumed, each with its column and the option that overrides it
    as_written : the columns in which a word such as "unknown" is a value as any other
    """

    engine: Engine
    select: exp.Expr = field(repr=False)
    columns: tuple[Column, ...]
    source: str
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = field(default=(), repr=False)
    as_written: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def names(self) -> list[str]:
        """The names of the columns, in their order."""
        return [column.name for column in self.columns]

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name; ``KeyError`` where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def subquery(self) -> exp.Expr:
        """The rows as something to select from."""
        if isinstance(self.select, exp.Table):
            return self.select.copy()
        return exp.Subquery(
            this=self.select.copy(), alias=exp.TableAlias(this=exp.to_identifier("customers"))
        )

    def with_notes(self, *notes: str) -> Table:
        """Return the same table with more said about what was assumed."""
        return replace(self, notes=(*self.notes, *notes))

    def only(self, *names: str) -> Table:
        """Return the same rows with these columns; ``KeyError`` where one is not there."""
        columns = tuple(self[each] for each in names)
        select = exp.select(*(exp.column(each, quoted=True) for each in names))
        return replace(self, select=select.from_(self.subquery), columns=columns)

    def query(self, select: exp.Select) -> pa.Table:
        """Run ``select``, which has no ``FROM`` yet, over these rows; it gets theirs."""
        return self.engine.query(select.from_(self.subquery, copy=False))

    def __len__(self) -> int:
        """Count the rows: one query in the engine."""
        counted = self.query(exp.select(exp.Count(this=exp.Star()).as_("n")))
        return int(counted.column("n")[0].as_py())

    def to_arrow(self) -> pa.Table:
        """Return all rows as an Arrow table."""
        return self.engine.query(self.as_select())

    def batches(self, rows: int = 50_000) -> Iterator[pa.Table]:
        """Give the rows part by part, so that they need not be in memory at once.

        Until the last part was taken, nothing else may be asked of the engine.

        Parameters
        ----------
        rows : about how many in one part
        """
        return self.engine.batches(self.as_select(), rows)

    def df(self) -> pd.DataFrame:
        """Return all rows as a pandas frame."""
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def head(self, rows: int = 5) -> pd.DataFrame:
        """Return the first rows as a pandas frame."""
        query = exp.select("*").from_(self.subquery).limit(rows)
        frame: pd.DataFrame = self.engine.query(query).to_pandas()
        return frame

    def first(self, rows: int) -> list[dict[str, Any]]:
        """Return the first rows as mappings by column; what is missing is None."""
        query = exp.select("*").from_(self.subquery).limit(rows)
        found: list[dict[str, Any]] = self.engine.query(query).to_pylist()
        return found

    def to_parquet(self, path: str | Path) -> None:
        """Write all rows to a Parquet file, whole or not at all."""
        self.engine.write_parquet(self.as_select(), Path(path))

    def to_csv(self, path: str | Path) -> None:
        """Write all rows to a CSV file, whole or not at all."""
        self.engine.write_csv(self.as_select(), Path(path))

    def sql(self, dialect: str | None = None) -> str:
        """Return the query behind the table as SQL text."""
        return render(self.as_select(), dialect or self.engine.dialect, pretty=True)

    def as_select(self) -> exp.Expr:
        """Return the query that gives the rows."""
        if isinstance(self.select, exp.Table):
            return exp.select("*").from_(self.select.copy())
        return self.select
