"""A hash of the customer id that is the same in Python and on every engine.

It is the md5 of a salt and the id as text, as 32 hexadecimal digits; it is compared as text, so
no engine needs to turn it into a number. It decides samples and holdouts, never secrets.
"""

from __future__ import annotations

import hashlib

import sqlglot.expressions as exp

from clienteling.data.sql import text
from clienteling.errors import ColumnError

__all__ = ["check_id_kind", "hash_of", "hash_sql", "threshold"]


def hash_of(customer_id: int | str, salt: str) -> str:
    """Return the hash of an id in Python.

    Examples
    --------
    >>> hash_of(42, "holdout:"), hash_of("42", "holdout:")
    ('3f9a604c4f41e40a53fdc057a4729d86', '3f9a604c4f41e40a53fdc057a4729d86')
    """
    digits = f"{salt}{customer_id}".encode()
    return hashlib.md5(digits, usedforsecurity=False).hexdigest()


def hash_sql(customer_id: exp.Expr, salt: str) -> exp.Expr:
    """Return the hash of an id column: integers as decimal digits, text as UTF-8."""
    as_text = exp.cast(customer_id.copy(), exp.DataType.Type.VARCHAR)
    return exp.MD5(this=exp.DPipe(this=text(salt), expression=as_text, safe=True))


def threshold(share: float) -> str:
    """Return the text below which the hashes of that share of all ids lie.

    Examples
    --------
    >>> threshold(0.5), threshold(1.0)
    ('8000000000000', 'g')
    """
    if share >= 1.0:
        return "g"  # above every hexadecimal digit
    return f"{int(max(share, 0.0) * 16**13):013x}"


def check_id_kind(name: str, kind: str) -> None:
    """Refuse an id whose text differs between engines.

    Raises
    ------
    ColumnError
        The id is not an integer or text.
    """
    if kind not in ("integer", "text"):
        raise ColumnError(
            f'"{name}" can\'t be the customer id: it holds {kind} values, and only whole numbers '
            "and text read the same on every engine.",
            hint="Name another column with --id.",
        )
