"""`run` over the sample: the JSON document and every file that it leaves behind."""

import csv
import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import clienteling as cl
from clienteling.cli.next_command import plan_command

INCOME, SPENDING = "Annual Income (k$)", "Spending Score (1-100)"
COLUMNS = [
    *("customer_id", INCOME, SPENDING, "segment_id", "segment", "margin", "runner_up"),
    *("offer_1", "offer_2", "offer_3", "note"),
]
NAMES = [
    "Average Customers",
    "Premium Customers",
    "Potential Customers",
    "Low-Value Customers",
    "Deal Seekers",
]


def test_the_document_has_the_keys_that_programs_rely_on(ran):
    document = ran.document
    assert document.keys() >= {
        *("k", "why_k", "inertia", "silhouette", "segments", "dbscan", "choose_k"),
    }
    for each in document["segments"]:
        assert each.keys() >= {
            *("id", "name", "size", "share", "centre", "strategy", "explanation", "offers"),
        }
    assert document["dbscan"].keys() >= {
        *("eps", "min_samples", "clusters", "noise", "silhouette", "agreement", "verdict"),
    }
    for row in document["choose_k"]:
        assert row.keys() >= {
            *("k", "inertia", "silhouette", "calinski_harabasz", "davies_bouldin"),
        }


def test_the_figures_of_the_document(ran):
    document = ran.document
    assert document["k"] == 5
    assert document["inertia"] == pytest.approx(65.568, abs=0.001)
    assert document["silhouette"] == pytest.approx(0.5547, abs=0.0001)
    assert document["why_k"].startswith("k = 5: the inertia curve bends at k = 5, and ")
    assert (document["elbow_k"], document["silhouette_k"]) == (5, 5)
    assert (document["customers"], document["scored"]) == (200, 200)
    segments = document["segments"]
    assert [each["id"] for each in segments] == [0, 1, 2, 3, 4]
    assert [each["name"] for each in segments] == NAMES
    assert [each["size"] for each in segments] == [81, 39, 35, 23, 22]
    assert [each["share"] for each in segments] == [0.405, 0.195, 0.175, 0.115, 0.11]
    assert segments[2]["centre"] == pytest.approx({INCOME: 88.2, SPENDING: 17.114}, abs=0.001)
    assert segments[2]["explanation"] == (
        "income 88 k$, above 89 % of customers; spending 17, below 83 %"
    )
    assert [each["rank"] for each in segments[4]["offers"]] == [1, 2, 3]
    assert segments[4]["offers"][0]["title"] == "48-hour flash sale"
    assert [row["k"] for row in document["choose_k"]] == list(range(2, 11))
    dbscan = document["dbscan"]
    assert dbscan["eps"] == pytest.approx(0.3677, abs=0.0001)
    assert (dbscan["min_samples"], dbscan["clusters"], dbscan["noise"]) == (4, 3, 15)
    assert dbscan["agreement"] == pytest.approx(0.5, abs=0.001)
    assert 'Column "CustomerID" is taken as the customer id.' in document["notes"]


def test_the_document_is_all_of_standard_output(ran):
    assert json.loads(ran.said.out) == ran.document
    assert ran.said.out.startswith("{\n")
    assert ran.said.out.endswith("}\n")
    assert ran.said.err == ""
    assert "NaN" not in ran.said.out


def test_the_files(ran):
    files = {each.relative_to(ran.folder).as_posix() for each in ran.folder.rglob("*")}
    assert files == {
        *("model.json", "segments.csv", "recommendations.csv", "recommendations.parquet"),
        *("report.html", "images", "images/elbow_method.png", "images/kmeans_clusters.png"),
        *("images/dbscan_k_distance.png", "images/dbscan_clusters.png"),
    }
    assert [each.name for each in ran.folder.parent.iterdir()] == [ran.folder.name]
    for each in (ran.folder / "images").iterdir():
        assert each.read_bytes().startswith(b"\x89PNG")
    report = (ran.folder / "report.html").read_text(encoding="utf-8")
    assert all(name in report for name in NAMES)


def test_the_recommendations_as_parquet(ran, mall_csv):
    table = pq.read_table(ran.folder / "recommendations.parquet")
    assert table.column_names == COLUMNS
    assert [str(field.type) for field in table.schema] == [
        *("int64", "int64", "int64", "int32", "string", "double", "string"),
        *("string", "string", "string", "string"),
    ]
    rows = table.to_pandas()
    mall = pd.read_csv(mall_csv)
    assert rows["customer_id"].tolist() == mall["CustomerID"].tolist()
    assert rows[[INCOME, SPENDING]].equals(mall[[INCOME, SPENDING]])
    model = cl.Model.load(ran.folder / "model.json")
    pd.testing.assert_frame_equal(rows, cl.recommend(model, str(mall_csv)).df())


def test_the_recommendations_as_csv(ran):
    path = ran.folder / "recommendations.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = pd.read_csv(path, keep_default_na=False)
    assert list(rows.columns) == [*COLUMNS, "reason"]
    parquet = pd.read_parquet(ran.folder / "recommendations.parquet")
    pd.testing.assert_frame_equal(rows[COLUMNS], parquet, check_dtype=False)
    assert rows["reason"].str.contains("income").all()


def test_the_segments_as_csv(ran):
    rows = pd.read_csv(ran.folder / "segments.csv")
    assert rows["name"].tolist() == NAMES
    assert rows["size"].tolist() == [81, 39, 35, 23, 22]
    for row, each in zip(rows.to_dict("records"), ran.document["segments"], strict=True):
        assert row["strategy"] == each["strategy"]
        assert row["explanation"] == each["explanation"]
        assert row[INCOME] == pytest.approx(each["centre"][INCOME])
        for offer in each["offers"]:
            assert row[f"offer_{offer['rank']}"] == offer["title"]
            assert row[f"reason_{offer['rank']}"] == offer["reason"]


def test_the_model_predicts_as_the_run_did(ran):
    model = cl.Model.load(ran.folder / "model.json")
    assert model.predict({INCOME: 15, SPENDING: 81}).segment.name == "Deal Seekers"
    assert model.predict({INCOME: 137, SPENDING: 18}).segment.name == "Potential Customers"


def test_a_second_run_writes_the_same_bytes(cli, ran, here, contents):
    assert cli("run", "sample", "--out", "again").code == 0

    def undated(files: dict[str, bytes]) -> dict[str, bytes]:
        return {
            name: re.sub(rb"\d{4}-\d\d-\d\d|\d{1,2} [A-Z][a-z]+ \d{4}", b"", content)
            for name, content in files.items()
        }

    assert undated(contents(here / "again")) == undated(contents(ran.folder))


def test_what_people_read(cli, here):
    said = cli("run", "sample", "--k", "5")
    assert said.code == 0
    assert said.err == ""
    words = " ".join(said.out.split())
    assert "200 customers in 5 segments" in words
    assert (
        "Potential Customers: income 88 k$, above 89 % of customers; spending 17, below 83 %."
        in words
    )
    assert "1. 48-hour flash sale." in words
    assert "The number of segments was given: 5." in words
    assert "DBSCAN, for comparison only" in words
    assert "CustomerID Taken as the customer id" in words
    assert "Written to clienteling-out" in words
    assert (here / "clienteling-out" / "model.json").is_file()


def test_the_next_command_is_filled_in_and_works(cli, here):
    frame = cl.read("sample").df()
    frame.rename(columns={"CustomerID": "who"}).to_csv("my shop.csv", index=False, sep="|")
    ways = ["--id", "who", "--delimiter", "|", "--drop", "Age=118", "--missing", "n/a"]
    said = cli("run", "my shop.csv", "--k", "5", "--out", "my result", *ways)
    assert said.code == 0, said.err
    (command,) = (
        each.strip() for each in said.out.splitlines() if "clienteling campaign plan" in each
    )
    assert command == (
        "clienteling campaign plan 'my result/model.json' 'my shop.csv' --name spring "
        "--holdout 0.5 --id who --delimiter '|' --missing n/a --drop Age=118"
    )
    planned = cli(*shlex.split(command)[1:], "--json")
    assert planned.code == 0, planned.err
    assert planned.document["campaign"] == "spring"
    assert planned.document["holdout"] == 0.5
    assert (here / "spring" / "plan.json").is_file()


def test_the_next_command_shows_no_password():
    address = "postgresql://ada:secret@db/shop?table=customers"
    assert "secret" not in plan_command(address, Path("out"))
    assert "ada:***@db" in plan_command(address, Path("out"))


def test_an_earlier_result_is_replaced_whole(cli, here):
    assert cli("run", "sample", "--k", "5", "--out", "out").code == 0
    assert (here / "out" / "recommendations.csv").exists()
    assert cli("run", "sample", "--k", "3", "--out", "out", "--no-csv").code == 0
    assert not (here / "out" / "recommendations.csv").exists()
    assert cl.Model.load(here / "out" / "model.json").k == 3
    assert [each.name for each in here.iterdir()] == ["out"]


def test_an_earlier_result_stays_where_a_run_fails_late(cli, here, contents, monkeypatch):
    assert cli("run", "sample", "--k", "2", "--out", "out").code == 0
    before = contents(here)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("clienteling.report.write_report", fail)
    said = cli("run", "sample", "--k", "3", "--out", "out")
    assert said.code == 2
    assert said.err == f"Error: {here}/out: can't be written (No space left on device).\n"
    assert contents(here) == before


def test_a_result_can_be_run_on_again_into_its_own_folder(cli, here):
    assert cli("run", "sample", "--k", "5", "--out", "out").code == 0
    said = cli("run", "out/recommendations.csv", "--k", "5", "--out", "out", "--json")
    assert said.code == 0, said.err
    assert [each["name"] for each in said.document["segments"]] == NAMES


def test_missing_values_are_said_and_noted(cli, here, data_folder):
    said = cli("run", str(data_folder / "mall_customers_missing.csv"), "--k", "5", "--json")
    assert said.code == 0, said.err
    frame = pd.read_csv(data_folder / "mall_customers_missing.csv")
    usable = frame[[INCOME, SPENDING]].notna().all(axis=1)
    assert (said.document["customers"], said.document["scored"]) == (200, usable.sum())
    assert any(
        note.startswith(f"{200 - usable.sum()} of 200 customers have no segment: ")
        for note in said.document["notes"]
    )
    rows = pd.read_parquet("clienteling-out/recommendations.parquet")
    assert rows["segment"].notna().tolist() == usable.tolist()
    assert (rows["note"] != "").tolist() == (~usable).tolist()
    assert rows["offer_1"].notna().tolist() == usable.tolist()


def test_names_with_commas_stand_in_quotes(cli, here):
    (here / "a.csv").write_text('"Income, net","a ""b""",c\n' + "1,2,0\n8,1,0\n2,9,0\n9,8,0\n")
    said = cli(
        "run", "a.csv", "--features", '"Income, net", "a ""b"""', "--k", "2", "--json", "--out", "o"
    )
    assert said.code == 0, said.err
    assert said.document["features"] == ["Income, net", 'a "b"']


def test_the_id_can_be_named(cli, here):
    rows = "".join(f"k-{n:02},{n % 7},{n * n % 11}\n" for n in range(30))
    (here / "a.csv").write_text(f"Kunde,Income,Score\n{rows}")
    said = cli("run", "a.csv", "--id", "Kunde", "--k", "3", "--json", "--out", "o")
    assert said.code == 0, said.err
    found = pd.read_parquet("o/recommendations.parquet")
    assert found["customer_id"].tolist() == [f"k-{n:02}" for n in range(30)]


def test_ones_own_words_and_offers(cli, here):
    (here / "words.yaml").write_text(
        cli("playbook")
        .out.replace("name: Deal Seekers", 'name: "=Bargain Hunters"')
        .replace("strategy: Discounts", "strategy: -Discounts")
    )
    (here / "offers.yaml").write_text(
        "catalogue: mine\noffers:\n- {id: a, title: '=HYPERLINK(\"x\")', text: t, reason: '+why', "
        "segments: [deal-seekers]}\n"
    )
    said = cli(
        *("run", "sample", "--k", "5", "--playbook", "words.yaml", "--offers", "offers.yaml"),
        *("--out", "out", "--json"),
    )
    assert said.code == 0, said.err
    assert said.document["segments"][4]["name"] == "=Bargain Hunters"
    assert said.document["catalogue"] == "mine"
    assert (
        'The catalogue "mine" has no offer for: Average Customers, Premium Customers, Potential '
        "Customers, Low-Value Customers. Add offers for them and give the file with --offers."
    ) in said.document["notes"]
    for name in ("segments.csv", "recommendations.csv"):
        with (here / "out" / name).open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        live = [cell for cell in cells if cell[:1] in "=+@\t\r-" and cell]
        assert [cell for cell in live if not re.fullmatch(r"-?[\d.e-]+", cell)] == []
        assert '\'=HYPERLINK("x")' in cells
        assert "'=Bargain Hunters" in cells
    raw = pd.read_parquet(here / "out" / "recommendations.parquet")
    assert "=Bargain Hunters" in raw["segment"].unique()


@pytest.mark.parametrize("k", ["1", "20"])
def test_the_ends_of_k(cli, here, k):
    said = cli("run", "sample", "--k", k, "--json")
    assert said.code == 0, said.err
    assert said.document["k"] == int(k) == len(said.document["segments"])
    rows = pd.read_parquet("clienteling-out/recommendations.parquet")
    assert rows["margin"].isna().all() == (k == "1")


@pytest.mark.parametrize("features", [1, 6])
def test_other_numbers_of_features(cli, here, features):
    names = [f"x{index}" for index in range(features)]
    rows = "\n".join(
        ",".join(str((row * (index + 3) ** 2) % 17 + row % 3 * 40) for index in range(features))
        for row in range(60)
    )
    (here / "a.csv").write_text(",".join(names) + "\n" + rows + "\n")
    said = cli("run", "a.csv", "--features", ",".join(names), "--k", "3", "--json")
    assert said.code == 0, said.err
    assert list(said.document["segments"][0]["centre"]) == names
    assert "the rows are numbered from 1." in " ".join(said.document["notes"])
