"""The check of a catalogue: all faults at once, and counts that pandas gives too."""

import datetime as dt

import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import DocumentError
from clienteling.offers.catalogue import load_catalogue
from clienteling.offers.check import as_document, check_catalogue

DAY = dt.date(2026, 3, 1)
GOOD = """\
catalogue: spring
contact_policy: {contacts: 2, days: 7}
opt_outs: {column: Age, operator: ">", value: 65}
consents:
  email: {column: Gender, operator: =, value: Female}
offers:
  - id: wine
    title: Wine evening
    text: Come.
    segments: [premium, deal-seekers]
    reason: They like it.
    cost: 2
    value: 60
    response: 0.05
    stock: 10
    customer_cap: {contacts: 1, days: 30}
    exclusive_group: spring
    eligibility:
      all:
        - {column: Age, operator: ">=", value: 30}
        - any:
            - {column: Gender, operator: =, value: Female}
            - {column: annual income, operator: ">", value: 70}
  - {id: mail, title: Mail, text: M., segments: [premium], reason: r., consent: email}
  - id: all
    title: All
    text: A.
    segments: [premium, average]
    reason: r.
    valid_from: 2026-04-01
"""
BAD = """\
catalogue: spring
consents:
  email: {column: Gendr, operator: =, value: Female}
offers:
  - id: nothing
    title: Wine evening
    text: Come.
    segments: [premum]
    reason: They like it.
    cost: -2
    valid_from: 2027-04-01
    valid_until: 2027-03-31
    eligibility:
      all:
        - {column: Age, operator: ">", value: 60}
        - {column: Age, operator: "<", value: 20}
        - {column: Incme, operator: "<", value: 20}
        - {column: Gender, operator: =, value: 3}
        - {column: Age, operator: "==", value: 20}
  - {id: b, title: B, text: B., segments: [premium], reason: r., consent: emial, response: 2}
  - {id: b, title: B, text: B., segments: [premium], reason: r., valid_from: 20260301, stock: -1}
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


def test_all_faults_are_named_at_once(file, mall, mall_csv):
    with pytest.raises(DocumentError) as caught:
        check_catalogue(file(BAD), str(mall_csv), model=mall)
    assert set(caught.value.faults) == {
        "offers[1] (nothing).cost: should be at least 0 (found -2).",
        'offers[1] (nothing).eligibility.all[5].operator: "==" is no operator. Did you mean "="?',
        "offers[2] (b).response: should be at most 1 (found 2). It is a share: 2 % is 0.02.",
        "offers[3] (b).valid_from: 20260301 is no day; write it as 2026-03-31.",
        "offers[3] (b).stock: should be at least 0 (found -1).",
        'offers: the id "b" stands 2 times; each must be its own.',
        'offers[1] (nothing).id: "nothing" is the offer that is always there; give it another.',
        "offers[1] (nothing).valid_until: 2027-03-31 is before valid_from, 2027-04-01; it would "
        "never go out.",
        'offers[1] (nothing).eligibility: "Age > 60" and "Age < 20" can\'t both hold.',
        'offers[2] (b).consent: there is no "emial" in consents. Did you mean "email"?',
        'offers[1] (nothing).segments: there is no segment "premum". Did you mean "premium"?',
        'offers[1] (nothing).eligibility: there is no column "Incme". Did you mean '
        '"Annual Income (k$)"?',
        'offers[1] (nothing).eligibility: "Gender = 3" compares a number with the column "Gender", '
        "which holds text; compare it with a text, in quotes.",
        'consents.email: there is no column "Gendr". Did you mean "Gender"?',
    }
    assert caught.value.hint.startswith('The columns are: "CustomerID", "Gender", "Age"')


def test_the_counts_are_those_of_pandas(file, mall, mall_csv):
    found = check_catalogue(file(GOOD), str(mall_csv), model=mall, day=DAY)
    rows = pd.read_csv(mall_csv)
    rows["key"] = [mall.segments[i].key for i in mall.score(str(mall_csv)).df()["segment_id"]]
    stays = rows["Age"] <= 65
    own = rows["key"].isin(["premium", "deal-seekers"])
    age, female = rows["Age"] >= 30, rows["Gender"] == "Female"
    rich = rows["Annual Income (k$)"] > 70
    wine, mail, everyone = found.offers
    assert found.customers == 200
    assert found.opted_out == (~stays).sum() > 0
    assert wine.customers == own.sum()
    assert wine.eligible == (own & stays & age & (female | rich)).sum()
    assert [(each.words, each.customers, each.depth) for each in wine.rules] == [
        (
            'Age >= 30 and (Gender = "Female" or annual income > 70)',
            (own & age & (female | rich)).sum(),
            0,
        ),
        ("Age >= 30", (own & age).sum(), 1),
        ('Gender = "Female" or annual income > 70', (own & (female | rich)).sum(), 1),
        ('Gender = "Female"', (own & female).sum(), 2),
        ("annual income > 70", (own & rich).sum(), 2),
    ]
    premium = rows["key"] == "premium"
    assert mail.consents == (premium & female).sum()
    assert mail.eligible == (premium & female & stays).sum()
    assert everyone.eligible == (rows["key"].isin(["premium", "average"]) & stays).sum()
    assert not everyone.valid
    assert found.faults == ()
    assert found.notes == (
        '"All" goes out from 2026-04-01, so not on 2026-03-01.',
        'The exclusive group "spring" has one offer only.',
    )
    document = as_document(found)
    assert document["offers"][0]["eligible"] == wine.eligible
    assert document["customers"] == 200


def test_true_goes_with_the_words_of_a_text_file(file, tmp_path):
    text = """catalogue: tea
offers:
  - {id: a, title: A, text: A., reason: R., segments: [all],
     eligibility: {column: member, operator: "=", value: true}}
"""
    customers = tmp_path / "customers.csv"
    customers.write_text("customer_id,member\n1,True\n2,FALSE\n3,\n4,true\n")
    found = check_catalogue(file(text), str(customers))
    assert [each.eligible for each in found.offers] == [2]


def test_without_a_model_all_customers_count(file, mall_csv):
    found = check_catalogue(file(GOOD), str(mall_csv), day=DAY)
    rows = pd.read_csv(mall_csv)
    female_or_rich = (rows["Gender"] == "Female") | (rows["Annual Income (k$)"] > 70)
    assert found.offers[0].customers == 200
    let_in = (rows["Age"] >= 30) & (rows["Age"] <= 65) & female_or_rich
    assert found.offers[0].eligible == let_in.sum()


NOBODY = """\
catalogue: spring
offers:
  - id: old
    title: Old
    text: x
    segments: [premium]
    reason: r.
    eligibility:
      all:
        - {column: Age, operator: ">", value: 18}
        - {column: Age, operator: ">", value: 200}
  - {id: mail, title: Mail, text: M., segments: [premium], reason: r., consent: email}
"""


def test_an_offer_for_nobody_is_a_fault(file, mall_csv):
    found = check_catalogue(file(NOBODY), str(mall_csv), day=DAY)
    assert found.faults == (
        "offers[1] (old): no customer is eligible; nobody fulfils Age > 200.",
        "offers[2] (mail): no customer is eligible; nobody is known to have given the consent "
        '"email". Say under consents by which rule it is known.',
    )


def test_built_in_catalogues_have_no_faults(mall, mall_csv):
    found = check_catalogue("income-spending", str(mall_csv), model=mall)
    assert found.faults == found.notes == ()
    sizes = {each.key: each.size for each in mall.segments}
    for each in found.offers:
        assert each.eligible == each.customers == sum(sizes[key] for key in each.offer.segments)


def test_a_catalogue_without_the_new_fields_keeps_its_fingerprint(file):
    # A model keeps it, and says where it is offered others than it was made with.
    assert load_catalogue("income-spending").fingerprint == "9921993852c449c6"
    assert load_catalogue("rfm").fingerprint == "f0d0c041ada4b34a"
    cheap = load_catalogue(file(GOOD))
    dear = load_catalogue(file(GOOD.replace("cost: 2", "cost: 3")))
    assert cheap.fingerprint != dear.fingerprint
