"""Bring a store's tables up to date, whoever comes first; refuse those of a newer version.

The steps are Alembic's, in ``migrations/versions``. They are run by its parts for that, without its
command and configuration file.
"""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from clienteling.errors import SourceError
from clienteling.ledger.schema import settings

__all__ = ["VERSION_TABLE", "migrate"]

VERSION_TABLE = "clienteling_schema"
#: Alembic's operations are one object for all threads.
_ONE_AT_A_TIME = threading.Lock()
#: The lock that processes take in PostgreSQL while they change tables; any number would do.
_CHANGES_TABLES = 7_239_411_052_026


def migrate(engine: sa.Engine, shown: str, *, create: bool) -> bool:
    """Run the steps that a store lacks, in one transaction; return whether the store is new.

    Parameters
    ----------
    engine : SQLAlchemy's, of the store
    shown : what to call it in messages
    create : whether to make the tables where there are none

    Raises
    ------
    SourceError
        The database holds no store, or one that a newer version made.
    """
    script = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    head = script.get_current_head()
    with engine.connect() as connection:
        # Most often there is nothing to do, and then nobody is kept waiting for it.
        connection.execution_options(clienteling_reads=True)
        with connection.begin():
            if _current(connection) == head:
                return False
    with _ONE_AT_A_TIME, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # SQLite has locked all of it already; here others may be just about to do the same.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHANGES_TABLES)))
        current = _current(connection)
        if current == head:
            return False  # another process was first
        known = {each.revision for each in script.walk_revisions()}
        if current is not None and current not in known:
            raise SourceError(
                f"{shown}: a newer version of clienteling made this store (its tables are of step "
                f"{current}; this version knows them up to {head}).",
                hint="Install the newest: pip install --upgrade clienteling",
            )
        if current is None and not create:
            raise SourceError(
                f"{shown}: there is no store in this database.",
                hint="clienteling campaign plan --store makes one.",
            )

        def steps(revision: tuple[str, ...], context: MigrationContext) -> object:
            return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "fn": steps}
        )
        with Operations.context(context):
            context.run_migrations()
        if current is None:
            key = {"key": "hash key", "value": secrets.token_hex(32)}
            connection.execute(sa.insert(settings).values(key))
        return current is None


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    version = sa.table(VERSION_TABLE, sa.column("version_num"))
    return connection.execute(sa.select(version.c.version_num)).scalar_one_or_none()
