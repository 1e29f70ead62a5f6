"""Decisions in a table where the customers are: whole or not there, never over another."""

import datetime as dt
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
import sqlglot.expressions as exp
import yaml

import clienteling as cl
from clienteling.campaigns import recorded
from clienteling.campaigns.decision_table import kept_address
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.digest import digest_of
from clienteling.campaigns.kept import keep_folder
from clienteling.campaigns.places_aside import tables_left
from clienteling.data.engines.duckdb import DuckDB
from clienteling.data.urls import parse_url
from clienteling.errors import InputError, OutputError, SourceError
from clienteling.ledger.campaigns import campaign
from clienteling.ledger.forget import forget
from clienteling.ledger.store import open_store
from clienteling.offers.catalogue import Catalogue, catalogue_text
from tests.engines.conftest import hostile_rows, opener, postgres_url  # noqa: F401
from tests.ledger.conftest import postgres_place  # noqa: F401
from tests.ledger.shop import model

DAY = dt.date(2026, 3, 1)


@pytest.fixture(params=["sqlite", "duckdb"])
def customers(request, tmp_path, mall_csv) -> str:
    """Return the address of the sample in a database of one file."""
    if request.param == "duckdb":
        return in_duckdb(tmp_path, mall_csv)
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        pd.read_csv(mall_csv).to_sql("customers", connection, index=False)
    connection.close()
    return f"sqlite:///{tmp_path}/shop.db?table=customers"


def in_duckdb(folder: Path, csv: Path) -> str:
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE customers AS SELECT * FROM read_csv('{csv}')")
    return f"duckdb:///{folder}/shop.duckdb?table=customers"


def plan_of(customers: object, name: str = "spring") -> cl.CampaignPlan:
    return cl.plan_campaign(model(), customers, name=name, day=DAY, holdout=0.25)


@contextmanager
def opened(customers: str) -> Iterator[Any]:
    """Open the customers' database to write, beside whatever this process has open of it."""
    driver, path = customers.split("?")[0].split(":///")
    if driver == "duckdb":
        engine = DuckDB(database=path, read_only=True)
        with engine._to_write():
            yield engine.connection
        return
    connection = sqlite3.connect(path)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def tables(customers: str) -> list[str]:
    listed = "SELECT table_name FROM information_schema.tables"
    if customers.startswith("sqlite"):
        listed = "SELECT name FROM sqlite_master WHERE type = 'table'"
    with opened(customers) as connection:
        return sorted(row[0] for row in connection.execute(listed).fetchall())


def test_the_table_holds_what_the_folder_would(customers, tmp_path):
    place = customers.replace("=customers", "=spring")
    made = deliver(plan_of(customers), tmp_path / "spring", decisions=place)
    folder = deliver(plan_of(customers), tmp_path / "folder")
    assert not (tmp_path / "spring" / "decisions").exists()
    assert made.document["decisions"] == place
    assert folder.document["decisions"] is None
    assert made.document["counts"] == folder.document["counts"]
    rows = [
        cl.read(each).df().sort_values("customer_id", ignore_index=True)
        for each in (place, tmp_path / "folder" / "decisions")
    ]
    pd.testing.assert_frame_equal(*rows, check_dtype=False)
    mails = [pd.read_csv(tmp_path / each / "mail" / "email.csv") for each in ("spring", "folder")]
    pd.testing.assert_frame_equal(
        *(each.sort_values("customer_id", ignore_index=True) for each in mails)
    )
    again = deliver(plan_of(customers), tmp_path / "spring", decisions=place)
    assert again.repeated
    # A table that somebody dropped is made once more by the same plan.
    with opened(customers) as connection:
        connection.execute("DROP TABLE spring")
    assert deliver(plan_of(customers), tmp_path / "spring", decisions=place).repeated
    assert tables(customers) == ["customers", "spring"]
    with pytest.raises(InputError, match="is planned there already, and differs: "):
        deliver(plan_of(customers, "other"), tmp_path / "spring", decisions=place + "2")
    assert tables(customers) == ["customers", "spring"]


def test_a_folder_with_a_table_is_measured_without_a_store(customers, tmp_path):
    place = customers.replace("=customers", "=spring")
    made = deliver(plan_of(customers), tmp_path / "spring", decisions=place)
    sent = cl.read(place).df().query("arm == 'offer'")["customer_id"]
    came = pd.DataFrame({"customer_id": sent[::2], "name": "response", "value": 1})
    came["happened_at"] = "2026-03-09"
    found = cl.measure_campaign(made.out, came)
    assert found.verdict.code == "paid"
    assert "No cost was given in the catalogue" in found.verdict.sentence
    with open_store(tmp_path / "store.db", create=True) as store:
        assert keep_folder(store, made.out).decisions == place
        gone = int(sent.iloc[0])
        assert forget(store, gone).erased == {"decisions of batches": 1}
    assert gone not in set(cl.read(place).df()["customer_id"])
    assert gone not in set(pd.read_csv(made.out / "mail" / "email.csv")["customer_id"])


def test_nothing_is_left_where_the_campaign_can_not_be_made(customers, tmp_path, monkeypatch):
    place = customers.replace("=customers", "=spring")

    def refuses(*given):
        raise InputError("others were quicker")

    with open_store(tmp_path / "store.db", create=True) as store:
        with monkeypatch.context() as patch:
            patch.setattr(recorded, "record", refuses)
            with pytest.raises(InputError, match="others were quicker"):
                deliver(plan_of(customers), tmp_path / "spring", store=store, decisions=place)
        assert tables(customers) == ["customers"]
        assert not (tmp_path / "spring").exists()
        deliver(plan_of(customers), tmp_path / "spring", store=store, decisions=place)
        assert campaign(store, "spring").decisions == place
    assert tables(customers) == ["customers", "spring"]


def test_what_a_killed_plan_left_is_taken_away(customers, tmp_path, monkeypatch):
    place = customers.replace("=customers", "=spring")

    class KilledError(BaseException):
        pass

    def kill(*given, **more):
        raise KilledError

    with monkeypatch.context() as patch:
        # As where the process is killed: it clears nothing away.
        patch.setattr("clienteling.campaigns.draft.figures_of", kill)
        patch.setattr("clienteling.campaigns.delivery.drop_table", lambda *given: None)
        patch.setattr("tempfile.TemporaryDirectory.cleanup", lambda self: self._finalizer.detach())
        with pytest.raises(KilledError):
            deliver(plan_of(customers), tmp_path / "spring", decisions=place)
    assert tables(customers) == ["customers", "spring"]
    assert tables_left(tmp_path / "spring") == [place]
    # The next plan has another place for its decisions, and others to decide for.
    some = cl.plan_campaign(model(), customers, name="spring", day=DAY, holdout=0.5)
    deliver(some, tmp_path / "spring", decisions=place + "_2")
    assert tables(customers) == ["customers", "spring_2"]
    assert tables_left(tmp_path / "spring") == []


def test_another_table_is_never_replaced(customers, tmp_path):
    with pytest.raises(InputError) as raised:
        deliver(plan_of(customers), tmp_path / "spring", decisions=customers)
    assert "there is a table of this name already, and it doesn't hold these decisions" in str(
        raised.value
    )
    place = customers.replace("=customers", "=spring")
    deliver(plan_of(customers), tmp_path / "spring", decisions=place)
    with pytest.raises(InputError, match="They never replace a table"):
        deliver(plan_of(customers, "other"), tmp_path / "other", decisions=place)
    assert not (tmp_path / "other").exists()
    assert len(cl.read(customers)) == 200
    assert digest_of(cl.read(place)) == digest_of(plan_of(customers).decisions())


PLACES = [
    ("spring.parquet", "is not the address of a table"),
    (
        "postgresql://db/shop?table=spring",
        r"is another (kind of )?database than the customers'\.\nName a table .*, or leave "
        "--decisions out",
    ),
]


@pytest.mark.parametrize(("place", "expected"), PLACES)
def test_a_place_that_takes_no_decisions(customers, tmp_path, place, expected):
    with pytest.raises(OutputError, match=expected):
        deliver(plan_of(customers), tmp_path / "spring", decisions=place)
    assert not (tmp_path / "spring").exists()


def test_customers_in_files_are_decided_into_a_duckdb_file(tmp_path, mall_csv):
    path = tmp_path / "made.db"
    place = f"duckdb:///{path}?table=spring"
    deliver(plan_of(mall_csv), tmp_path / "spring", decisions=place)
    assert len(cl.read(place)) == 200
    assert deliver(plan_of(mall_csv), tmp_path / "spring", decisions=place).repeated
    with pytest.raises(InputError, match="They never replace a table"):
        deliver(plan_of(mall_csv, "other"), tmp_path / "other", decisions=place)
    with pytest.raises(OutputError, match="is another kind of database than the customers'"):
        deliver(plan_of(mall_csv), tmp_path / "x", decisions="sqlite:///x.db?table=spring")
    with pytest.raises(OutputError, match="there is no folder /nowhere"):
        deliver(plan_of(mall_csv), tmp_path / "x", decisions="duckdb:////nowhere/x.db?table=t")
    (tmp_path / "some.db").write_text("no database")
    with pytest.raises(OutputError, match=r"some\.db: can't be written as a DuckDB database"):
        deliver(
            plan_of(mall_csv), tmp_path / "x", decisions=f"duckdb:///{tmp_path}/some.db?table=t"
        )


def test_a_duckdb_file_that_others_have_open_is_told_of_before_the_work(tmp_path, mall_csv):
    customers = in_duckdb(tmp_path, mall_csv)
    path = customers.removeprefix("duckdb:///").partition("?")[0]
    place = customers.replace("=customers", "=spring")
    reads = (
        f"import duckdb; opened = duckdb.connect({path!r}, read_only=True); print('open'); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", reads], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        plan = plan_of(customers)
        with pytest.raises(OutputError) as raised:
            deliver(plan, tmp_path / "spring", decisions=place)
        assert f"{path}: can't be written, since something else has it open" in str(raised.value)
        assert "Close it there: in another program" in str(raised.value)
        assert len(plan.decisions()) == 200  # it is read as before
        other.communicate("\n")
    assert deliver(plan, tmp_path / "spring", decisions=place).document["decisions"] == place
    # Others read it at once, this process among them, and frames beside it are still there.
    assert len(plan.decisions()) == len(cl.read(place)) == 200


def test_a_history_in_the_same_duckdb_file_stays_there(tmp_path, mall_csv):
    customers = in_duckdb(tmp_path, mall_csv)
    with opened(customers) as connection:
        connection.execute(
            "CREATE TABLE contacts AS SELECT CustomerID AS customer_id, 'wine' AS offer, "
            "DATE '2026-02-27' AS day FROM customers WHERE CustomerID <= 50"
        )
    content = yaml.safe_load(catalogue_text("income-spending"))
    catalogue = Catalogue.model_validate({**content, "contact_policy": {"contacts": 1, "days": 7}})
    table = cl.read(customers, memory="1GB")
    plan = cl.plan_campaign(
        model(), table, catalogue, name="spring", day=DAY,
        contacts=[customers.replace("=customers", "=contacts")],
    )  # fmt: skip
    place = customers.replace("=customers", "=spring")
    deliver(plan, tmp_path / "spring", decisions=place)
    decided = cl.read(place, memory="1GB").df()
    assert set(decided.query("customer_id <= 50")["arm"]) == {"nothing"}
    assert set(decided.query("customer_id > 50")["arm"]) == {"offer", "holdout"}
    with pytest.raises(SourceError, match=r"shop\.duckdb: is open in this program already"):
        cl.read(place)


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_digest_is_of_the_decisions_in_whatever_order(engine, opener):  # noqa: F811
    rows = pa.table(
        {
            "place": [1, 2, 3, 4],
            "customer_id": [1, 2, 3, 1],
            "arm": ["offer", "holdout", "nothing", "offer"],
            "offer": ["wine", "wine", "nothing", "beer"],
            "propensity": [0.3, 0.1, 1.0, 0.3],
        }
    )
    table = opener(engine)(rows)
    every = exp.select("*").from_(table.subquery)
    wanted = [
        every.where("place < 4"),
        every.where("place < 4").order_by("place DESC").limit(3),
        every.where("place > 1"),
        every.where("place < 3"),
    ]
    digests = [digest_of(replace(table, select=each)) for each in wanted]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_an_address_in_a_folder_that_holds_decisions_is_not_followed(tmp_path, mall_csv):
    made = deliver(plan_of(mall_csv), tmp_path / "spring").out
    document = json.loads((made / "plan.json").read_text())
    document["decisions"] = f"duckdb:///{tmp_path}/gone.duckdb?table=secret"
    (made / "plan.json").write_text(json.dumps(document))
    with open_store(tmp_path / "store.db", create=True) as store:
        assert keep_folder(store, made).decisions == str(made / "decisions")
    shutil.rmtree(made / "decisions")
    came = pd.DataFrame({"customer_id": [1], "happened_at": ["2026-03-09"], "name": "response"})
    with pytest.raises(InputError, match=r"gone\.duckdb"):
        cl.measure_campaign(made, came.assign(value=1))


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("postgresql://a:s%40t@db:5/shop?table=x%20y", "postgresql://a@db:5/shop?table=x%20y"),
        (
            "postgresql://db/shop?user=a&password=geheim&sslmode=require&table=c.x",
            "postgresql://db/shop?user=a&sslmode=require&table=c.x",
        ),
        ("postgresql://:geheim@db/shop?table=c", "postgresql://@db/shop?table=c"),
    ],
)
def test_no_password_is_kept(address, kept):
    assert kept_address(parse_url(address)) == kept
