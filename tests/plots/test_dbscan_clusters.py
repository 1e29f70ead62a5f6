from dataclasses import replace

import numpy as np
import pytest

from clienteling.plots import draw_dbscan_clusters, draw_kmeans_clusters
from clienteling.plots.customers import DRAWN
from clienteling.segmentation.dbscan import compare_dbscan


def draw(found, comparison=None):
    comparison = comparison or found.comparison
    return draw_dbscan_clusters(found.model, comparison, found.sketch)


def listed(figure):
    return [each.get_text() for legend in figure.legends for each in legend.get_texts()]


def test_noise_is_set_apart(sample, drawn):
    figure = draw(sample)
    (noise,) = drawn(figure, "noise")
    expected = sample.comparison.points[sample.comparison.labels == -1]
    assert len(noise.get_offsets()) == sample.comparison.noise == 15
    assert np.allclose(noise.get_offsets(), expected * sample.model.scale + sample.model.mean)
    red, green, blue = noise.get_edgecolor()[0][:3]
    assert red == green == blue


def test_groups_are_numbered_by_size(sample, drawn):
    figure = draw(sample)
    groups = [drawn(figure, f"group-{index}") for index in range(3)]
    assert [len(points.get_offsets()) for (points,) in groups] == list(sample.comparison.sizes)
    assert listed(figure) == ["Group 1: 125", "Group 2: 33", "Group 3: 27", "Noise: 15"]


def test_the_caption_has_the_settings_and_the_result(sample):
    figure = draw(sample)
    assert figure.get_suptitle() == "DBSCAN: 3 groups, 15 noise"
    assert figure.axes[0].get_title(loc="left") == "eps = 0.368, min_samples = 4"


def test_it_lies_beside_the_picture_of_the_segments(sample):
    one, other = (
        figure.axes[0]
        for figure in (
            draw(sample),
            draw_kmeans_clusters(sample.model, sample.sketch, sample.fit),
        )
    )
    assert one.get_xlim() == other.get_xlim()
    assert one.get_ylim() == other.get_ylim()
    assert [one.get_xlabel(), one.get_ylabel()] == sample.model.feature_names


def test_of_many_groups_the_first_are_listed(sample, drawn):
    comparison = compare_dbscan(sample.sketch, sample.fit, eps=0.12, min_samples=2)
    figure = draw(sample, comparison)
    assert comparison.clusters > 20
    assert len(drawn(figure, f"group-{comparison.clusters - 1}")) == 1
    names = listed(figure)
    assert names[0] == f"Group 1: {comparison.sizes[0]}"
    assert names[-2:] == [f"and {comparison.clusters - 5} smaller", f"Noise: {comparison.noise}"]
    assert len(names) == 7


def test_all_noise(sample, drawn):
    comparison = compare_dbscan(sample.sketch, sample.fit, eps=1e-3, min_samples=9)
    figure = draw(sample, comparison)
    (noise,) = drawn(figure, "noise")
    assert len(noise.get_offsets()) == 200
    assert figure.get_suptitle() == "DBSCAN: 0 groups, 200 noise"


@pytest.mark.parametrize(("features", "eps"), [(1, 0.01), (3, 0.6)])
def test_other_numbers_of_features(drawable, drawn, features, eps):
    found = drawable(features, 4)
    comparison = compare_dbscan(found.sketch, found.fit, eps=eps, min_samples=6)
    assert 0 < comparison.noise < 200
    figure = draw(found, comparison)
    (noise,) = drawn(figure, "noise")
    assert len(noise.get_offsets()) == comparison.noise
    (axes,) = figure.axes
    if features == 1:
        assert axes.get_xlabel() == "Age"
        bars = [bar.get_height() for container in axes.containers for bar in container]
        assert sum(bars) == 200 - comparison.noise
        assert axes.get_ylim()[0] < noise.get_offsets()[0][1] < 0
    else:
        assert axes.get_xlabel().startswith("Component 1, ")


def test_of_a_crowd_an_even_sample_is_drawn_and_said(crowd, drawn):
    figure = draw(crowd)
    drawn_points = sum(
        len(each.get_offsets())
        for gid in ["noise", *(f"group-{index}" for index in range(crowd.comparison.clusters))]
        for each in drawn(figure, gid)
    )
    assert drawn_points == DRAWN
    assert "3,000 of 3,300 drawn" in " ".join(figure.axes[0].get_title(loc="left").split())


def test_equal_sizes_keep_their_order(sample, drawn):
    labels = np.full(200, -1)
    labels[:10], labels[10:20], labels[20:50] = 0, 1, 2
    comparison = replace(
        sample.comparison, labels=labels, clusters=3, sizes=(30, 10, 10), noise=150
    )
    (second,) = drawn(draw(sample, comparison), "group-1")
    expected = sample.comparison.points[:10] * sample.model.scale + sample.model.mean
    assert np.allclose(second.get_offsets(), expected)
