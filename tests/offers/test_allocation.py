"""The budget's plan: against the integer optimum, and never beyond a limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from clienteling.errors import InputError
from clienteling.offers.allocation import Group, allocate
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.limits import Limit, Limits, check_limits, listed
from clienteling.offers.offer import Offer


def catalogue(costs, stocks=None, channels=None):
    return Catalogue(
        catalogue="mine",
        offers=tuple(
            Offer(
                id=f"o{i}",
                title=f"O{i}",
                text="x",
                segments=("s",),
                reason="r.",
                cost=cost,
                stock=(stocks or {}).get(i),
                channel=(channels or {}).get(i, "email"),
            )
            for i, cost in enumerate(costs)
        ),
    )


money = st.integers(0, 400).map(lambda cents: cents / 100)


@st.composite
def cases(draw, floors=False):
    offers = draw(st.integers(1, 4))
    costs = draw(st.lists(money, min_size=offers, max_size=offers))
    segments = draw(st.integers(1, 3))
    profits = {
        (s, f"o{o}"): draw(st.integers(-100, 500)) / 100
        for s in range(segments)
        for o in range(offers)
    }
    groups = [
        Group(
            draw(st.integers(0, segments - 1)),
            tuple(f"o{o}" for o in range(offers) if draw(st.booleans())),
            draw(st.integers(0, 30)),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]
    limits = Limits(
        budget=draw(st.none() | st.integers(0, 6000).map(lambda cents: cents / 100)),
        stock={f"o{o}": draw(st.integers(0, 20)) for o in range(offers) if draw(st.booleans())},
        channels={"email": draw(st.integers(0, 40))} if draw(st.booleans()) else {},
        contacts=draw(st.none() | st.integers(0, 60)),
        floors={draw(st.integers(0, segments - 1)): draw(st.integers(0, 10))} if floors else {},
    )
    made = catalogue(costs)
    return groups, profits, made, listed(limits, made, {s: f"S{s}" for s in range(segments)})


def integer_optimum(groups, profits, made, limits):
    """Return the best whole plan, or None where there is none."""
    offers = {each.id: each for each in made.offers}
    pairs = [(g, o) for g, group in enumerate(groups) for o in group.open]
    if not pairs:
        return None if any(each.kind == "floor" and each.amount > 0 for each in limits) else 0.0
    value = np.array([profits[groups[g].segment, o] for g, o in pairs])
    rows = [[float(g == own) for g, _ in pairs] for own in range(len(groups))]
    low, high = [-np.inf] * len(groups), [float(each.customers) for each in groups]
    for each in limits:
        rows.append(
            [each.use(groups[g].segment, o, offers[o].cost, offers[o].channel) for g, o in pairs]
        )
        low.append(each.amount if each.kind == "floor" else -np.inf)
        high.append(np.inf if each.kind == "floor" else each.amount)
    found = milp(
        -value,
        constraints=LinearConstraint(np.array(rows), low, high),
        integrality=np.ones(len(pairs)),
        bounds=Bounds(0, np.inf),
        options={"mip_rel_gap": 0.0},
    )
    return -found.fun if found.status == 0 else None


def check_kept(groups, made, limits, found):
    cost = {each.id: each.cost for each in made.offers}
    channel = {each.id: each.channel for each in made.offers}
    for group, counts in zip(groups, found.counts, strict=True):
        assert set(counts) <= set(group.open)
        assert all(n == int(n) > 0 for n in counts.values())
        assert sum(counts.values()) <= group.customers
    for limit, used in zip(limits, found.used, strict=True):
        again = sum(
            n * limit.use(group.segment, offer, cost[offer], channel[offer])
            for group, counts in zip(groups, found.counts, strict=True)
            for offer, n in counts.items()
        )
        assert used == pytest.approx(again)
        if limit.kind != "floor":
            assert again <= limit.amount * (1 + 1e-12) + 1e-12


@settings(max_examples=200, deadline=None)
@given(cases())
def test_the_bound_holds_and_the_plan_is_near_it(case):
    groups, profits, made, limits = case
    found = allocate(groups, profits, made, limits)
    check_kept(groups, made, limits, found)
    best = integer_optimum(groups, profits, made, limits)
    assert best is not None
    assert found.bound >= best - 1e-6
    assert found.profit <= best + 1e-6
    # One customer's profit for each limit that is used up.
    dearest = max([0.0, *profits.values()])
    tight = sum(
        used > limit.amount - max(1.0, *(each.cost for each in made.offers))
        for limit, used in zip(limits, found.used, strict=True)
    )
    assert found.profit >= found.bound - tight * dearest - 1e-6


@settings(max_examples=100, deadline=None)
@given(cases(floors=True))
def test_with_floors(case):
    groups, profits, made, limits = case
    best = integer_optimum(groups, profits, made, limits)
    try:
        found = allocate(groups, profits, made, limits)
    except InputError:
        assert best is None
        return
    check_kept(groups, made, limits, found)
    if best is not None:
        assert found.bound >= best - 1e-6
    for limit, used in zip(limits, found.used, strict=True):
        if limit.kind == "floor":
            assert used >= limit.amount - len(limits)


def test_prices_are_what_one_more_brings():
    groups = [Group(0, ("o0", "o1"), 1000), Group(1, ("o0",), 500)]
    profits = {(0, "o0"): 3.0, (0, "o1"): 2.0, (1, "o0"): 1.0}
    made = catalogue([2.0, 1.0], {0: 200})
    limits = listed(Limits(budget=700.0), made, {0: "A", 1: "B"})
    found = allocate(groups, profits, made, limits)
    # 200 of the dear one by its stock, and for what is left 300 of the cheap one: which takes
    # 2 per unit of money, while the dear one gives up 2 x 2 for 3.
    assert found.counts == ({"o1": 700}, {})
    assert found.profit == found.bound == 1400.0
    assert list(found.prices) == pytest.approx([2.0, 0.0])
    richer = listed(Limits(budget=701.0), made, {0: "A", 1: "B"})
    more = allocate(groups, profits, made, richer)
    assert more.bound - found.bound == pytest.approx(found.prices[0])
    assert [each.words for each, _ in found.binding] == ["the budget"]
    assert found.gap == 0.0


def test_floors_that_can_not_be_reached_are_said():
    groups = [Group(0, ("o0",), 100), Group(1, (), 50)]
    made = catalogue([2.0])
    profits = {(0, "o0"): 1.0}

    def said(**limits):
        with pytest.raises(InputError) as caught:
            allocate(groups, profits, made, listed(Limits(**limits), made, {0: "A", 1: "B"}))
        return caught.value.faults

    assert said(floors={0: 200}) == ("the floor of A is 200; an offer is open to 100.",)
    assert said(floors={1: 1}) == ("the floor of B is 1; an offer is open to 0.",)
    assert said(floors={0: 100}, budget=50.0) == (
        "to reach all floors costs at least 200.00; the budget is 50.00.",
    )
    assert said(floors={0: 100}, contacts=50) == (
        "stock, channels and contacts leave too little for them.",
    )


def test_a_floor_is_kept_at_a_loss():
    groups, made = [Group(0, ("o0",), 100)], catalogue([2.0])
    limits = listed(Limits(floors={0: 10}), made, {0: "A"})
    found = allocate(groups, {(0, "o0"): -1.0}, made, limits)
    assert found.counts == ({"o0": 10},)
    assert found.prices == (1.0,)
    assert found.profit == -10.0


def test_without_limits_everybody_gets_the_best():
    groups = [Group(0, ("o0", "o1"), 10), Group(0, ("o1",), 5), Group(0, (), 3)]
    found = allocate(groups, {(0, "o0"): 2.0, (0, "o1"): 1.0}, catalogue([0.0, 0.0]))
    assert found.counts == ({"o0": 10}, {"o1": 5}, {})
    assert found.bound == found.profit == 25.0


def test_without_any_open_offer_nothing_is_planned():
    found = allocate([Group(0, (), 10)], {}, catalogue([1.0]), [Limit("budget", "", 5.0, "b")])
    assert found.counts == ({},)
    assert found.bound == found.gap == 0.0


def test_limits_that_can_not_be_meant():
    made = catalogue([1.0], channels={0: "letter"})
    limits = Limits(budget=-1, stock={"o1": 2}, channels={"leter": -3}, floors={7: 1})
    with pytest.raises(InputError) as caught:
        check_limits(limits, made, {0: "A"})
    assert caught.value.faults == (
        "the budget is -1; it must be 0 or more.",
        'the channel "leter" is -3; it must be 0 or more.',
        'there is no offer "o1". Did you mean "o0"? The offers are: o0.',
        'there is no channel "leter". Did you mean "letter"? The channels are: letter.',
        'there is no segment "7". The segments are: 0.',
    )


def test_a_large_program_has_the_optimum_of_the_whole_one(monkeypatch):
    rng = np.random.default_rng(3)
    offers, segments = 12, 4
    made = catalogue(rng.uniform(0.1, 3, offers).round(2).tolist())
    profits = {
        (s, f"o{o}"): float(rng.uniform(-1, 5)) for s in range(segments) for o in range(offers)
    }
    groups = [
        Group(
            int(rng.integers(segments)),
            tuple(f"o{o}" for o in range(offers) if rng.random() < 0.5),
            int(rng.integers(1, 2000)),
        )
        for _ in range(800)
    ]
    given = Limits(
        budget=300_000.0,
        stock={f"o{o}": 20_000 for o in range(0, offers, 2)},
        channels={"email": 500_000},
        floors={0: 150_000},
    )
    limits = listed(given, made, {s: str(s) for s in range(segments)})
    whole = allocate(groups, profits, made, limits)
    monkeypatch.setattr("clienteling.offers.program._AT_ONCE", 0)
    generated = allocate(groups, profits, made, limits)
    assert generated.bound == pytest.approx(whole.bound, rel=1e-9)
    assert generated.profit >= generated.bound * (1 - 1e-4)
    assert generated.prices == pytest.approx(whole.prices, abs=1e-6)
    check_kept(groups, made, limits, generated)
