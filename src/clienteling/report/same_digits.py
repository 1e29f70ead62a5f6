"""The figures of all segments with the same digits in each column, wherever they are shown."""

from __future__ import annotations

from clienteling.report.figures import ProfileRow, profile_places, profile_row, value_places
from clienteling.segmentation.model import Model

__all__ = ["feature_places", "profile_rows"]

#: A word that less than this share of the customers has says nothing of a segment.
_RARE = 0.01


def feature_places(model: Model) -> dict[str, int]:
    """Return how many decimals each feature's figures have, in all tables the same.

    Examples
    --------
    >>> import clienteling as cl
    >>> feature_places(cl.segment("sample"))
    {'Annual Income (k$)': 1, 'Spending Score (1-100)': 1}
    """
    centres = [model.centre_of(each) for each in model.segments]
    return {
        each.name: value_places([overall, *(centre[each.name] for centre in centres)])
        for each, overall in zip(model.features, model.overall.tolist(), strict=True)
    }


def profile_rows(model: Model) -> dict[int, list[ProfileRow]]:
    """Return the rows of each segment's profile, with a column's digits the same in all.

    Words that hardly any customer has, here and among all, are left out.

    Examples
    --------
    >>> import clienteling as cl
    >>> rows = profile_rows(cl.segment("sample"))
    >>> [row.value for each in rows.values() for row in each if row.label == "Age"]
    ['42.7', '32.7', '41.1', '45.2', '25.3']
    """
    figures = [figure for each in model.segments for figure in each.profile if not figure.level]
    places = {
        column: profile_places(each for each in figures if each.column == column)
        for column in {each.column for each in figures}
    }
    return {
        each.id: [
            profile_row(figure, places.get(figure.column))
            for figure in each.profile
            if not figure.level or max(figure.value, figure.overall) >= _RARE
        ]
        for each in model.segments
    }
