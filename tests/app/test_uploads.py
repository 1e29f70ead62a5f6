import io
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from clienteling.app.uploads import Upload, columns_of, csv_of, fit_upload, score_upload
from clienteling.errors import ClientelingError, ColumnError, DataError, SourceError

OWN = b"Member No;Salary; Score ;Town\nA1;15;81;=cmd\nA2;;50;x\nA3;137;18;y\n"


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_file_with_other_names_for_the_columns_is_scored(sample) -> None:
    scored = score_upload(Upload("own.csv", OWN), sample)
    rows = scored.table.to_pylist()
    assert [row["segment"] for row in rows] == ["Deal Seekers", None, "Potential Customers"]
    assert rows[0]["offer_1"] == "48-hour flash sale"
    assert rows[1]["note"].strip() == "Annual Income (k$) is missing."
    assert 'Column "Salary" is read as Annual Income (k$).' in scored.notes
    assert scored.not_scored.num_rows == 1
    assert scored.sizes(sample.model) == [0, 0, 1, 0, 1]


def test_the_sample_comes_back_as_it_was(sample, mall_csv) -> None:
    scored = score_upload(Upload("Mall_Customers.csv", mall_csv.read_bytes()), sample)
    assert scored.table.equals(sample.recommended)


def test_nothing_of_the_file_stays_on_disk(sample, temporary) -> None:
    scored = score_upload(Upload("own.csv", OWN), sample)
    csv_of(scored.table, sample.model, sample.catalogue)
    with pytest.raises(ClientelingError):
        score_upload(Upload("own.csv", b"a,b\n1,2\n"), sample)
    assert [each for each in temporary.rglob("*") if each.is_file()] == []


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (b"", SourceError, "own.csv: is empty."),
        (b"Income,Score\n", SourceError, "own.csv: has a header but no rows."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", SourceError, "own.csv: is not a table"),
        (b"Income,\xc3\xa9\n1,\xe9\n", SourceError, "own.csv: mixes encodings"),
        (b"Income,Scoring\n15,81\n", ColumnError, "own.csv: columns are missing."),
        (b"Income,Score\n15,much\n", DataError, "own.csv: text stands among the numbers"),
        (b"Income,Score\n1,2\n15,81,3\n", SourceError, "own.csv: line 3 has 3 fields"),
    ],
)
def test_a_bad_file_is_called_by_its_own_name(sample, temporary, data, kind, said) -> None:
    with pytest.raises(kind) as caught:
        score_upload(Upload("own.csv", data), sample)
    error = caught.value
    assert said in error.message
    everything = "\n".join([str(error), error.message, *error.faults, error.hint])
    assert str(temporary) not in everything
    assert "upload.csv" not in everything
    assert "--" not in error.hint


@pytest.mark.parametrize("name", ["a[1]*.csv", "../../etc/passwd", "x" * 300, "a/b\\c.csv", ""])
def test_the_name_is_never_a_path(sample, name) -> None:
    scored = score_upload(Upload(name, OWN), sample)
    assert scored.table.num_rows == 3


def test_the_csv_opens_rightly_in_a_spreadsheet(sample) -> None:
    upload = Upload("own.csv", b"CustomerID,Income,Score\n=1+1,15,81\n\xc3\xa9va,137,18\n")
    content = csv_of(score_upload(upload, sample).table, sample.model, sample.catalogue)
    assert content.startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(io.BytesIO(content))
    assert frame["customer_id"].tolist() == ["'=1+1", "éva"]
    assert frame["segment"].tolist() == ["Deal Seekers", "Potential Customers"]
    assert frame["reason"].str.contains("They buy on the spot").tolist() == [True, False]


def test_features_are_proposed_where_a_playbook_knows_them() -> None:
    found = columns_of(Upload("own.csv", b"id,Age,Score,Income\n1,2,3,4\n"))
    assert (found.numbers, found.known) == (("Income", "Score", "Age"), ("Income", "Score"))
    found = columns_of(Upload("own.csv", b"id,a,b,c\n1,2,x,4\n"))
    assert (found.numbers, found.known, found.left_out, found.words) == (("a", "c"), (), (), ("b",))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["15", "much", "16"], 'x: row 2 has "much", which is not a number.'),
        (["15", "", "12 pieces"], 'x: row 3 has "12 pieces", which is not a number.'),
        (["007", "0815", "NA"], "x: its values look like ids, not like amounts."),
        (["", "NA", ""], "x: is empty in every row."),
        (["y", "y", ""], "x: has the same value for everybody who has one."),
        (["a1@b.org", "a2@b.org", ""], 'x: holds addresses, such as "a1@b.org", and no amounts.'),
    ],
)
def test_a_column_that_is_left_out_has_its_reason(values, reason) -> None:
    rows = "\n".join(f'{n},"{each}",{n}' for n, each in enumerate(values))
    found = columns_of(Upload("own.csv", f"id,x,y\n{rows}\n".encode()))
    assert found.numbers == ("y",)
    assert found.words == ()
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith(reason)


@pytest.mark.parametrize(
    ("values", "could_be"),
    [
        (["12 pieces", "7 pieces"], True),
        (["EUR 12 net", "EUR 7 net"], True),
        (["15", "much"], True),
        (["Elm Street 5", "Oak Road 7"], False),
        (["SW1A 1AA", "N1 9GU"], False),
        (["12345-6789", "54321-1234"], False),
        (["31/12/2025 noon", "30/11/2025 noon"], False),
    ],
)
def test_only_what_could_be_an_amount_is_to_be_written_as_one(values, could_be) -> None:
    rows = "\n".join(f'{n},"{each}",{n}' for n, each in enumerate(values))
    found = columns_of(Upload("own.csv", f"id,x,y\n{rows}\n".encode()))
    assert len(found.left_out) == 1
    assert found.amounts == (("x",) if could_be else ())


@pytest.mark.parametrize("kind", ["csv.gz", "csv.zip", "parquet", "jsonl", "csv.zst"])
def test_what_the_library_reads_is_taken(sample, mall_csv, tmp_path, kind) -> None:
    frame = pd.read_csv(mall_csv)
    path = tmp_path / f"mall.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif kind == "csv.zst":
        with pa.output_stream(str(path), compression="zstd") as out:
            out.write(mall_csv.read_bytes())
    else:
        frame.to_csv(path, index=False)
    scored = score_upload(Upload(path.name.upper(), path.read_bytes()), sample)
    assert scored.sizes(sample.model) == [81, 39, 35, 23, 22]


@pytest.mark.parametrize(
    "values", [["856,5", "12,1", "7"], ["12 EUR", "7 EUR", "9 EUR"], ["1", "unknown", "3"]]
)
def test_numbers_as_people_write_them_are_proposed(values) -> None:
    rows = "\n".join(f'{n},"{each}",{n}' for n, each in enumerate(values))
    assert columns_of(Upload("own.csv", f"id,x,y\n{rows}\n".encode())).numbers == ("x", "y")


def test_known_columns_with_text_in_them_are_not_proposed() -> None:
    found = columns_of(Upload("own.csv", b"id,Income,Score\n1,15,81\n2,much,8\n"))
    assert (found.numbers, found.known) == (("Score",), ())


def test_a_file_with_too_many_customers_is_work_for_the_command_line(sample, monkeypatch) -> None:
    monkeypatch.setattr("clienteling.app.uploads.ROWS", 2)
    with pytest.raises(DataError) as caught:
        score_upload(Upload("own.csv", OWN), sample)
    assert caught.value.message == "own.csv: has 3 customers; the web app takes up to 2."
    assert "clienteling score" in caught.value.hint


def test_new_segments_are_found_in_a_file() -> None:
    rows = "\n".join(f"{10 * (n % 3) + n % 5 / 10}" for n in range(60))
    said = []
    found = fit_upload(
        Upload("visits.csv", f"visits\n{rows}\n".encode()),
        ["visits"],
        lambda what, share: said.append((what, share)),
    )
    assert (found.name, found.is_sample, found.model.k, found.customers) == (
        "visits.csv",
        False,
        3,
        60,
    )
    assert {what for what, _ in said} >= {"Fitting", "Judging each k"}


def test_a_file_without_any_known_column_says_so_without_options_of_the_command_line() -> None:
    with pytest.raises(ColumnError) as caught:
        fit_upload(Upload("own.csv", b"a,b\n1,2\n3,4\n"))
    assert "own.csv" in caught.value.message
    assert caught.value.hint == ""


def test_a_workbook_is_scored_as_it_is(sample, mall_csv, tmp_path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason='pip install "openpyxl" to write a workbook')
    book = openpyxl.Workbook()
    for line in mall_csv.read_text(encoding="utf-8").splitlines():
        book.active.append([int(each) if each.isdigit() else each for each in line.split(",")])
    book.save(tmp_path / "mall.xlsx")
    scored = score_upload(Upload("mall.xlsx", (tmp_path / "mall.xlsx").read_bytes()), sample)
    assert scored.sizes(sample.model) == [81, 39, 35, 23, 22]
    assert not [each for each in scored.notes if "--" in each]


def test_columns_are_proposed_where_no_playbook_knows_them_and_words_can_take_part() -> None:
    rows = "\n".join(
        f"{n},{n * 7 % 50},{n % 9 + 1},{n * 7 % 50 / 2},{('Bonn', 'Kiel')[n % 2]},comment {n}"
        for n in range(120)
    )
    file = Upload("shop.csv", f"id,spend,visits,half_spend,City,Note\n{rows}\n".encode())
    found = columns_of(file)
    assert (found.known, found.proposed) == ((), ("spend", "visits"))
    assert (found.categories, found.words[:1]) == (("City",), ("City",))
    own = fit_upload(file, found.proposed, categorical=found.categories)
    assert own.model.columns == ["spend", "visits", "City"]
