"""How k is chosen, and how the choice is put into words where the methods disagree."""

import numpy as np
import pandas as pd
import pytest

import clienteling as cl
from clienteling.errors import DataError, InputError
from clienteling.segmentation import segment as segment_module
from clienteling.segmentation.choose_k import OpenChoice, _elbow, _handfuls, choose_k
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.model_segments import UNSTABLE
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.segment import fit_segments, make_exact
from clienteling.segmentation.stability import Stability
from clienteling.segmentation.structure import Structure
from clienteling.segmentation.why_k import Evidence, KRow, why_chosen

GROUPED = Structure(natural=True, draws=200, beaten_by=0, sample=100)
UNGROUPED = Structure(natural=False, draws=200, beaten_by=31, sample=100)


def rows(*silhouettes: float | None) -> list[KRow]:
    return [KRow(k, 100.0 / k, value, None, None) for k, value in enumerate(silhouettes, start=2)]


def close_pair() -> pd.DataFrame:
    """Return five groups of which two lie close: the highest silhouette takes them for one."""
    rng = np.random.default_rng(0)
    places = np.array([[0, 0], [3.9, 0], [12, 0], [0, 12], [12, 12]])
    values = np.repeat(places, 120, axis=0) + rng.normal(size=(600, 2))
    return pd.DataFrame(values, columns=["a", "b"])


def why_of(silhouettes, k, elbow_k, silhouette_k, structure, handfuls=(), judged=()):
    found = Evidence(rows(*silhouettes), elbow_k, silhouette_k, dict(handfuls))
    return why_chosen(k, found, dict(judged), structure)


def test_words_where_both_methods_agree():
    why = why_of((0.4, 0.61, 0.5), 3, 3, 3, GROUPED)
    assert why == (
        "k = 3: the inertia curve bends at k = 3, and the silhouette is highest there (0.610). "
        "Clearer than chance: none of 200 random tables of the same size and spread, but without "
        "groups, falls apart as clearly."
    )


def test_words_where_they_disagree():
    why = why_of((0.61, 0.5, 0.4567), 2, 4, 2, GROUPED)
    assert why.startswith(
        "k = 2: the silhouette is highest there (0.610). The elbow of the inertia curve is at "
        "k = 4 instead, where the silhouette is 0.457; the two disagree, and the silhouette "
        "decides because it measures how well the segments are told apart. Clearer than chance: "
    )


def test_words_where_there_is_no_elbow():
    why = why_of((0.5, 0.61, 0.4), 3, None, 3, None)
    assert why == (
        "k = 3: the silhouette is highest there (0.610); the inertia curve has no clear elbow."
    )


def test_words_where_there_are_no_groups():
    why = why_of((0.5, 0.61, 0.4), 3, 3, 3, UNGROUPED)
    assert why == (
        "No natural grouping: 31 of 200 random tables of the same size and spread, but without "
        "groups, fall apart at least as clearly. k = 3 is proposed as a convenience only: "
        "the inertia curve bends at k = 3, and the silhouette is "
        "highest there (0.610)."
    )


def test_words_where_only_one_k_can_be_tried():
    why = why_of((None,), 2, None, None, None)
    assert why == "The customers have so few different values that only k = 2 can be tried."


def stability(agreement: float, *jaccard: float) -> Stability:
    return Stability(len(jaccard), agreement, agreement - 0.1, jaccard, None, 100, 1000)


def test_words_where_the_highest_silhouette_splits_off_a_handful():
    why = why_of((0.9, 0.61, 0.4), 3, None, 2, None, handfuls={2: 3})
    assert why == (
        "k = 3: its silhouette is 0.610. At k = 2 it is higher (0.900), but that number splits "
        "off a handful of 3 customers, far from the others, and says little of the rest. The "
        "inertia curve has no clear elbow."
    )


def test_words_where_a_larger_number_is_nearly_as_good():
    judged = {2: stability(0.99, 1.0, 1.0), 3: stability(0.98, 1.0, 1.0, 0.9)}
    assert why_of((0.61, 0.6, 0.4), 3, 3, 2, None, judged=judged) == (
        "k = 3: its silhouette is 0.600. At k = 2 it is the highest (0.610), but a larger number "
        "that has at least 85 % of it (here 98 %) and whose segments are all firmly found again "
        "when customers are drawn anew (overlap 0.90 of 1 or more; it takes 0.85) tells more "
        "kinds of customers apart, and is taken. To have the 2 broader ones, ask for k = 2. The "
        "inertia curve bends there too."
    )


def test_words_where_the_highest_silhouette_is_not_found_again():
    judged = {2: stability(0.3, 0.7, 0.4), 3: stability(0.98, 1.0, 1.0, 0.9)}
    assert why_of((0.61, 0.6, 0.4), 3, 4, 2, None, judged=judged) == (
        "k = 3: its silhouette is 0.600. At k = 2 it is the highest (0.610), but not all segments "
        "there are found again when customers are drawn anew (the least stable overlaps 0.40 of 1 "
        "with what comes out; it takes 0.6). To have them all the same, ask for k = 2. The elbow "
        "of the inertia curve is at k = 4."
    )


@pytest.mark.parametrize(
    ("sizes", "is_handful"),
    [
        ([198, 2], True),
        ([196, 4], True),
        ([195, 5], False),
        ([19, 1], False),
        ([2, 1], False),
        ([99_500, 500], True),
        ([98_000, 2_000], False),
    ],
)
def test_what_a_handful_is(sizes, is_handful):
    fit = Fit(np.zeros((2, 1)), np.zeros(1, dtype=int), 0.0, np.array(sizes))
    assert _handfuls({2: fit}) == ({2: sizes[1]} if is_handful else {})


def test_no_k_splits_off_a_handful_of_extreme_rows():
    """The silhouette is highest where three extremes are a segment of their own."""
    rng = np.random.default_rng(1)
    places = np.array([[0, 0], [5, 0], [0, 5]])
    values = np.repeat(places, 100, axis=0) + rng.normal(size=(300, 2))
    extreme = np.array([[13.0, 13.0], [14.0, 13.0], [13.0, 14.0]])
    frame = pd.DataFrame(np.vstack([values, extreme]), columns=["a", "b"])
    choice = choose_k(prepare(frame, ["a", "b"]).sketch)
    assert choice.silhouette_k == 4
    assert choice.k == 3
    assert choice.fit.sizes.min() >= 100
    assert "At k = 4 it is higher" in choice.why
    assert "splits off a handful of 3 customers" in choice.why


def test_where_every_k_splits_off_a_handful_the_others_decide(blobs):
    frame = blobs(4, each=100)
    extreme = pd.DataFrame({"x0": [900.0, 905.0, 910.0], "x1": [900.0, 905.0, 910.0]})
    choice = choose_k(prepare(pd.concat([frame, extreme]), ["x0", "x1"]).sketch)
    assert choice.silhouette_k == 2
    assert choice.fit.sizes.tolist() == [100, 100, 100, 100, 3]
    assert "only because of a few extreme customers" in choice.why
    assert "One segment is a handful of 3 customers, so far from all others that" in choice.why


def test_groups_close_to_each_other_are_told_apart():
    """The silhouette is a little higher where the nearest two of five are one."""
    choice = choose_k(prepare(close_pair(), ["a", "b"]).sketch)
    assert choice.silhouette_k == 4
    assert choice.k == 5
    assert choice.stability.holds
    assert "tells more kinds of customers apart, and is taken" in choice.why


def test_heavy_tails_without_groups_are_no_groups():
    """They beat the tables without groups, whose tails are light; but nothing is found again."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(900, 15)) / np.sqrt(rng.chisquare(3, (900, 1)) / 3)
    names = [f"x{index}" for index in range(15)]
    choice = choose_k(prepare(pd.DataFrame(values, columns=names), names).sketch)
    assert not choice.structure.natural
    assert choice.structure.beaten_by == 0
    assert choice.why.startswith(
        "No natural grouping: the customers fall apart more clearly than 200 random tables without "
        "groups, but that alone isn't enough: when customers are drawn anew, "
    )
    unstable = [each for each in choice.stability.jaccard if each < UNSTABLE]
    many = f"{len(unstable)} of the {choice.k} segments"
    assert f"{many} are not found again (overlap {min(unstable):.2f} to " in choice.why
    assert f". k = {choice.k} is proposed as a convenience only" in choice.why


@pytest.mark.parametrize("seed", range(4))
def test_the_mall_has_five_for_every_seed(mall_prepared, seed):
    choice = choose_k(mall_prepared.sketch, seed=seed)
    assert choice.k == 5
    assert choice.structure.natural
    assert choice.stability.least > 0.9
    assert choice.why.endswith("in tables without groups).")


def test_the_stability_of_every_k_is_shown_when_asked_for(mall_prepared):
    few = choose_k(mall_prepared.sketch)
    every = choose_k(mall_prepared.sketch, every=True)
    assert all(row.stability is not None for row in every.rows)
    assert all(row.stability_reference is not None for row in every.rows)
    by_k = {row.k: row for row in every.rows}
    assert by_k[5] == next(row for row in few.rows if row.k == 5)
    assert by_k[6].least_jaccard < 0.6 < by_k[5].least_jaccard
    assert every.why == few.why


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
        "silhouette points to 5. When customers are drawn anew, 100 times, similar segments come "
        f"out (agreement {choice.stability.agreement:.2f} of 1; "
        f"{choice.stability.reference:.2f} in tables without groups)."
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
        "Drawing customers anew",
        "Looking for structure",
    ]
    assert all(0 <= share <= 1 for _, share in said)
    for what in {what for what, _ in said}:
        shares = [share for each, share in said if each == what]
        assert shares == sorted(shares)


def test_the_fit_is_settled_before_the_test_for_structure_where_that_can_t_change_it(mall_prepared):
    opened = OpenChoice(mall_prepared.sketch)
    choice = opened.complete()
    assert opened.settled is choice.fit
    assert choice.structure is not None


def test_the_fit_is_open_where_the_test_for_structure_decides():
    opened = OpenChoice(prepare(close_pair(), ["a", "b"]).sketch)
    assert opened.settled is None
    assert opened.complete().k == 5


def test_a_given_number_is_settled_at_once(mall_prepared):
    opened = OpenChoice(mall_prepared.sketch, 7)
    assert opened.settled.k == 7


@pytest.mark.parametrize("most", [0, 20_000_000])
@pytest.mark.parametrize("groups", ["five, two of them close", "five far apart"])
def test_the_same_choice_while_the_engine_works_as_after_it(blobs, groups, most, monkeypatch):
    """More distinct rows than are kept one by one, so that the engine has a pass to make.

    With two groups close, another fit is chosen than the one that is expected.
    """
    monkeypatch.setattr(segment_module, "_QUICK", most)
    frame = close_pair() if groups.endswith("close") else blobs(5, each=120)
    rng = np.random.default_rng(1)
    many = pd.concat([frame] * 120) + rng.normal(scale=0.05, size=(120 * len(frame), 2))
    prepared = prepare(many, list(many.columns))
    assert prepared.sketch.kind == "grid"
    beside = fit_segments(prepared)
    after = make_exact(prepared, choose_k(prepared.sketch))
    assert beside.passes == after.passes == 1
    assert (beside.k, beside.why) == (after.k, after.why)
    assert beside.stability == after.stability
    assert beside.fit.sizes.tolist() == after.fit.sizes.tolist()
    assert beside.fit.centres == pytest.approx(after.fit.centres, rel=1e-12)
