"""Who is forgotten is gone everywhere; the figures stay, and nobody contacts them again."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clienteling as cl
from clienteling.campaigns.decide import decide_for
from clienteling.cli import main
from clienteling.errors import DataError
from clienteling.ledger import forget as module
from clienteling.ledger.batch import batch_decisions
from clienteling.ledger.campaigns import campaign
from clienteling.ledger.consents import (
    forgotten_among,
    is_opted_out,
    opt_in,
    opt_out,
    opted_out,
    set_consent,
)
from clienteling.ledger.counters import counts
from clienteling.ledger.decisions import decision, decisions_of
from clienteling.ledger.forget import forget
from clienteling.ledger.outcomes import Outcome, outcomes_of, take_in
from clienteling.ledger.store import Store, open_store
from clienteling.ledger.sums import forgotten_sums
from tests.ledger.shop import RICH, at, open_campaign, shop_catalogue

ZOE = "zoe.unmistakable@example.com"
IDS = [ZOE, "a@example.com", "b@example.com", "c@example.com"]


def plan(folder: Path, ids=IDS) -> str:
    """Write the decisions of a batch in two files, with a mail file beside; the first is Zoë's."""
    decisions = folder / "decisions"
    decisions.mkdir(parents=True)
    for part in range(2):
        own = list(ids[2 * part : 2 * part + 2])
        rows = {
            "customer_id": pa.array(own, pa.string() if isinstance(ids[0], str) else pa.int64()),
            "segment_id": pa.array([0] * len(own), pa.int64()),
            "arm": pa.array(["offer", "holdout"][: len(own)], pa.string()),
            "offer": pa.array(["wine"] * len(own), pa.string()),
            "propensity": pa.array([0.9] * len(own), pa.float64()),
            "reason": pa.array(["They like it."] * len(own), pa.string()),
        }
        pq.write_table(pa.table(rows), decisions / f"part-0000{part}.parquet")
    (folder / "mail").mkdir()
    lines = [
        "customer_id,offer,text",
        f'{ids[0]},wine,"A ""fine"" wine,\nfor you"',
        f"{ids[-2]},wine,",
    ]
    (folder / "mail" / "email.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return str(decisions)


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Store:
    """Return a store with a batch, a real-time campaign, outcomes and consents."""
    open_campaign(store, shop_catalogue(), decisions=plan(tmp_path / "spring"))
    open_campaign(store, shop_catalogue(), id="live", salt="live:")
    for each in IDS:
        decide_for(store, "live", each, RICH, now=at())
        set_consent(store, each, "email", True)
    opt_out(store, ZOE)
    sent = [
        Outcome(f"{place}-{each}", name, value, at(), campaign=named, customer_id=each)
        for each in IDS
        for named in ("spring", "live")
        for place, (name, value) in enumerate([("spend", 4.0), ("spend", 1.5), ("response", 1.0)])
        if not (named == "live" and place)
    ]
    assert len(take_in(store, sent, now=at()).refused) == 4  # one id for two campaigns
    more = [
        Outcome(f"live-{each}", "spend", 8.0, at(), campaign="live", customer_id=each)
        for each in IDS
    ]
    assert take_in(store, more, now=at()).new == 4
    return store


def bytes_of(place: Path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(place.rglob("*")) if each.is_file())


def figures(store: Store, id: str) -> dict[str, float]:
    """Return what a campaign came to, the sums of the forgotten with it."""
    real_time = campaign(store, id).decisions is None
    kept = outcomes_of(store, id).to_pylist()
    sums = forgotten_sums(store, id, real_time=real_time).to_pylist()
    found: dict[str, float] = {}
    for row in kept:
        found[row["name"]] = found.get(row["name"], 0.0) + row["value"]
    for row in sums:
        if row["name"]:
            found[row["name"]] = found.get(row["name"], 0.0) + row["total"]
    if campaign(store, id).decisions:
        people = len(cl.read(campaign(store, id).decisions))
    else:
        people = decisions_of(store, id).num_rows
    return {**found, "customers": people + sum(r["customers"] for r in sums if not r["name"])}


SUMS = [
    {"name": "", "customers": 1, "total": 0.0, "squares": 0.0},
    {"name": "response", "customers": 1, "total": 1.0, "squares": 1.0},
    {"name": "spend", "customers": 1, "total": 5.5, "squares": 30.25},
]


def test_the_person_is_gone_and_the_figures_stay(shop: Store, tmp_path: Path):
    other = tmp_path / "spring" / "decisions" / "part-00001.parquet"
    untouched = (other.read_bytes(), other.stat().st_mtime_ns)
    before = {each: figures(shop, each) for each in ("spring", "live")}
    assert ZOE.encode() in bytes_of(tmp_path)
    receipt = forget(shop, ZOE)
    assert ZOE.encode() not in bytes_of(tmp_path)
    assert {each: figures(shop, each) for each in ("spring", "live")} == before
    assert before["spring"] == {"spend": 22.0, "response": 4.0, "customers": 4}
    assert receipt.erased == {
        "decisions": 1,
        "consents": 1,
        "opt-outs": 1,
        "outcomes": 4,
        "decisions of batches": 1,
    }
    assert (receipt.files, receipt.campaigns) == (2, ("live", "spring")[1:])
    assert receipt.words == (
        "8 rows were erased; 2 files were written anew. The customer will not be contacted again."
    )
    sums = forgotten_sums(shop, "spring").to_pylist()
    assert sums == [{"segment_id": 0, "arm": "offer", "offer": "wine", **each} for each in SUMS]
    assert forgotten_sums(shop, "spring", real_time=True).num_rows == 0
    assert untouched == (other.read_bytes(), other.stat().st_mtime_ns)
    rest = pq.read_table(tmp_path / "spring" / "decisions").to_pydict()
    assert rest["customer_id"] == IDS[1:]
    mail = (tmp_path / "spring" / "mail" / "email.csv").read_bytes()
    assert mail.decode("utf-8-sig") == f"customer_id,offer,text\n{IDS[-2]},wine,\n"
    # Only those who were forgotten are gone.
    assert {row["customer_id"] for row in outcomes_of(shop, "spring").to_pylist()} == set(IDS[1:])


def test_they_are_not_contacted_and_nothing_more_is_kept(shop: Store, tmp_path: Path):
    forget(shop, ZOE)
    assert is_opted_out(shop, ZOE)
    assert opted_out(shop).num_rows == 0  # nobody knows the id any more
    batches = [pa.array([*IDS, None]), pa.chunked_array([["x"]])]
    assert forgotten_among(shop, batches).column("customer_id").to_pylist() == [ZOE]
    made = decide_for(shop, "live", ZOE, RICH, now=at())
    assert (made.id, made.arm) == ("", "nothing")
    late = [Outcome("late", "spend", 1.0, at(), campaign="spring", customer_id=ZOE)]
    found = take_in(shop, late, now=at(), known=lambda campaign, ids: ids)
    assert found.refused[0].fault == "the customer was forgotten, so nothing more is kept of them."
    assert opt_out(shop, ZOE)
    assert ZOE.encode() not in bytes_of(tmp_path)
    # Who comes back and says so is a customer like any other.
    assert not opt_in(shop, ZOE, at=at())
    assert opt_in(shop, ZOE)
    assert not is_opted_out(shop, ZOE)
    assert forgotten_among(shop, batches).num_rows == 0
    assert decide_for(shop, "live", ZOE, RICH, now=at()).arm == "offer"


def test_a_second_time_there_is_nothing_left(shop: Store):
    first = forget(shop, ZOE)
    before = {each: figures(shop, each) for each in ("spring", "live")}
    second = forget(shop, ZOE)
    assert (second.erased, second.files, second.id != first.id) == ({}, 0, True)
    assert (first.again, second.again) == (False, True)
    assert second.words == (
        "Nothing is kept of this customer any more: they were forgotten before."
    )
    assert {each: figures(shop, each) for each in ("spring", "live")} == before


def test_what_was_reserved_is_given_back(shop: Store):
    assert counts(shop, "stock", "fine")["wine"].reserved == 4
    forget(shop, ZOE)
    assert counts(shop, "stock", "fine")["wine"].reserved == 3


class Killed(BaseException):
    """As if the process were killed: nothing of ours catches it."""


STEPS = ["batch_decisions", "_from_store", "erase_from_batch", "_finish", "_overwrite"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_stopped_on_the_way_it_is_finished_by_the_next(shop, tmp_path, monkeypatch, step, when):
    before = {each: figures(shop, each) for each in ("spring", "live")}
    real = getattr(module, step)

    def stop(*given, **more):
        if when == "after":
            real(*given, **more)
        raise Killed

    monkeypatch.setattr(module, step, stop)
    with pytest.raises(Killed):
        forget(shop, ZOE)
    monkeypatch.undo()
    # An outcome that comes in between is of somebody who asked to be forgotten, or counts.
    forget(shop, ZOE)
    assert ZOE.encode() not in bytes_of(tmp_path)
    assert {each: figures(shop, each) for each in ("spring", "live")} == before
    with shop.reading() as connection:
        assert connection.exec_driver_sql("SELECT * FROM clienteling_erasures").all() == []


def test_the_last_one_of_a_batch(store: Store, tmp_path: Path):
    folder = plan(tmp_path / "spring", [ZOE, ZOE])
    planned = open_campaign(store, shop_catalogue(), decisions=folder)
    forget(store, ZOE)
    assert pq.read_table(folder).num_rows == 0
    assert batch_decisions(planned, [ZOE]) == {}
    assert forget(store, ZOE).erased == {}
    assert decide_for(store, "spring", "new", RICH, now=at()).arm == "offer"


def test_whole_numbers_keep_their_type(store: Store, tmp_path: Path):
    folder = plan(tmp_path / "spring", [70070, 2, -3, 70071])
    open_campaign(store, shop_catalogue(), decisions=folder)
    assert forget(store, "70070").files == 2
    assert forget(store, -3).files == 2
    rest = pq.read_table(folder)
    assert rest.schema.field("customer_id").type == pa.int64()
    assert rest.column("customer_id").to_pylist() == [2, 70071]
    assert forget(store, "007").erased == {}


def test_a_file_that_cant_be_written_stays_whole(shop: Store, tmp_path: Path, monkeypatch):
    before = {each: figures(shop, each) for each in ("spring", "live")}

    def full(*given):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(cl.ClientelingError, match="can't be written"):
            forget(shop, ZOE)
    part = pq.read_table(tmp_path / "spring" / "decisions" / "part-00000.parquet")
    assert part.column("customer_id").to_pylist() == IDS[:2]
    forget(shop, ZOE)
    assert ZOE.encode() not in bytes_of(tmp_path)
    assert {each: figures(shop, each) for each in ("spring", "live")} == before


@pytest.mark.postgres
def test_decisions_in_a_table_of_postgresql(store: Store, tmp_path: Path, batch_in_postgres):
    place, rows = batch_in_postgres(plan(tmp_path / "aside"))
    planned = open_campaign(store, shop_catalogue(), decisions=place)
    assert batch_decisions(planned, IDS).keys() == set(IDS)
    made = decide_for(store, "spring", IDS[1], RICH, now=at())
    assert (made.from_batch, made.arm) == (True, "holdout")
    sent = Outcome("a", "spend", 4.0, at(), campaign="spring", customer_id=ZOE)
    assert take_in(store, [sent], now=at()).new == 1
    before = figures_in(store, "spring")
    assert forget(store, ZOE).erased == {"outcomes": 1, "decisions of batches": 1}
    assert [each["customer_id"] for each in rows()] == IDS[1:]
    assert figures_in(store, "spring") == before == 4.0
    assert forget(store, ZOE).erased == {}


@pytest.fixture
def batch_in_postgres(postgres_place: str, monkeypatch):
    """Return what puts a batch into PostgreSQL, and gives its address and what is in it."""
    import psycopg

    user, _, password = postgres_place.partition("://")[2].partition("@")[0].partition(":")
    monkeypatch.setenv("PGPASSWORD", password)
    address = postgres_place.replace(f"{user}:{password}@", f"{user}@")

    def put(folder: str):
        rows = pq.read_table(folder)
        kinds = {"int64": "BIGINT", "double": "DOUBLE PRECISION", "string": "TEXT"}
        columns = ", ".join(f'"{each.name}" {kinds[str(each.type)]}' for each in rows.schema)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE TABLE decided ({columns})")
            with connection.cursor().copy("COPY decided FROM STDIN") as target:
                for row in rows.to_pylist():
                    target.write_row(tuple(row.values()))
        place = f"{address}&table={address.rpartition('%3D')[2]}.decided"
        return place, lambda: sorted(
            cl.read(place).to_arrow().to_pylist(), key=lambda row: IDS.index(row["customer_id"])
        )

    return put


def figures_in(store: Store, id: str) -> float:
    """Return what a campaign's customers spent, the forgotten among them."""
    kept = outcomes_of(store, id).to_pylist()
    sums = forgotten_sums(store, id).to_pylist()
    return sum(row["value"] for row in kept) + sum(row["total"] for row in sums)


def test_decisions_in_a_table(store: Store, tmp_path: Path):
    import duckdb

    folder = plan(tmp_path / "aside")
    path = tmp_path / "batch.db"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE decided AS SELECT * FROM '{folder}/*.parquet'")
    place = f"duckdb:///{path}?table=decided"
    open_campaign(store, shop_catalogue(), decisions=place)
    assert forget(store, ZOE).erased == {"decisions of batches": 1}
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.sql("SELECT customer_id FROM decided").fetchall() == [
            (e,) for e in IDS[1:]
        ]


def test_the_command(place, tmp_path, capsys):
    with open_store(place, create=True) as store:
        set_consent(store, ZOE, "email", True)
        made = [Outcome("a", "spend", 1.0, at(), decision_id="d")]
        assert take_in(store, made).new == 0
    for given in (["forget", ZOE, "--store", place], ["forget", ZOE, "--store", place, "--json"]):
        with pytest.raises(SystemExit) as ended:
            main(given)
        assert ended.value.code == 0
    said, wrong = capsys.readouterr()
    assert said.startswith("1 row was erased. The customer will not be contacted again.\n")
    assert ZOE not in said + wrong
    document = json.loads(said[said.index("{") :])
    assert document.keys() == {
        *("id", "made_at", "erased", "files", "campaigns", "again", "near"),
    }
    assert (document["again"], document["near"]) == (True, [])
    with pytest.raises(SystemExit) as ended:
        main(["forget", ZOE, "--store", str(tmp_path / "no.db")])
    assert ended.value.code == 2
    assert "there is no such store" in capsys.readouterr().err


def test_an_id_of_which_nothing_is_kept_is_said_with_those_that_are_near(
    store: Store, place, tmp_path: Path, capsys
):
    open_campaign(store, shop_catalogue(), decisions=plan(tmp_path / "spring", [1, 42, 5, 6]))
    set_consent(store, "0042", "email", True)
    set_consent(store, "zoe", "email", True)

    def said(customer):
        with pytest.raises(SystemExit) as ended:
            main(["forget", customer, "--store", place, "--json"])
        out, err = capsys.readouterr()
        assert ended.value.code == 0  # nothing is kept of the id, and it will not be contacted
        assert json.loads(out)["erased"] == {}
        assert not json.loads(out)["again"]
        return json.loads(out)["near"], err

    assert said(" 42 ") == (
        ["0042", "42"],
        'Nothing was kept of the id " 42 ". Did you mean "0042" or "42"?\n',
    )
    assert said("042.0")[0] == ["0042", "42"]
    assert said("'Zoe'")[0] == ["zoe"]
    assert said("nobody") == ([], 'Nothing was kept of the id "nobody".\n')
    assert is_opted_out(store, "nobody")
    receipt = forget(store, "nobody else")
    assert receipt.words.startswith("Nothing was kept of this id, so nothing was erased.")
    # Who was never seen may still opt out before they come.
    opt_out(store, "newcomer")
    assert is_opted_out(store, "newcomer")
    assert batch_decisions(campaign(store, "spring"), ["42"], store=store).keys() == {"42"}


def test_a_decision_of_somebody_who_was_forgotten_is_gone(shop: Store):
    made = decide_for(shop, "live", ZOE, RICH, now=at())
    forget(shop, ZOE)
    with pytest.raises(DataError, match="Those of customers who were forgotten are gone"):
        decision(shop, made.id)
