"""``offers check``: exit codes, the JSON document, words for people."""

import pytest

from tests.offers.test_check import BAD, GOOD, NOBODY


@pytest.fixture
def file(here):
    def file(text):
        (here / "offers.yaml").write_text(text, encoding="utf-8")
        return "offers.yaml"

    return file


def test_counts_for_people(cli, file):
    said = cli("offers", "check", file(GOOD), "sample", "--on", "2026-03-01")
    assert said.code == 0
    assert "3 offers, 200 customers, of whom 12 are not to be contacted." in said.out
    assert "Age >= 30" in said.out
    assert '"All" goes out from 2026-04-01, so not on 2026-03-01.' in said.out


def test_counts_for_programs(cli, file):
    said = cli("offers", "check", file(GOOD), "sample", "--json")
    document = said.document
    assert said.code == 0
    assert [each["id"] for each in document["offers"]] == ["wine", "mail", "all"]
    assert document["customers"] == 200
    assert document["faults"] == []


def test_without_customers_only_the_catalogue_is_looked_at(cli, file):
    said = cli("offers", "check", file(GOOD))
    assert said.code == 0
    assert "3 offers, without a fault." in said.out


def test_faults_end_with_2(cli, file):
    said = cli("offers", "check", file(BAD), "sample", "--json")
    assert said.code == 2
    assert len(said.document["error"]["faults"]) == 13
    assert "Error: offers.yaml: the catalogue has faults." in said.err


def test_an_offer_for_nobody_ends_with_2_after_the_counts(cli, file):
    said = cli("offers", "check", file(NOBODY), "sample", "--json")
    document = said.document
    assert said.code == 2
    assert document["offers"][0]["eligible"] == 0
    assert document["error"]["faults"] == document["faults"]
    assert "nobody fulfils Age > 200" in said.err


def test_a_wrong_day_is_said(cli, file):
    said = cli("offers", "check", file(GOOD), "--on", "tomorrow")
    assert said.code == 2
    assert '--on is "tomorrow", which is no day.' in said.err
