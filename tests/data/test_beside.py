"""What lies elsewhere is joined where the customers are, and nothing of it stays behind."""

import datetime as dt
import gc
import os
import warnings

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
import sqlglot.expressions as exp
import yaml

import clienteling as cl
from clienteling.campaigns.recorded import known_in
from clienteling.data.beside import open_beside
from clienteling.data.engines.database import Database
from clienteling.data.same_database import same_database
from clienteling.data.sql import column, name
from clienteling.data.urls import parse_url
from clienteling.errors import InputError, OutputError, SourceError
from clienteling.ledger.campaigns import record_campaign
from clienteling.ledger.store import open_store
from clienteling.offers.catalogue import Catalogue, catalogue_text
from tests.engines.conftest import ENGINES, hostile_rows, opener, postgres_url  # noqa: F401
from tests.ledger.conftest import postgres_place, spring  # noqa: F401
from tests.ledger.shop import model

N = 200_000
DAY = dt.date(2026, 3, 1)


def contacts(n: int = N) -> pa.Table:
    """Return a contact of every customer, and one more of the first ones."""
    ids = [*range(n), *range(100)]
    return pa.table(
        {
            "customer_id": ids,
            "offer": ["wine"] * len(ids),
            "day": pa.array([DAY - dt.timedelta(days=each % 9) for each in ids]),
            "value": [each / 4 for each in ids],
            "shown": [each % 2 == 0 for each in ids],
            "at": pa.array([dt.datetime(2026, 3, 1, 12, 30)] * len(ids), pa.timestamp("us")),
        }
    )


def temporary_tables(url: str) -> list[str]:
    """Return the temporary tables that all sessions hold, by the names that ours have."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        query = "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relname LIKE 'cl_b%'"
        found = list(connection.execute(sa.text(query)).scalars())
    engine.dispose()
    return found


def joined(customers: cl.Table, beside: cl.Table) -> list[dict[str, object]]:
    """Count the rows of a table beside the customers, joined where the customers are."""
    ids = exp.select(column(customers.names[0])).from_(customers.subquery)
    query = exp.select(
        exp.Count(this=exp.Star()).as_(name("n")),
        exp.Sum(this=column("value")).as_(name("value")),
        exp.Min(this=column("day")).as_(name("first")),
        exp.Max(this=column("at")).as_(name("last")),
    ).where(exp.In(this=column("customer_id"), query=exp.Subquery(this=ids)))
    return beside.query(query).to_pylist()


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_many_rows_are_brought_and_go_with_the_engine(engine, opener, request):  # noqa: F811
    url = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    customers = opener(engine)(hostile_rows(1_000))
    given = contacts()
    beside = open_beside(customers, given)
    assert beside.engine is customers.engine
    assert (len(beside), beside.names) == (N + 100, given.column_names)
    shown = exp.select(exp.Count(this=exp.Star()).as_("n")).where(column("shown"))
    assert beside.query(shown).to_pylist() == [{"n": N // 2 + 50}]
    (row,) = joined(customers, beside)
    assert (row["n"], row["value"]) == (1_100, (999 * 1000 / 2 + 99 * 100 / 2) / 4)
    assert str(row["first"]) == "2026-02-21"
    assert str(row["last"]).startswith("2026-03-01 12:30")
    # Parts of it, a second query meanwhile, and a table that is kept: all on the one connection.
    parts = beside.batches(50_000)
    first = next(parts).num_rows
    assert len(customers) == 1_000
    assert first + sum(each.num_rows for each in parts) == N + 100
    if engine == "postgres":
        assert len(temporary_tables(url)) == 1
        second = open_beside(customers, contacts(30_000))
        assert len(second) == 30_100
        assert len(temporary_tables(url)) == 2
        del second, beside, customers, parts
        gc.collect()
        assert temporary_tables(url) == []


def kept_beside(customers: cl.Table, url: str) -> list[str]:
    """Return the tables and views that were made beside the customers for the while."""
    engine = customers.engine
    len(customers)  # they go before the engine does the next thing
    if engine.dialect == "duckdb":
        found = engine.connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'frame_%'"
        )
        return [row[0] for row in found.fetchall()]
    if engine.dialect == "spark":
        listed = engine.session.catalog.listTables()
        return [each.name for each in listed if each.name.endswith(f"_{id(engine)}")]
    if engine.dialect == "sqlite":
        query = exp.select("name").from_("sqlite_temp_master").where("type = 'table'")
        return engine.query(query).column(0).to_pylist()
    return temporary_tables(url)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_brought_goes_with_the_plan(engine, opener, request):  # noqa: F811
    url = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    customers = opener(engine)(hostile_rows(100))
    content = yaml.safe_load(catalogue_text("income-spending"))
    catalogue = Catalogue.model_validate({**content, "contact_policy": {"contacts": 1, "days": 7}})
    history = contacts(30_000).select(["customer_id", "offer", "day"])
    before = kept_beside(customers, url)
    for _ in range(2):
        plan = cl.plan_campaign(
            model(), customers, catalogue, name="later", day=DAY + dt.timedelta(days=1),
            contacts=[history], holdout=0.0,
        )  # fmt: skip
        gc.collect()
        # It is there for as long as the plan, which may be read at any time, and no longer.
        assert len(kept_beside(customers, url)) == len(before) + 1
        decided = plan.decisions()
        del plan
        gc.collect()
        assert len(decided) == 100
        assert len(kept_beside(customers, url)) == len(before) + 1
        del decided
        gc.collect()
        assert kept_beside(customers, url) == before


@pytest.mark.postgres
def test_nothing_stays_of_rows_that_could_not_be_brought(opener, postgres_url):  # noqa: F811
    customers = opener("postgres")(hostile_rows(10))
    whole = cl.read(contacts(60_000))

    class BreaksOff(type(whole.engine)):  # type: ignore[misc]
        def batches(self, select, rows):
            yield from list(super().batches(select, rows))[:2]
            raise SourceError("the other source went away")

    whole.engine.__class__ = BreaksOff
    with pytest.raises(SourceError, match="the other source went away"):
        open_beside(customers, whole)
    assert temporary_tables(postgres_url) == []
    assert len(customers) == 10  # which go on
    assert len(open_beside(customers, contacts(30_000))) == 30_100


@pytest.mark.postgres
def test_a_user_who_may_make_no_temporary_table_is_told_so(opener, postgres_url):  # noqa: F811
    table = opener("postgres")(hostile_rows(10)).source.rpartition("=")[2]
    customers = cl.read(
        f"{postgres_url}?options=-cdefault_transaction_read_only%3Don&table={table}"
    )
    with pytest.raises(InputError) as raised:
        open_beside(customers, contacts())
    said = str(raised.value)
    assert "must be brought to postgresql://" in said
    assert "as a temporary table, and the database refuses that (cannot execute CREATE" in said
    assert "GRANT TEMPORARY ON DATABASE" in said
    assert len(open_beside(customers, contacts(50))) == 150  # few need no table


@pytest.mark.postgres
@pytest.mark.filterwarnings("ignore:.*ServerCursor:ResourceWarning")
def test_a_connection_that_was_cut_is_told_of(opener, postgres_url):  # noqa: F811
    customers = opener("postgres")(hostile_rows(10))
    beside = open_beside(customers, contacts(30_000))
    end = exp.select(
        exp.Anonymous(
            this="pg_terminate_backend", expressions=[exp.Anonymous(this="pg_backend_pid")]
        )
    )
    with pytest.raises(SourceError, match="the database went away in the middle") as raised:
        customers.engine.query(end)
    with pytest.raises(SourceError, match="what was brought there for the while is gone"):
        len(beside)
    assert temporary_tables(postgres_url) == []
    with warnings.catch_warnings():  # the cursor of a cut connection can't be closed in good order
        warnings.filterwarnings("ignore", ".*ServerCursor", ResourceWarning)
        del raised
        gc.collect()


@pytest.mark.postgres
@pytest.mark.slow
def test_a_campaign_keeps_to_a_history_of_200_000_contacts(
    opener,  # noqa: F811
    postgres_place,  # noqa: F811
    tmp_path,
):
    decided = pa.table(
        {
            "customer_id": range(N),
            "segment_id": [0] * N,
            "arm": ["offer", "holdout"] * (N // 2),
            "offer": ["wine"] * N,
            "propensity": [1.0] * N,
            "reason": ["a long reason " * 5] * N,
        }
    )
    folder = tmp_path / "decisions"
    folder.mkdir()
    pq.write_table(decided, folder / "part-00000.parquet")
    customers = opener("postgres")(hostile_rows(3_000))
    content = yaml.safe_load(catalogue_text("income-spending"))
    catalogue = Catalogue.model_validate({**content, "contact_policy": {"contacts": 1, "days": 7}})
    with open_store(postgres_place, create=True) as store:
        record_campaign(store, spring(decisions=str(folder), id="winter"))
        known = known_in(store, customers, catalogue, "later")
    model = cl.segment("sample")
    planned = cl.plan_campaign(
        model, customers, catalogue, name="later", day=DAY + dt.timedelta(days=3),
        contacts=known.contacts, holdout=0.0,
    )  # fmt: skip
    arms = planned.decisions().df().set_index("customer_id")["arm"]
    # Even ids had the wine three days before, odd ones were held out from it.
    assert set(arms[arms.index % 2 == 0]) == {"nothing"}
    assert "offer" in set(arms[arms.index % 2 == 1])


SAME = [
    ("postgresql://ada:s@db/shop", "postgresql://eve:t@DB:5432/shop", True),
    ("postgresql://ada:s@db/shop", "postgresql+psycopg://db/shop?sslmode=require&user=eve", True),
    ("postgresql://ada@/shop", "postgresql://localhost/shop", True),
    ("postgresql:///shop?host=db", "postgresql://db/shop", True),
    ("postgresql://ada@db", "postgresql://db/ada", True),
    ("postgresql://ada:s@db/shop", "postgresql://ada:s@db:5433/shop", False),
    ("postgresql://ada:s@db/shop", "postgresql://ada:s@other/shop", False),
    ("postgresql://ada:s@db/shop", "postgresql://ada:s@db/other", False),
    ("postgresql://ada:s@db/shop", "mysql://ada:s@db:5432/shop", False),
    ("postgresql://db/shop?options=-csearch_path%3Da", "postgresql://db/shop", False),
    ("sqlite:///shop.db", f"sqlite:///{os.path.abspath('shop.db')}", True),
    ("sqlite:///shop.db", "sqlite:///other.db", False),
    ("duckdb:///shop.db", f"duckdb:///{os.path.abspath('shop.db')}", True),
    ("duckdb:///shop.db", "sqlite:///shop.db", False),
]


@pytest.mark.parametrize(("one", "other", "expected"), SAME)
def test_which_addresses_are_of_one_database(one, other, expected):
    assert same_database(one, other) is expected
    assert same_database(other, one) is expected


@pytest.mark.postgres
def test_a_table_of_the_same_database_is_read_by_the_customers_own_user(
    opener,  # noqa: F811
    postgres_url,  # noqa: F811
):
    customers = opener("postgres")(hostile_rows(10))
    table = customers.source.rpartition("=")[2]
    host = postgres_url.rpartition("@")[2]
    # The password is wrong, and not asked for.
    beside = open_beside(customers, f"postgresql://nobody-here:wrong-example@{host}?table={table}")
    assert beside.engine is customers.engine
    assert len(beside) == 10


@pytest.mark.postgres
def test_a_table_that_the_customers_user_may_not_read_is_read_by_its_own(
    opener,  # noqa: F811
    postgres_url,  # noqa: F811
    monkeypatch,
):
    customers = opener("postgres")(hostile_rows(10))
    table = customers.source.rpartition("=")[2]
    plain = Database.open_table

    def refuses(self, table):
        if self is customers.engine:
            raise SourceError("may not be read")
        return plain(self, table)

    monkeypatch.setattr(Database, "open_table", refuses)
    beside = open_beside(customers, f"{postgres_url}?table={table}")
    assert beside.engine is customers.engine
    assert sorted(beside.df()["CustomerID"]) == list(range(10))


@pytest.mark.postgres
def test_a_table_that_nobody_lets_one_read(postgres_place):  # noqa: F811
    import psycopg

    schema = postgres_place.rpartition("%3D")[2]
    with psycopg.connect(postgres_place, autocommit=True) as connection:
        connection.execute("CREATE TABLE closed (a BIGINT)")
        (own,) = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = user").fetchone()
        connection.execute("REVOKE ALL ON closed FROM CURRENT_USER")
    expected = "no rows" if own else r"closed\" can't be read \(permission denied"
    with pytest.raises(SourceError, match=expected):
        cl.read(f"{postgres_place}&table={schema}.closed")


@pytest.mark.postgres
def test_a_result_is_written_by_the_user_who_reads_the_customers(
    opener,  # noqa: F811
    postgres_place,  # noqa: F811
    postgres_url,  # noqa: F811
):
    import psycopg

    customers = opener("postgres")(hostile_rows(10))
    schema, host = postgres_place.rpartition("%3D")[2], postgres_url.rpartition("@")[2]
    # Another user, who is never asked for; and a password that is shown nowhere.
    out = parse_url(f"postgresql://nobody:wrong-example@{host}?table={schema}.made")
    customers.engine.write_table(customers.as_select(), out)
    made = cl.read(f"{postgres_url}?table={schema}.made")
    assert len(made) == 10
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        (own,) = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = user").fetchone()
        connection.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM CURRENT_USER")
    if own:  # a superuser may do anything
        customers.engine.write_table(customers.as_select(), out)
        return
    with pytest.raises(OutputError) as raised:
        customers.engine.write_table(customers.as_select(), out)
    said = str(raised.value)
    assert "the user who reads the customers may not write it (permission denied for" in said
    assert "GRANT CREATE ON SCHEMA" in said
    assert "wrong-example" not in said
    assert len(made) == 10
