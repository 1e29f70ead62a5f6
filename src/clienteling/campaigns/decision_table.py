"""Decisions as a table of a database, where the customers are, in place of a folder of Parquet.

The table is whole or not there, and is never replaced, as the campaign's folder is. Before it is
written, the place where that folder is made says which table it will be: so one that a killed
process left is known, and taken away by the next plan.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast
from urllib.parse import quote

from clienteling.campaigns.decisions import CHANCES, DECIDED
from clienteling.campaigns.digest import digest_of
from clienteling.campaigns.places_aside import announce_table, tables_left
from clienteling.campaigns.plan import CampaignPlan
from clienteling.data.destinations import Destination, Progress, write_to
from clienteling.data.read import read
from clienteling.data.table import Engine, Table
from clienteling.data.urls import DatabaseAddress, is_url, parse_url
from clienteling.errors import InputError, OutputError, SourceError

__all__ = ["check_table", "drop_left", "drop_table", "kept_address", "write_table"]


class _TableEngine(Engine, Protocol):
    """What every engine can do with tables that lie where it has the customers."""

    def refuse_table(self, address: DatabaseAddress) -> None:
        """Raise where a table of that address can't be written."""

    def has_table(self, address: DatabaseAddress) -> bool:
        """Whether there is a table, or a view, at an address."""

    def drop_table(self, address: DatabaseAddress) -> None:
        """Take a table away."""

    def shares(self, address: DatabaseAddress) -> bool:
        """Whether an address is of the database that the engine has open."""

    def open_table(self, table: str) -> Table:
        """Open a table of that database."""


def _engine(customers: Table) -> _TableEngine:
    return cast(_TableEngine, customers.engine)


def check_table(customers: Table, given: str) -> DatabaseAddress:
    """Return the address of a table that decisions can be written to.

    Raises
    ------
    OutputError
        It is no table's address, or lies elsewhere than the customers.
    """
    if not is_url(given):
        raise OutputError(
            f"{given}: is not the address of a table.",
            hint="Write it as postgresql://user:password@host/database?table=spring, "
            "duckdb:///shop.duckdb?table=spring or spark:///?table=crm.spring, or leave "
            "--decisions out: then they lie in the campaign's folder.",
        )
    address = parse_url(given)
    try:
        _engine(customers).refuse_table(address)
    except OutputError as error:
        # Said for a result that may be a file as well.
        error.hint = error.hint.replace(", or a file.", ", or leave --decisions out.")
        raise
    return address


def kept_address(address: DatabaseAddress) -> str:
    """Return what is kept of a table's address: no password, and no path that hangs on a folder.

    Examples
    --------
    >>> kept_address(parse_url("postgresql://ada:secret@db/shop?table=crm.spring"))
    'postgresql://ada@db/shop?table=crm.spring'
    """
    bare = address.without_password
    if address.driver in ("duckdb", "sqlite"):
        path = Path(bare.partition(":///")[2]).absolute()
        bare = f"{address.driver}:///{path}"
    return f"{bare}{'&' if '?' in bare else '?'}table={quote(address.table)}"


def write_table(
    plan: CampaignPlan, address: DatabaseAddress, made: Path, progress: Progress | None
) -> tuple[Table, bool]:
    """Write the decisions to a table, where there is none yet.

    Parameters
    ----------
    plan : the campaign
    address : of the table
    made : where the campaign's folder is made
    progress : called with the share that is written

    Returns
    -------
    Table
        The decisions, as they lie there.
    bool
        Whether they were written now; else the same ones lay there.

    Raises
    ------
    InputError
        Something else is there.
    """
    engine = _engine(plan.customers)
    if engine.has_table(address):
        there = _there(plan.customers, address)
        if there is None or digest_of(there) != digest_of(plan.decisions()):
            raise InputError(
                f"{address.shown}: there is a table of this name already, and it doesn't hold "
                "these decisions. They never replace a table.",
                hint="Name another one with --decisions, or drop that one where nobody needs it.",
            )
        return there, False
    announce_table(made, kept_address(address))
    destination = Destination("table", address=address)
    write_to(destination, plan.customers, plan.decisions, fingerprint="", progress=progress)
    return _open(plan.customers, address), True


def _open(customers: Table, address: DatabaseAddress) -> Table:
    engine = _engine(customers)
    return (
        engine.open_table(address.table) if engine.shares(address) else read(kept_address(address))
    )


def _there(customers: Table, address: DatabaseAddress) -> Table | None:
    """Return the decisions that lie at an address; None where it is something else."""
    try:
        found = _open(customers, address)
    except SourceError:
        return None
    # Tables that were written earlier don't say what else could have been sent.
    return found if set(DECIDED) - {CHANCES} <= set(found.names) else None


def drop_table(customers: Table, address: DatabaseAddress) -> None:
    """Take away what was written, since its campaign can't be made."""
    _engine(customers).drop_table(address)


def drop_left(customers: Table, folder: Path) -> None:
    """Take away the tables of decisions that killed plans left, with their folder unfinished."""
    engine = _engine(customers)
    for each in tables_left(folder):
        address = parse_url(each)
        try:
            engine.refuse_table(address)
        except OutputError:
            continue  # of a plan for other customers
        # Spark may have begun one under another name, which goes with it.
        if not engine.has_table(address) or _there(customers, address) is not None:
            engine.drop_table(address)
