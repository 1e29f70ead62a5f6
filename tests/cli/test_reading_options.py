"""The options that say how a source is read, on the commands that read customers."""

import pytest

ROWS = "".join(f"{i};{i % 7 * 10},5;{i * 37 % 100};x\n" for i in range(1, 60))
CUSTOMERS = "CustomerID;Annual Income (k$);Spending Score (1-100);Größe\n" + ROWS + "60;-9;1;x\n"


@pytest.fixture
def file(here):
    (here / "a.csv").write_bytes(CUSTOMERS.encode("cp1252"))
    return "a.csv"


@pytest.mark.parametrize("command", ["run", "choose-k", "compare"])
def test_they_are_there_on_every_command_that_reads_customers(cli, file, command):
    said = cli(
        *(command, file, "--json", "--encoding", "cp1252", "--decimal", ",", "--delimiter", ";"),
        *("--missing", "-9", "--drop", "Spending Score (1-100)=37", "--dates", "none"),
    )
    assert said.code == 0, said.err
    notes = said.document["notes"]
    assert not any("otherwise" in each for each in notes)
    assert any('"Annual Income (k$)" is missing for 1' in each for each in notes)
    assert any('"Spending Score (1-100)" is missing for 1' in each for each in notes)


def test_what_is_assumed_without_them_is_said(cli, file, model, here):
    said = cli("score", model, file, "--out", "out.csv", "--json")
    assert said.code == 0, said.err
    notes = " ".join(said.document["notes"])
    assert "(otherwise: --encoding)" in notes
    assert "(otherwise: --decimal .)" in notes
    said = cli("score", model, file, "--out", "out.csv", "--json", "--decimal", ",")
    assert "--decimal" not in " ".join(said.document["notes"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--decimal", "x"), 'the decimal sign is "x"; it must be . or ,'),
        (("--drop", "Age"), '--drop is "Age"; it must be a column and the values'),
        (("--drop", "Age=much"), '--drop is "Age=much"; it must be a column and the values'),
        (("--sheet", "1"), "--sheet doesn't apply."),
    ],
)
def test_wrong_ones_are_refused(cli, file, arguments, message):
    said = cli("choose-k", file, *arguments)
    assert said.code == 2
    assert message in said.err


def test_a_column_that_is_kept_as_it_is_written(cli, here):
    rows = "".join(f"{i},{i % 7 * 10},{i * 37 % 100},{i % 5} %\n" for i in range(1, 60))
    (here / "p.csv").write_text(
        "CustomerID,Annual Income (k$),Spending Score (1-100),Rebate\n" + rows
    )
    read = cli("inspect", "p.csv", "--json").document
    assert any("(otherwise: --as-text Rebate)" in each for each in read["notes"])
    kept = cli("inspect", "p.csv", "--as-text", "Rebate", "--json").document
    kinds = {each["name"]: each["kind"] for each in kept["columns"]}
    assert kinds["Rebate"] == "text"
    assert not any("Rebate" in each for each in kept["notes"])
    said = cli("inspect", "p.csv", "--as-text", "Rebat,Rebate")
    assert said.code == 2
    assert 'there is no column "Rebat".' in said.err
    assert "Traceback" not in said.err


def test_what_was_assumed_is_one_table(cli, file):
    said = cli("inspect", file).out
    table = said[said.index("What was assumed") :]
    assert "What " in table
    assert "Otherwise" in table
    assert "--encoding" in table
