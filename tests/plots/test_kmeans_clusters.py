from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

import clienteling as cl
from clienteling.features.imputation import imputed_customers
from clienteling.plots import draw_kmeans_clusters
from clienteling.plots.customers import DRAWN
from clienteling.plots.palette import colour_of
from clienteling.plots.strip import draw_strip
from clienteling.plots.style import measured
from clienteling.run import run


def draw(found):
    return draw_kmeans_clusters(found.model, found.sketch, found.fit)


def on_one_line(artists):
    return sorted(" ".join(each.get_text().split()) for each in artists)


def test_every_customer_is_drawn_with_their_segment(sample, drawn):
    figure = draw(sample)
    for each in sample.model.segments:
        (points,) = drawn(figure, f"segment-{each.id}")
        assert len(points.get_offsets()) == each.size
        assert np.allclose(
            points.get_offsets().mean(axis=0), sample.model.centres_in_units[each.id]
        )
    assert figure.get_suptitle() == "200 customers in 5 segments"


def test_the_axes_are_the_features(sample):
    (axes,) = draw(sample).axes
    assert [axes.get_xlabel(), axes.get_ylabel()] == sample.model.feature_names


def test_the_centres_are_marked_and_each_is_named_once(sample, drawn):
    figure = draw(sample)
    (centres,) = drawn(figure, "centre")
    assert np.allclose(centres.get_xydata(), sample.model.centres_in_units)
    assert on_one_line(drawn(figure, "name")) == sorted(each.name for each in sample.model.segments)


def test_names_stand_on_their_own_ground_and_apart(sample, drawn):
    figure = draw(sample)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [each.get_window_extent() for each in drawn(figure, "name")]
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:index])
        middle = axes.transData.inverted().transform([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
        distances = (middle - sample.model.centres_in_units) / sample.model.scale
        assert (distances**2).sum(axis=1).argmin() == index


def test_no_name_covers_a_customer_of_the_sample(sample, drawn):
    figure = draw(sample)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    points = axes.transData.transform(sample.sketch.points)
    for each in drawn(figure, "name"):
        assert each.get_window_extent().count_contains(points) == 0


def test_who_has_a_median_for_a_value_gets_a_ring(data_folder, drawn):
    columns = ["Annual Income (k$)", "Spending Score (1-100)"]
    found = run(data_folder / "mall_customers_missing.csv", columns, impute="median")
    prepared = found.prepared
    filled = imputed_customers(prepared.table, prepared.medians, 3000)
    frame = pd.read_csv(data_folder / "mall_customers_missing.csv")[columns]
    theirs = frame[frame.isna().any(axis=1)].fillna(frame.median()).sort_values(columns)
    assert np.allclose(filled, theirs)
    figure = draw_kmeans_clusters(found.model, prepared.sketch, found.choice.fit, filled)
    (rings,) = drawn(figure, "imputed")
    assert np.allclose(rings.get_offsets(), filled)
    (axes,) = figure.axes
    assert "ringed: a value is missing" in " ".join(axes.get_title(loc="left").split())
    without = draw_kmeans_clusters(found.model, prepared.sketch, found.choice.fit)
    assert not drawn(without, "imputed")


def test_the_ground_around_each_centre_has_its_colour(sample, drawn):
    figure = draw(sample)
    for each in sample.model.segments:
        (region,) = drawn(figure, f"region-{each.id}")
        (points,) = drawn(figure, f"segment-{each.id}")
        assert region.get_path().contains_points(points.get_offsets()).all()
        assert np.array_equal(region.get_facecolor()[:3], points.get_facecolor()[0][:3])


@pytest.mark.parametrize("k", [1, 8, 20])
@pytest.mark.parametrize("features", [1, 2, 3])
def test_any_number_of_segments_and_features(drawable, drawn, features, k):
    found = drawable(features, k)
    figure = draw(found)
    names = on_one_line(drawn(figure, "name"))
    listed = [each.name for each in found.model.segments]
    if names != sorted(listed):  # with letters, by size, under the picture
        letters = "ABCDEFGHIJKLMNOPQRST"
        assert names == [f"{letter} {name}" for letter, name in zip(letters, listed, strict=False)]
        marks = drawn(figure, "centre")
        assert [each.get_text() for each in marks] == list(letters[:k])
        if features == 2:
            assert np.allclose(
                [each.get_position() for each in marks], found.model.centres_in_units
            )
    figure.draw_without_rendering()


def test_one_feature_is_a_histogram_with_borders_half_way(drawable, drawn):
    found = drawable(1, 4)
    figure = draw(found)
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Age", "Customers")
    centres = np.sort(found.model.centres_in_units[:, 0])
    borders = [each.get_xdata()[0] for each in drawn(figure, "border")]
    assert np.allclose(borders, (centres[:-1] + centres[1:]) / 2)
    for each in found.model.segments:
        bars = drawn(figure, f"segment-{each.id}")
        assert sum(bar.get_height() for bar in bars) == each.size
        assert {to_hex(bar.get_facecolor()).upper() for bar in bars} == {colour_of(each.id)}


def test_three_features_are_drawn_by_their_principal_components(drawable, drawn):
    found = drawable(3, 6)
    figure = draw(found)
    (axes,) = figure.axes
    sketch = found.sketch
    customers = np.repeat(sketch.standardised(), sketch.weights.astype(int), axis=0)
    fitted = PCA(2).fit(customers)
    first, second = (f"{share * 100:.0f}" for share in fitted.explained_variance_ratio_)
    assert axes.get_xlabel() == f"Component 1, {first} % of variance"
    assert " ".join(axes.get_ylabel().split()) == f"Component 2, {second} % of variance"
    assert "principal components" in axes.get_title(loc="left")
    assert not [each for each in figure.findobj() if str(each.get_gid()).startswith("region")]
    places = np.vstack([drawn(figure, f"segment-{index}")[0].get_offsets() for index in range(6)])
    expected = fitted.transform(customers)
    for axis in (0, 1):  # a component's sign is free
        ours, theirs = np.sort(places[:, axis]), np.sort(expected[:, axis])
        assert np.allclose(ours, theirs) or np.allclose(ours, np.sort(-expected[:, axis]))


@pytest.mark.parametrize("k", [2, 9])
def test_the_upright_label_ends_under_the_caption(drawable, k):
    """Also where the list under the picture leaves the axis little height."""
    figure = draw(drawable(3, k))
    (axes,) = figure.axes
    with measured(figure):
        assert axes.yaxis.label.get_window_extent().y1 <= axes.get_window_extent().y1


def test_of_a_crowd_an_even_sample_is_drawn_and_said(crowd, drawn):
    figure = draw(crowd)
    (axes,) = figure.axes
    assert sum(len(drawn(figure, f"segment-{index}")[0].get_offsets()) for index in (0, 1)) == DRAWN
    said = " ".join(axes.get_title(loc="left").split())
    assert said.endswith("3,000 of 3,300 drawn")


def test_few_customers_far_away_do_not_press_the_others_together(crowd):
    # Without a segment of their own, the three who spend 9,000 are outside, and counted.
    low = crowd.model.model_copy(
        update={
            "segments": [
                each.model_copy(update={"centre": [float(each.id), 0.0]})
                for each in crowd.model.segments
            ]
        }
    )
    found = replace(crowd, model=low)
    (axes,) = draw(found).axes
    assert axes.get_ylim()[1] < 1000
    assert "3 outside the picture" in " ".join(axes.get_title(loc="left").split())


def test_odd_names_are_drawn_as_they_are(sample, drawn):
    segments = [
        each.model_copy(update={"name": name})
        for each, name in zip(
            sample.model.segments,
            ["$5 to $10", "ミカエル", "x" * 200, r"\frac{1}{2", "a_b^c"],
            strict=True,
        )
    ]
    features = [
        each.model_copy(update={"name": name})
        for each, name in zip(
            sample.model.features,
            ["Spent ($) of $100", "A column whose name is long enough to wrap"],
            strict=True,
        )
    ]
    model = sample.model.model_copy(update={"segments": segments, "features": features})
    figure = draw_kmeans_clusters(model, sample.sketch, sample.fit)
    (axes,) = figure.axes
    assert axes.get_xlabel() == "Spent ($) of $100"
    assert axes.get_ylabel() == "A column whose name is long\nenough to wrap"
    names = on_one_line(drawn(figure, "name"))
    assert names[0] == "A $5 to $10"
    assert names[2] == "C " + " ".join(["x" * 52, "x" * 50, "x" * 45 + "…"])


def test_the_colours_are_those_of_the_palette(sample, drawn):
    (points,) = drawn(draw(sample), "segment-3")
    assert to_hex(points.get_facecolor()[0]).upper() == colour_of(3)


@pytest.mark.parametrize("highest", [1, 2, 3, 7, 9, 14, 40, 12_345])
def test_customers_are_counted_in_whole_numbers(highest):
    axes = Figure().subplots()
    values = np.concatenate([np.full(highest, 3.0), np.arange(6.0)])
    labels = np.zeros(len(values), dtype=np.int64)
    draw_strip(axes, "visits", values, np.ones(len(values)), labels, ["#000000"], gid="segment")
    ticks = axes.yaxis.get_major_locator()()
    assert len(ticks) > 1
    assert np.array_equal(ticks, np.rint(ticks))


def test_after_a_refit_the_colour_is_that_of_the_id(sample, drawn, mall_csv):
    """A segment keeps its colour from month to month, as in the report."""
    customers = pd.read_csv(mall_csv)
    left = customers[sample.model.predict(customers)["segment_id"] != 2]
    found = cl.refit(sample.model, left, 4)
    figure = draw_kmeans_clusters(found.model, found.prepared.sketch, found.choice.fit)
    assert [each.id for each in found.model.segments] == [0, 1, 3, 4]
    for each in found.model.segments:
        (points,) = drawn(figure, f"segment-{each.id}")
        assert to_hex(points.get_facecolor()[0]).upper() == colour_of(each.id)
        assert len(points.get_offsets()) == each.size


def test_names_lie_on_the_ground_of_their_own_segment(sample, drawn):
    model = sample.model
    figure = draw(sample)
    figure.canvas.draw()
    (axes,) = figure.axes
    sides = np.stack(np.meshgrid(np.linspace(0, 1, 11), np.linspace(0, 1, 5)), -1).reshape(-1, 2)
    for segment, text in enumerate(drawn(figure, "name")):
        box = text.get_window_extent()
        inside = axes.transData.inverted().transform([box.x0, box.y0] + sides * box.size)
        places = (inside - model.mean) / model.scale
        apart = ((places[:, None] - model.centres) ** 2).sum(axis=2)
        # The whole of the middle one finds no room beside its customers.
        assert (apart.argmin(axis=1) != segment).mean() <= 0.2
