"""Folds: customers are dealt out by a hash, so that what is chosen on some is valued on others."""

from __future__ import annotations

import sqlglot.expressions as exp

from clienteling.data.portable_hash import check_id_kind, hash_sql
from clienteling.data.sql import case
from clienteling.data.table import Table
from clienteling.errors import ColumnError

__all__ = ["FOLDS", "fold_number", "hashed_for_folds"]

#: A policy is chosen on all folds but one and valued on that one, in turn.
FOLDS = 4
_SALT = "folds:"
_DIGITS = "0123456789abcdef"


def hashed_for_folds(
    table: Table, id: str | None, *, needed: bool, salt: str = _SALT
) -> exp.Expr | None:
    """Return the hash that folds are dealt by: of the id, else of the row's number.

    Parameters
    ----------
    table : the customers
    id : the column of the customer's id
    needed : whether it is a fault that there is neither id nor order; else the answer is None
    salt : another one deals independently of the folds

    Raises
    ------
    ColumnError
        There is neither, or the id's type reads differently on different engines.
    """
    if id is not None:
        check_id_kind(id, table[id].kind)
        return hash_sql(exp.column(id, quoted=True), salt)
    if table.engine.ordered:
        return hash_sql(exp.Window(this=exp.RowNumber()), salt)
    if needed:
        raise ColumnError(
            f"{table.source}: no column was recognised as the customer's id, and whether segments "
            "pay is judged on customers that are told apart by it.",
            hint="Name it with --id COLUMN.",
        )
    return None


def fold_number(hashed: exp.Expr) -> exp.Expr:
    """Return the fold, 0 to ``FOLDS`` - 1, by the first digit of the hash."""
    first = exp.Substring(this=hashed, start=exp.Literal.number(1), length=exp.Literal.number(1))
    limits = [_DIGITS[len(_DIGITS) * (fold + 1) // FOLDS] for fold in range(FOLDS - 1)]
    branches: list[tuple[exp.Expr, exp.Expr]] = [
        (
            exp.LT(this=first.copy(), expression=exp.Literal.string(limit)),
            exp.Literal.number(fold),
        )
        for fold, limit in enumerate(limits)
    ]
    return case(branches, exp.Literal.number(FOLDS - 1))
