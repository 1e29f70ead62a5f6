"""Which columns of an upload can be features, and what keeps the others from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.app.plain import plain
from clienteling.data.columns import find_id
from clienteling.data.sql import case, column
from clienteling.data.table import Table
from clienteling.data.typed_column import try_cast, without_missing
from clienteling.features.purchase_log import PurchaseLog
from clienteling.segmentation.inspect import inspect
from clienteling.segmentation.playbook import built_in_playbooks, load_playbook

__all__ = ["Columns", "columns_for_segments"]

_SHOWN = 40
#: What begins like an amount, such as "12 pieces" or "€ 12", and what is a day or a code.
_AMOUNT = re.compile(r"[^\w]*(?:[A-Z]{3} ?)?[-+]?\d")
_NO_AMOUNT = re.compile(r"\s*\d+(?:[./-]\d+){2}|\s*\d+-\d|\s*0\d")


@dataclass(frozen=True)
class Columns:
    """The columns of a table of customers, as features.

    Parameters
    ----------
    numbers : those that can be features; first those that a built-in playbook knows
    known : those that a built-in playbook knows, where it knows all of its own
    proposed : those to begin with: the known ones, else what a report on the table proposes
    categories : columns of few words, or flags, whose levels can form segments too
    left_out : columns that look like numbers but hold something else, each with its reason
    words : columns of words
    amounts : of those that are left out, the ones whose values could be amounts
    log : what the rows are where they look like purchases; None for customers
    """

    numbers: tuple[str, ...]
    known: tuple[str, ...]
    proposed: tuple[str, ...]
    categories: tuple[str, ...]
    left_out: tuple[str, ...]
    words: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    log: PurchaseLog | None = None

    @property
    def purchases(self) -> str:
        """Why the rows look like purchases, as Markdown; empty for customers."""
        return plain(self.log.sentence) if self.log is not None else ""


def columns_for_segments(table: Table) -> Columns:
    """Return the columns that can be features, and why others can't.

    The id of the customer is none of them.

    Examples
    --------
    >>> import pandas as pd
    >>> import clienteling as cl
    >>> frame = pd.DataFrame({"Visits": [1, 2], "Turnover": ["856,5", "12"], "Town": ["x", "y"]})
    >>> found = columns_for_segments(cl.read(frame))
    >>> found.numbers, found.words, found.categories
    (('Visits',), ('Town',), ('Town',))
    >>> found.left_out
    ('Turnover: row 1 has "856,5", which is not a number.',)
    """
    found_id = find_id(table)
    report = inspect(table)
    alike = [each for each in report.columns if each.constant and report.rows > 1]
    aside = {each.name for each in alike} | ({found_id.name} if found_id is not None else set())
    own = [each for each in table.columns if each.name not in aside]
    numbers = [each.name for each in own if each.is_numeric]
    known: list[str] = []
    for each in built_in_playbooks():
        found = load_playbook(each).find_features(table)
        if found is not None and {feature.name for feature in found.values()} <= set(numbers):
            known = [feature.name for feature in found.values()]
            break
    left_out, words, amounts = _judged(table, [each.name for each in own if each.kind == "text"])
    left_out += [
        f"{each.name}: holds {each.kind} values." for each in own if each.kind in ("date", "other")
    ]
    left_out += [
        f"{each.name}: has the same value for everybody{' who has one' * bool(each.missing)}."
        for each in alike
        if found_id is None or each.name != found_id.name
    ]
    described = {each.name for each in report.roles if each.role == "profile"}
    short = [each.name for each in own if each.kind == "boolean" or each.name in words]
    return Columns(
        tuple(dict.fromkeys([*known, *numbers])),
        tuple(known),
        tuple(known or (each for each in report.features if each in numbers)),
        tuple(each for each in short if each in described),
        tuple(left_out),
        tuple(words),
        tuple(amounts),
        report.purchases,
    )


def _judged(table: Table, names: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return why columns of text are left out, the columns of words, and those of amounts."""
    if not names:
        return [], [], []
    reasons, words, amounts = [], [], []
    seen = table.engine.query(_first_faults(table, names)).to_pylist()[0]
    for index, name in enumerate(names):
        present, faulty, row, value, digits = (
            seen[f"{what}_{index}"] for what in ("present", "faulty", "row", "value", "digits")
        )
        if not present:
            reasons.append(f"{name}: is empty in every row.")
        elif not faulty:
            reasons.append(f"{name}: its values look like ids, not like amounts.")
        elif faulty == present and not digits:
            words.append(name)
        elif faulty == present and "@" in value:
            reasons.append(f'{name}: holds addresses, such as "{value}", and no amounts.')
        else:
            short = value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"
            others = f"; {faulty - 1:,} more such values" if faulty > 1 else ""
            reasons.append(f'{name}: row {row} has "{short}", which is not a number{others}.')
            if faulty < present or (_AMOUNT.match(value) and not _NO_AMOUNT.match(value)):
                amounts.append(name)
    return reasons, words, amounts


def _first_faults(table: Table, names: Sequence[str]) -> exp.Expr:
    """Return the query for the first value of each column that is no number, and the counts."""
    row = exp.column("clienteling row", quoted=True)
    numbered = exp.select(
        *(column(each) for each in names), exp.Window(this=exp.RowNumber()).as_(row.this)
    ).from_(table.subquery)
    asked: list[exp.Expr] = []
    for index, each in enumerate(names):
        value = without_missing(column(each))
        number = try_cast(value.copy(), exp.DataType.Type.DOUBLE)
        wrong = exp.and_(
            exp.not_(exp.Is(this=value.copy(), expression=exp.null())),
            exp.Is(this=number, expression=exp.null()),
        )
        fault = case([(wrong, value)], None)
        digits = exp.RegexpLike(this=fault.copy(), expression=exp.Literal.string("[0-9]"))
        asked += [
            exp.Count(this=value.copy()).as_(f"present_{index}"),
            exp.Count(this=fault.copy()).as_(f"faulty_{index}"),
            exp.Min(this=case([(wrong.copy(), row.copy())], None)).as_(f"row_{index}"),
            exp.ArgMin(this=fault, expression=row.copy()).as_(f"value_{index}"),
            exp.Count(this=case([(digits, exp.Literal.number(1))], None)).as_(f"digits_{index}"),
        ]
    return exp.select(*asked).from_(
        exp.Subquery(this=numbered, alias=exp.TableAlias(this=exp.to_identifier("numbered")))
    )
