"""Rules counted by whole cells, against the same count over every customer."""

import numpy as np
import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.data.numbers import count_usable
from clienteling.segmentation import rule_counts
from clienteling.segmentation.kmeans import fit_kmeans
from clienteling.segmentation.nearest import Rule, nearest
from clienteling.segmentation.rule_counts import count_rules, crossed
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


def test_a_limit_on_an_edge_touches_both_cells():
    class Cells:
        low = np.array([[0.0], [1.0], [2.0]])
        high = np.array([[1.0], [2.0], [3.0]])

    assert crossed(Cells, [(Limits(0, above=1.0),)]).tolist() == [True, True, False]
    assert crossed(Cells, [(Limits(0, up_to=2.5),), ()]).tolist() == [False, False, True]
