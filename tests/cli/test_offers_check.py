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
    assert len(said.document["error"]["faults"]) == 14
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


BUDGET = """\
catalogue: mine
offers:
  - {{id: a, title: A, text: T, segments: [{segment}], reason: R, cost: {cost}}}
"""


def test_without_a_model_segments_are_held_against_the_built_in_playbooks(cli, file):
    said = cli("offers", "check", file(BUDGET.format(segment="deal-seekers", cost=1)))
    assert said.code == 0, said.err
    assert "built-in playbook" not in said.out
    said = cli("offers", "check", file(BUDGET.format(segment="Champions", cost=1)))
    assert said.code == 0, said.err
    assert "built-in playbook" not in said.out  # the one of RFM
    said = cli("offers", "check", file(BUDGET.format(segment="deal-seeker", cost=1)))
    assert said.code == 2
    assert (
        '  - offers[1] (a).segments: there is no segment "deal-seeker". '
        'Did you mean "deal-seekers"?' in said.err
    )
    said = cli("offers", "check", file(BUDGET.format(segment="zwerge", cost=1)))
    assert said.code == 0, said.err
    words = " ".join(said.out.split())
    assert 'No built-in playbook has segments "zwerge"; whether there are such' in words


def test_a_playbook_says_which_segments_there_are(cli, file):
    offers = file(BUDGET.format(segment="zwerge", cost=1))
    said = cli("offers", "check", offers, "--playbook", "income-spending")
    assert said.code == 2
    assert 'there is no segment "zwerge".' in said.err
    champions = file(BUDGET.format(segment="Champions", cost=1))
    assert cli("offers", "check", champions, "--playbook", "rfm").code == 0
    assert cli("offers", "check", champions, "--playbook", "income-spending").code == 2
    assert cli("offers", "check", champions, "--playbook", "nowhere.yaml").code == 2


def test_a_decimal_comma_is_answered_with_a_point(cli, file):
    said = cli("offers", "check", file(BUDGET.format(segment="premium", cost='"1,50"')))
    assert said.code == 2
    assert (
        "offers[1] (a).cost: should be a number (found '1,50'). Write it with a point: 1.50."
        in said.err
    )
