import json

import numpy as np
import pandas as pd
import pytest

from clienteling.app.charts.curves import evidence_curve, k_distance_curve, size_bars
from clienteling.app.charts.look import DARK, LIGHT, look
from clienteling.app.charts.plane_map import DRAWN, map_of_groups, map_of_segments
from clienteling.app.charts.strip import strip_of_groups, strip_of_segments
from clienteling.app.study import compare, study
from clienteling.plots.palette import colour_of


def drawn(chart) -> tuple[list[dict], list[list[dict]]]:
    """Return the layers of a chart, checked against Vega-Lite's schema, and the rows of each."""
    specification = chart.to_dict()
    json.dumps(specification, allow_nan=False)
    layers = specification["layer"]
    kept = specification["datasets"]
    return layers, [kept[(each.get("data") or specification["data"])["name"]] for each in layers]


def mark(layer: dict) -> str:
    return layer["mark"]["type"]


def test_the_map_has_regions_customers_centres_names_and_the_star(sample) -> None:
    layers, rows = drawn(map_of_segments(sample, LIGHT, np.array([15.0, 81.0])))
    assert [mark(each) for each in layers[:3]] == ["line", "point", "point"]
    assert {row["group"] for row in rows[0]} == {each.name for each in sample.model.segments}
    points = {(row["x"], row["y"]): row["group"] for row in rows[1]}
    assert points[(15.0, 81.0)] == "Deal Seekers"
    assert points[(137.0, 18.0)] == "Potential Customers"
    centres = {row["group"]: (row["x"], row["y"]) for row in rows[2]}
    assert centres["Deal Seekers"] == pytest.approx((25.73, 79.36), abs=0.01)
    assert [mark(each) for each in layers[3:-1]] == ["text"] * 10
    assert mark(layers[-1]) == "point"
    assert (rows[-1][0]["x"], rows[-1][0]["y"]) == (15.0, 81.0)


def test_every_corner_of_a_region_is_nearest_to_its_own_centre_or_on_a_border(sample) -> None:
    _, rows = drawn(map_of_segments(sample, LIGHT))
    ids = {each.name: each.id for each in sample.model.segments}
    for row in rows[0]:
        place = (np.array([row["x"], row["y"]]) - sample.model.mean) / sample.model.scale
        distances = np.linalg.norm(sample.model.centres - place, axis=1)
        assert distances[ids[row["group"]]] == pytest.approx(distances.min())


def test_segments_have_the_colours_of_the_palette(sample) -> None:
    layers, _ = drawn(map_of_segments(sample, LIGHT))
    scale = layers[1]["encoding"]["color"]["scale"]
    assert scale["domain"] == [each.name for each in sample.model.segments]
    assert scale["range"] == [colour_of(index) for index in range(5)]


def test_a_customer_far_away_is_still_on_the_map(sample) -> None:
    layers, _ = drawn(map_of_segments(sample, LIGHT, np.array([200.0, 1.0])))
    assert layers[-1]["encoding"]["x"]["scale"]["domain"][1] > 200


def test_words_follow_the_theme(sample) -> None:
    for dark, expected in ((False, LIGHT), (True, DARK)):
        layers, _ = drawn(map_of_segments(sample, look(dark)))
        colours = {each["mark"]["color"] for each in layers if mark(each) == "text"}
        assert colours == {expected.ink, expected.paper}


@pytest.mark.parametrize("k", [1, 2, 7, 8, 20])
@pytest.mark.parametrize("features", [1, 2, 4])
def test_any_number_of_segments_and_features_can_be_drawn(study_of, k, features) -> None:
    rng = np.random.default_rng(2)
    long = [f'feature "{index}" <b> with a long: name.[0]' for index in range(features)]
    shown = study_of(pd.DataFrame(rng.normal(size=(80, features)), columns=long), k)
    customer = np.zeros(features)
    segments, groups = (
        (strip_of_segments, strip_of_groups) if features == 1 else (map_of_segments, map_of_groups)
    )
    for chart in (segments(shown, LIGHT, customer), segments(shown, DARK)):
        drawn(chart)
    found = compare(shown)
    drawn(groups(shown, found, found.labels))
    drawn(k_distance_curve(found, LIGHT))
    drawn(size_bars(shown.model, LIGHT))
    drawn(evidence_curve(shown.model, "inertia", "Inertia", shown.model.elbow_k, LIGHT))


def test_names_of_bars_are_wrapped_and_never_cut(study_of) -> None:
    rng = np.random.default_rng(2)
    long = [f"the customer's yearly income number {index} in thousands" for index in range(2)]
    shown = study_of(pd.DataFrame(rng.normal(size=(80, 2)), columns=long), 4)
    layers, rows = drawn(size_bars(shown.model, LIGHT))
    names = [row["lines"].replace("\n", " ").strip() for row in rows[2]]
    assert names == [each.name for each in shown.model.segments]
    assert max(len(line) for row in rows[2] for line in row["lines"].split("\n")) <= 44
    assert layers[2]["encoding"]["text"]["field"] == "lines"
    assert len({row["lines"].count("\n") for row in rows[2]}) == 1
    assert layers[2]["mark"]["lineBreak"] == "\n"


def test_shares_of_the_bars_have_a_decimal(sample) -> None:
    _, rows = drawn(size_bars(sample.model, LIGHT))
    assert [row["said"].replace("\u00a0", " ") for row in rows[0]] == [
        "81 (40.5 %)", "39 (19.5 %)", "35 (17.5 %)", "23 (11.5 %)", "22 (11.0 %)"
    ]  # fmt: skip


def test_nothing_but_noise_can_be_drawn(sample) -> None:
    found = compare(sample, eps=0.001, min_samples=50)
    assert found.clusters == 0
    _, rows = drawn(map_of_groups(sample, found, found.labels))
    assert {row["group"] for row in rows[0]} == {"Noise: 200"}


def test_the_bars_of_one_feature_hold_every_customer(study_of) -> None:
    rng = np.random.default_rng(3)
    shown = study_of(pd.DataFrame({"visits": rng.integers(0, 40, 300).astype(float)}), 3)
    _, rows = drawn(strip_of_segments(shown, LIGHT))
    for each in shown.model.segments:
        assert sum(row["customers"] for row in rows[0] if row["group"] == each.name) == each.size


def test_of_many_customers_a_sample_is_drawn(study_of) -> None:
    rng = np.random.default_rng(4)
    shown = study_of(pd.DataFrame(rng.normal(size=(2600, 2)), columns=["a", "b"]), 2)
    _, rows = drawn(map_of_segments(shown, LIGHT))
    assert len(rows[1]) == DRAWN


def test_the_chosen_number_is_marked_on_the_curves(sample) -> None:
    layers, rows = drawn(evidence_curve(sample.model, "silhouette", "Silhouette", 5, LIGHT))
    assert mark(layers[0]) == "rule"
    assert rows[0] == [{"k": 5, "said": "k = 5"}]
    curve = {row["k"]: row["y"] for row in rows[2]}
    assert curve[5] == pytest.approx(0.5547, abs=1e-4)
    other, _ = drawn(evidence_curve(sample.model, "silhouette", "Silhouette", 3, LIGHT))
    assert [mark(each) for each in other].count("rule") == 2


def test_what_is_transformed_is_drawn_on_a_transformed_axis() -> None:
    """The star stands among the customers of the same value; tips are in their own units."""
    rng = np.random.default_rng(0)
    amounts = np.round(np.exp(rng.normal(np.repeat([3.0, 6.0, 9.0], [105, 40, 15]), 0.4)))
    frame = pd.DataFrame({"spent": amounts, "visits": rng.integers(1, 40, 160)})
    own = study(frame, "shop.csv", features=["spent", "visits"], transform="auto")
    assert own.model.axis_names == ["ln(1 + spent)", "visits"]
    layers, rows = drawn(map_of_segments(own, LIGHT, frame.to_numpy(dtype=float)[0]))
    own_points = {
        (round(row["feature_0"], 6), row["feature_1"]): (row["x"], row["y"]) for row in rows[1]
    }
    star = (rows[-1][0]["x"], rows[-1][0]["y"])
    assert own_points[tuple(frame.iloc[0])] == pytest.approx(star)
    assert star[0] == pytest.approx(np.log1p(amounts[0]))
    assert layers[1]["encoding"]["x"]["title"] == "ln(1 + spent)"
    one = study(frame, "shop.csv", features=["spent"], transform="auto")
    layers, rows = drawn(strip_of_segments(one, LIGHT, amounts[:1]))
    assert rows[-1][0]["x"] == pytest.approx(np.log1p(amounts[0]))
    assert layers[0]["encoding"]["x"]["title"] == "ln(1 + spent)"
