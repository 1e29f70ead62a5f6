"""Which columns take part: named, known to a playbook, or proposed; and the words for each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace

from clienteling.data.columns import (
    Found,
    find_column,
    find_columns,
    find_id,
    is_taken,
    label_and_unit,
)
from clienteling.data.table import Table
from clienteling.errors import ColumnError, DataError, InputError, columns_are
from clienteling.features.categories import Category, find_categories, levels_table
from clienteling.segmentation.inspect import Inspection, inspect
from clienteling.segmentation.labels import feature_words, level_words
from clienteling.segmentation.playbook import Playbook, built_in_playbooks, load_playbook
from clienteling.segmentation.words import FeatureWords

__all__ = [
    "aliases_of",
    "beside_categories",
    "by_roles",
    "check_names",
    "find_features",
    "is_unknown",
    "table_with_levels",
    "words_of",
    "words_of_levels",
]


def check_names(table: Table, features: Sequence[str]) -> None:
    """Refuse features that are called like a column of the result, or like our own steps."""
    taken = [each for each in features if is_taken(each)]
    if taken:
        raise ColumnError(
            f"{table.source}: the result has columns of its own with these names.",
            faults=[f'a feature can\'t be called "{each}".' for each in taken],
            hint="Give the column another name.",
        )


def find_features(
    table: Table, wanted: Sequence[str] | None, playbook: Playbook | None, alone: bool
) -> tuple[list[Found], Playbook]:
    """Return the columns of numbers, at least one if they are alone, and the playbook."""
    playbooks = [playbook] if playbook else _built_in()
    if wanted is not None:
        if not wanted and alone:
            raise InputError("No feature is named.", hint='Name them as --features "A,B".')
        aliases = {each: aliases_of(each, playbooks) for each in wanted}
        found = find_columns(table, wanted, aliases)
        names = [each.name for each in found]
        if playbook is not None:
            if playbook.segments and not playbook.covers(names):
                raise ColumnError(
                    f'The playbook "{playbook.playbook}" speaks of features that are not chosen.',
                    faults=[
                        f'"{feature.label}" is none of {", ".join(names)}.'
                        for key, feature in playbook.features.items()
                        if key not in {playbook.feature_of(each) for each in names}
                    ],
                    hint="Name the columns as the playbook's aliases have them, or add aliases.",
                )
            return found, playbook
        known = [each for each in playbooks if each.covers(names)]
        return found, known[0] if known else load_playbook("general")
    for each in playbooks:
        matches = each.find_features(table)
        if matches is not None:
            return list(matches.values()), each
    return _no_features(table, playbook)


def is_unknown(table: Table, own: Playbook | None) -> bool:
    """Whether no playbook finds its features; one's own with segments is held to, or refused."""
    if own is not None and own.segments:
        return False
    return all(each.find_features(table) is None for each in ([own] if own else _built_in()))


def _built_in() -> list[Playbook]:
    return [load_playbook(each) for each in built_in_playbooks()]


def _no_features(table: Table, playbook: Playbook | None) -> tuple[list[Found], Playbook]:
    found_id = find_id(table)
    candidates = [
        each.name
        for each in table.columns
        if each.is_numeric and (found_id is None or each.name != found_id.name)
    ]
    if not candidates:
        raise DataError(
            f"{table.source}: has no column of numbers to form segments from.",
            hint=columns_are(table.names),
        )
    partly = _partly(table, [playbook] if playbook else list(_built_in()))
    whose = f'the playbook "{playbook.playbook}"' if playbook else "no built-in playbook"
    verb = "does not know" if playbook else "knows"
    proposed = inspect(table, playbook=playbook).features
    what = "The proposed ones, to begin with" if proposed else "Name two to four that matter"
    raise ColumnError(
        f"{table.source}: {whose} {verb} these columns, and no features are named.",
        faults=[*partly, *(f'"{each}" could be a feature.' for each in candidates)],
        hint=f"{what}: --features {_as_option(proposed or candidates[:2])}",
    )


def _as_option(names: Sequence[str]) -> str:
    """Return names as one word of a shell, as ``--features`` takes them."""
    listed = ",".join(f'"{each}"' if "," in each else each for each in names)
    return shlex.quote(listed) if re.search(r'["$`\\]', listed) else f'"{listed}"'


def table_with_levels(
    table: Table, wanted: Sequence[str | Category]
) -> tuple[Table, tuple[Category, ...], list[str]]:
    """Return the table with a column for each level, the categories, and what to say of them."""
    given = [each for each in wanted if isinstance(each, Category)]
    named = find_columns(table, [str(each) for each in wanted if not isinstance(each, Category)])
    found, said = find_categories(table, [each.name for each in named])
    said = [*(each.note for each in named if each.note), *said]
    categories = (*given, *found)
    return levels_table(table, categories), categories, said


def beside_categories(
    table: Table,
    features: Sequence[str] | None,
    playbook: Playbook | None,
    categories: Sequence[Category],
) -> Sequence[str] | None:
    """Return the features without the columns that take part by their levels."""
    columns = {each.column for each in categories}
    if features is not None:
        return [each for each in features if each not in columns]
    if is_unknown(table, playbook):  # nothing else was proposed
        return []
    return None


def words_of_levels(categories: Sequence[Category]) -> list[FeatureWords]:
    """Return the words for every level of the categories, in order."""
    return [
        words
        for each in categories
        for words in level_words(each, [other for other in categories if other is not each])
    ]


def by_roles(
    table: Table,
    report: Inspection,
    features: Sequence[str] | None,
    categorical: Sequence[str | Category],
) -> tuple[Table, list[str]]:
    """Return the table without the columns that are ignored, and what to say about it."""
    keep = {*(features or ()), *map(str, categorical), report.id}
    ignored = [each for each in report.ignored if each not in keep]
    notes = []
    if features:
        notes.append(f"By their roles, the features are {', '.join(features)}.")
    if report.id is not None:
        notes.append(f'Column "{report.id}" is the customer id, by its role.')
    if ignored:
        reasons = {each.name: each.reason for each in report.roles}
        shown = [f'"{each}" ({_begin_small(reasons[each])})' for each in ignored]
        notes.append(f"Left out of the profile, by their roles: {', '.join(shown)}.")
        table = table.only(*(each for each in table.names if each not in ignored))
    return table, notes


def _begin_small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _partly(table: Table, playbooks: Sequence[Playbook]) -> list[str]:
    """Say which features of a playbook there are where others of it are missing."""
    said = []
    for playbook in playbooks:
        found, missing = [], []
        for key, feature in playbook.features.items():
            match = find_column(feature.label, table.names, (key, *feature.aliases))
            if match is None:
                missing.append(feature.label)
            else:
                found.append(f'{feature.label} is "{match.name}"')
        if found and missing:
            said.append(
                f'of the playbook "{playbook.playbook}", {" and ".join(found)}, '
                f"but there is no {' and no '.join(missing)}."
            )
    return said


def aliases_of(wanted: str, playbooks: Sequence[Playbook]) -> tuple[str, ...]:
    """Return the other names of a column that one of the playbooks knows; else none."""
    for playbook in playbooks:
        key = playbook.feature_of(wanted)
        if key is not None:
            feature = playbook.features[key]
            return tuple(dict.fromkeys((key, feature.label, *feature.aliases)))
    return ()


def words_of(names: Sequence[str], playbook: Playbook) -> tuple[FeatureWords, ...]:
    """Return the words for each feature; those that would be called alike keep their own names."""
    keys = [playbook.feature_of(each) for each in names]
    words = [
        feature_words(each, playbook.features[key].label if key else "")
        for each, key in zip(names, keys, strict=True)
    ]
    labels = [each.label for each in words]
    return tuple(
        replace(each, label=label_and_unit(each.name)[0]) if labels.count(each.label) > 1 else each
        for each in words
    )
