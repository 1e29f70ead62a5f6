"""Amounts, shares and whole numbers as people write them, and what is said of others."""

import pytest
import typer

from clienteling.cli.evaluation_words import pairs
from clienteling.cli.figures import amount, share, whole
from clienteling.errors import InputError

PLAN = ("campaign", "plan", "model.json", "customers.csv", "--name", "spring")


@pytest.mark.parametrize(
    ("read", "written", "meant"),
    [
        *((amount, each, 400.0) for each in ("400", " 400 €", "€400", "400.00 EUR", "$ 400", 400)),
        (amount, "-1", -1.0),
        *((share, each, 0.2) for each in ("0.2", "20%", "20 %", " 20%", 0.2)),
        *((whole, each, 5000) for each in ("5000", "5 000", 5000)),
    ],
)
def test_what_is_clear_is_taken(read, written, meant):
    assert read(written) == meant


@pytest.mark.parametrize(
    ("read", "written", "said"),
    [
        (amount, "much", '"much" is no amount. Write it as 400.50.'),
        (
            amount,
            "400,50 €",
            '"400,50 €" is no amount. Write it with a point: 400.50. Write it as 400.50.',
        ),
        (amount, "inf", '"inf" is no amount. Write it as 400.50.'),
        (
            share,
            "0,2",
            '"0,2" is no share. Write it with a point: 0.2. Write a fifth as 0.2 or 20%.',
        ),
        (
            share,
            "12,5 %",
            '"12,5 %" is no share. Write it with a point: 12.5. Write a fifth as 0.2 or 20%.',
        ),
        (share, "nan", '"nan" is no share. Write a fifth as 0.2 or 20%.'),
        (whole, "2.5", '"2.5" is no whole number. Write five thousand as 5000.'),
    ],
)
def test_what_is_not_clear_is_said_with_what_would_be_right(read, written, said):
    with pytest.raises(typer.BadParameter) as refused:
        read(written)
    assert refused.value.message == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--budget", "four"), '"four" is no amount. Write it as 400.50.'),
        (("--contacts", "1.5"), '"1.5" is no whole number. Write five thousand as 5000.'),
        (("--days", "a month"), '"a month" is no whole number. Write five thousand as 5000.'),
        (("--holdout", "0,2"), "Write it with a point: 0.2. Write a fifth as 0.2 or 20%."),
    ],
)
def test_the_command_says_it_in_our_words(cli, given, said):
    refused = cli(*PLAN, *given, "--json")
    assert refused.code == 2
    assert refused.document["error"]["message"].endswith(said)
    assert "valid" not in refused.document["error"]["message"].split(":")[1]


def test_pairs_take_percent_where_it_is_clear_and_a_currency_anywhere():
    assert pairs("--value", ["spend=40%", "visit=0.50 €"], "x=1", percent=True) == {
        "spend": 0.4,
        "visit": 0.5,
    }
    assert pairs("--cost", ["0.10 €"], "mail=0.10", alone=True) == {"": 0.1}


def test_the_hint_names_the_outcome_that_was_given():
    with pytest.raises(InputError) as refused:
        pairs("--value", ["purchases=cheap", "visit=1"], "spend=0.40", percent=True)
    assert refused.value.hint == 'Write it as --value "purchases=0.40".'
    with pytest.raises(InputError) as refused:
        pairs("--cost", ["mail=10%"], "Mens E-Mail=0.10", alone=True)
    assert refused.value.faults == ('"mail=10%" has no number after the last "=".',)
    assert refused.value.hint == 'Write it as --cost "mail=0.10" or as one number.'
    with pytest.raises(InputError) as refused:
        pairs("--value", ["0.40"], "spend=0.40")
    assert refused.value.hint == 'Write it as --value "spend=0.40".'
