"""Decisions in a table of Spark's catalogue: whole or not there, also where a process is killed."""

import datetime as dt
import uuid
from collections.abc import Iterator

import pandas as pd
import pytest

import clienteling as cl
from clienteling.campaigns.decision_table import drop_left
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.places_aside import announce_table, still_written
from clienteling.campaigns.recorded import known_in
from clienteling.data.engines import spark_tables
from clienteling.data.engines.spark import Spark
from clienteling.data.urls import parse_url
from clienteling.errors import EngineError, InputError, OutputError, SourceError
from clienteling.ledger.campaigns import campaign
from clienteling.ledger.consents import opt_out
from clienteling.ledger.forget import forget
from clienteling.ledger.store import open_store
from clienteling.offers.catalogue import load_catalogue
from tests.ledger.shop import model

pytestmark = pytest.mark.spark
DAY = dt.date(2026, 3, 1)


@pytest.fixture
def schema(spark_ready, monkeypatch, tmp_path_factory) -> Iterator[str]:
    """Return a schema of its own; the catalogue stays for as long as this process asks for it."""
    monkeypatch.setattr(spark_tables, "is_kept", lambda session: True)
    called, session = f"crm_{uuid.uuid4().hex[:8]}", Spark(threads=2).session
    session.sql(
        f"CREATE SCHEMA {called} LOCATION '{tmp_path_factory.mktemp('warehouse').as_uri()}'"
    )
    yield called
    session.sql(f"DROP SCHEMA {called} CASCADE")


def tables(schema: str) -> list[str]:
    listed = Spark().session.catalog.listTables(schema)
    return sorted(each.name for each in listed if not each.isTemporary)


def plan_of(customers: cl.Table, name: str = "spring", **given: object) -> cl.CampaignPlan:
    return cl.plan_campaign(model(), customers, name=name, day=DAY, holdout=0.25, **given)


def test_the_whole_way(schema, tmp_path, mall_csv):
    customers, place = cl.read(mall_csv, engine="spark"), f"spark:///?table={schema}.spring"
    with open_store(tmp_path / "store.db", create=True) as store:
        plan = plan_of(customers)
        opt_out(store, 3, source="by letter")  # after the plan: taken out of the table
        made = deliver(plan, tmp_path / "spring", store=store, decisions=place)
        assert made.document["decisions"] == campaign(store, "spring").decisions == place
        assert not (tmp_path / "spring" / "decisions").exists()
        rows = cl.read(place).df().set_index("customer_id")
        assert (len(rows), rows.loc[3, "arm"]) == (200, "nothing")
        folder = deliver(plan_of(cl.read(mall_csv)), tmp_path / "folder")
        wanted = cl.read(tmp_path / "folder" / "decisions").df().set_index("customer_id")
        for each in ("arm", "offer", "propensity"):
            assert rows[each].drop(3).equals(wanted[each].reindex(rows.index).drop(3))
        assert folder.document["customers"] == 200
        sent = rows.query("arm == 'offer'").index
        came = pd.DataFrame({"customer_id": sent[::2], "name": "response", "value": 1})
        taken = cl.import_outcomes(store, "spring", came.assign(happened_at="2026-03-09"))
        assert taken.new == len(came)
        assert cl.measure_campaign("spring", store=tmp_path / "store.db").verdict.code == "paid"
        gone = int(sent[0])
        assert forget(store, gone).erased == {"outcomes": 1, "decisions of batches": 1}
        assert gone not in set(cl.read(place).df()["customer_id"])
        assert forget(store, gone).erased == {}
        # The next plan counts the contacts where they lie.
        known = known_in(store, customers, load_catalogue("income-spending"), "later")
        assert known.contacts[0].engine is customers.engine
        assert len(known.contacts[0]) == len(sent) - 1
    assert tables(schema) == ["spring"]
    with pytest.raises(InputError, match="They never replace a table"):
        deliver(plan_of(customers, "other"), tmp_path / "other", decisions=place)


def test_it_is_whole_or_not_there(schema, tmp_path, mall_csv, monkeypatch):
    customers, place = cl.read(mall_csv, engine="spark"), f"spark:///?table={schema}.spring"
    session, address = customers.engine.session, parse_url(place)
    refused = plan_of(customers).decisions().as_select().where("1 / 0 = raise_error('no')")
    with pytest.raises(EngineError, match="Spark could not write it"):
        customers.engine.write_table(refused, address)
    assert tables(schema) == []
    # As a killed process leaves it: half written, and said beside the folder.
    made = tmp_path / ".spring.x" / "made"
    made.mkdir(parents=True)
    announce_table(made, place)
    with still_written(made.parent):
        pass
    session.sql(f"CREATE TABLE {schema}.spring_unfinished AS SELECT 1 AS customer_id")
    with pytest.raises(OutputError, match="another process is writing it, or was killed"):
        customers.engine.write_table(plan_of(customers).decisions().as_select(), address)
    drop_left(customers, tmp_path / "spring")
    assert tables(schema) == []
    deliver(plan_of(customers), tmp_path / "spring", decisions=place)
    # Killed between the two names, when it was about to be replaced.
    session.sql(f"ALTER TABLE {schema}.spring RENAME TO {schema}.spring_before")
    assert len(cl.read(place)) == 200
    # Killed when the new one had its name: the earlier one goes, with the customer in it.
    session.sql(f"CREATE TABLE {schema}.spring_before AS SELECT * FROM {schema}.spring")
    own = cl.read(place).engine
    own.delete_rows(address, spark_tables.exp.column("customer_id").eq(7))
    assert tables(schema) == ["spring"]
    assert sorted(cl.read(place).df()["customer_id"]) == [e for e in range(1, 201) if e != 7]


def test_a_place_that_takes_no_table_is_told(schema, tmp_path, mall_csv, monkeypatch):
    customers = cl.read(mall_csv, engine="spark")
    plan = plan_of(customers)
    for place, expected in (
        (
            "postgresql://db/shop?table=spring",
            "is elsewhere than the customers, whom Spark here has",
        ),
        ("spark://db:7077?table=spring", "is elsewhere than the customers"),
        ("spark:///?table=nowhere.spring", 'Spark\'s catalogue has no schema "nowhere"'),
        ("spring", "is not the address of a table"),
    ):
        with pytest.raises(OutputError) as raised:
            deliver(plan, tmp_path / "x", decisions=place)
        assert expected in str(raised.value)
        assert "leave --decisions out" in str(raised.value) or "nowhere" in place
    monkeypatch.undo()
    with pytest.raises(OutputError) as raised:
        deliver(plan, tmp_path / "x", decisions=f"spark:///?table={schema}.spring")
    assert "Spark keeps its catalogue in memory here" in str(raised.value)
    assert "spark.sql.catalogImplementation hive" in str(raised.value)
    with pytest.raises(SourceError, match=f'there is no table "{schema}.sprong"'):
        cl.read(f"spark:///?table={schema}.sprong")
    with pytest.raises(InputError, match="is worked on there, not in duckdb"):
        cl.read("spark:///?table=x", engine="duckdb")
    assert not (tmp_path / "x").exists()
