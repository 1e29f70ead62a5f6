"""The segment of every customer, as one query that runs where the customers are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlglot
import sqlglot.expressions as exp

from clienteling.data.columns import Found, find_columns, find_id
from clienteling.data.dialects import render
from clienteling.data.numbers import as_number, check_numbers
from clienteling.data.read import Source, read
from clienteling.data.sql import case, chain, column, double, name, no_value, number, text, usable
from clienteling.data.table import Column, Table
from clienteling.errors import ColumnError, InputError, near_names
from clienteling.features.categories import (
    check_levels,
    level_values,
    level_word,
)
from clienteling.features.imputation import median_words
from clienteling.segmentation.nearest import Rule, nearest_steps
from clienteling.segmentation.rule_steps import rule_steps

if TYPE_CHECKING:
    from clienteling.segmentation.load import AnyModel
    from clienteling.segmentation.model import Model

__all__ = [
    "as_at_fit",
    "far_outside",
    "feature_values",
    "filled_words",
    "not_known",
    "rule_of",
    "score",
    "scoring_sql",
]


def rule_of(model: Model) -> Rule:
    """Return what the nearest centre is computed from."""
    return Rule(model.mean, model.scale, model.centres, model.transforms, model.medians)


def score(
    model: AnyModel, customers: Source, *, id: str | None = None, keep: Sequence[str] = ()
) -> Table:
    """Return the segment of every customer, lazily: it is computed where the customers are.

    Parameters
    ----------
    model : the segments, of either kind
    customers : any source
    id : the column with the customer's id; by default one with a usual name, else rows are
        numbered from 1
    keep : more columns to carry through

    Returns
    -------
    Table
        ``customer_id``, the features, ``segment_id``, ``segment``, ``margin`` (difference of the
        distances to the second nearest and the nearest centre, in standard deviations),
        ``runner_up`` (both null for a model of rules) and ``note`` (why a customer
        could not be scored, or which medians took the place of a missing value; else empty).

    Raises
    ------
    ColumnError
        A feature of the model is not among the columns.
    DataError
        Text stands among the numbers of a feature.

    Examples
    --------
    >>> import clienteling as cl
    >>> customers = cl.read("sample")
    >>> scored = cl.segment(customers).score(customers).df()
    >>> scored["segment"].value_counts().to_dict()["Deal Seekers"]
    22
    """
    table = read(customers)
    found = _columns_of(model, table)
    values = feature_values(model, table, [each.name for each in found])
    found_id = find_id(table, id)
    if found_id is None and not table.engine.ordered:
        raise ColumnError(
            f"{table.source}: no column was recognised as the customer id, and the rows of this "
            "engine have no order to number them by.",
            hint="Name it with --id COLUMN.",
        )
    id_value: exp.Expr = column(found_id.name) if found_id else exp.Window(this=exp.RowNumber())
    id_kind = table[found_id.name].kind if found_id else "integer"
    # The features leave as they came: an income of 15 stays 15 and does not become 15.0.
    kept = [
        id_value.as_(name("customer_id")),
        *(
            column(each.name).as_(name(feature))
            for each, feature in zip(found, model.columns, strict=True)
        ),
        *(column(each).as_(name(each)) for each in keep),
    ]
    columns = (
        Column("customer_id", id_kind),
        *(
            Column(feature, table[each.name].kind)
            for each, feature in zip(found, model.columns, strict=True)
        ),
        *_RESULT_COLUMNS,
        *(table[each] for each in keep),
    )
    notes = [each.note for each in found if each.note]
    if found_id is None:
        notes.append("No column was recognised as the customer id: the rows are numbered from 1.")
    elif found_id.note and id is None:
        notes.append(found_id.note)
    select = scoring_select(model, table.subquery, values, kept, keep)
    return Table(table.engine, select, columns, table.source, (*table.notes, *notes))


def feature_values(model: AnyModel, table: Table, columns: Sequence[str]) -> list[exp.Expr]:
    """Return the model's features as float64 expressions over a table's rows.

    Parameters
    ----------
    model : of either kind
    table : the customers
    columns : what the model's columns are called in this table

    Raises
    ------
    ColumnError
        A column can't hold the levels of its category.
    DataError
        Text stands among the numbers of a feature.
    """
    categories = {each.column: each for each in model.categories}
    pairs = list(zip(columns, model.columns, strict=True))
    check_numbers(table, [each for each, feature in pairs if feature not in categories])
    check_levels(table, [(each, categories[of]) for each, of in pairs if of in categories])
    values = []
    for each, feature in pairs:
        if feature in categories:
            values += level_values(table, each, categories[feature])
        else:
            values.append(as_number(table, each))
    return values


def _columns_of(model: AnyModel, table: Table) -> list[Found]:
    """Find the model's columns; where some are missing, say which the model was made from."""
    try:
        return find_columns(table, model.columns, model.aliases)
    except ColumnError as error:
        if not error.faults:  # a column that is named twice is there
            raise
        made_from = ", ".join(f'"{each}"' for each in model.columns)
        raise ColumnError(
            error.message,
            faults=error.faults,
            hint=f"{error.hint} The model was made from other columns, those of "
            f"{model.provenance.source}: {made_from}.",
        ) from error


def as_at_fit(model: Model, table: Table) -> Table:
    """Return a table with the columns under the model's names.

    Raises
    ------
    ColumnError
        A column is missing, or can't hold the levels of its category.
    """
    found = _columns_of(model, table)
    renamed = {
        each.name: feature
        for each, feature in zip(found, model.columns, strict=True)
        if each.name != feature
    }
    categories = {each.column: each for each in model.categories}
    check_levels(
        table,
        [
            (each.name, categories[feature])
            for each, feature in zip(found, model.columns, strict=True)
            if feature in categories
        ],
    )
    if renamed:
        select = exp.select(
            *(column(each).as_(name(renamed.get(each, each))) for each in table.names)
        ).from_(table.subquery)
        columns = tuple(Column(renamed.get(e.name, e.name), e.kind) for e in table.columns)
        table = replace(table, select=select, columns=columns).with_notes(
            *(each.note for each in found if each.note)
        )
    return table


def far_outside(model: AnyModel, customers: Source) -> list[str]:
    """Say for which features customers lie far outside of what the model was made on.

    Far is more than a whole range beyond the least or the largest value at the fit, as where
    incomes come in dollars and the model knows thousands. One query counts them.

    Parameters
    ----------
    model : the segments
    customers : any source with the model's features

    Examples
    --------
    >>> import clienteling as cl
    >>> import pandas as pd
    >>> in_dollars = pd.DataFrame({"Income": [58_000, 61_000], "Score": [40, 60]})
    >>> print(far_outside(cl.segment("sample"), in_dollars)[0])
    All 2 values of "Income" lie far outside of what the model was made on (15 to 137 k$). \
Is the column in another unit?
    """
    if model.kind == "rules":  # a score has no range
        return []
    table = read(customers)
    numbers = [each for each in model.features if each.level is None]
    found = find_columns(table, [each.name for each in numbers], model.aliases)
    counts: list[exp.Expr] = []
    for index, (feature, each) in enumerate(zip(numbers, found, strict=True)):
        if feature.near is None:
            continue
        value = as_number(table, each.name)
        one = exp.Literal.number(1)
        far = exp.and_(
            usable(value),
            exp.or_(
                exp.LT(this=value.copy(), expression=number(feature.near[0])),
                exp.GT(this=value.copy(), expression=number(feature.near[1])),
            ),
        )
        counts += [
            exp.Count(this=case([(usable(value), one)], None)).as_(f"all_{index}"),
            exp.Count(this=case([(far, one.copy())], None)).as_(f"far_{index}"),
        ]
    if not counts:
        return []
    row = table.query(exp.select(*counts)).to_pylist()[0]
    said = []
    for index, (feature, each) in enumerate(zip(numbers, found, strict=True)):
        far_ones, all_ones = row.get(f"far_{index}", 0), row.get(f"all_{index}", 0)
        if not far_ones:
            continue
        every = far_ones == all_ones
        many = f"All {all_ones:,} values" if every else f"{far_ones:,} of {all_ones:,} values"
        verb = "lies" if far_ones == 1 and not every else "lie"
        said.append(
            f'{many} of "{each.name}" {verb} far outside of what the model was made on '
            f"({feature.range_words}). "
            + ("Is the column in another unit?" if every else "Are they right?")
        )
    return said


_RESULT_COLUMNS = (
    Column("segment_id", "integer"),
    Column("segment", "text"),
    Column("margin", "number"),
    Column("runner_up", "text"),
    Column("note", "text"),
)


def scoring_select(
    model: AnyModel,
    source: exp.Expr,
    values: Sequence[exp.Expr],
    kept: Sequence[exp.Expr],
    also: Sequence[str] = (),
) -> exp.Select:
    """Return the scoring query over ``source``.

    Parameters
    ----------
    model : the segments
    source : what to select from
    values : the features as float64 expressions over the source
    kept : aliased expressions that are carried through: ``customer_id``, then the features
    also : names of further kept columns, put at the end
    """
    # The nearest centre is found by its place; rules give the id itself.
    own = [each.id for each in model.segments]
    places = own if model.kind == "rules" else range(model.k)
    ids = [exp.Literal.number(each) for each in places]
    names = [text(each.name) for each in model.segments]

    def name_of(which: str) -> exp.Expr:
        return case(
            [
                (exp.EQ(this=column(which), expression=each), label.copy())
                for each, label in zip(ids, names, strict=True)
            ],
            None,
        )

    final = exp.select(
        column("customer_id"),
        *(column(each) for each in model.columns),
        _id_at("cl_id", model).as_(name("segment_id")),
        name_of("cl_id").as_(name("segment")),
        column("cl_margin").as_(name("margin")),
        name_of("cl_second").as_(name("runner_up")),
        _note(model).as_(name("note")),
        *(column(each) for each in also),
    )
    if model.kind == "rules":
        steps = rule_steps(model, values, kept)
    else:
        steps = nearest_steps(rule_of(model), values, kept)
    return chain(source, *steps, ("result", final))


def _id_at(place: str, model: AnyModel) -> exp.Expr:
    """Return the id of the segment at a place: the place itself, until a refit leaves a gap."""
    ids = [each.id for each in model.segments]
    if model.kind == "rules" or ids == list(range(model.k)):
        return column(place)
    return case(
        [
            (
                exp.EQ(this=column(place), expression=exp.Literal.number(index)),
                exp.Literal.number(each),
            )
            for index, each in enumerate(ids)
        ],
        None,
    )


def scoring_sql(
    model: AnyModel, dialect: str, table: str = "customers", id: str | None = None
) -> str:
    """Return the scoring as SQL text for another engine.

    Parameters
    ----------
    model : the segments
    dialect : as sqlglot calls it: ``snowflake``, ``bigquery``, ``spark``, ``postgres``, …
    table : the table that holds the customers, with the feature columns under their own names
    id : its column with the customer's id; by default the one that the model was made with, else
        ``customer_id``

    Raises
    ------
    InputError
        sqlglot doesn't know the dialect.
    """
    known = [each for each in sqlglot.Dialect.classes if each]
    if dialect not in known:
        hint = near_names(dialect, known)
        raise InputError(
            f'There is no dialect "{dialect}".',
            hint=f"{hint} The dialects are: {', '.join(sorted(known))}.".strip(),
        )
    categories = {each.column: each for each in model.categories}
    values: list[exp.Expr] = []
    for each in model.columns:
        if each not in categories:
            values.append(double(column(each)))
        elif categories[each].kind == "integer":
            values += categories[each].sql(double(column(each)), "integer")
        else:
            values += categories[each].sql(column(each), categories[each].kind)
    kept = [
        column(id or _id_of(model) or "customer_id").as_(name("customer_id")),
        *(column(each).as_(name(each)) for each in model.columns),
    ]
    select = scoring_select(model, exp.to_table(table), values, kept)
    return render(select, dialect, pretty=True)


def _id_of(model: AnyModel) -> str | None:
    return None if model.kind == "rules" else model.id


def _note(model: AnyModel) -> exp.Expr:
    """Say what is wrong with each feature of a customer that has no segment."""
    parts = []
    categories = {each.column: each for each in model.categories}
    for i, each in _first_of_each(model):
        x = column(f"cl_x{i}")
        unknown = exp.Is(this=x, expression=exp.null())
        if each in categories:
            kind = categories[each].kind
            value = double(column(each)) if kind == "integer" else column(each)
            missing = exp.and_(unknown, categories[each].sql_missing(value, kind))
            said = [
                (missing, text(f"{each} is missing. ")),
                (unknown, text(f"{not_known(each)} ")),
            ]
            parts.append(case(said, text("")))
            continue
        parts.append(
            case(
                [
                    (no_value(x), text(f"{each} is missing. ")),
                    (exp.not_(usable(x)), text(f"{each} is not a finite number. ")),
                ],
                text(""),
            )
        )
    joined: exp.Expr = parts[0]
    for part in parts[1:]:
        joined = exp.DPipe(this=joined, expression=part, safe=True)
    return case([(column("cl_ok"), _imputed_note(model))], exp.Trim(this=joined))


def not_known(feature: str) -> str:
    """Say that a customer has a level that no customer had at the fit.

    Examples
    --------
    >>> not_known("City")
    'City is none of the levels that the model knows.'
    """
    return f"{feature} is none of the levels that the model knows."


def filled_words(model: Model) -> list[str]:
    """Say, per column, what takes the place of a missing value."""
    said = []
    for each, median in zip(model.features, model.medians, strict=True):
        if each.level is None:
            said.append(median_words(each.name, median))
        elif median:
            said.append(
                f"{each.column} was missing or not known: the most frequent level, "
                f"{level_word(each.level.value)}, used."
            )
    return said


def _first_of_each(model: AnyModel) -> list[tuple[int, str]]:
    """Return the columns with the place of their first feature."""
    if model.kind == "rules":
        return list(enumerate(model.columns))
    of = [each.column for each in model.features]
    return [(of.index(each), each) for each in model.columns]


def _imputed_note(model: AnyModel) -> exp.Expr:
    """Say which medians a customer got; nothing where the model fills none in."""
    if model.kind == "rules" or not model.medians:
        return text("")
    parts: list[exp.Expr] = [
        case(
            [(exp.Is(this=column(f"cl_r{i}"), expression=exp.null()), text(f"{said} "))],
            text(""),
        )
        for (i, _), said in zip(_first_of_each(model), filled_words(model), strict=True)
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = exp.DPipe(this=joined, expression=part, safe=True)
    return exp.Trim(this=joined)
