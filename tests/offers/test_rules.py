"""Rules: what they accept, how they read, what can't hold together."""

import datetime as dt
import json

import pytest
from pydantic import ValidationError

from clienteling.data.documents import faults_of
from clienteling.offers.catalogue import Catalogue, load_catalogue
from clienteling.offers.contradictions import contradictions
from clienteling.offers.rules import Rule, fits


def condition(column, operator, value=None):
    return {"column": column, "operator": operator, "value": value}


def faults(given):
    with pytest.raises(ValidationError) as caught:
        Rule.model_validate(given)
    return faults_of(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            condition("Age", "=="),
            'operator: "==" is no operator. Did you mean "="?',
        ),
        (
            condition("Age", "higher"),
            'operator: "higher" is no operator. The operators are: =, !=, <, <=, >, >=, in, '
            "not in, is missing, is not missing.",
        ),
        (condition("Age", ">"), '">" has no value.'),
        (condition("Age", "is missing", 3), '"is missing" takes no value.'),
        (condition("Age", "in", 3), '"in" takes a list of values, such as [1, 2].'),
        (condition("Age", "in", []), '"in" takes a list of values, such as [1, 2].'),
        (condition("Age", "in", [1, "a"]), '"in" takes values of one kind.'),
        (condition("Age", "=", [1, 2]), '"=" takes one value; for several there is "in".'),
        (condition("Age", "<", "b"), '"<" compares numbers and days, not "b".'),
        (condition("Age", "<", True), '"<" compares numbers and days, not true.'),
        (condition("Age", "<", float("inf")), "value: inf is not a finite number."),
        (condition("Age", "=", {"a": 1}), "value: {'a': 1} is not a number, a text, a day, or"),
        ({"column": "Age"}, '"Age" has no operator. The operators are: '),
        ({"all": []}, '"all" is empty.'),
        ({"all": [condition("a", "=", 1)], "operator": "="}, '"all" takes a list of rules'),
        ({}, 'this one has none of them.'),
        ({"all": [condition("a", "=", 1)], "any": []}, "this one has all and any."),
        ({"colum": "Age"}, "colum: is not known here; remove it or mend its spelling."),
    ],
)  # fmt: skip
def test_a_rule_says_what_is_wrong_with_it(given, said):
    assert any(said in each for each in faults(given)), faults(given)


def test_nothing_in_a_rule_is_code():
    rule = Rule.model_validate(condition("__import__('os').system('x')", "=", "1; DROP TABLE t"))
    assert not fits(rule, {"a": 1})


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([("a", ">", 60), ("a", "<", 20)], '"a > 60" and "a < 20" can\'t both hold.'),
        ([("a", ">=", 5), ("a", "<", 5)], '"a >= 5" and "a < 5" can\'t both hold.'),
        ([("a", "=", "x"), ("a", "=", "y")], '"a = "x"" and "a = "y"" can\'t both hold.'),
        ([("a", "in", [1, 2]), ("a", ">", 2)], '"a in (1, 2)" and "a > 2" can\'t both hold.'),
        ([("a", "=", 1), ("a", "!=", 1)], '"a = 1" and "a != 1" can\'t both hold.'),
        ([("a", "is missing"), ("a", "=", 1)], '"a is missing" and "a = 1" can\'t both hold.'),
        (
            [("a", ">=", 5), ("a", "<=", 5), ("a", "!=", 5)],
            '"a >= 5", "a <= 5", "a != 5" can\'t all hold.',
        ),
    ],
)
def test_what_can_not_hold_together(conditions, said):
    rule = Rule.model_validate({"all": [condition(*each) for each in conditions]})
    assert contradictions(rule) == [said]


@pytest.mark.parametrize(
    "conditions",
    [
        [("a", ">", 20), ("a", "<", 60)],
        [("a", ">=", 5), ("a", "<=", 5)],
        [("a", "=", 1), ("b", "=", 2)],
        [("a", "!=", 1), ("a", "!=", 2)],
        [("a", "is missing"), ("a", "is missing")],
        [("a", "is not missing"), ("a", "<", 2)],
        [("a", "=", 1), ("a", "=", "x")],
    ],
)
def test_what_can_hold_together(conditions):
    rule = Rule.model_validate({"all": [condition(*each) for each in conditions]})
    assert contradictions(rule) == []


def test_contradictions_through_nested_rules():
    young, old = condition("a", "<", 20), condition("a", ">", 60)
    nested = Rule.model_validate({"all": [young, {"all": [{"any": [old]}]}]})
    assert contradictions(nested) == ['"a < 20" and "a > 60" can\'t both hold.']
    one_way_out = Rule.model_validate({"all": [young, {"any": [old, condition("b", "=", 1)]}]})
    assert contradictions(one_way_out) == []


def test_words_keep_the_nesting():
    rule = Rule.model_validate(
        {
            "all": [
                condition("Age", ">=", 18),
                {"any": [condition("VIP", "=", True), condition("City", "in", ["Bonn"])]},
            ]
        }
    )
    assert rule.words == 'Age >= 18 and (VIP = true or City in ("Bonn"))'


DAY = dt.date(2026, 10, 1)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        (">", DAY),
        ("=", DAY),
        ("in", (DAY, dt.date(2026, 10, 2))),
        ("=", "2026-10-01"),
        ("in", ("2026-10-01", "soon")),
        ("<", 3.5),
        ("=", True),
    ],
)
def test_what_is_kept_is_read_again_as_it_was(tmp_path, operator, value):
    rule = {"column": "joined", "operator": operator, "value": value}
    words = {"title": "Wine", "text": "Come!", "segments": ["premium"], "reason": "They like it."}
    offer = {"id": "wine", **words, "eligibility": rule}
    shop = Catalogue.model_validate({"catalogue": "shop", "offers": [offer]})
    kept = Catalogue.model_validate(json.loads(shop.model_dump_json(exclude_defaults=True)))
    assert kept == shop
    assert kept.offers[0].eligibility.values == (value if isinstance(value, tuple) else (value,))
    (tmp_path / "shop.yaml").write_text(shop.to_yaml(), encoding="utf-8")
    assert load_catalogue(tmp_path / "shop.yaml") == shop
    assert kept.fingerprint == shop.fingerprint


def test_a_day_in_quotes_has_an_order_like_one_without():
    assert Rule(column="joined", operator=">", value="2026-10-01").value == DAY
    assert Rule(column="joined", operator="=", value="2026-10-01").value == "2026-10-01"
    assert faults({"column": "joined", "operator": ">", "value": "2026-13-01"})
