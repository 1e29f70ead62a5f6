"""Playbooks of rules: every combination of scores has one segment, and faults are all said."""

import itertools

import pytest

from clienteling.errors import DocumentError
from clienteling.segmentation.playbook import load_playbook
from clienteling.segmentation.rules_playbook import first_rule, load_rules_playbook, rules_text
from tests.features.reference import segment_of

OWN = """\
playbook: own
title: Mine
features:
  recency: {label: last purchase, best: low}
  frequency: {label: purchases, best: high}
segments:
  - {key: a, name: A, description: D., strategy: S, rules: [{recency: 3-5, frequency: 4-5}]}
  - {key: b, name: B, description: D., strategy: S, rules: [{recency: 1}, {frequency: 1-3}]}
  - {key: c, name: C, description: D., strategy: S, rules: [{}]}
"""


@pytest.fixture
def file(tmp_path):
    def file(text: str) -> str:
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return file


def test_the_125_combinations_of_scores():
    playbook = load_rules_playbook("rfm")
    names = {each.key: each.name for each in playbook.segments}
    assert len(names) == 11
    found = {}
    for r, f, m in itertools.product(range(1, 6), repeat=3):
        place = first_rule({"recency": r, "frequency": f, "monetary": m}, playbook.rules)
        assert place is not None
        found[r, f, m] = names[playbook.rules[place][0]]
    assert len(found) == 125
    assert found == {scores: segment_of(*scores) for scores in found}
    assert set(found.values()) == set(names.values())


def test_every_rule_of_it_is_needed():
    rules = load_rules_playbook("rfm").rules
    first = {
        first_rule(dict(zip(("recency", "frequency", "monetary"), scores, strict=True)), rules)
        for scores in itertools.product(range(1, 6), repeat=3)
    }
    assert first == set(range(len(rules)))


def test_its_words():
    for each in load_rules_playbook("rfm").segments:
        assert each.description.endswith(".")
        assert not each.strategy.endswith(".")
        assert len(each.description) > 40
        assert len(each.strategy) > 30


def test_a_file_of_ones_own(file):
    playbook = load_rules_playbook(file(OWN))
    assert [(key, dict(rule)) for key, rule in playbook.rules] == [
        ("a", {"recency": (3, 5), "frequency": (4, 5)}),
        ("b", {"recency": (1, 1)}),
        ("b", {"frequency": (1, 3)}),
        ("c", {}),
    ]
    assert load_rules_playbook(playbook) is playbook
    assert load_rules_playbook(file(rules_text("rfm"))) == load_rules_playbook("rfm")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "[{}]",
            "[{frequency: 5}]",
            "segments: no rule covers the scores recency 2, frequency 4.",
        ),
        (
            "[{recency: 1}, {frequency: 1-3}]",
            "[{}]",
            "segments[3] (c): its rules never apply; those before it cover all of their scores.",
        ),
        (
            "{recency: 1}",
            "{recncy: 1}",
            'segments[2] (b).rules[1]: "recncy" is not among the features. Did you mean "recency"?',
        ),
        (
            "recency: 1}",
            "recency: 0-3}",
            "segments[2] (b).rules[1].recency: '0-3' is no range of scores from 1 to 5.",
        ),
        ("name: B", "name: A", 'segments: the name "A" stands 2 times; each must be its own.'),
        ("key: b", "key: a", 'segments: the key "a" stands 2 times; each must be its own.'),
        ("rules: [{}]", "rules: []", "segments[3] (c).rules: is empty."),
    ],
)
def test_faults_are_said(file, old, new, fault):
    assert old in OWN
    with pytest.raises(DocumentError) as caught:
        load_rules_playbook(file(OWN.replace(old, new)))
    assert caught.value.faults == (fault,)


@pytest.mark.parametrize(
    "value", ["5-4", "1-6", "0", "many", "[1, 2, 3]", "true", "1.5", "{}", "~"]
)
def test_no_range_of_scores(file, value):
    with pytest.raises(DocumentError) as caught:
        load_rules_playbook(file(OWN.replace("{recency: 1}", f"{{recency: {value}}}")))
    assert caught.value.faults
    assert all("rules[1].recency" in each for each in caught.value.faults)


def test_no_such_playbook():
    with pytest.raises(DocumentError, match="there is no such playbook of rules file"):
        load_rules_playbook("rmf")


def test_it_is_no_playbook_of_levels():
    with pytest.raises(DocumentError, match="goes by rules over scores") as caught:
        load_playbook("rfm")
    assert "clienteling rfm" in caught.value.hint
