"""What a person at a terminal reads: whole names, plain figures, warnings that can't be missed."""

import subprocess
import sys

import pytest

from clienteling.offers.catalogue import catalogue_text

OWN = catalogue_text("income-spending").replace("Private preview evening", "MY OWN EVENING")
SHOP = "customer,yearly income,pay\n" + "".join(
    f"C{row:03d},{(row % 7) * 9_000 + 15_000},{(row % 5) * 700 + 100}\n" for row in range(60)
)


@pytest.fixture
def own(cli, here):
    (here / "own.yaml").write_text(OWN, encoding="utf-8")
    assert cli("run", "sample", "--offers", "own.yaml", "--out", "own").code == 0
    return "own/model.json"


def test_names_are_whole_on_a_narrow_screen(cli, here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = cli("run", "sample").out
    assert "…" not in said
    assert "Low-Value Customers" in said
    assert "Strategy: Flash sales, coupons and bundle offers." in said
    # The command that comes next is whole on its line, to be copied.
    *words, command = (each for each in said.splitlines() if each)
    assert command.startswith("  clienteling campaign plan clienteling-out/model.json sample ")
    assert max(map(len, words)) <= 80


def test_money_is_written_as_people_write_it(cli, here):
    (here / "shop.csv").write_text(SHOP)
    said = cli("run", "shop.csv", "--features", "yearly income,pay", "--k", "3").out
    assert "e+0" not in said
    assert "nan" not in said


def test_a_customer_without_a_segment_is_no_nan(cli, here):
    (here / "gap.csv").write_text(SHOP.replace("C000,15000,", "C000,,"))
    said = cli("run", "gap.csv", "--features", "yearly income,pay", "--k", "2").out
    (line,) = (each for each in said.splitlines() if each.strip().startswith("C000"))
    assert line.split() == ["C000", "–", "yearly", "income", "is", "missing.", "–"]


def test_the_built_in_offers_never_stand_in_for_ones_own_unsaid(cli, here, own):
    word = "Give your catalogue with --offers."
    customer = ("segment", own, "--set", "income=90", "--set", "score=90")
    assert word in " ".join(cli(*customer).out.split())
    assert cli(*customer, "--json").document["notes"] != []
    assert word in " ".join(cli("score", own, "sample", "--out", "a.csv").out.split())
    with_own = cli(*customer, "--offers", "own.yaml").out
    assert "MY OWN EVENING" in with_own
    assert "Give your catalogue" not in with_own


def test_a_file_in_another_unit_is_warned_of(cli, here, own):
    (here / "dollars.csv").write_text("CustomerID,Income,Score\n1,58000,81\n2,15000,39\n")
    scored = cli("score", own, "dollars.csv", "--out", "a.csv")
    assert "Careful: All 2 values of" in scored.out
    assert cli("score", own, "dollars.csv", "--out", "a.csv", "--json").document["warnings"]
    assert cli("score", own, "sample", "--out", "a.csv", "--json").document["warnings"] == []
    one = cli("segment", own, "--set", "income=58000", "--set", "score=81")
    assert one.out.startswith("Careful: Annual Income (k$) is 58,000;")


def test_repeated_ids_and_few_customers_are_said(cli, here):
    (here / "few.csv").write_text("id,a,b\n1,1,2\n2,5,9\n2,7,1\n3,8,8\n")
    notes = cli("run", "few.csv", "--features", "a,b", "--json").document["notes"]
    assert '1 row has an id that stands before in "id"; each row counts as a customer.' in notes
    assert any(each.startswith("Only 4 customers:") for each in notes)


def test_what_is_known_of_the_columns_is_said(cli, here):
    (here / "shop.csv").write_text(SHOP)
    said = cli("run", "shop.csv")
    assert said.code == 2
    assert (
        'of the playbook "income-spending", income is "yearly income", but there is no spending.'
        in said.err
    )


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (
            ("score", "own", "sample", "--out", "a.csv"),
            "is a folder",
            "Did you mean own/model.json?",
        ),
        (("sql", "nope.json"), "no such model file", "clienteling run writes a model.json"),
        (("run", "sample", "--playbook", "own.yaml"), "is a catalogue, not a playbook", "--offers"),
    ],
)
def test_a_file_of_another_kind_is_told_apart(cli, here, own, arguments, message, hint):
    said = cli(*arguments)
    assert said.code == 2
    assert message in said.err
    assert hint in said.err


def test_a_reader_that_has_enough_is_no_fault(here):
    """As in ``clienteling choose-k sample | head -1``."""
    command = subprocess.Popen(
        [sys.executable, "-m", "clienteling", "choose-k", "sample"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout is not None
    command.stdout.close()
    _, said = command.communicate(timeout=120)
    assert (command.returncode, said) == (0, b"")
