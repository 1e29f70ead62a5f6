"""What the grid and the customers near a border add up to, against a pass over all of them."""

import numpy as np
import pandas as pd
import pytest

from clienteling.segmentation import refine as refining
from clienteling.segmentation.borders import fetch_borders
from clienteling.segmentation.crossings import undecided
from clienteling.segmentation.nearest import Rule, nearest_of
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.refine import _pass, refine
from clienteling.segmentation.segment import fit_segments

N = 60_000


def prepared(rows: np.ndarray):
    frame = pd.DataFrame(rows, columns=[f"x{index}" for index in range(rows.shape[1])])
    return prepare(frame.assign(customer_id=np.arange(len(rows))), list(frame.columns))


def tables() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    blobs = rng.normal(0, 4, (5, 2))[rng.integers(0, 5, N)] + rng.normal(size=(N, 2))
    far = blobs.copy()
    far[:30] = rng.standard_cauchy((30, 2)) * 1e6
    return {
        "blobs": blobs,
        "one feature": blobs[:, :1],
        "extreme values": far,
        "many at the bounds": np.clip(blobs, -3, 3) + 1e-3 * rng.normal(size=(N, 2)),
        "whole numbers": np.round(blobs * 40),
    }


@pytest.mark.parametrize("kind", tables())
def test_the_same_totals_as_a_pass_over_all_customers(kind):
    made = prepared(tables()[kind])
    names = [each.name for each in made.features]
    rng = np.random.default_rng(1)
    points = made.sketch.standardised()
    for k in (1, 2, 5, 12):
        centres = points[rng.choice(len(points), k, replace=False)]
        rule = Rule(made.sketch.mean, made.sketch.scale, centres)
        near = fetch_borders(made.table, names, made.sketch, rule)
        if near is None:  # too many customers near so many borders
            assert k == 12 or kind == "extreme values"
            continue
        assert near.covers(rule)
        ours, whole = near.totals(rule), _pass(made.table, names, rule)
        assert ours.counts.tolist() == whole.counts.tolist()
        assert ours.counts.sum() == N
        assert ours.sums == pytest.approx(whole.sums, rel=1e-9, abs=1e-6)
        assert ours.inertia(centres) == pytest.approx(whole.inertia(centres), rel=1e-9)


@pytest.mark.parametrize("kind", tables())
def test_nobody_in_a_whole_cell_has_another_nearest_centre(kind):
    rows = tables()[kind]
    made = prepared(rows)
    sketch = made.sketch
    rng = np.random.default_rng(2)
    centres = rng.normal(0, 1.5, (6, rows.shape[1]))
    rule = Rule(sketch.mean, sketch.scale, centres)
    crossed = undecided(sketch.cells, rule)
    assert 0 < crossed.sum() < len(crossed)
    # Each customer's cell, from the bounds alone: the first that holds them.
    some = rows[rng.choice(len(rows), 500, replace=False)]
    low, high = sketch.cells.low, sketch.cells.high
    inside = ((some[:, None] >= low) & (some[:, None] < high)).all(axis=2)
    found = inside.any(axis=1)
    assert found.mean() > 0.99  # the largest value of a feature lies on its cell's upper bound
    cells = inside.argmax(axis=1)[found]
    own = nearest_of(rule, (some[found] - sketch.mean) / sketch.scale)
    owners = nearest_of(rule, sketch.standardised()[cells])
    assert (own == owners)[~crossed[cells]].all()


def test_borders_that_move_far_are_fetched_anew():
    made = prepared(tables()["blobs"])
    names = [each.name for each in made.features]
    rule = Rule(made.sketch.mean, made.sketch.scale, np.array([[-1.0, 0.0], [1.0, 0.0]]))
    near = fetch_borders(made.table, names, made.sketch, rule)
    nudged = Rule(rule.mean, rule.scale, rule.centres + 0.001)
    moved = Rule(rule.mean, rule.scale, rule.centres + 0.5)
    assert near.covers(nudged)
    assert not near.covers(moved)


def test_the_same_fit_as_passes_over_all_customers(monkeypatch):
    made = prepared(tables()["blobs"])
    names = [each.name for each in made.features]
    start = fit_segments(made, 4).fit
    ours, scans, _ = refine(made.table, names, made.sketch, start)
    assert scans == 1
    monkeypatch.setattr(refining, "fetch_borders", lambda *ignored: None)
    monkeypatch.setattr(refining, "_GAIN", refining._GAIN_APART)
    passes, *_ = refine(made.table, names, made.sketch, start)
    assert ours.sizes.tolist() == passes.sizes.tolist()
    assert ours.centres == pytest.approx(passes.centres, abs=1e-9)
    assert ours.inertia == pytest.approx(passes.inertia, rel=1e-10)
