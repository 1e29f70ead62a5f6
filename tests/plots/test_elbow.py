import numpy as np
import pytest

from clienteling.plots import draw_elbow
from clienteling.plots.style import measured


def words(figure):
    return {" ".join(each.get_text().split()) for axes in figure.axes for each in axes.texts}


def test_the_curves_are_the_evidence(sample, drawn):
    figure = draw_elbow(sample.model)
    for name in ("inertia", "silhouette"):
        (curve,) = drawn(figure, name)
        rows = sample.model.choose_k
        assert list(curve.get_xdata()) == [each.k for each in rows] == list(range(2, 11))
        assert list(curve.get_ydata()) == [getattr(each, name) for each in rows]
    assert [axes.get_ylabel() for axes in figure.axes] == ["WCSS", "Silhouette"]


def test_the_chosen_k_is_drawn_in_both(sample, drawn):
    figure = draw_elbow(sample.model)
    lines = drawn(figure, "chosen-k")
    assert [list(line.get_xdata()) for line in lines] == [[5, 5], [5, 5]]
    assert {line.axes for line in lines} == set(figure.axes)
    assert figure.get_suptitle() == "How many segments? k = 5"


def test_where_all_agree_nothing_else_is_drawn(sample, drawn):
    figure = draw_elbow(sample.model)
    assert drawn(figure, "elbow") == drawn(figure, "silhouette-peak") == []
    assert words(figure) == set()


def test_an_elbow_and_a_silhouette_elsewhere_are_drawn_too(sample, drawn):
    model = sample.model.model_copy(update={"elbow_k": 3, "silhouette_k": 9})
    figure = draw_elbow(model)
    (elbow,), (peak,) = drawn(figure, "elbow"), drawn(figure, "silhouette-peak")
    assert (list(elbow.get_xdata()), list(peak.get_xdata())) == ([3, 3], [9, 9])
    assert words(figure) == {"elbow: k = 3", "highest: k = 9"}


@pytest.mark.parametrize("k", [2, 3, 4, 6, 8, 10])
def test_what_is_said_of_a_line_touches_neither_the_other_line_nor_a_curve(sample, drawn, k):
    figure = draw_elbow(sample.model.model_copy(update={"elbow_k": k, "silhouette_k": k}))
    said = [each for axes in figure.axes for each in axes.texts]
    assert [" ".join(e.get_text().split()) for e in said] == [
        f"elbow: k = {k}",
        f"highest: k = {k}",
    ]
    with measured(figure):
        for each, gid in zip(said, ("inertia", "silhouette"), strict=True):
            box, whole = each.get_window_extent(), each.axes.get_window_extent()
            assert whole.x0 <= box.x0 < box.x1 <= whole.x1
            lines = [each.axes.transData.transform((at, 0))[0] for at in (k, sample.model.k)]
            assert not any(box.x0 <= line <= box.x1 for line in lines)
            (curve,) = drawn(figure, gid)
            path = curve.get_transform().transform_path(curve.get_path())
            assert not path.intersects_bbox(box, filled=False)


def test_no_elbow_is_said(sample, drawn):
    figure = draw_elbow(sample.model.model_copy(update={"elbow_k": None}))
    assert words(figure) == {"no clear elbow"}
    assert drawn(figure, "elbow") == []
    assert figure.axes[0].get_title(loc="left") == "The silhouette is highest there"


def test_an_undefined_silhouette_is_said(sample):
    rows = [each.model_copy(update={"silhouette": None}) for each in sample.model.choose_k]
    figure = draw_elbow(sample.model.model_copy(update={"choose_k": rows, "silhouette_k": None}))
    assert words(figure) == {"The silhouette is not defined here"}


def test_a_silhouette_that_is_undefined_for_one_k_leaves_a_gap(sample, drawn):
    one = sample.model.choose_k[0].model_copy(update={"k": 1, "inertia": 400.0, "silhouette": None})
    rows = [*sample.model.choose_k, one]
    figure = draw_elbow(sample.model.model_copy(update={"choose_k": rows}))
    (inertia,), (silhouette,) = drawn(figure, "inertia"), drawn(figure, "silhouette")
    assert list(inertia.get_xdata()) == list(range(1, 11))
    assert inertia.get_ydata()[0] == 400.0
    assert np.isnan(silhouette.get_ydata()).tolist() == [True] + [False] * 9


def test_a_single_segment_is_drawn_at_one(drawable, drawn):
    figure = draw_elbow(drawable(2, 1).model)
    assert [line.get_xdata()[0] for line in drawn(figure, "chosen-k")] == [1, 1]
    assert words(figure) == {"The silhouette is not defined here"}


def test_a_model_without_evidence_still_has_its_picture(sample, drawn):
    bare = {"choose_k": [], "elbow_k": None, "silhouette_k": None, "structure": None}
    figure = draw_elbow(sample.model.model_copy(update=bare))
    assert words(figure) == {"No evidence was kept"}
    assert len(drawn(figure, "chosen-k")) == 2


def test_no_natural_grouping_is_said(sample):
    structure = sample.model.structure.model_copy(update={"natural": False})
    figure = draw_elbow(sample.model.model_copy(update={"structure": structure}))
    said = figure.axes[0].get_title(loc="left")
    assert said == "For convenience: there is no natural grouping"
