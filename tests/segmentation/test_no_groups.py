"""What is said of customers who form no groups goes with the figures that stand beside it."""

import pytest

from clienteling.segmentation.no_groups import no_groups, why_beside_warning


@pytest.fixture
def crowd(mall):
    """Return the model of the sample as one of a crowd, with other figures."""

    def made(sizes=(50, 45, 40, 35, 30), silhouette=0.3, shares=None):
        segments = [
            each.model_copy(
                update={
                    "size": size,
                    "profile": [
                        figure.model_copy(update={"value": shares[index]})
                        for figure in each.profile
                        if shares and figure.level
                    ],
                }
            )
            for index, (each, size) in enumerate(zip(mall.segments, sizes, strict=True))
        ]
        structure = mall.structure.model_copy(update={"natural": False})
        update = {"segments": segments, "silhouette": silhouette, "structure": structure}
        return no_groups(mall.model_copy(update=update))[1]

    return made


ALIKE = (
    "Customers on both sides of a border are much alike, so read the names as places in the "
    "crowd, not as kinds of people."
)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ((2248, 900, 800, 700, 426), "into parts of 426 to 2,248 customers."),
        ((50, 48, 46, 44, 40), "into parts of about the same size (40 to 50 customers)."),
        ((50, 48, 46, 44, 39), "into parts of 39 to 50 customers."),
    ],
)
def test_only_equal_parts_are_said_to_be_equal(crowd, sizes, said):
    assert crowd(sizes) == f"The 5 segments divide one crowd {said} {ALIKE}"


def test_a_part_that_is_nearly_all_is_said_to_be(crowd):
    assert crowd((9999, 3, 2, 1, 1)).startswith(
        "Of the 5 segments, one holds nearly the whole crowd (99 % of the customers)."
    )


def test_words_that_divide_the_segments_are_not_called_alike(crowd):
    said = crowd(shares=(1.0, 0.5, 0.5, 0.5, 0.0))
    assert 'may differ in "Gender", of which some segments have all or nearly all' in said
    assert "are much alike" not in said
    assert ALIKE in crowd(shares=(0.94, 0.5, 0.5, 0.5, 0.0))


def test_segments_that_lie_apart_are_not_called_alike(crowd):
    assert "The segments lie apart (silhouette 0.55), but" in crowd(silhouette=0.55)
    assert ALIKE in crowd(silhouette=0.49)
    assert ALIKE in crowd(silhouette=None)


def beside_tables(mall, overlap, reference):
    """Return the sample's model as one whose segments beat the tables and aren't found again."""
    first, *others = mall.segments
    rows = [
        each.model_copy(update={"stability": 0.7, "stability_reference": reference})
        if each.k == mall.k
        else each
        for each in mall.choose_k
    ]
    update = {
        "segments": [first.model_copy(update={"stability": overlap}), *others],
        "structure": mall.structure.model_copy(update={"natural": False}),
        "choose_k": rows,
        "why_k": "No natural grouping: in other words. k = 5 is proposed as a convenience only: x.",
    }
    return mall.model_copy(update=update)


def test_the_segment_that_is_not_found_again_is_named(mall):
    said = no_groups(beside_tables(mall, 0.597, 0.5))[0]
    assert said == (
        "No natural grouping: the customers fall apart more clearly than 200 random tables without "
        "groups, but that alone isn't enough: when customers are drawn anew, "
        '"Average Customers" is not found again (overlap 0.597 of 1; it takes 0.6).'
    )


def test_segments_that_are_no_better_found_than_in_tables_are_said_to_be(mall):
    said = no_groups(beside_tables(mall, 0.9, 0.75))[0]
    assert said.endswith(
        "when customers are drawn anew, the segments are found again no better than in such "
        "tables (agreement 0.70 of 1; 0.75 there)."
    )


def test_the_verdict_of_an_earlier_version_does_not_stand_beside_the_warning(mall):
    """Models on disk tell it in the words of their time."""
    crowd = beside_tables(mall, 0.5, 0.5)
    assert why_beside_warning(crowd) == "k = 5 is proposed as a convenience only: x."
