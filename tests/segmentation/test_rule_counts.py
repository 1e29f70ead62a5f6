"""Rules counted by whole cells, against the same count over every customer."""

import numpy as np
import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.data.numbers import count_usable
from clienteling.segmentation import rule_counts
from clienteling.segmentation.borders import fetch_borders
from clienteling.segmentation.crossings import crossed
from clienteling.segmentation.kmeans import fit_kmeans
from clienteling.segmentation.nearest import Rule, nearest
from clienteling.segmentation.rule_counts import count_rules
from clienteling.segmentation.sketch import sketch
from clienteling.segmentation.tree_rule import Limits, caught

N = 60_000


def customers(kind: str) -> np.ndarray:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(N, 2)) * [10.0, 3.0] + rng.integers(0, 3, size=(N, 1)) * 30.0
    if kind == "whole numbers":  # many lie right on a limit
        rows = np.round(rows)
    if kind == "extremes":
        rows[:20] *= 10.0 ** rng.integers(2, 8, size=(20, 1))
    rows[100:150, 0] = np.nan
    return rows


@pytest.mark.parametrize("kind", ["fine", "whole numbers", "extremes"])
def test_cells_count_as_every_customer_does(kind, monkeypatch):
    rows = customers(kind)
    table = cl.read(pa.table({"x": rows[:, 0], "y": rows[:, 1], "id": np.arange(N)}))
    made = sketch(table, ["x", "y"], count_usable(table, ["x", "y"]))
    assert made.kind == "grid"
    fit = fit_kmeans(made.standardised(), made.weights, 3, seed=0)
    rule = Rule(made.mean, made.scale, fit.centres)
    rules = [
        (Limits(0, above=20.0, up_to=41.0), Limits(1, above=25.0)),
        (Limits(1, up_to=9.0),),
        (),
    ]

    looked_at = []
    whole = rule_counts._in_engine

    def remember(table, source, *others):
        counted = whole(table, source, *others)
        looked_at.append(counted[0].sum())
        return counted

    monkeypatch.setattr(rule_counts, "_in_engine", remember)
    # The segments of whole cells are those of their points under the very centres of the rule.
    labels = nearest(rule, made.points).ids
    sizes, found = count_rules(table, ["x", "y"], made, labels, rule, rules)
    assert 0 < looked_at[0] < 0.3 * N

    own = nearest(rule, rows).ids
    assert sizes.tolist() == np.bincount(own[own >= 0], minlength=3).tolist()
    for index, limits in enumerate(rules):
        of_it = own[(own >= 0) & caught(limits, rows)] if limits else own[:0]
        assert found[:, index].tolist() == np.bincount(of_it, minlength=3).tolist()


@pytest.mark.parametrize("kind", ["fine", "whole numbers", "extremes"])
def test_what_was_fetched_counts_as_every_customer_does(kind, monkeypatch):
    rows = customers(kind)
    table = cl.read(pa.table({"x": rows[:, 0], "y": rows[:, 1], "id": np.arange(N)}))
    made = sketch(table, ["x", "y"], count_usable(table, ["x", "y"]))
    fit = fit_kmeans(made.standardised(), made.weights, 3, seed=0)
    rule = Rule(made.mean, made.scale, fit.centres)
    rules = [
        (Limits(0, above=20.0, up_to=41.0), Limits(1, above=25.0)),
        (Limits(1, up_to=9.0),),
        (),
    ]
    near = fetch_borders(table, ["x", "y"], made, rule, rules)
    assert near.weights.sum() < 0.3 * N
    assert near.tally.counts.sum() > 100
    labels = nearest(rule, made.points).ids
    whole = count_rules(table, ["x", "y"], made, labels, rule, rules)
    monkeypatch.setattr(rule_counts, "_in_engine", None)  # no other pass is made
    # The rules may have changed places since.
    again = [rules[1], rules[2], rules[0]]
    sizes, found = count_rules(table, ["x", "y"], made, labels, rule, again, near)
    assert sizes.tolist() == whole[0].tolist()
    assert found.tolist() == whole[1][:, [1, 2, 0]].tolist()


def test_other_rules_than_those_that_were_counted_need_a_pass():
    rows = customers("fine")
    table = cl.read(pa.table({"x": rows[:, 0], "y": rows[:, 1], "id": np.arange(N)}))
    made = sketch(table, ["x", "y"], count_usable(table, ["x", "y"]))
    fit = fit_kmeans(made.standardised(), made.weights, 3, seed=0)
    rule = Rule(made.mean, made.scale, fit.centres)
    near = fetch_borders(table, ["x", "y"], made, rule, [(Limits(1, up_to=9.0),)])
    rules = [(Limits(1, up_to=9.5),), (), ()]
    labels = nearest(rule, made.points).ids
    _, found = count_rules(table, ["x", "y"], made, labels, rule, rules, near)
    own = nearest(rule, rows).ids
    of_it = own[(own >= 0) & caught(rules[0], rows)]
    assert found[:, 0].tolist() == np.bincount(of_it, minlength=3).tolist()


def test_a_limit_on_an_edge_touches_both_cells():
    class Cells:
        low = np.array([[0.0], [1.0], [2.0]])
        high = np.array([[1.0], [2.0], [3.0]])

    assert crossed(Cells, [(Limits(0, above=1.0),)]).tolist() == [True, True, False]
    assert crossed(Cells, [(Limits(0, up_to=2.5),), ()]).tolist() == [False, False, True]
