"""A table made ready for a fit: its features found, its values checked, its sketch made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from clienteling.data.columns import COUNTED, count_repeated, find_id, repeated_words
from clienteling.data.numbers import Usable, check_numbers, count_usable
from clienteling.data.read import Source, read
from clienteling.data.sentinels import sentinels_among
from clienteling.data.table import Table
from clienteling.errors import InputError
from clienteling.features.categories import Category, by_column, most_frequent
from clienteling.features.imputation import (
    check_impute,
    count_imputed,
    find_medians,
    imputed_table,
)
from clienteling.features.proposals import Proposal, chosen
from clienteling.features.purchase_log import refuse_purchase_log
from clienteling.features.transforms import PLAIN, Transform, transformed_table
from clienteling.segmentation.chosen_features import (
    beside_categories,
    by_roles,
    check_names,
    find_features,
    is_unknown,
    table_with_levels,
    words_of,
    words_of_levels,
)
from clienteling.segmentation.inspect import Inspection, inspect
from clienteling.segmentation.playbook import Playbook, load_playbook
from clienteling.segmentation.sentinel_cells import may_stand_out
from clienteling.segmentation.sketch import Sketch, counted_sketch, sketch
from clienteling.segmentation.words import FeatureWords

__all__ = ["Prepared", "check_settings", "prepare", "with_shares"]


#: Fewer customers than this are too few to say much.
_FEW = 30


@dataclass(frozen=True)
class Prepared:
    """A table made ready for a fit.

    Parameters
    ----------
    table : the customers
    working : the same with their features transformed
    features : the words for each feature, in order
    steps : what each feature goes through, with the reason
    playbook : what the segments will be named by
    usable : how many customers take part
    sketch : the customers as weighted points
    id : the column of the customer id, if there is one
    notes : what was assumed, in sentences
    medians : what takes the place of a missing value, by feature; empty where nothing does
    proposed : the report that the features come from, where nobody named or knew any
    categories : the columns that take part by their levels; these are the last features
    imputed : how many customers have a median in the place of a value, in sentences
    of_proposed : those of the notes that tell what ``proposed`` tells
    careful : those of the notes that put the whole in question, to be said first
    """

    table: Table
    working: Table
    features: tuple[FeatureWords, ...]
    steps: tuple[Proposal, ...]
    playbook: Playbook
    usable: Usable
    sketch: Sketch
    id: str | None
    notes: tuple[str, ...]
    medians: Mapping[str, float] = field(default_factory=dict)
    proposed: Inspection | None = None
    categories: tuple[Category, ...] = ()
    imputed: tuple[str, ...] = ()
    of_proposed: tuple[str, ...] = ()
    careful: tuple[str, ...] = ()


def check_settings(k: int | None, seed: int) -> None:
    """Refuse a number of segments or a seed that can't be one, before any work is done.

    Raises
    ------
    InputError
        ``k`` is not a whole number from 1, or ``seed`` is none from 0 to 4294967295.
    """
    whole = isinstance(k, int | np.integer) and not isinstance(k, bool)
    if k is not None and (not whole or k < 1):
        least = "at least 1" if whole else "a whole number"
        raise InputError(
            f"k is {k}; the number of segments must be {least}.",
            hint="Leave it out to have it chosen.",
        )
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise InputError(f"seed is {seed}; it must be a whole number from 0 to {2**32 - 1}.")


def prepare(
    customers: Source,
    features: Sequence[str] | None = None,
    *,
    categorical: Sequence[str | Category] = (),
    playbook: str | Path | Playbook | None = None,
    transform: str | Mapping[str, str] | Sequence[Proposal] | None = None,
    id: str | None = None,
    roles: str | Path | Mapping[str, str] | None = None,
    impute: str | None = None,
    rows_are_customers: bool = False,
) -> Prepared:
    """Find the features and the playbook, check the values, and make the sketch.

    ``transform`` may give the very steps of each feature too, in their order, and
    ``categorical`` the very levels of a column. A log of purchases is refused, unless
    ``rows_are_customers``.
    """
    if isinstance(features, str):  # one feature, not its letters
        features = [features]
    if isinstance(categorical, str):
        categorical = [categorical]
    if features is not None:  # pandas may number its columns; an engine has names only
        features = [str(each) for each in features]
    fills = check_impute(impute)
    own = None if playbook is None else load_playbook(playbook)
    table = read(customers)
    if not rows_are_customers:
        refuse_purchase_log(table, id)
    said_of_roles: list[str] = []
    proposed = None
    if roles is not None or (features is None and is_unknown(table, own)):
        given = None if roles == "auto" else roles
        report = inspect(table, id=id, roles=given, playbook=own)
        proposed = report if roles is None and report.features else None
        categorical = categorical or report.categories
        features = features or report.features or None
        table, said_of_roles = by_roles(table, report, features, categorical)
        id = id or report.id
    if proposed is not None:
        known = "No playbook knows these columns, so the features were proposed; --features names"
        said_of_roles = [f"{known} others.", *said_of_roles, *proposed.outliers]
    table, categories, said_of_levels = table_with_levels(table, categorical)
    if categories:
        proposed = proposed and proposed.with_categories([each.column for each in categories])
        features = beside_categories(table, features, own, categories)
    found, words = find_features(table, features, own, alone=not categories)
    numbers = [each.name for each in found]
    check_names(table, [*numbers, *(each.column for each in categories)])
    check_numbers(table, numbers)
    names = [*numbers, *(called for each in categories for called in each.names)]
    medians = find_medians(table, numbers) if fills else {}
    medians |= most_frequent(table, categories) if fills else {}
    # A feature without any value has no median: it is refused here as ever.
    whole = imputed_table(table, medians) if len(medians) == len(names) else table
    found_id = find_id(table, id)
    drawn_by = found_id.name if found_id else None
    if whole is table and not categories:
        usable, made = counted_sketch(table, names, drawn_by)
    else:
        usable = by_column(count_usable(whole, names), categories)
        made = sketch(whole, names, usable, drawn_by)
    suspects = [each for index, each in enumerate(numbers) if may_stand_out(made, index)]
    if transform is None or isinstance(transform, str | Mapping):
        steps, said = chosen(transform, numbers, made.points[:, : len(numbers)], made.weights)
        steps += [Proposal(PLAIN)] * (len(names) - len(numbers))
    else:
        steps, said = list(transform), []
    transforms = {each: step.transform for each, step in zip(names, steps, strict=True)}
    working = transformed_table(whole, transforms)
    if working is not whole:
        made = sketch(working, names, _after(usable, transforms), drawn_by)
        made = replace(made, transforms=tuple(transforms.values()))
    made = made.with_levels(_places(numbers, categories))
    notes = [*table.notes, *(each.note for each in found if each.note), *usable.notes, *said]
    notes += said_of_levels + sentinels_among(table, suspects)
    filled = count_imputed(table, medians, names[len(numbers) :]).notes if medians else []
    notes += filled
    notes += said_of_roles
    if found_id is not None:
        notes += [found_id.note] if found_id.note else []
    careful: list[str] = []
    if found_id is not None and usable.rows <= COUNTED:
        with_id, more = count_repeated(table, found_id.name)
        repeated = repeated_words(found_id.name, more)
        notes += repeated
        careful = repeated if 2 * more > with_id else []
    if usable.usable < _FEW:
        notes.append(
            f"Only {usable.usable} customers: with so few, segments are a sketch at best, and "
            "another handful of customers can change them."
        )
    return Prepared(
        table,
        working,
        with_shares((*words_of(numbers, words), *words_of_levels(categories)), made),
        tuple(steps),
        words,
        usable,
        made,
        found_id.name if found_id else None,
        tuple(dict.fromkeys(notes)),
        medians,
        proposed,
        categories,
        tuple(filled),
        tuple(said_of_roles) if proposed is not None else (),
        tuple(careful),
    )


def _after(usable: Usable, transforms: Mapping[str, Transform]) -> Usable:
    """Return the same counts with the range of each feature after its transform."""
    low, high = (
        {
            each: float(transforms[each].apply(np.array([value]))[0])
            for each, value in bounds.items()
        }
        for bounds in (usable.low, usable.high)
    )
    return replace(usable, low=low, high=high)


def _places(numbers: Sequence[str], categories: Sequence[Category]) -> tuple[tuple[int, ...], ...]:
    """Return the places of each column's levels among the features."""
    places, start = [], len(numbers)
    for each in categories:
        places.append(tuple(range(start, start + len(each.values))))
        start += len(each.values)
    return tuple(places)


def with_shares(features: Sequence[FeatureWords], made: Sketch) -> tuple[FeatureWords, ...]:
    """Return the words for features, those of levels with their shares in a sketch."""
    return tuple(
        replace(each, share=float(share)) if each.of else each
        for each, share in zip(features, made.mean, strict=True)
    )
