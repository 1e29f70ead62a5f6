"""Playbooks: the five classic segments, one's own file, and all of its faults at once."""

import pandas as pd
import pytest
import yaml

import clienteling as cl
from clienteling.errors import ColumnError, DocumentError
from clienteling.segmentation.playbook import (
    LEVELS,
    built_in_playbooks,
    load_playbook,
    playbook_text,
)

OWN = """\
playbook: gym
title: A gym's members
features:
  visits: {label: visits, aliases: [Visits per week]}
  fee: {label: fee, aliases: [Monthly fee]}
segments:
  - key: regulars
    name: Regulars
    levels: {visits: high, fee: moderate}
    description: They come most days.
    strategy: Bring a friend
  - key: sleepers
    name: "=Sleepers <b>"
    levels: {visits: very low, fee: high}
    description: They pay and stay away.
    strategy: "Call them: this week"
"""


@pytest.fixture
def file(tmp_path):
    def file(text: str) -> str:
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return file


def test_the_five_classic_segments():
    playbook = load_playbook("income-spending")
    assert {
        each.key: (each.name, each.levels["income"], each.levels["spending"], each.strategy)
        for each in playbook.segments
    } == {
        "premium": (
            "Premium Customers",
            "high",
            "high",
            "VIP offers, loyalty rewards and luxury products",
        ),
        "potential": (
            "Potential Customers",
            "high",
            "low",
            "Discounts, free trials and onboarding offers",
        ),
        "deal-seekers": (
            "Deal Seekers",
            "low",
            "high",
            "Flash sales, coupons and bundle offers",
        ),
        "low-value": (
            "Low-Value Customers",
            "low",
            "low",
            "Minimal marketing and automated emails",
        ),
        "average": (
            "Average Customers",
            "moderate",
            "moderate",
            "Seasonal and personalized offers",
        ),
    }
    assert all(each.description for each in playbook.segments)


@pytest.mark.parametrize("name", built_in_playbooks())
def test_the_built_in_ones_are_valid_and_their_text_loads_as_ones_own(file, name):
    assert load_playbook(file(playbook_text(name))) == load_playbook(name)
    assert load_playbook(name).playbook == name


def test_levels_rise():
    assert list(LEVELS) == ["very low", "low", "moderate", "high", "very high"]
    assert list(LEVELS.values()) == sorted(LEVELS.values())
    assert LEVELS["moderate"] == 0.5


def test_ones_own_playbook_replaces_the_built_in_one(file):
    frame = pd.DataFrame({"Visits per week": [0, 0, 5, 6], "monthly fee": [50, 51, 30, 31]})
    model = cl.segment(frame, playbook=file(OWN), k=2)
    assert model.playbook == "gym"
    assert [(each.name, each.strategy) for each in model.segments] == [
        ("=Sleepers <b>", "Call them: this week"),
        ("Regulars", "Bring a friend"),
    ]
    assert [each.label for each in model.features] == ["visits", "fee"]


def test_the_classic_words_can_be_changed_alone(file, mall_csv):
    text = playbook_text("income-spending").replace("Deal Seekers", "Bargain Hunters")
    model = cl.segment(str(mall_csv), playbook=file(text), k=5)
    assert [each.name for each in model.segments][-1] == "Bargain Hunters"


def test_a_playbook_that_doesnt_know_the_columns_lists_the_candidates(file):
    frame = pd.DataFrame({"id": [1, 2], "a": [1, 2], "b": [3, 4], "c": ["x", "y"]})
    with pytest.raises(ColumnError) as caught:
        cl.segment(frame, playbook=file(OWN))
    assert str(caught.value) == (
        'the DataFrame: the playbook "gym" does not know these columns, and no features are '
        "named.\n"
        '  - "a" could be a feature.\n'
        '  - "b" could be a feature.\n'
        'Name two to four that matter: --features "a,b"'
    )


def test_a_playbook_for_other_features_than_the_chosen_is_refused(file):
    frame = pd.DataFrame({"a": [1, 2], "fee": [3, 4]})
    with pytest.raises(ColumnError) as caught:
        cl.segment(frame, ["a", "fee"], playbook=file(OWN))
    assert caught.value.faults == ('"visits" is none of a, fee.',)


FAULTY = """\
playbook: mine
titel: A slip
features:
  income: {label: income, aliases: [Income]}
segments:
  - key: a
    name: A
    levels: {income: hgh, incme: low}
    description: d
  - key: a
    name: A
    levels: {}
    description: d
    strategy: s
  - key: B B
    name: ""
    levels: {income: high}
    description: 3
    strategy: [s]
    offers: []
"""


def test_all_faults_of_a_file_are_named_at_once(file):
    path = file(FAULTY)
    with pytest.raises(DocumentError) as caught:
        load_playbook(path)
    assert caught.value.message == f"{path}: the playbook has faults."
    assert set(caught.value.faults) == {
        "title: is missing.",
        'titel: is not known here; remove it or mend its spelling. Did you mean "title"?',
        "segments[1] (a).levels.income: should be 'very low', 'low', 'moderate', 'high' or "
        "'very high' (found 'hgh').",
        'segments[1] (a).levels: "incme" is not among the features. Did you mean "income"?',
        "segments[1] (a).strategy: is missing.",
        'segments[2] (a).levels: "income" has no level.',
        "segments[2] (a).levels: is empty.",
        'segments[3] (B B).key: takes small letters, digits, "-" and "_" only (found \'B B\').',
        "segments[3] (B B).name: is empty.",
        "segments[3] (B B).description: should be text (found 3).",
        "segments[3] (B B).strategy: should be text (found ['s']).",
        "segments[3] (B B).offers: is not known here; remove it or mend its spelling.",
        'segments: the key "a" stands 2 times; each must be its own.',
        'segments: the name "A" stands 2 times; each must be its own.',
    }
    assert len(set(caught.value.faults)) == len(caught.value.faults)


def test_faults_between_parts_alone_are_named_one_by_one(file):
    text = OWN.replace("name: Regulars", 'name: "=Sleepers <b>"').replace("fee: high", "fees: high")
    with pytest.raises(DocumentError) as caught:
        load_playbook(file(text))
    assert caught.value.faults == (
        'segments: the name "=Sleepers <b>" stands 2 times; each must be its own.',
        'segments[2] (sleepers).levels: "fees" is not among the features. Did you mean "fee"?',
        'segments[2] (sleepers).levels: "fee" has no level.',
    )


def test_a_playbook_without_segments_needs_words_for_all_others(file):
    with pytest.raises(DocumentError) as caught:
        load_playbook(file("playbook: x\ntitle: y\n"))
    assert caught.value.faults == ('it has neither "segments" nor "otherwise".',)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a playbook; it should be a mapping of names to values."),
        ("- a\n- b\n", "is not a playbook; it should be a mapping of names to values."),
        ("just words", "is not a playbook; it should be a mapping of names to values."),
        ("a: [1, 2\nb: 3", "is not readable YAML at line 2, column 2 "
         "(expected ',' or ']', but got ':')."),
        ("a: b: c", "is not readable YAML at line 1, column 5 "
         "(mapping values are not allowed here)."),
        ("a:\n\t- b", "is not readable YAML at line 2, column 1 "
         "(found character '\\t' that cannot start any token)."),
        ("a: *b", "is not readable YAML at line 1, column 4 (found undefined alias 'b')."),
        ("x: !!int many", "is not readable YAML; it holds a value that is not what it looks like "
         "(invalid literal for int() with base 10: 'many')."),
        ("[" * 3000, "is not a playbook; it is nested too deeply."),
    ],
)  # fmt: skip
def test_what_is_no_playbook_is_refused(file, text, message):
    path = file(text)
    with pytest.raises(DocumentError) as caught:
        load_playbook(path)
    assert caught.value.message == f"{path}: {message}"


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch hacked']",
        "!!python/object/new:subprocess.Popen [['touch', 'hacked']]",
        "!!python/name:os.system",
        "!!python/module:os",
        "!own thing",
    ],
)
def test_no_code_is_run_from_a_file(file, tmp_path, monkeypatch, tag):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DocumentError, match="could not determine a constructor for the tag"):
        load_playbook(file(f"playbook: {tag}\n"))
    assert [each.name for each in tmp_path.iterdir()] == ["own.yaml"]


def test_a_reference_to_oneself_is_refused(file):
    with pytest.raises(DocumentError):
        load_playbook(file("playbook: x\ntitle: y\nfeatures: &f {f: *f}\n"))


def test_many_references_are_not_written_out(file):
    """Nine to the ninth words, from ten lines."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    text = "\n".join([*lines, "title: *i", "playbook: x"])
    with pytest.raises(DocumentError) as caught:
        load_playbook(file(text))
    assert all(len(fault) < 200 for fault in caught.value.faults)


def test_no_such_playbook_offers_near_names(tmp_path):
    with pytest.raises(DocumentError) as caught:
        load_playbook("income-spendng")
    assert str(caught.value) == (
        "income-spendng: there is no such playbook file.\n"
        'Did you mean "income-spending"? The built-in ones are: general, income-spending.'
    )
    with pytest.raises(DocumentError, match="is a folder, not a playbook file"):
        load_playbook(tmp_path)


def test_a_binary_file_is_no_playbook(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DocumentError, match="is not a playbook; it is not UTF-8 text"):
        load_playbook(path)


def test_no_such_built_in_text():
    with pytest.raises(DocumentError) as caught:
        playbook_text("generl")
    assert str(caught.value) == (
        'There is no built-in playbook "generl".\n'
        'Did you mean "general"? The built-in ones are: general, income-spending.'
    )


def test_the_text_that_is_written_out_is_plain_yaml():
    for name in built_in_playbooks():
        assert yaml.safe_load(playbook_text(name))["playbook"] == name
        assert playbook_text(name).startswith("# ")
