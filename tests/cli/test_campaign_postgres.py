"""The whole way of a campaign with PostgreSQL: as the store, and as the customers' database."""

import gc
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import clienteling as cl
from clienteling.ledger.campaigns import campaigns
from clienteling.ledger.counters import counts
from clienteling.ledger.store import open_store
from clienteling.offers.catalogue import catalogue_text
from tests.cli.test_campaign_lift import PLAN, responses
from tests.ledger.conftest import postgres_place, postgres_url  # noqa: F401
from tests.ledger.proxy import breaking_off

ROOT = Path(__file__).parent.parent
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.filterwarnings("ignore:.*ServerCursor:ResourceWarning"),
]


@pytest.fixture(autouse=True)
def cut_cursors():
    """Let go of cursors here: that of a connection which was cut can't be closed in good order."""
    yield
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*ServerCursor", ResourceWarning)
        gc.collect()


@pytest.fixture
def shop(here, mall_csv) -> Path:
    """Return a folder with a model, 1,000 customers and an offer for all of them, with a stock."""
    (here / "model.json").write_bytes((ROOT / "ledger" / "model.json").read_bytes())
    sample = pd.read_csv(mall_csv).drop(columns="CustomerID")
    rows = sample.iloc[np.random.default_rng(3).integers(0, len(sample), 1000)]
    rows.insert(0, "CustomerID", np.arange(1000))
    rows.to_csv("customers.csv", index=False)
    content = yaml.safe_load(catalogue_text("income-spending"))
    told = {"cost": 0.5, "value": 20.0, "response": 0.1, "stock": 1200}
    keys = ["premium", "potential", "average", "deal-seekers", "low-value"]
    content["offers"] = [{**content["offers"][0], **told, "segments": keys}]
    (here / "offers.yaml").write_text(yaml.safe_dump(content))
    return here


@pytest.fixture
def ask(cli, postgres_url):  # noqa: F811
    """Return the command line, which holds every answer and every file against the password."""
    password = postgres_url.rpartition("@")[0].rpartition(":")[2]
    assert password

    def call(*arguments, code=0):
        said = cli(*arguments)
        assert said.code == code, said.out + said.err
        assert password not in said.out + said.err
        for each in Path().rglob("*"):
            assert not each.is_file() or password.encode() not in each.read_bytes(), each
        return said

    return call


def people(place: str, rows: pd.DataFrame) -> str:
    """Put customers into a table beside the store; return its address."""
    import psycopg

    columns = ", ".join(
        f'"{each}" {"TEXT" if rows[each].dtype.kind not in "if" else "DOUBLE PRECISION"}'
        if each != "CustomerID"
        else f'"{each}" BIGINT'
        for each in rows
    )
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE people ({columns})")
        with connection.cursor().copy("COPY people FROM STDIN") as target:
            for row in rows.itertuples(index=False):
                target.write_row(row)
    return f"{place}&table={place.rpartition('%3D')[2]}.people"


def plan_of(source: str, name: str = "spring", day: str = "2026-03-01") -> list[str]:
    given = [*PLAN]
    given[3] = source
    given[given.index("--name") + 1], given[given.index("--day") + 1] = name, day
    return given


def decided_in(place: str, name: str, where: str) -> pd.DataFrame:
    """Return the decisions of a campaign."""
    return cl.read(table_at(place, name) if where == "decisions" else f"{name}/decisions").df()


def table_at(place: str, name: str) -> str:
    return f"{place}&table={place.rpartition('%3D')[2]}.{name}"


@pytest.mark.parametrize("where", ["file", "table", "decisions"])
def test_the_whole_way(ask, shop, postgres_place, where):  # noqa: F811
    store = ("--store", postgres_place)
    rows = pd.read_csv("customers.csv")
    source = people(postgres_place, rows) if where != "file" else "customers.csv"

    def into(name: str) -> tuple[str, ...]:
        return ("--decisions", table_at(postgres_place, name)) if where == "decisions" else ()

    first = ask(*plan_of(source), *into("spring"), *store, "--json").document
    assert first["customers"] == 1000
    assert Path("spring/decisions").exists() == (where != "decisions")
    assert ask(*plan_of(source), *into("spring"), *store, "--json").document["repeated"]
    came = responses(decided_in(postgres_place, "spring", where))
    came.to_csv("outcomes.csv", index=False)
    taken = ask("campaign", "import", "spring", "outcomes.csv", *store, "--json").document
    assert (taken["new"], taken["repeated"]) == (len(came), 0)
    taken = ask("campaign", "import", "spring", "outcomes.csv", *store, "--json").document
    assert (taken["new"], taken["repeated"]) == (0, len(came))
    lift = ask("campaign", "lift", "spring", *store, "--json").document
    assert lift["verdict_code"] == "paid"
    always = ("--always", "nothing", "--json")
    logged = ask("campaign", "replay", "spring", *store, *always).document
    assert logged["decisions"] == 1000
    gone = int(came["customer_id"].iloc[0])
    receipt = ask("forget", str(gone), *store, "--json").document
    assert receipt["erased"] == {"outcomes": 1, "decisions of batches": 1}
    assert receipt["campaigns"] == ["spring"]
    assert gone not in set(decided_in(postgres_place, "spring", where)["customer_id"])
    (mail,) = Path("spring/mail").glob("*.csv")
    assert gone not in set(pd.read_csv(mail)["customer_id"])
    after = ask("campaign", "lift", "spring", *store, "--json").document
    assert after["lift"][0]["estimate"] == pytest.approx(lift["lift"][0]["estimate"])
    # The next plan knows of the stock that is left, and of the one who must not be contacted.
    given = (*plan_of(source, "later", "2026-06-01"), *into("later"))
    later = ask(*given, *store, "--json").document
    assert later["arms"]["offer"] == 1200 - first["arms"]["offer"]
    decided = decided_in(postgres_place, "later", where).set_index("customer_id")
    assert decided.loc[gone, "arm"] == "nothing"
    pd.DataFrame({"customer_id": range(50), "got": [1, 0] * 25}).to_csv("got.csv", index=False)
    days = ("--day", "2026-01-01", "--last-day", "2026-01-20")
    record = ("campaign", "record", "got.csv", "--name", "old", "--contacted", "got", *days)
    assert ask(*record, *store, "--json").document["contacted"] == 25


#: What is asked of the store while a plan is recorded; the commit's answer is lost the last time.
MOMENTS = {
    "while it is looked up": (["FROM clienteling_counters"], False),
    "at the campaign": (["INSERT INTO clienteling_campaigns"], False),
    "at the stock": (["INSERT INTO clienteling_campaigns", "UPDATE clienteling_counters"], False),
    "at the commit's answer": (["INSERT INTO clienteling_campaigns", "COMMIT"], True),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_store_goes_away_while_a_plan_is_made(ask, shop, postgres_place, moment):  # noqa: F811
    words, after = MOMENTS[moment]
    open_store(postgres_place, create=True).close()
    with breaking_off(postgres_place, *words, after=after) as way:
        said = ask(*PLAN, "--store", way.url, code=2)
        assert way.was_cut
    assert "the database can't be reached, or went away in the middle" in said.err
    assert "Do the same again once it is back" in said.err
    assert sorted(each.name for each in shop.iterdir()) == [
        "customers.csv", "model.json", "offers.yaml",
    ]  # fmt: skip
    with open_store(postgres_place) as store:
        taken = sum(each.confirmed for each in counts(store, "stock", "income-spending").values())
        assert [each.id for each in campaigns(store)] == (["spring"] if after else [])
        assert (taken > 0) == after
    document = ask(*PLAN, "--store", postgres_place, "--json").document
    with open_store(postgres_place) as store:
        stock = counts(store, "stock", "income-spending")
    assert sum(each.confirmed for each in stock.values()) == document["arms"]["offer"]
    assert (shop / "spring" / "plan.json").is_file()


@pytest.mark.parametrize("word", ["COUNT", "MD5"])
def test_the_customers_database_goes_away(ask, shop, postgres_place, word):  # noqa: F811
    source = people(postgres_place, pd.read_csv("customers.csv"))
    with breaking_off(postgres_place, word) as way:
        said = ask(*plan_of(source.replace(postgres_place, way.url)), code=2)
        assert way.was_cut
    assert "the database went away in the middle" in said.err
    assert "SELECT" not in said.err
    assert not (shop / "spring").exists()
    ask(*plan_of(source))


def test_the_customers_database_goes_away_between_two_batches(
    ask,
    shop,
    postgres_place,  # noqa: F811
    monkeypatch,
):
    monkeypatch.setattr("clienteling.data.engines.database._BATCH", 100)
    source = people(postgres_place, pd.read_csv("customers.csv"))
    with breaking_off(postgres_place, "propensity", "FETCH FORWARD", "FETCH FORWARD") as way:
        said = ask(*plan_of(source.replace(postgres_place, way.url)), code=2)
        assert way.was_cut
    assert "the database went away in the middle" in said.err
    assert not (shop / "spring").exists()
