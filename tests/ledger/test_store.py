"""Opening a store: a new one, an older or a newer one, something else, by several at once."""

import contextlib
import sqlite3
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

from clienteling.campaigns.decide import decider
from clienteling.campaigns.replay import replay
from clienteling.errors import ClientelingError, InputError, MissingExtra, OutputError, SourceError
from clienteling.ledger.consents import is_opted_out
from clienteling.ledger.counters import counts
from clienteling.ledger.decisions import decisions_of
from clienteling.ledger.migrate import VERSION_TABLE
from clienteling.ledger.migrations.versions import v0001_tables
from clienteling.ledger.outcomes import outcomes_of
from clienteling.ledger.schema import metadata
from clienteling.ledger.store import Store, near_stores, open_store
from tests.ledger.shop import RICH, at


def test_the_steps_make_the_tables_that_the_code_knows(store: Store):
    options = {"version_table": VERSION_TABLE, "compare_server_default": True}
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Return a store as the first version left it, with decisions, outcomes and one forgotten."""
    path = tmp_path / "earlier.db"
    text = Path(__file__).with_name("store_0001.sql").read_text(encoding="utf-8")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(text)
    return path


def test_the_first_step_is_what_it_was(earlier: Path):
    def made_of(connection) -> set[str]:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {" ".join(sql.split()) for (sql,) in rows if VERSION_TABLE not in sql}

    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            v0001_tables.upgrade()
        raw = connection.connection.driver_connection
        with contextlib.closing(sqlite3.connect(earlier)) as kept:
            # A change of the tables is a new step, never a change of this one.
            assert made_of(raw) == made_of(kept)


def test_a_store_of_the_first_step_is_brought_up_to_date(earlier: Path):
    with open_store(earlier) as store:
        with store.reading() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            assert compare_metadata(context, metadata) == []
        held = counts(store, "stock", "fine")["wine"]
        assert (held.limit, held.reserved, held.confirmed) == (10.0, 2.0, 1.0)
        assert outcomes_of(store, "spring").num_rows == 3
        assert is_opted_out(store, "zoe")
        by = decider(store, "spring")
        known = decisions_of(store, "spring").to_pylist()
        assert [each["customer_id"] for each in known] == ["1", "2", "3"]
        again = by.decide(3, RICH, key="key-3", now=at())
        assert (again.arm, replay(store, again.id).same) == ("offer", True)
        assert by.decide(4, RICH, now=at(hour=13)).arm == "offer"
        # What was reserved before has expired, and is there again.
        assert counts(store, "stock", "fine")["wine"].reserved == 1.0


def test_it_is_opened_again_as_it_was(place):
    keys = []
    for create in (True, True, False):
        with open_store(place, create=create) as store, store.reading() as connection:
            keys.append(connection.exec_driver_sql("SELECT * FROM clienteling_settings").all())
    assert keys[0] == keys[1] == keys[2]
    assert len(keys[0][0].value) == 64


def test_sqlite_is_used_as_it_must_be(tmp_path):
    with open_store(tmp_path / "shop.db", create=True) as store, store.writing() as connection:
        found = {
            each: connection.exec_driver_sql(f"PRAGMA {each}").scalar()
            for each in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
        busy = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    assert busy >= 30_000


def test_a_writer_is_alone_from_its_start(tmp_path):
    with open_store(tmp_path / "shop.db", create=True) as store, store.writing():
        other = sqlite3.connect(tmp_path / "shop.db", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN")  # readers go on
        other.execute("SELECT * FROM clienteling_campaigns")
        other.close()


def test_a_newer_store_is_refused(place):
    with open_store(place, create=True) as store, store.writing() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '0099'")
        shown = store.shown
    for create in (True, False):
        with pytest.raises(SourceError) as refused:
            open_store(place, create=create)
        assert str(refused.value) == (
            f"{shown}: a newer version of clienteling made this store (its tables are of step "
            "0099; this version knows them up to 0001).\n"
            "Install the newest: pip install --upgrade clienteling"
        )


def test_where_there_is_none(place):
    with pytest.raises(SourceError, match=r"there is no (such store|store in this database)"):
        open_store(place)
    assert not Path(place).exists()


def test_it_is_known_whether_it_was_made_just_now(place):
    with open_store(place, create=True) as store:
        assert store.is_new
    with open_store(place, create=True) as store:
        assert not store.is_new


def test_a_misspelt_store_is_refused_with_those_that_are_near(tmp_path):
    for name in ("shop.db", "warehouse.db"):
        open_store(tmp_path / name, create=True).close()
    (tmp_path / "shp.db.txt").write_text("no database")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError) as refused:
        open_store(tmp_path / "shp.db")
    assert refused.value.message == (
        f'{tmp_path / "shp.db"}: there is no such store. Did you mean "shop.db"?'
    )
    with pytest.raises(SourceError) as refused:
        open_store(tmp_path / "qqqqqq")
    assert refused.value.message.endswith('In its folder there are: "shop.db", "warehouse.db".')
    with pytest.raises(SourceError) as refused:
        open_store(tmp_path / "folder" / "shop.db")
    assert refused.value.message.endswith("there is no such store.")
    for n in range(5):
        open_store(tmp_path / f"other{n}.db", create=True).close()
    assert near_stores(tmp_path / "qqqqqq").endswith('"other4.db" and 2 others.')


def test_a_failed_step_leaves_nothing(place, monkeypatch):
    def fail(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("secrets.token_hex", fail)
    with pytest.raises(KeyboardInterrupt):
        open_store(place, create=True)
    monkeypatch.undo()
    with open_store(place, create=True) as store, store.reading() as connection:
        assert sa.inspect(connection).has_table("clienteling_campaigns")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("folder", SourceError, "folder: is a folder, so it can't be the store."),
        ("no/shop.db", OutputError, "no/shop.db: there is no folder {here}/no.\nMake it first."),
        (
            "notes.txt",
            SourceError,
            "notes.txt: is not a store; it is some other file.\n"
            "Name the file of a store, or one that is to be made.",
        ),
        (
            "mysql://ada:secret@db/shop",
            InputError,
            "mysql://ada:***@db/shop: is not the address of a store.\nA store is a file, such as "
            "shop.db, or a PostgreSQL database: postgresql://user:password@host:5432/database",
        ),
        (
            "postgresql://ada:secret@db:port/shop",
            InputError,
            "postgresql://ada:***@db:port/shop: is not the address of a store.\n",
        ),
    ],
)
def test_places_that_are_no_store(name, kind, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("notes.txt").write_text("mine, and long enough to be looked at as a database " * 20)
    with pytest.raises(kind) as refused:
        open_store(name, create=True)
    assert str(refused.value).startswith(message.format(here=tmp_path))
    assert Path("notes.txt").read_text().startswith("mine")


@pytest.mark.postgres
def test_a_password_is_in_no_message(postgres_url):
    for url in (
        "postgresql://ada:top-secret@localhost:1/shop",
        "postgresql://ada:top-secret@localhost/shop",
    ):
        with pytest.raises(ClientelingError) as refused:
            open_store(url)
        shown = "".join(map(str, [refused.value, refused.value.__cause__, refused.value.hint]))
        assert "postgresql://ada:***@localhost" in shown
        assert "top-secret" not in shown
        assert refused.value.__cause__ is None


def test_without_the_extra_the_line_to_install_it_is_said(monkeypatch):
    for each in [name for name in sys.modules if name.startswith("clienteling.ledger")]:
        monkeypatch.delitem(sys.modules, each)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r'pip install "clienteling\[campaigns\]"'):
        __import__("clienteling.ledger.store")
