"""One definition, every engine: the same rows get the same answers, to the last bit."""

import numpy as np
import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.features.imputation import count_imputed, find_medians
from clienteling.segmentation.nearest import nearest
from clienteling.segmentation.scoring import rule_of
from tests.engines.conftest import ENGINES, hostile_rows

ROWS = 1_000_000
FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


@pytest.fixture(scope="module")
def model() -> cl.Model:
    return cl.segment(cl.read("sample"))


@pytest.fixture(scope="module")
def with_ties(model: cl.Model) -> cl.Model:
    """The same with two centres mirrored, so that whole customers lie exactly between them."""
    segments = [
        each.model_copy(update={"centre": centre})
        for each, centre in zip(
            model.segments,
            [[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [0.0, 0.0]],
            strict=True,
        )
    ]
    features = [each.model_copy(update={"mean": 60.0, "scale": 32.0}) for each in model.features]
    return model.model_copy(update={"segments": segments, "features": features})


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("which", ["model", "with_ties"])
def test_every_engine_gives_what_numpy_gives(engine, which, opener, request):
    model = request.getfixturevalue(which)
    rows = hostile_rows(ROWS if which == "model" else ROWS // 10)
    scored = model.score(opener(engine)(rows))
    wanted = ["customer_id", "segment_id", "margin", "runner_up", "note"]
    found = scored.engine.query(_select(scored, wanted)).sort_by("customer_id")
    values = np.column_stack([rows.column(each).to_numpy() for each in FEATURES])
    expected = nearest(rule_of(model), values)

    assert found.column("customer_id").to_pylist() == list(range(len(rows)))
    ids = found.column("segment_id").to_pandas().fillna(-1).to_numpy().astype(int)
    assert (ids == expected.ids).all()
    margins = found.column("margin").to_pandas().to_numpy(dtype=float)
    assert np.array_equal(margins, expected.margins, equal_nan=True)
    names = np.array([each.name for each in model.segments] + [None], dtype=object)
    assert found.column("runner_up").to_pylist() == names[expected.runner_ups].tolist()
    has_note = np.array(found.column("note").to_pylist()) != ""
    assert (has_note == (expected.ids < 0)).all()
    if which == "with_ties":
        assert (expected.margins == 0).sum() > 100


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_fills_the_same_medians_in(engine, opener, model):
    rng = np.random.default_rng(2)
    many = 3001
    values = np.round(rng.normal(60, 30, (many, 2)), 2)
    missing = rng.random((many, 2)) < 0.3
    # Half of the gaps are nulls, half NaN, as Arrow's files may have them.
    null = missing & (rng.random((many, 2)) < 0.5)
    infinite = ~missing & (rng.random((many, 2)) < 0.01)
    values = np.where(infinite, rng.choice([np.inf, -np.inf], (many, 2)), values)
    told = np.where(missing, np.nan, values)
    rows = pa.table(
        {
            "CustomerID": pa.array(np.arange(many)),
            **{each: pa.array(told[:, i], mask=null[:, i]) for i, each in enumerate(FEATURES)},
        }
    )
    table = opener(engine)(rows)
    medians = find_medians(table, FEATURES)
    expected = np.nanmedian(np.where(infinite, np.nan, told), axis=0)
    assert list(medians.values()) == expected.tolist()
    features = [each.model_copy(update={"median": medians[each.name]}) for each in model.features]
    fills = model.model_copy(update={"features": features})
    scored = fills.score(table)
    found = scored.engine.query(
        _select(scored, ["customer_id", "segment_id", "margin", "note"])
    ).sort_by("customer_id")
    by_numpy = nearest(rule_of(fills), told)
    ids = found.column("segment_id").to_pandas().fillna(-1).to_numpy().astype(int)
    assert (ids == by_numpy.ids).all()
    margins = found.column("margin").to_pandas().to_numpy(dtype=float)
    assert np.array_equal(margins, by_numpy.margins, equal_nan=True)
    marked = np.array(found.column("note").to_pylist()) != ""
    assert (marked == (missing | infinite).any(axis=1)).all()
    assert ((by_numpy.ids < 0) == (missing.all(axis=1) | infinite.any(axis=1))).all()
    counted = count_imputed(table, medians)
    assert counted.customers == (missing.any(axis=1) & (by_numpy.ids >= 0)).sum()
    for each in (0, 1, many // 2):
        one = fills.predict(dict(zip(FEATURES, told[each], strict=True)))
        assert one.note == found.column("note")[each].as_py()


def _select(scored: cl.Table, names: list[str]):
    from sqlglot import exp

    return exp.select(*(exp.column(each, quoted=True) for each in names)).from_(scored.subquery)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_fits_the_same_model(engine, opener):
    rng = np.random.default_rng(1)
    which = rng.integers(0, 4, 60_000)
    centres = np.array([[20.0, 20.0], [20.0, 80.0], [90.0, 15.0], [95.0, 85.0]])
    points = centres[which] + rng.normal(0, 6, (60_000, 2))
    rows = pa.table({"CustomerID": np.arange(60_000), **dict(zip(FEATURES, points.T, strict=True))})
    expected = cl.segment(opener("duckdb")(rows))
    found = cl.segment(opener(engine)(rows))
    assert expected.method.sketch == "grid"
    assert found.k == expected.k == 4
    assert [each.name for each in found.segments] == [each.name for each in expected.segments]
    assert [each.size for each in found.segments] == [each.size for each in expected.segments]
    assert np.abs(found.centres - expected.centres).max() < 1e-9
    assert found.inertia == pytest.approx(expected.inertia, rel=1e-9)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_draws_the_same_coreset(engine, opener):
    rng = np.random.default_rng(2)
    names = [f"x{index}" for index in range(6)]
    points = rng.normal(0, 1, (60_000, 6)) + 4 * rng.integers(0, 2, (60_000, 1))
    rows = pa.table({"CustomerID": np.arange(60_000), **dict(zip(names, points.T, strict=True))})
    models = [cl.segment(opener(each)(rows), names, k=2) for each in ("duckdb", engine)]
    assert models[0].method.sketch == "coreset"
    assert models[0].method.points == models[1].method.points
    assert [each.size for each in models[0].segments] == [each.size for each in models[1].segments]
    assert np.abs(models[0].centres - models[1].centres).max() < 1e-9


@pytest.mark.parametrize("engine", ENGINES)
def test_the_sample_gives_its_known_figures_on_every_engine(engine, opener):
    rows = cl.read("sample").to_arrow()
    model = cl.segment(opener(engine)(rows))
    assert model.inertia == pytest.approx(65.568, abs=0.001)
    assert {each.name: each.size for each in model.segments} == {
        "Average Customers": 81,
        "Premium Customers": 39,
        "Potential Customers": 35,
        "Low-Value Customers": 23,
        "Deal Seekers": 22,
    }
