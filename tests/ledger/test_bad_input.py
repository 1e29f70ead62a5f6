"""A full disk, a busy store, a database that goes away: clear, and nothing lost."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from clienteling.campaigns.decide import decider
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.plan import plan_campaign
from clienteling.errors import OutputError, SourceError
from clienteling.ledger.campaigns import campaigns, record_campaign
from clienteling.ledger.consents import is_opted_out, opt_out
from clienteling.ledger.counters import counts
from clienteling.ledger.decisions import decisions_of
from clienteling.ledger.outcomes import Outcome, outcomes_of, take_in
from clienteling.ledger.store import Store, open_store
from tests.ledger.conftest import DAY, NOW, spring
from tests.ledger.shop import RICH, at, model, open_campaign, shop_catalogue


def sent(numbers: range) -> list[Outcome]:
    return [
        Outcome(f"till-{each}", "a long name " * 20, 1.0, NOW, campaign="spring", customer_id=each)
        for each in numbers
    ]


def everybody(campaign: object, ids: object) -> object:
    return ids


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of a megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk, as root has it")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_loses_nothing_that_was_taken_in(small_disk: Path):
    place = small_disk / "shop.db"
    with open_store(place, create=True) as store:
        record_campaign(store, spring())
        taken, refused = 0, ""
        while not refused:
            try:
                take_in(store, sent(range(taken, taken + 100)), now=NOW, known=everybody)
                taken += 100
            except OutputError as error:
                refused = str(error)
        assert refused == (
            f"{place}: the disk is full; nothing of this was taken in.\n"
            "Free some space and do it again."
        )
        assert taken > 0
        assert len(outcomes_of(store, "spring")) == taken
    moved = small_disk.parent / "shop.db"
    for each in small_disk.iterdir():
        shutil.copy(each, moved.with_name(each.name))
    with open_store(moved) as store:
        found = take_in(store, sent(range(taken + 100)), now=NOW, known=everybody)
        assert (found.new, found.repeated) == (100, taken)


def test_no_room_for_a_store(small_disk: Path):
    (small_disk / "filler").write_bytes(b"x" * (1 << 20))
    with pytest.raises(OutputError, match="the disk is full"):
        open_store(small_disk / "shop.db", create=True)


def test_others_who_keep_it_busy(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("clienteling.ledger.store._PATIENCE", 0.05)
    with (
        open_store(tmp_path / "shop.db", create=True) as store,
        store.writing(),
        open_store(tmp_path / "shop.db") as other,
        pytest.raises(OutputError, match="others have kept it busy for too long"),
    ):
        record_campaign(other, spring())


def cut(url: str, by: Store) -> None:
    """Let the server end every connection to the database but our own."""
    with by.engine.connect() as connection:
        own = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND query LIKE '%clienteling%'"
            " AND application_name = :name"
        )
        connection.execute(own, {"name": url.rpartition("application_name=")[2]})


@pytest.mark.postgres
def test_postgresql_going_away_in_the_middle(request, postgres_place: str):
    url = f"{postgres_place}&application_name=ledger_cut_{id(request)}"
    with open_store(url, create=True) as store, open_store(postgres_place) as by:
        open_campaign(store, shop_catalogue())
        decides = decider(store, "spring")
        made = decides.decide(1, RICH, now=at())

        def change() -> None:
            with store.writing() as connection:
                connection.execute(sa.text("UPDATE clienteling_counters SET reserved = 7"))
                cut(url, by)
                connection.execute(sa.text("SELECT 1"))

        with pytest.raises(SourceError) as refused:
            change()
        said = str(refused.value)
        assert "went away in the middle" in said
        assert "What was being taken in is in it whole or not at all." in said
        assert "shop-example" not in said
        assert counts(by, "stock", "fine")["wine"].reserved == 1
        # A connection that waited in the pool is replaced, and the work goes on.
        cut(url, by)
        again = decides.decide(2, RICH, now=at())
        assert decisions_of(by, "spring").num_rows == 2
        assert again.id != made.id


@pytest.mark.postgres
def test_a_user_who_may_not_make_tables(postgres_place: str):
    import psycopg

    schema = postgres_place.rpartition("%3D")[2]
    with psycopg.connect(postgres_place, autocommit=True) as connection:
        (owner,) = connection.execute("SELECT current_user").fetchone()
        connection.execute(f'REVOKE CREATE ON SCHEMA {schema} FROM "{owner}"')
    with pytest.raises(OutputError, match="may not make its tables; nothing was made") as raised:
        open_store(postgres_place, create=True)
    assert "GRANT USAGE, CREATE ON SCHEMA" in str(raised.value)
    assert "shop-example" not in str(raised.value)
    with pytest.raises(SourceError, match="there is no store in this database"):
        open_store(postgres_place)  # and no half of one


@pytest.mark.postgres
def test_a_user_who_may_only_read(postgres_place: str, tmp_path: Path):
    import psycopg

    def revoke(rights: str) -> None:
        schema = postgres_place.rpartition("%3D")[2]
        with psycopg.connect(postgres_place, autocommit=True) as connection:
            owner, over_all = connection.execute(
                "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            if over_all:
                pytest.skip("CLIENTELING_POSTGRES is of a superuser, from whom nothing is taken")
            connection.execute(f'REVOKE {rights} ON ALL TABLES IN SCHEMA {schema} FROM "{owner}"')

    catalogue = shop_catalogue()
    with open_store(postgres_place, create=True) as store:
        open_campaign(store, catalogue, id="before")
        opt_out(store, 1, source="by letter")
    revoke("INSERT, UPDATE, DELETE")
    plan = plan_campaign(model(), "sample", catalogue, name="mail", day=DAY)
    with open_store(postgres_place) as store:
        assert is_opted_out(store, 1)
        for change in (
            lambda: opt_out(store, 2, source="by letter"),
            lambda: decider(store, "before").decide(3, RICH, now=at()),
            lambda: deliver(plan, tmp_path / "mail", store=store),
        ):
            with pytest.raises(OutputError, match="may not read or change its tables") as raised:
                change()
            assert "GRANT SELECT, INSERT, UPDATE, DELETE" in str(raised.value)
        assert not is_opted_out(store, 2)
        assert [each.id for each in campaigns(store)] == ["before"]
    assert list(tmp_path.iterdir()) == []
    revoke("SELECT")
    with pytest.raises(OutputError, match="may not read or change its tables"):
        open_store(postgres_place)
