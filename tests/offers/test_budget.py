"""The whole plan under a budget: what is assigned keeps to every limit, and is what was planned."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.errors import ColumnError, DataError, InputError
from clienteling.offers import budget, merging
from clienteling.offers.budget import plan_budget
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.eligibility import why_not
from clienteling.offers.experience import Experience
from clienteling.offers.limits import Limits
from clienteling.offers.offer import NOTHING
from clienteling.offers.policies.decision import decide

DAY = dt.date(2026, 3, 1)
N = 5_000
SEGMENTS = ["premium", "potential", "average", "deal-seekers", "low-value"]


def told(index, **more):
    return {
        "id": f"o{index}",
        "title": f"Offer {index}",
        "text": "x",
        "reason": "r.",
        "segments": SEGMENTS,
        "channel": ["email", "letter"][index % 2],
        "cost": 0.37 + 0.31 * index,
        "value": 30 + 7 * index,
        "response": 0.05 + 0.01 * index,
        **more,
    }


CATALOGUE = Catalogue.model_validate(
    {
        "catalogue": "spring",
        "offers": [
            told(0),
            told(1, stock=300),
            told(2, eligibility={"column": "age", "operator": ">=", "value": 50}),
            told(3, eligibility={"column": "city", "operator": "in", "value": ["a", "b"]}),
            told(
                4,
                segments=["premium", "average"],
                stock=150,
                eligibility={
                    "any": [
                        {"column": "city", "operator": "=", "value": "c"},
                        {"column": "age", "operator": "<", "value": 30},
                    ]
                },
            ),
            told(5, valid_until="2026-02-28", value=900),
        ],
    }
)
LIMITS = Limits(budget=3_400.0, channels={"letter": 400}, floors={4: 90})


@pytest.fixture(scope="module")
def mall(mall_csv):
    return cl.segment(str(mall_csv), k=5)


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(5)
    age = rng.integers(18, 80, N).astype(object)
    age[::50] = None
    income = rng.uniform(15, 130, N)
    income[::100] = np.nan
    return pa.table(
        {
            "customer_id": [f"c{index:05d}" for index in range(N)],
            "Annual Income (k$)": income,
            "Spending Score (1-100)": rng.uniform(1, 99, N),
            "age": pa.array(age.tolist(), pa.int64()),
            "city": rng.choice(["a", "b", "c", "d"], N),
        }
    )


@pytest.fixture(scope="module")
def plan(mall, customers):
    return plan_budget(mall, customers, CATALOGUE, LIMITS, salt="spring:", day=DAY)


def used(plan, rows):
    offers = {each.id: each for each in CATALOGUE.offers}
    counts = rows[rows["offer"] != NOTHING].groupby(["segment_id", "offer"]).size()
    return [
        sum(
            n * limit.use(int(segment), offer, offers[offer].cost, offers[offer].channel)
            for (segment, offer), n in counts.items()
        )
        for limit in plan.allocation.limits
    ]


def test_what_is_assigned_keeps_to_every_limit(plan):
    rows = plan.decisions().df()
    assert len(rows) == N
    assert (rows["offer"] != NOTHING).sum() == plan.allocation.contacts
    found = used(plan, rows)
    assert found == pytest.approx(plan.allocation.used)
    for limit, amount in zip(plan.allocation.limits, found, strict=True):
        if limit.kind == "floor":
            assert amount >= limit.amount
        else:
            assert amount <= limit.amount + 1e-9
    assert 0 <= plan.gap < 0.001
    assert {limit.kind for limit, _ in plan.allocation.binding} >= {"budget", "channel"}


def test_propensities_are_the_shares_of_each_group(plan, mall, customers):
    table = cl.read(customers)
    rows = plan.decisions().df().set_index("customer_id")
    segments = mall.score(table).df().set_index("customer_id")["segment_id"]
    groups = {}
    for customer in table.to_arrow().to_pylist():
        if np.isnan(customer["Annual Income (k$)"]):
            assert rows.loc[customer["customer_id"], "offer"] == NOTHING
            continue
        open_ = tuple(e.id for e in CATALOGUE.offers if not why_not(e, CATALOGUE, customer, DAY))
        segment = int(segments[customer["customer_id"]])
        alone = decide(plan.policy, customer["customer_id"], segment, open_, plan.salt)
        row = rows.loc[customer["customer_id"]]
        assert (alone.offer, alone.propensity, alone.reason) == (
            row["offer"], row["propensity"], row["reason"])  # fmt: skip
        assert alone.offer in {*open_, NOTHING}
        key = (segment, tuple(e for e in plan.policy.useful[segment] if e in open_))
        groups.setdefault(key, []).append((alone.offer, alone.propensity))
    split = 0
    for decided in groups.values():
        offers = [offer for offer, _ in decided]
        for offer, propensity in set(decided):
            assert propensity == pytest.approx(offers.count(offer) / len(offers))
        split += len(set(offers)) > 1
    assert 0 < split <= len(plan.allocation.limits)


def test_the_plan_is_the_same_on_shuffled_rows(plan, mall, customers):
    order = np.random.default_rng(1).permutation(N)
    again = plan_budget(mall, customers.take(order), CATALOGUE, LIMITS, salt="spring:", day=DAY)
    one = plan.decisions().df().sort_values("customer_id").reset_index(drop=True)
    other = again.decisions().df().sort_values("customer_id").reset_index(drop=True)
    assert one.equals(other)


def test_too_many_kinds_are_merged_and_the_loss_is_said(plan, mall, customers, monkeypatch):
    monkeypatch.setattr(budget, "MOST_CELLS", 20)
    merged = plan_budget(mall, customers, CATALOGUE, LIMITS, salt="spring:", day=DAY)
    assert merged.kept is not None
    assert len(merged.allocation.groups) <= 20 < len(plan.allocation.groups)
    # The bound over all customers as they are holds for the exact plan too.
    assert merged.bound >= plan.allocation.bound - 1e-6
    assert merged.allocation.profit <= plan.bound + 1e-6
    assert merged.gap == pytest.approx(1 - merged.allocation.profit / merged.bound)
    assert merged.gap < 0.05
    assert any("kept the best" in each for each in merged.words())
    rows = merged.decisions().df()
    assert used(merged, rows) == pytest.approx(merged.allocation.used)


def test_merged_kinds_keep_what_is_scarce_for_those_who_need_it(mall, monkeypatch):
    # Rules by twelve columns: nearly every customer is of a kind of their own, and the offers that
    # bring most are enough for few of them.
    rng = np.random.default_rng(9)
    n = 3_000
    columns = {f"c{j}": rng.integers(0, 100, n) for j in range(12)}
    table = pa.table(
        {
            "customer_id": np.arange(n),
            "Annual Income (k$)": rng.uniform(15, 130, n),
            "Spending Score (1-100)": rng.uniform(1, 99, n),
            **columns,
        }
    )
    offers = [
        told(
            j,
            cost=1.0,
            stock=60,
            eligibility={"column": f"c{j % 12}", "operator": "<", "value": 30 + 2 * j},
        )
        for j in range(24)
    ]
    catalogue = Catalogue.model_validate({"catalogue": "many", "offers": offers})
    limits = Limits(budget=1_000.0)
    exact = plan_budget(mall, table, catalogue, limits, salt="s:", day=DAY)
    monkeypatch.setattr(budget, "MOST_CELLS", 1_500)
    monkeypatch.setattr(merging, "_SAMPLED", 800)
    merged = plan_budget(mall, table, catalogue, limits, salt="s:", day=DAY)
    assert merged.kept is not None
    assert len(exact.allocation.groups) > 2_000
    assert merged.bound == pytest.approx(exact.bound, rel=0.02)
    assert merged.bound >= exact.bound - 1e-6
    assert exact.allocation.profit * 0.99 <= merged.allocation.profit <= exact.bound + 1e-6


def test_words_name_prices(plan):
    said = " ".join(plan.words("pound"))
    assert "One more pound of budget brings " in said
    assert 'The channel "letter" binds: one more contact would bring ' in said
    free = Catalogue(catalogue="m", offers=CATALOGUE.offers[:1])
    assert "No limit binds" in " ".join(plan_budget(cl.segment("sample"), "sample", free).words())


def test_outcomes_change_the_plan(mall, customers):
    bad = {(each.id, "o0"): Experience(100_000, 10, 300.0, 9000.0) for each in mall.segments}
    found = plan_budget(mall, customers, CATALOGUE, Limits(), learned=bad, day=DAY)
    assert all("o0" not in counts for counts in found.allocation.counts)


def test_customers_who_can_not_be_told_apart_are_refused(mall, customers):
    twice = pa.concat_tables([customers, customers.slice(0, 3)])
    with pytest.raises(DataError) as caught:
        plan_budget(mall, twice, CATALOGUE, LIMITS)
    assert caught.value.faults == (
        '3 rows have an id that stands before in "customer_id"; each row counts as a customer.',
    )
    with pytest.raises(ColumnError, match="no column was recognised as the customer id"):
        plan_budget(mall, customers.drop_columns("customer_id"), CATALOGUE)
    with pytest.raises(InputError, match="The limits can't be kept to"):
        plan_budget(mall, customers, CATALOGUE, Limits(budget=-1.0))
