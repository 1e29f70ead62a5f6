"""A digest of decisions: the same for the same ones, in whatever order they lie."""

from __future__ import annotations

import hashlib

import sqlglot.expressions as exp

from clienteling.data.sql import column, name, text
from clienteling.data.table import Table

__all__ = ["digest_of"]

_SAID = ("customer_id", "arm", "offer", "propensity")
_HEX = "0123456789abcdef"


def digest_of(decided: Table) -> str:
    """Return a digest of decisions: the same for the same ones, in whatever order they lie.

    It is a sum of hashes, one of each decision. The files of a folder are read by DuckDB always; a
    table is read where it lies, and its digest is told apart from that of files.
    """
    counted = exp.Count(this=exp.Star()).as_("n")
    if decided.engine.dialect == "duckdb":
        joined = exp.ConcatWs(expressions=[text("|"), *(column(each) for each in _SAID)])
        number = exp.Anonymous(this="md5_number_lower", expressions=[joined])
        total = exp.cast(exp.Sum(this=number), exp.DataType.Type.VARCHAR).as_("total")
        row = decided.query(exp.select(counted, total)).to_pylist()[0]
        return _shortened(f"{row['n']}:{row['total']}")
    said: exp.Expr = text("")
    for each in _SAID:
        own = exp.cast(column(each), exp.DataType.Type.VARCHAR)
        told = exp.Coalesce(this=own, expressions=[text("")])
        for piece in (text("|"), told):
            said = exp.DPipe(this=said, expression=piece, safe=True)
    hashed = exp.select(exp.MD5(this=said).as_(name("cl_md5"))).from_(decided.subquery)
    sums = [
        exp.cast(exp.Sum(this=_digit(place)), exp.DataType.Type.BIGINT).as_(f"d_{place}")
        for place in range(1, 17)
    ]
    hashes = exp.Subquery(this=hashed, alias=exp.TableAlias(this=exp.to_identifier("cl_hashed")))
    row = decided.engine.query(exp.select(counted, *sums).from_(hashes)).to_pylist()[0]
    digits = ",".join(str(row[f"d_{place}"]) for place in range(1, 17))
    return _shortened(f"{row['n']}:{digits}")


def _digit(place: int) -> exp.Expr:
    """Return what a place of a hash counts: databases have no common way from hex to a number."""
    digit = exp.Substring(
        this=column("cl_md5"), start=exp.Literal.number(place), length=exp.Literal.number(1)
    )
    return exp.StrPosition(this=text(_HEX), substr=digit)


def _shortened(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:16]
