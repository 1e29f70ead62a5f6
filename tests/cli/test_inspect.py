"""The command that looks at a table before anything is fitted."""

import importlib

import pytest

ROWS = "".join(f"{n},{n * 7 % 23},{n * n % 41},DE,{20 + n * 3 % 40}\n" for n in range(40))

BLOCK = """\
No playbook knows these columns, so each was given a role by what it holds:
  id        id: the customer's id
  features  visits, basket: an amount or a count
  profile   age: to describe the segments, not to form them
  ignored   country: the same value in all rows
  far out   "visits": 1 value lies far out: 9,999.
To change it, name the features with --features A,B; or write the roles to a file with
clienteling inspect shop.csv --write-roles roles.yaml
edit it, and add --roles roles.yaml.
"""


@pytest.fixture
def shop(here):
    (here / "shop.csv").write_text(f"id,visits,basket,country,age\n{ROWS}40,9999,1,DE,30\n")
    return here


def lines_of(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def test_words_for_people(cli, shop, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = cli("inspect", "shop.csv")
    assert said.code == 0, said.err
    assert said.err == ""
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert max(len(line) for line in said.out.splitlines()) <= 80
    assert "41 rows, 5 columns" in lines
    assert "visits feature whole 24 0 to 9,999 1" in lines
    assert '"visits": 1 value lies far out: 9,999.' in lines
    assert '"country": the same value in all rows.' in lines
    assert "feature: visits, basket. An amount or a count." in lines
    assert "id: id. The customer's id." in lines
    words = " ".join(said.out.split())
    assert "Next: clienteling run shop.csv --roles auto, or with a file" in words


def test_one_document(cli, shop):
    document = cli("inspect", "shop.csv", "--json").document
    assert document["features"] == ["visits", "basket"]
    assert document["rows"] == 41
    visits = document["columns"][1]
    assert visits["outliers"] == 1
    assert visits["examples"] == [{"value": 9999.0, "rows": 1}]
    assert (visits["role"], visits["id_like"], visits["copy_of"]) == ("feature", False, None)


def test_the_file_of_roles_goes_round(cli, shop):
    said = cli("inspect", "shop.csv", "--role", "age=feature", "--write-roles", "my.yaml")
    assert said.code == 0, said.err
    assert "  # As you say.\n  age: feature\n" in (shop / "my.yaml").read_text()
    again = cli("inspect", "shop.csv", "--roles", "my.yaml", "--json").document
    assert again["features"] == ["visits", "basket", "age"]
    chosen = cli("choose-k", "shop.csv", "--roles", "my.yaml", "--json").document
    assert chosen["features"] == ["visits", "basket", "age"]
    said = cli("inspect", "shop.csv", "--write-roles", "my.yaml")
    assert said.code == 2
    assert "my.yaml: is there already." in said.err


def test_run_and_compare_take_roles(cli, shop):
    ran = cli("run", "shop.csv", "--roles", "auto", "--k", "2", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["features"] == ["visits", "basket"]
    assert "By their roles, the features are visits, basket." in ran.document["notes"]
    compared = cli("compare", "shop.csv", "--roles", "auto", "--k", "2", "--json")
    assert compared.code == 0, compared.err


def test_options_that_are_not_understood(cli, shop):
    said = cli("inspect", "shop.csv", "--role", "age", "--role", "=id")
    assert said.code == 2
    assert said.err == (
        "Error: --role is not understood.\n"
        '  - "age" has no role.\n'
        '  - "id" has no column.\n'
        'Write it as --role "Age=feature".\n'
    )


def test_reading_options(cli, here):
    (here / "a.csv").write_text("id;visits\n" + "".join(f"{n};{n % 9}\n" for n in range(20)))
    document = cli("inspect", "a.csv", "--delimiter", ";", "--id", "id", "--json").document
    assert [each["name"] for each in document["columns"]] == ["id", "visits"]
    assert document["id"] == "id"


def test_a_table_that_no_playbook_knows_goes_on_with_the_proposed_roles(cli, shop):
    said = cli("run", "shop.csv", "--k", "2", "--json")
    assert said.code == 0
    assert said.document["features"] == ["visits", "basket"]
    assert lines_of(said.err) == BLOCK
    known = (
        "No playbook knows these columns, so the features were proposed; --features names others."
    )
    assert known in said.document["notes"]
    for command in ("choose-k", "compare"):
        again = cli(command, "shop.csv", "--json")
        assert lines_of(again.err) == BLOCK
    assert "No playbook" not in cli("choose-k", "shop.csv", "--features", "visits,basket").err
    assert "No playbook" not in cli("choose-k", "sample").err


def test_what_the_block_says_is_not_said_again(cli, shop):
    for command in (("run", "--k", "2"), ("choose-k",), ("compare",)):
        said = cli(command[0], "shop.csv", *command[1:])
        assert lines_of(said.err) == BLOCK
        assert "By their roles" not in said.out
        assert "lies far out" not in said.out
    # Roles that were asked for have no such block.
    assert "By their roles" in cli("choose-k", "shop.csv", "--roles", "auto").out


def test_a_category_has_its_place_among_the_roles(cli, here):
    said = cli("inspect", "sample", "--role", "Gender=category")
    assert said.code == 0, said.err
    assert "category: Gender. As you say." in said.out


def test_a_category_is_not_said_to_take_no_part(cli, here):
    (here / "towns.csv").write_text("id,visits,basket,town\n" + "".join(
        f"{each},{each * 7 % 23},{each * 13 % 37},{'Bonn' if each % 2 else 'Trier'}\n"
        for each in range(60)
    ))  # fmt: skip
    described = "profile town: to describe the segments, not to form them"
    assert described in " ".join(cli("choose-k", "towns.csv").err.split())
    said = " ".join(cli("choose-k", "towns.csv", "--categorical", "town").err.split())
    assert "categories town: to form segments by their levels" in said
    assert "profile town" not in said


def test_the_proposed_columns_are_said_before_the_fit(cli, shop, monkeypatch):
    order = []
    for module, function, what in (
        (importlib.import_module("clienteling.run"), "fit_segments", "fitted"),
        (importlib.import_module("clienteling.cli.run_command"), "print_proposed", "said"),
    ):
        real = getattr(module, function)

        def noted(*given, real=real, what=what, **options):
            order.append(what)
            return real(*given, **options)

        monkeypatch.setattr(module, function, noted)
    assert cli("run", "shop.csv", "--k", "2", "--json").code == 0
    assert order == ["said", "fitted"]


LOG = "Invoice,Customer,InvoiceDate,Amount\n" + "".join(
    f"{n // 2},{n % 12},2026-01-{n % 28 + 1:02},{n * 7 % 23 + 0.5}\n" for n in range(60)
)


def test_a_log_of_purchases_is_said_first(cli, here):
    (here / "log.csv").write_text(LOG)
    said = cli("inspect", "log.csv").out.splitlines()
    assert said[2].startswith("This looks like a log of purchases, not like a table of customers:")
    command = (
        "clienteling rfm log.csv --customer Customer --date InvoiceDate --amount Amount "
        "--invoice Invoice --out customers.csv"
    )
    assert f"  {command}" in said  # in one line, to be copied
    assert not any(each.startswith("Next: clienteling run") for each in said)
    document = cli("inspect", "log.csv", "--json").document
    assert document["purchase_log"]["command"] == command
    assert document["findings"][0].startswith("This looks like a log of purchases")
    assert not any("stands before" in each for each in document["findings"][1:])
    reasons = {each["name"]: each["reason"] for each in document["columns"]}
    assert reasons["Amount"] == "The amount of a purchase, not of a customer."
    for given in ("run", "choose-k", "compare"):
        refused = cli(given, "log.csv", "--features", "Amount")
        assert refused.code == 2
        assert command in refused.err
    assert cli(*command.split()[1:]).code == 0
    assert cli("run", "customers.csv", "--k", "2", "--json").code == 0


def test_rows_are_customers_where_it_is_said(cli, here):
    (here / "log.csv").write_text(LOG)
    said = cli("run", "log.csv", "--features", "Amount", "--k", "2", "--rows-are-customers")
    assert said.code == 0
    assert said.out.splitlines()[2].startswith("Careful: 48 rows have an id that stands before")


def test_many_ids_that_repeat_are_said_first(cli, here):
    """No log, as there is no date: it runs, and what is odd stands at the top."""
    rows = "".join(f"{n % 12},{n * 7 % 23},{n * n % 41}\n" for n in range(60))
    (here / "shop.csv").write_text(f"id,visits,basket\n{rows}")
    said = cli("run", "shop.csv", "--k", "2")
    assert said.code == 0
    assert said.out.splitlines()[2].startswith("Careful: 48 rows have an id that stands before")
    page = (here / "clienteling-out/report.html").read_text(encoding="utf-8")
    before, _, after = page.partition("Is each row a customer?</h2>")
    assert after.lstrip().startswith("<p>48 rows have an id that stands before")
    assert before.count("<h2") == 1  # it is the first: nothing but the title stands above it


def test_dates_are_not_said_to_describe_what_no_figure_describes(cli, here):
    rows = "".join(f"{n},{n * 7 % 23},{n * n % 41},2024-0{1 + n % 9}-1{n % 7}\n" for n in range(60))
    (here / "shop.csv").write_text(f"id,visits,basket,last_order\n{rows}")
    said = cli("run", "shop.csv", "--k", "2")
    words = " ".join(said.err.split())
    assert (
        "dates last_order: dates form no segments, and no figure describes them by dates" in words
    )
    assert "to describe the segments" not in words
