"""Bad input: a clear message on standard error, exit code 2, and nothing written."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

MALL = "CustomerID,Gender,Age,Annual Income (k$),Spending Score (1-100)\n"
ROWS = "".join(f"{n},Male,{20 + n},{15 + n},{(n * 37) % 100}\n" for n in range(1, 31))
COLUMNS = '"CustomerID", "Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"'

FAULTY_PLAYBOOK = """\
playbook: mine
title: Mine
features: {income: {label: income}}
segments:
  - {key: a, name: A, levels: {income: hgh}, description: d}
  - {key: a, name: B, levels: {}, description: d, strategy: s}
"""
FAULTY_CATALOGUE = """\
catalogue: mine
offers:
  - {id: a, title: A, text: t, segments: premium, reason: r}
  - {id: a, titel: B, text: t, segments: [premium], reason: r, priority: 0}
"""


@dataclass(frozen=True)
class Case:
    """A file, the arguments after `run`, and what is said."""

    name: str
    arguments: tuple[str, ...]
    message: str
    files: dict[str, str | bytes]


def case(name: str, *arguments: str, message: str, **files: str | bytes) -> object:
    named = {key.replace("__", "."): content for key, content in files.items()}
    return pytest.param(Case(name, arguments, message, named), id=name)


CASES = [
    case(
        "no such file",
        "custmers.csv",
        customers__csv=MALL + ROWS,
        message="custmers.csv: there is no such file.\n"
        'Did you mean "customers.csv"? To try the built-in sample, give "sample".',
    ),
    case(
        "a folder without Parquet",
        ".",
        a__csv=MALL + ROWS,
        message=".: holds no Parquet file.\n"
        "A folder or a pattern is read as Parquet; give a CSV file by its name.",
    ),
    case(
        "columns that no playbook knows",
        "a.csv",
        a__csv="id,visits,basket,city\n1,2,3,x\n2,3,4,y\n",
        message="a.csv: no built-in playbook knows these columns, and no features are named.\n"
        '  - "visits" could be a feature.\n'
        '  - "basket" could be a feature.\n'
        'Name two to four that matter: --features "visits,basket"',
    ),
    case(
        "roles that don't fit",
        *("a.csv", "--roles", "roles.yaml"),
        a__csv=MALL + ROWS,
        roles__yaml="roles: {Gender: feature, Agee: profile}\n",
        message="a.csv: the roles don't fit.\n"
        '  - "Gender" holds text values, and features are numbers; as a category its levels take '
        "part.\n"
        '  - there is no column "Agee". Did you mean "Age"?\n'
        f"The roles are id, feature, category, profile, ignore; the columns: {COLUMNS}.",
    ),
    case(
        "a file of roles with faults",
        *("a.csv", "--roles", "roles.yaml"),
        a__csv=MALL + ROWS,
        roles__yaml="roles: {Age: featur, Gender: id, CustomerID: id}\nmore: 1\n",
        message="roles.yaml: the file of roles has faults.\n"
        "  - roles.Age: should be 'id', 'feature', 'category', 'profile' or 'ignore' (found "
        "'featur').\n"
        "  - more: is not known here; remove it or mend its spelling.\n"
        '  - roles: "Gender" and "CustomerID" are both the id; one column can be.',
    ),
    case(
        "a picture named csv",
        "a.csv",
        a__csv=b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(200)),
        message="a.csv: is not a table; its content is a PNG picture.\n"
        "Give a CSV file: one line per customer, the column names in the first line.",
    ),
    case(
        "an empty file",
        "a.csv",
        a__csv="",
        message="a.csv: is empty.\nGive a file with a header and rows.",
    ),
    case(
        "a header only",
        "a.csv",
        a__csv=MALL,
        message="a.csv: has a header but no rows.\nGive one line per customer below it.",
    ),
    case(
        "missing columns",
        *("a.csv", "--features", "Annual Incme,Wealth"),
        a__csv=MALL + ROWS,
        message="a.csv: columns are missing.\n"
        '  - there is no column "Annual Incme". Did you mean "Annual Income (k$)"?\n'
        '  - there is no column "Wealth".\n'
        f"The columns are: {COLUMNS}.",
    ),
    case(
        "text among the numbers",
        "a.csv",
        a__csv=MALL + ROWS + "31,Male,30,much,3\n32,Male,30,n/a,3\n33,Male,30,1,three\n",
        message="a.csv: text stands among the numbers (2 values; row 1 is the first below the "
        "header).\n"
        '  - row 31, column "Annual Income (k$)": "much" is not a number.\n'
        '  - row 33, column "Spending Score (1-100)": "three" is not a number.\n'
        "Write numbers with a decimal point, without currency signs and separators of "
        "thousands; leave a cell empty where it is unknown.",
    ),
    case(
        "all values missing",
        "a.csv",
        a__csv="Income,Score\n,1\nNA,2\n",
        message="a.csv: no customer has a usable value.\n"
        '  - column "Income" is empty in all 2 rows.\n'
        "Choose other features with --features, or fill the column.",
    ),
    case(
        "fewer distinct customers than k",
        *("a.csv", "--k", "4"),
        a__csv="Income,Score\n" + "1,2\n3,4\n5,6\n" * 20,
        message="4 segments need 4 different customers; in the chosen features there are only 3.\n"
        "Ask for at most 3 segments, or add a feature.",
    ),
    case(
        "a constant column",
        "a.csv",
        a__csv="Income,Score\n7,1\n7,2\n7,3\n",
        message="a.csv: a feature must tell customers apart.\n"
        '  - column "Income" is 7 for every customer.\n'
        "Leave it out: name the other features with --features. A refit keeps its "
        "model's features; make a new run instead.",
    ),
    case(
        "negative k",
        *("sample", "--k", "-3"),
        message="--k is -3; the number of segments must be at least 1, or auto.",
    ),
    case(
        "no number for k",
        *("sample", "--k", "five"),
        message='--k is "five"; it must be a whole number from 1, or auto.',
    ),
    case(
        "a playbook with several faults",
        *("sample", "--playbook", "own.yaml"),
        own__yaml=FAULTY_PLAYBOOK,
        message="own.yaml: the playbook has faults.\n"
        "  - segments[1] (a).levels.income: should be 'very low', 'low', 'moderate', 'high' or "
        "'very high' (found 'hgh').\n"
        "  - segments[1] (a).strategy: is missing.\n"
        "  - segments[2] (a).levels: is empty.\n"
        '  - segments: the key "a" stands 2 times; each must be its own.\n'
        '  - segments[2] (a).levels: "income" has no level.',
    ),
    case(
        "a catalogue with several faults",
        *("sample", "--offers", "own.yaml"),
        own__yaml=FAULTY_CATALOGUE,
        message="own.yaml: the catalogue has faults.\n"
        "  - offers[1] (a).segments: should be a list (found 'premium').\n"
        "  - offers[2] (a).title: is missing.\n"
        "  - offers[2] (a).priority: should be at least 1 (found 0).\n"
        "  - offers[2] (a).titel: is not known here; remove it or mend its spelling. "
        'Did you mean "title"?\n'
        '  - offers: the id "a" stands 2 times; each must be its own.',
    ),
    case(
        "no such playbook",
        *("sample", "--playbook", "incme-spending"),
        message="incme-spending: there is no such playbook file.\n"
        'Did you mean "income-spending"? The built-in ones are: general, income-spending.',
    ),
    case(
        "a file in the place of the output folder",
        *("sample", "--out", "a.csv"),
        a__csv=MALL,
        message="a.csv: is a file, so it can't be the output folder.\n"
        "Name another folder with --out.",
    ),
    case(
        "an output folder below a file",
        *("sample", "--out", "a.csv/deep/out"),
        a__csv=MALL,
        message="a.csv/deep/out: can't be written (Not a directory).\n"
        "Name a folder that you may write to with --out.",
    ),
    case(
        "an output folder with files of one's own",
        *("sample", "--out", "."),
        thesis__txt="years of work",
        model__json="{}",
        message=".: holds files that are not of an earlier result (thesis.txt); the folder would "
        "be replaced whole, and they would be lost.\n"
        "Name another folder with --out.",
    ),
    case(
        "no such id",
        *("a.csv", "--id", "Customer Nr"),
        a__csv=MALL + ROWS,
        message="a.csv: columns are missing.\n"
        '  - there is no column "Customer Nr". Did you mean "CustomerID"?\n'
        f"The columns are: {COLUMNS}.",
    ),
    case(
        "no feature",
        *("sample", "--features", " , "),
        message='No feature is named.\nName them as --features "A,B".',
    ),
]


def prepare(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("given", CASES)
def test_run(cli, here, contents, given):
    prepare(here, given.files)
    before = contents(here)
    said = cli("run", *given.arguments)
    assert said.err == f"Error: {given.message}\n"
    assert (said.code, said.out) == (2, "")
    assert contents(here) == before


def test_nonsense_for_the_memory(cli, here):
    said = cli("run", "sample", "--memory", "much")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Error: The engine refuses its settings (memory much, threads None)")
    assert said.err.endswith('Memory is a size such as "2GB", threads a whole number from 1.\n')


@pytest.mark.parametrize("given", CASES[:4])
def test_as_one_json_document(cli, here, contents, given):
    prepare(here, given.files)
    before = contents(here)
    said = cli("run", *given.arguments, "--json")
    assert said.code == 2
    error = said.document["error"]
    assert list(error) == ["kind", "message", "faults", "hint"]
    lines = [error["message"], *(f"  - {fault}" for fault in error["faults"]), error["hint"]]
    assert "\n".join(lines) == given.message
    assert said.err == f"Error: {given.message}\n"
    assert contents(here) == before


@pytest.mark.parametrize("command", ["choose-k", "compare"])
@pytest.mark.parametrize("given", CASES[:9])
def test_every_command_that_reads_customers(cli, here, contents, command, given):
    prepare(here, given.files)
    before = contents(here)
    said = cli(command, *given.arguments)
    assert (said.code, said.err) == (2, f"Error: {given.message}\n")
    assert contents(here) == before


@pytest.mark.parametrize("out", ["new/deep/out", "out"])
def test_no_folder_is_made_for_a_run_that_fails(cli, here, out):
    assert cli("run", "nosuch.csv", "--out", out).code == 2
    assert list(here.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere: run as a user")
def test_an_output_folder_that_may_not_be_written(cli, here):
    here.chmod(0o500)
    try:
        said = cli("run", "sample", "--out", "out")
    finally:
        here.chmod(0o700)
    assert said.code == 2
    assert said.err.startswith("Error: out: can't be written (Permission denied).")


def test_an_output_folder_that_nobody_may_write(cli, here):
    said = cli("run", "sample", "--out", "/proc/clienteling/out")
    assert said.code == 2
    assert said.err.startswith("Error: /proc/clienteling/out: can't be written (")


def test_pictures_of_ones_own_are_not_lost(cli, here, ran, contents):
    (here / "out" / "images").mkdir(parents=True)
    (here / "out" / "model.json").write_text("{}")
    (here / "out" / "images" / "holiday.png").write_text("sun")
    before = contents(here)
    said = cli("run", "sample", "--out", "out")
    assert said.code == 2
    assert "holds files that are not of an earlier result (images/holiday.png)" in said.err
    assert contents(here) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "sample", "--bogus"),
        ("run",),
        ("run", "sample", "--seed", "-1"),
        ("run", "sample", "--seed", "4294967296"),
        ("run", "sample", "--seed", "x"),
        ("run", "sample", "--threads", "0"),
        ("compare", "sample", "--eps", "x"),
        ("score", "model.json", "sample"),
        ("segment", "model.json"),
        ("nosuch",),
        ("offers", "nosuch"),
    ],
    ids=" ".join,
)
def test_usage(cli, here, arguments):
    said = cli(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: clienteling ")
    assert "Error: " in said.err
    document = cli(*arguments, "--json").document
    assert document["error"]["kind"] == "UsageError"
    assert document["error"]["message"] in said.err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        (("--eps", "0"), ["eps is 0.0; it must be a number greater than 0."]),
        (("--eps", "nan", "--min-samples", "0"),
         ["eps is nan; it must be a number greater than 0.",
          "min_samples is 0; it must be at least 1."]),
    ],
)  # fmt: skip
def test_settings_of_dbscan(cli, here, arguments, faults):
    said = cli("compare", "sample", *arguments, "--json")
    assert said.code == 2
    assert said.document["error"]["faults"] == faults


# The model file.


def broken(model: str, how: str) -> str:
    text = Path(model).read_text(encoding="utf-8")
    content = json.loads(text)
    if how == "cut in half":
        return text[: len(text) // 2]
    if how == "of a newer schema":
        content["schema_version"] = 7
    if how == "with a centre made text":
        content["segments"][2]["centre"][0] = "1.05"
    return json.dumps(content)


BROKEN = {
    "cut in half": "broken.json: is not a whole model file; its JSON breaks off or is damaged at "
    "line ",
    "of a newer schema": "broken.json: has schema version 7; this program reads up to 1.\n"
    "Update it with: pip install --upgrade clienteling\n",
    "with a centre made text": "broken.json: the model has faults.\n"
    "  - segments[3].centre[1]: should be a number (found '1.05').\n"
    "Restore the file, or fit the model anew with: clienteling run\n",
}
COMMANDS = {
    "score": ("score", "broken.json", "sample", "--out", "scored.csv"),
    "segment": ("segment", "broken.json", "--set", "Income=1", "--set", "Score=2"),
    "sql": ("sql", "broken.json"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("how", BROKEN)
def test_a_model_file(cli, here, contents, model, command, how):
    (here / "broken.json").write_text(broken(model, how), encoding="utf-8")
    before = contents(here)
    said = cli(*COMMANDS[command])
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"Error: {BROKEN[how]}")
    assert contents(here) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.csv", "--out", "b.xlsx"), "b.xlsx: the result must be a .parquet or .csv file"),
        (("a.csv", "--out", "no/b.csv"), "no/b.csv: there is no folder "),
        (("b.csv", "--out", "c.csv"), "b.csv: there is no such file.\nDid you mean \"a.csv\"?"),
        (("a.csv", "--out", "c.csv"), "a.csv: columns are missing.\n"
         '  - there is no column "Spending Score (1-100)". Did you mean "Spending Points"?\n'
         'The columns are: "Income", "Spending Points".'),
    ],
)  # fmt: skip
def test_score(cli, here, contents, model, arguments, message):
    (here / "a.csv").write_text("Income,Spending Points\n1,2\n")
    before = contents(here)
    said = cli("score", model, *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"Error: {message}")
    assert contents(here) == before


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        (["Income"], ['"Income" has no name and value.']),
        (["=5", "Score=1", "Score=2"], ['"=5" has no name and value.', '"Score" is set twice.']),
        (["Income=15"], ['"Spending Score (1-100)" is missing.']),
        (["Income=15", "Score=1", "Age=3"], ['"Age" is not a feature.']),
        (["Income=many"], ['"Spending Score (1-100)" is missing.',
                           '"Annual Income (k$)" is "many", which is not a number.']),
        (["Income=1,234", "Score=1"],
         ['"Annual Income (k$)" is "1,234", which could be 1.234 or 1234.']),
        (["Income=many", "Score=1"],
         ['"Annual Income (k$)" is "many", which is not a number.']),
    ],
)  # fmt: skip
def test_segment(cli, here, model, values, faults):
    arguments = [part for value in values for part in ("--set", value)]
    said = cli("segment", model, *arguments, "--json")
    assert said.code == 2
    assert said.document["error"]["faults"] == faults
    assert said.err.startswith("Error: ")
