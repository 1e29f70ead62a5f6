"""How k is chosen, and how the choice is put into words where the methods disagree."""

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import DataError, InputError
from clienteling.segmentation.choose_k import KRow, _decide, _elbow, choose_k
from clienteling.segmentation.segment import prepare
from clienteling.segmentation.structure import Structure

GROUPED = Structure(natural=True, draws=200, beaten_by=0, sample=100)
UNGROUPED = Structure(natural=False, draws=200, beaten_by=31, sample=100)


def rows(*silhouettes: float | None) -> list[KRow]:
    return [KRow(k, 100.0 / k, value, None, None) for k, value in enumerate(silhouettes, start=2)]


def test_words_where_both_methods_agree():
    k, why = _decide(rows(0.4, 0.61, 0.5), 3, 3, GROUPED)
    assert k == 3
    assert why == (
        "k = 3: the inertia curve bends at k = 3, and the silhouette is highest there (0.610). "
        "Clearer than chance: none of 200 random tables of the same size and spread, but without "
        "groups, falls apart as clearly."
    )


def test_words_where_they_disagree():
    k, why = _decide(rows(0.61, 0.5, 0.4567), 4, 2, GROUPED)
    assert k == 2
    assert why.startswith(
        "k = 2: the silhouette is highest there (0.610). The elbow of the inertia curve is at "
        "k = 4 instead, where the silhouette is 0.457; the two disagree, and the silhouette "
        "decides because it measures how well the segments are told apart. Clearer than chance: "
    )


def test_words_where_there_is_no_elbow():
    k, why = _decide(rows(0.5, 0.61, 0.4), None, 3, None)
    assert k == 3
    assert why == (
        "k = 3: the silhouette is highest there (0.610); the inertia curve has no clear elbow."
    )


def test_words_where_there_are_no_groups():
    _, why = _decide(rows(0.5, 0.61, 0.4), 3, 3, UNGROUPED)
    assert why == (
        "No natural grouping: 31 of 200 random tables of the same size and spread, but without "
        "groups, fall apart at least as clearly. k = 3 is proposed as a convenience only, to "
        "divide the customers evenly: the inertia curve bends at k = 3, and the silhouette is "
        "highest there (0.610)."
    )


def test_words_where_only_one_k_can_be_tried():
    k, why = _decide(rows(None), None, None, None)
    assert k == 2
    assert why == "The customers have so few different values that only k = 2 can be tried."


def test_a_straight_curve_has_no_elbow():
    straight = [KRow(k, 100.0 - 10 * k, None, None, None) for k in range(2, 8)]
    assert _elbow(straight) is None
    bent = [
        KRow(k, v, None, None, None)
        for k, v in zip(range(2, 8), (90, 50, 10, 9, 8, 7), strict=True)
    ]
    assert _elbow(bent) == 4


@pytest.mark.parametrize("groups", [2, 4, 7])
def test_separate_groups_are_counted_rightly(blobs, groups):
    prepared = prepare(blobs(groups, each=30, seed=groups), ["x0", "x1"])
    choice = choose_k(prepared.sketch)
    assert choice.k == choice.silhouette_k == groups
    assert choice.fit.sizes.tolist() == [30] * groups
    assert choice.structure.natural


@pytest.mark.parametrize(
    ("values", "ks"),
    [
        ([0, 1], [2]),
        ([0, 1, 5], [2, 3]),
        ([0, 1, 5, 9], [2, 3, 4]),
        (range(9), list(range(2, 10))),
        (range(10), list(range(2, 11))),
    ],
)
def test_the_range_shrinks_to_the_distinct_customers(values, ks):
    frame = pd.DataFrame({"a": np.repeat(np.array(values, dtype=float), 3)})
    choice = choose_k(prepare(frame, ["a"]).sketch)
    assert [row.k for row in choice.rows] == ks
    assert choice.k in ks


def test_figures_that_are_not_defined_are_none():
    choice = choose_k(prepare(pd.DataFrame({"a": [0.0, 1.0, 5.0]}), ["a"]).sketch)
    assert [row.silhouette is None for row in choice.rows] == [False, True]
    assert [row.calinski_harabasz is None for row in choice.rows] == [False, True]


@pytest.mark.parametrize("rows", [2, 3, 5])
def test_the_smallest_tables_are_segmented(rows):
    frame = pd.DataFrame({"a": np.arange(rows, dtype=float), "b": np.arange(rows) ** 2.0})
    model = cl.segment(frame, ["a", "b"])
    assert 2 <= model.k <= rows
    assert sum(each.size for each in model.segments) == rows


def test_a_given_k_is_taken_and_the_methods_are_named(mall_prepared):
    choice = choose_k(mall_prepared.sketch, 7)
    assert choice.k == choice.fit.k == 7
    assert choice.structure is None
    assert choice.why == (
        "The number of segments was given: 7. For comparison, the elbow points to 5 and the "
        "silhouette points to 5."
    )
    assert [row.k for row in choice.rows] == list(range(2, 11))


@pytest.mark.parametrize(("k", "shown"), [(1, [1, *range(2, 11)]), (20, [*range(2, 11), 20])])
def test_a_given_k_beyond_the_range_is_shown_too(mall_prepared, k, shown):
    choice = choose_k(mall_prepared.sketch, k)
    assert [row.k for row in choice.rows] == shown
    assert choice.k == k
    assert choice.fit.sizes.sum() == 200
    assert (choice.elbow_k, choice.silhouette_k) == (5, 5)


def test_as_many_segments_as_distinct_customers():
    frame = pd.DataFrame({"a": np.arange(12.0)})
    model = cl.segment(frame, ["a"], k=12)
    assert model.inertia == 0.0
    assert [each.size for each in model.segments] == [1] * 12
    assert len({each.name for each in model.segments}) == 12


def test_more_segments_than_distinct_customers_are_refused():
    frame = pd.DataFrame({"a": [0, 1] * 50, "b": [0, 1] * 50})
    with pytest.raises(DataError) as caught:
        cl.segment(frame, ["a", "b"], k=3)
    assert str(caught.value) == (
        "3 segments need 3 different customers; in the chosen features there are only 2.\n"
        "Ask for at most 2 segments, or add a feature."
    )


@pytest.mark.parametrize(
    ("k", "message"),
    [
        (0, "k is 0; the number of segments must be at least 1."),
        (-3, "k is -3; the number of segments must be at least 1."),
        (2.5, "k is 2.5; the number of segments must be a whole number."),
        ("auto", "k is auto; the number of segments must be a whole number."),
        (True, "k is True; the number of segments must be a whole number."),
    ],
)
def test_what_is_no_number_of_segments_is_refused(k, message):
    with pytest.raises(InputError) as caught:
        cl.segment("sample", k=k)
    assert caught.value.message == message


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, None])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(InputError, match=f"seed is {seed}; it must be a whole number from 0 to"):
        cl.segment("sample", seed=seed)


def test_progress_goes_from_0_towards_1(mall_prepared):
    said = []
    choose_k(mall_prepared.sketch, progress=lambda what, share: said.append((what, share)))
    assert [what for what, _ in dict.fromkeys((what, 0) for what, _ in said)] == [
        "Fitting",
        "Judging each k",
        "Looking for structure",
    ]
    assert all(0 <= share <= 1 for _, share in said)
    for what in {what for what, _ in said}:
        shares = [share for each, share in said if each == what]
        assert shares == sorted(shares)
