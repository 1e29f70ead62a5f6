"""Lists for mail tools with the customers' own columns, which stand nowhere else."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.campaigns.delivery import deliver
from clienteling.data import beside
from clienteling.errors import ColumnError, InputError
from clienteling.ledger.campaigns import campaign
from clienteling.ledger.forget import forget
from clienteling.ledger.store import open_store
from tests.engines.conftest import ENGINES, opener, postgres_url  # noqa: F401
from tests.ledger.shop import FEATURES, model

N = 300


def people() -> pa.Table:
    rng = np.random.default_rng(2)
    return pa.table(
        {
            "CustomerID": np.arange(N),
            FEATURES[0]: rng.uniform(15, 137, N),
            FEATURES[1]: rng.uniform(1, 100, N),
            "E-mail": [f"person{each}@example.com" for each in range(N)],
            "First name": ["=cmd()" if each % 7 == 0 else f"Zoë {each}" for each in range(N)],
        }
    )


def plan_of(customers: object) -> cl.CampaignPlan:
    return cl.plan_campaign(model(), customers, name="spring", holdout=0.25)


def lists(folder) -> pd.DataFrame:
    return pd.concat([pd.read_csv(each) for each in sorted((folder / "mail").glob("*.csv"))])


@pytest.mark.parametrize("engine", ENGINES)
def test_the_lists_carry_columns_and_nothing_else_does(engine, opener, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(beside, "_WRITTEN", 20)  # so that a database takes a temporary table
    customers = opener(engine)(people())
    with open_store(tmp_path / "store.db", create=True) as store:
        made = deliver(
            plan_of(customers), tmp_path / "spring", store=store, carry=["e-mail", "First name"]
        )
        rows = lists(made.out)
        own = [*rows.columns]
        assert own == ["customer_id", "segment", "offer", "title", "text", "E-mail", "First name"]
        assert len(rows) == made.figures.contacted > 150
        assert [*rows["E-mail"]] == [f"person{each}@example.com" for each in rows["customer_id"]]
        assert set(rows.loc[rows["customer_id"] % 7 == 0, "First name"]) == {"'=cmd()"}
        gone = int(rows["customer_id"].iloc[3])
        # In no decision, no report, no document and no store.
        elsewhere = [*made.out.rglob("*"), *tmp_path.glob("store.db*")]
        for each in elsewhere:
            if each.is_file() and each.parent.name != "mail":
                assert b"@example.com" not in each.read_bytes(), each
        if engine == "duckdb":
            assert campaign(store, "spring").features == tuple(FEATURES)
            assert forget(store, gone).files == 2  # one of decisions, one for mail
            left = lists(made.out)
            assert f"person{gone}@example.com" not in set(left["E-mail"])
            assert len(left) == len(rows) - 1


def test_lists_without_further_columns_are_as_they_were(tmp_path):
    rows = lists(plan_of(people()).write(tmp_path / "spring").out)
    assert [*rows.columns] == ["customer_id", "segment", "offer", "title", "text"]


def test_columns_that_can_not_be_carried(tmp_path):
    with pytest.raises(ColumnError) as raised:
        plan_of(people()).write(tmp_path / "spring", carry=["E-mial", "Firstname"])
    said = str(raised.value)
    assert 'there is no column "E-mial". Did you mean "E-mail"?' in said
    assert "Firstname" not in said  # it is found as "First name"
    rows = people().append_column("Text", pa.array(["x"] * N))
    for given in (["Text"], ["customer_id"]):
        with pytest.raises(InputError) as raised:
            plan_of(rows).write(tmp_path / "spring", carry=given)
        assert f'"{given[0]}" can\'t be carried into the lists for mail tools' in str(raised.value)
        assert "Each list has: customer_id, segment, offer, title, text." in str(raised.value)
    assert not (tmp_path / "spring").exists()
