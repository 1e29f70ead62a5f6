"""Catalogues: the built-in ones serve every segment, one's own is checked whole."""

import pytest

import clienteling as cl
from clienteling.errors import DocumentError
from clienteling.offers.catalogue import (
    catalogue_for,
    catalogue_text,
    is_built_in,
    load_catalogue,
    offer_notes,
)
from clienteling.segmentation.playbook import built_in_playbooks, load_playbook
from clienteling.segmentation.rules_playbook import built_in_rules, load_rules_playbook

OWN = """\
catalogue: mine
offers:
  - id: first
    title: "=First"
    text: Take it.
    segments: [premium, Deal Seekers]
    reason: Why not.
    priority: 2
  - id: second
    title: Second
    text: Take that.
    channel: letter
    segments: [premium]
    reason: Because.
"""


@pytest.fixture
def file(tmp_path):
    def file(text: str) -> str:
        path = tmp_path / "offers.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return file


@pytest.fixture(scope="module")
def mall(mall_csv):
    return cl.segment(str(mall_csv), k=5)


@pytest.mark.parametrize("name", built_in_playbooks())
def test_every_segment_of_a_built_in_playbook_has_three_offers(name):
    playbook, catalogue = load_playbook(name), load_catalogue(name)
    assert catalogue.catalogue == name
    keys = {each.key for each in playbook.segments} | {playbook.otherwise.key}
    for key in keys:
        meant = [each for each in catalogue.offers if key in each.segments]
        assert len(meant) >= 3
        assert len({each.priority for each in meant}) == len(meant)
        assert all(each.title and each.text and each.channel for each in meant)
        assert all(each.reason.endswith(".") for each in meant)
    assert {key for each in catalogue.offers for key in each.segments} == keys


def test_every_segment_of_the_playbook_of_rules_has_offers():
    playbook, catalogue = load_rules_playbook("rfm"), load_catalogue("rfm")
    assert catalogue.catalogue == "rfm"
    for key in (each.key for each in playbook.segments):
        meant = [each for each in catalogue.offers if key in each.segments]
        assert len(meant) >= 2
        assert len({each.priority for each in meant}) == len(meant)
        assert all(each.reason.endswith(".") for each in meant)
    assert {key for each in catalogue.offers for key in each.segments} == {
        each.key for each in playbook.segments
    }


@pytest.mark.parametrize("name", [*built_in_playbooks(), *built_in_rules()])
def test_the_built_in_text_loads_as_ones_own(file, name):
    assert load_catalogue(file(catalogue_text(name))) == load_catalogue(name)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("premium", ["preview", "loyalty", "luxury"]),
        ("potential", ["20 %", "trial", "tour"]),
        ("deal-seekers", ["flash sale", "coupon", "bundle"]),
        ("low-value", ["newsletter", "birthday", "clearance"]),
        ("average", ["season", "picked for you", "points"]),
    ],
)
def test_the_built_in_offers_carry_out_the_strategies(key, words):
    catalogue = load_catalogue("income-spending")
    titles = [each.title.lower() for each in catalogue.offers if key in each.segments]
    for word in words:
        assert any(word in title for title in titles)


def test_offers_are_meant_by_key_or_name_and_ranked_by_priority(file, mall):
    catalogue = load_catalogue(file(OWN))
    by_key = {each.key: each for each in mall.segments}
    assert [each.id for each in catalogue.offers_for(by_key["premium"])] == ["second", "first"]
    assert [each.id for each in catalogue.offers_for(by_key["deal-seekers"])] == ["first"]
    assert catalogue.offers_for(by_key["average"]) == []


def test_which_catalogue_goes_with_a_model(file, mall):
    assert catalogue_for(mall).catalogue == "income-spending"
    assert catalogue_for(mall, file(OWN)).catalogue == "mine"
    own_playbook = mall.model_copy(update={"playbook": "gym"})
    assert catalogue_for(own_playbook).catalogue == "income-spending"
    general = mall.model_copy(update={"playbook": "general"})
    assert catalogue_for(general).catalogue == "general"


FAULTY = """\
catalogue: mine
offers:
  - id: a
    titel: First
    text: Take it.
    segments: []
    reason: Why not.
    priority: 0
  - id: a
    title: ""
    text: Take it.
    segments: premium
    reason: Why not.
  - id: Not An Id
    title: 20
    text: Take it.
    segments: [premium]
"""


def test_all_faults_of_a_file_are_named_at_once(file):
    path = file(FAULTY)
    with pytest.raises(DocumentError) as caught:
        load_catalogue(path)
    assert caught.value.message == f"{path}: the catalogue has faults."
    assert set(caught.value.faults) == {
        "offers[1] (a).title: is missing.",
        "offers[1] (a).titel: is not known here; remove it or mend its spelling. "
        'Did you mean "title"?',
        "offers[1] (a).segments: is empty.",
        "offers[1] (a).priority: should be at least 1 (found 0).",
        "offers[2] (a).title: is empty.",
        "offers[2] (a).segments: should be a list (found 'premium').",
        'offers[3] (Not An Id).id: takes small letters, digits, "-" and "_" only (found '
        "'Not An Id').",
        "offers[3] (Not An Id).title: should be text (found 20).",
        "offers[3] (Not An Id).reason: is missing.",
        'offers: the id "a" stands 2 times; each must be its own.',
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("catalogue: x\n", "offers: is missing."),
        ("catalogue: x\noffers: []\n",
         "offers: is empty."),
        ("catalogue: x\noffers: 3\n", "offers: should be a list (found 3)."),
    ],
)  # fmt: skip
def test_a_catalogue_without_offers_is_refused(file, text, fault):
    with pytest.raises(DocumentError) as caught:
        load_catalogue(file(text))
    assert caught.value.faults == (fault,)


def test_no_code_is_run_from_a_file(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DocumentError, match="could not determine a constructor for the tag"):
        load_catalogue(file("offers: !!python/object/apply:os.mkdir ['hacked']\n"))
    assert [each.name for each in tmp_path.iterdir()] == ["offers.yaml"]


def test_no_such_catalogue_offers_near_names():
    with pytest.raises(DocumentError) as caught:
        load_catalogue("incom-spending")
    assert str(caught.value) == (
        "incom-spending: there is no such catalogue file.\n"
        'Did you mean "income-spending"? The built-in ones are: general, income-spending, rfm.'
    )
    with pytest.raises(DocumentError, match='There is no built-in catalogue "x"'):
        catalogue_text("x")


MISSPELT = """\
catalogue: mine
offers:
  - {id: a, title: A, text: Take it., segments: [Premum Customers, average], reason: Why not.}
  - {id: b, title: B, text: Take it., segments: [vips], reason: Why not.}
"""


def test_a_segment_that_is_not_there_is_a_fault(file, mall):
    with pytest.raises(DocumentError) as caught:
        catalogue_for(mall, file(MISSPELT))
    assert caught.value.message == "mine: the catalogue names segments that there are not."
    assert caught.value.faults == (
        'offers[1] (a).segments: there is no segment "Premum Customers". '
        'Did you mean "Premium Customers"?',
        'offers[2] (b).segments: there is no segment "vips".',
    )
    assert '"Deal Seekers"' in caught.value.hint


def test_a_segment_of_the_playbook_that_the_model_is_without_is_no_fault(file, mall):
    three = mall.model_copy(update={"segments": mall.segments[:3]})
    assert catalogue_for(three, "income-spending").catalogue == "income-spending"


def test_without_the_playbook_only_a_slip_of_the_pen_is_a_fault(file, mall):
    own_playbook = mall.model_copy(update={"playbook": "gym"})
    with pytest.raises(DocumentError) as caught:
        catalogue_for(own_playbook, file(MISSPELT))
    assert len(caught.value.faults) == 1
    assert "Premum" in caught.value.faults[0]


SLIPS = """\
catalogue: mine
opt_outs: {all: [{column: Age, operator: ">", value: 60}, {column: age, operator: "<", value: 20}]}
offers:
  - id: a
    title: A
    text: Take it.
    segments: [premium]
    reason: Why not.
    cost: -1
    valid_from: 2026-02-30
    valid_until: 2026-03-01 12:00:00
    eligibility: {column: Age, operator: "=>", value: 18}
"""


def test_a_day_that_there_is_not_is_a_fault_among_the_others(file):
    with pytest.raises(DocumentError) as caught:
        load_catalogue(file(SLIPS))
    assert caught.value.faults == (
        "offers[1] (a).cost: should be at least 0 (found -1).",
        "offers[1] (a).valid_from: should be a day, such as 2026-03-31 (found '2026-02-30').",
        "offers[1] (a).valid_until: should be a day, such as 2026-03-31 (found "
        "datetime.datetime(2026, 3, 1, 12, 0)).",
        'offers[1] (a).eligibility.operator: "=>" is no operator. Did you mean ">="?',
        'opt_outs: "Age > 60" and "age < 20" can\'t both hold.',
    )


def test_keys_that_stand_twice_are_faults_among_the_others(file):
    path = file(OWN.replace("priority: 2", "priority: 2\n    priority: 3"))
    with pytest.raises(DocumentError) as caught:
        load_catalogue(path)
    assert caught.value.message == f"{path}: the catalogue has faults."
    assert caught.value.faults == (
        'line 9, column 5: "priority" stands twice; one of them must go.',
    )
    with pytest.raises(DocumentError) as caught:
        load_catalogue(
            file("catalogue: again\n" + SLIPS.replace("cost: -1", "cost: 1\n    cost: -1"))
        )
    assert caught.value.faults[:3] == (
        'line 2, column 1: "catalogue" stands twice; one of them must go.',
        'line 11, column 5: "cost" stands twice; one of them must go.',
        "offers[1] (a).cost: should be at least 0 (found -1).",
    )
    assert len(caught.value.faults) == 7


def test_offers_that_the_model_was_not_made_with_are_said(file, mall):
    own = load_catalogue(file(OWN))
    made_with = mall.model_copy(
        update={"catalogue": own.catalogue, "catalogue_fingerprint": own.fingerprint}
    )
    assert offer_notes(mall, load_catalogue("income-spending")) == []
    assert offer_notes(made_with, load_catalogue("income-spending")) == [
        'The model was made with the offers of "mine"; these are the built-in offers. '
        "Give your catalogue with --offers."
    ]
    (without,) = offer_notes(made_with, own)
    assert without.startswith('The catalogue "mine" has no offer for: Average Customers')


def test_a_built_in_catalogue_is_known_by_its_content(file):
    assert is_built_in(load_catalogue(file(catalogue_text("income-spending"))))
    changed = catalogue_text("income-spending").replace("Private preview evening", "My evening")
    assert not is_built_in(load_catalogue(file(changed)))
