"""The lift and the advantage of segments are the same on every engine."""

import pyarrow as pa
import pytest

from clienteling.measurement.evaluate import evaluate
from tests.engines.conftest import ENGINES
from tests.measurement.conftest import made_mailing

SETTINGS = {
    "offer": "mail",
    "control": "none",
    "outcomes": ["visit", "spend"],
    "segments": ["regular"],
    "before": {"spend": "earlier"},
    "id": "customer_id",
}


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_finds_the_same(engine, opener):
    made = pa.Table.from_pandas(made_mailing(), preserve_index=False)
    text = [pa.string() if pa.types.is_large_string(t) else t for t in made.schema.types]
    rows = made.cast(pa.schema(list(zip(made.column_names, text, strict=True))))
    expected = evaluate(opener("duckdb")(rows), **SETTINGS)
    found = evaluate(opener(engine)(rows), **SETTINGS)
    assert found.verdict == expected.verdict
    for ours, theirs in zip(found.lift, expected.lift, strict=True):
        assert (ours.offer, ours.by, ours.segment) == (theirs.offer, theirs.by, theirs.segment)
        assert (ours.customers, ours.estimate) == (
            theirs.customers,
            pytest.approx(theirs.estimate, rel=1e-9, abs=1e-12),
        )
        assert (ours.low, ours.p) == (
            pytest.approx(theirs.low, rel=1e-9, abs=1e-12),
            pytest.approx(theirs.p, rel=1e-6),
        )
    # The same customers are in the same folds.
    for ours, theirs in zip(found.by_segment, expected.by_segment, strict=True):
        assert ours.offers == theirs.offers
        assert ours.advantage == pytest.approx(theirs.advantage, rel=1e-9, abs=1e-12)
        assert ours.low == pytest.approx(theirs.low, rel=1e-9, abs=1e-12)
