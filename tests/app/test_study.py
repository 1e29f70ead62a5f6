import numpy as np
import pandas as pd
import pytest

from clienteling.app.study import COMPARED, compare, study
from clienteling.run import run


def test_it_finds_what_the_command_line_finds(sample) -> None:
    found = run("sample", k=5)
    assert [each.model_dump() for each in sample.model.segments] == [
        each.model_dump() for each in found.model.segments
    ]
    assert sample.recommended.equals(found.recommended.to_arrow())
    assert sample.notes == found.notes
    assert sample.customers == 200
    ours = compare(sample)
    assert (ours.eps, ours.clusters, ours.noise, ours.agreement, ours.verdict) == (
        found.comparison.eps,
        found.comparison.clusters,
        found.comparison.noise,
        found.comparison.agreement,
        found.comparison.verdict,
    )


def test_nothing_in_it_can_be_changed(sample) -> None:
    with pytest.raises(ValueError, match="read-only"):
        sample.sketch.points[0, 0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        sample.margins[0] = 0.0
    with pytest.raises(AttributeError):
        sample.name = "other"


def test_dbscan_equals_scikit_learn_at_the_same_settings(sample) -> None:
    found = compare(sample, eps=0.3, min_samples=5)
    assert (found.clusters, found.noise) == (7, 35)


def test_dbscan_sees_a_sample_of_many_customers_on_the_same_scale(study_of) -> None:
    rng = np.random.default_rng(1)
    places = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 9.0]])[rng.integers(0, 3, 5000)]
    frame = pd.DataFrame(places + rng.normal(size=(5000, 2)), columns=["a", "b"])
    shown = study_of(frame, 3)
    found = compare(shown)
    assert found.customers == COMPARED
    assert found.clusters == 3
    assert found.agreement > 0.9
    in_units = found.points * shown.sketch.scale + shown.sketch.mean
    assert np.isin(in_units[:, 0].round(9), frame["a"].round(9)).all()


def test_customers_without_a_segment_are_counted_too() -> None:
    frame = pd.DataFrame({"Income": [1.0, 2.0, 9.0, None], "Score": [1.0, 2.0, 9.0, 4.0]})
    found = study(frame, "mine.csv")
    assert (found.customers, found.model.provenance.usable, found.is_sample) == (4, 3, False)
    assert len(found.margins) == 3
