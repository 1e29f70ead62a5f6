"""A report on a table before anything is fitted: what its columns hold, and their roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from clienteling.data.columns import find_id
from clienteling.data.copies import COMPARED, Copy, correlations, duplicates, near_copies
from clienteling.data.inspection import (
    COLUMNS,
    EXACT,
    ColumnFigures,
    column_figures,
    is_exact,
    is_number,
)
from clienteling.data.missing_words import SaidMissing, said_missing
from clienteling.data.numbers import nearly_numbers
from clienteling.data.read import Source, read
from clienteling.data.sentinels import sentinels_among
from clienteling.data.table import Table
from clienteling.data.typed_column import MISSING_WORDS
from clienteling.features.purchase_log import PurchaseLog, find_purchase_log
from clienteling.features.role_file import load_roles, override, role_text
from clienteling.features.roles import Part, is_code, looks_like_id, propose_roles
from clienteling.segmentation.findings import findings_of, outliers_of
from clienteling.segmentation.playbook import Playbook, built_in_playbooks, load_playbook

__all__ = ["Inspection", "inspect"]

#: Of more different words than this none describes many customers, whatever it means.
_WORDS = 12 + len(MISSING_WORDS)


@dataclass(frozen=True)
class Inspection:
    """What a table holds, and what part each column could play.

    Parameters
    ----------
    source : the table, as messages call it
    rows : how many it has
    columns : what each column holds, in their order
    roles : the part of each column, with its reason
    copies : columns that say what an earlier one says
    id_like : columns that tell rows apart
    repeated_rows : rows that repeat an earlier one in all columns; None where it is not counted
    repeated_but_id : rows that do so in all columns but those that tell rows apart; None likewise
    repeated_ids : rows whose id stands before; None without an id
    exact : whether distinct values and quartiles are exact or the engine's approximation
    notes : what was assumed or left out, in sentences
    purchases : what the rows are, where they look like purchases instead of customers
    """

    source: str
    rows: int
    columns: tuple[ColumnFigures, ...]
    roles: tuple[Part, ...]
    copies: tuple[Copy, ...]
    id_like: tuple[str, ...]
    repeated_rows: int | None
    repeated_but_id: int | None
    repeated_ids: int | None
    exact: bool
    notes: tuple[str, ...] = ()
    purchases: PurchaseLog | None = None

    @property
    def features(self) -> list[str]:
        """The columns to form segments from."""
        return self._in("feature")

    @property
    def categories(self) -> list[str]:
        """The columns whose levels form segments too; none is proposed."""
        return self._in("category")

    def with_categories(self, names: Sequence[str]) -> Inspection:
        """Return the same report with these columns forming segments by their levels."""
        said = "Named to form segments by its levels."
        roles = (Part(e.name, "category", said) if e.name in names else e for e in self.roles)
        return replace(self, roles=tuple(roles))

    @property
    def id(self) -> str | None:
        """The column with the customer's id, if there is one."""
        return next(iter(self._in("id")), None)

    @property
    def ignored(self) -> list[str]:
        """The columns that take no part at all."""
        return self._in("ignore")

    def _in(self, role: str) -> list[str]:
        return [each.name for each in self.roles if each.role == role]

    @property
    def findings(self) -> list[str]:
        """What is worth knowing before a fit, in sentences."""
        return list(findings_of(self))

    @property
    def outliers(self) -> list[str]:
        """The single values that lie far out, a sentence per column; tails are not among them."""
        return outliers_of(self)

    def to_yaml(self) -> str:
        """Return the roles as YAML, to start a file of one's own from."""
        return role_text(self.roles)

    def as_document(self) -> dict[str, Any]:
        """Return the report as one JSON document, as ``clienteling inspect --json`` prints it."""
        roles = {each.name: each for each in self.roles}
        copies = {each.name: each.of for each in self.copies}
        return {
            "source": self.source,
            "rows": self.rows,
            "exact": self.exact,
            "columns": [
                {
                    **asdict(each),
                    "constant": each.constant,
                    "id_like": each.name in self.id_like,
                    "copy_of": copies.get(each.name),
                    "role": roles[each.name].role,
                    "reason": roles[each.name].reason,
                }
                for each in self.columns
            ],
            "repeated_rows": self.repeated_rows,
            "repeated_but_id": self.repeated_but_id,
            "repeated_ids": self.repeated_ids,
            "purchase_log": self.purchases.as_document() if self.purchases else None,
            "features": self.features,
            "categories": self.categories,
            "id": self.id,
            "findings": self.findings,
            "notes": list(self.notes),
        }


def inspect(
    customers: Source,
    *,
    id: str | None = None,
    roles: str | Path | Mapping[str, str] | None = None,
    playbook: str | Path | Playbook | None = None,
) -> Inspection:
    """Report on a table before anything is fitted, and propose a role for each column.

    Everything is computed in the engine, in a few queries for all columns together; the first 300
    columns are looked at, and the first 60 of numbers are compared with each other. On DuckDB
    distinct values and quartiles are exact up to a million rows, and its approximations beyond; on
    Spark the quartiles always are approximations; on a database everything is exact.

    Parameters
    ----------
    customers : any source, see :func:`clienteling.read`
    id : the column with the customer's id
    roles : a YAML file, or a mapping from columns to ``id``, ``feature``, ``category``,
        ``profile`` or ``ignore``, where the proposed roles should be others
    playbook : as for :func:`clienteling.segment`: where it, or a built-in one, finds its features,
        exactly those are features

    Raises
    ------
    ColumnError
        A column that is named is not there, or a role doesn't fit it.
    DocumentError
        The file of roles has faults; all of them are listed.

    Examples
    --------
    >>> import clienteling as cl
    >>> found = cl.inspect("sample")
    >>> found.id, found.features
    ('CustomerID', ['Annual Income (k$)', 'Spending Score (1-100)'])
    >>> found.columns[2].name, found.columns[2].least, found.columns[2].largest
    ('Age', 18.0, 70.0)
    """
    given = load_roles(roles).roles if isinstance(roles, str | Path) else dict(roles or {})
    table = read(customers)
    override(table, (), given)  # its faults are said before the work
    found_id = find_id(table, id or next((c for c, role in given.items() if role == "id"), None))
    known, playbook_name = _known(table, playbook)
    looked = _looked_at(table, [*given, *known, *([found_id.name] if found_id else [])])
    rows = len(table)
    figures = column_figures(table, [table[each] for each in looked], rows)
    lists = [each.name for each in figures if each.kind == "text" and each.distinct <= _WORDS]
    words = said_missing(table, lists)
    figures = _without_words(figures, words)
    exact = is_exact(table, rows)
    # Of sorted rows an amount can lie on a line with their numbers; it is no copy of them.
    measured = [each for each in figures if not looks_like_id(each, exact)]
    related = correlations(table, measured)
    copies = near_copies(table, measured, related)
    parts = propose_roles(
        figures,
        id=found_id.name if found_id else None,
        known=known,
        playbook=playbook_name,
        copies=copies,
        related=related,
        exact=exact,
    )
    purchases = find_purchase_log(table, found_id.name if found_id else None)
    if purchases is not None:
        parts = _of_lines(parts, purchases)
    elif rows <= EXACT:
        parts = _with_spoilt(table, parts, figures)
    if id is not None:
        given = {**given, id: "id"}
    parts = override(table, parts, given)
    id_name = next((each.name for each in parts if each.role == "id"), None)
    id_like = tuple(e.name for e in figures if e.name == id_name or looks_like_id(e, exact))
    ids = next((each for each in figures if each.name == id_name), None)
    counted = rows <= EXACT and len(looked) == len(table.columns)
    others = [each for each in looked if each not in id_like]
    return Inspection(
        table.source,
        rows,
        tuple(figures),
        tuple(parts),
        tuple(copies),
        id_like,
        duplicates(table, looked, rows) if counted else None,
        duplicates(table, others, rows) if counted and len(others) > 1 else None,
        ids.present - ids.distinct if ids and rows <= EXACT else None,
        exact,
        tuple(_notes(table, looked, figures, counted, words, found_id.note if found_id else "")),
        purchases,
    )


def _without_words(
    figures: Sequence[ColumnFigures], words: Sequence[SaidMissing]
) -> list[ColumnFigures]:
    """Return the figures with the words that mean "no value" among what is missing."""
    by_column = {each.column: each for each in words}
    return [
        replace(
            each,
            present=each.present - by_column[each.name].rows,
            missing=each.missing + by_column[each.name].rows,
            distinct=max(0, each.distinct - by_column[each.name].levels),
        )
        if each.name in by_column
        else each
        for each in figures
    ]


def _with_spoilt(
    table: Table, parts: Sequence[Part], figures: Sequence[ColumnFigures]
) -> list[Part]:
    """Say of ignored columns where a few values keep them from being numbers."""
    said = {
        part.name: nearly_numbers(table, part.name, each.present)
        for part, each in zip(parts, figures, strict=True)
        if part.role == "ignore" and not is_code(part.name)
    }
    advice = "Mend or empty them, and it can form segments."
    return [
        replace(each, reason=f"{said[each.name]} {advice}") if said.get(each.name) else each
        for each in parts
    ]


def _of_lines(parts: Sequence[Part], purchases: PurchaseLog) -> list[Part]:
    """Say of the columns of a log of purchases what they tell of a purchase."""
    told = {found: role for role, found in purchases.columns.items() if role != "customer"}
    return [
        replace(each, reason=f"The {told[each.name]} of a purchase, not of a customer.")
        if each.name in told
        else each
        for each in parts
    ]


def _known(table: Table, playbook: str | Path | Playbook | None) -> tuple[list[str], str]:
    tried = [playbook] if playbook is not None else built_in_playbooks()
    for each in map(load_playbook, tried):
        found = each.find_features(table)
        if found is not None:
            return [match.name for match in found.values()], each.playbook
    return [], ""


def _looked_at(table: Table, named: Sequence[str]) -> list[str]:
    """Return the first columns, and those beyond them that somebody names."""
    first = set(table.names[:COLUMNS]) | set(named)
    return [each for each in table.names if each in first]


def _notes(
    table: Table,
    looked: Sequence[str],
    figures: Sequence[ColumnFigures],
    counted: bool,
    words: Sequence[SaidMissing],
    id: str,
) -> Iterator[str]:
    yield from table.notes
    yield from (each.assumption.sentence for each in words)
    yield from sentinels_among(table, looked)
    if id:
        yield id
    if len(looked) < len(table.columns):
        yield f"The first {len(looked):,} of {len(table.columns):,} columns were looked at."
    numeric = sum(is_number(each) and each.distinct > 1 for each in figures)
    if numeric > COMPARED:
        yield f"The first {COMPARED} of {numeric} columns of numbers were compared with each other."
    if not counted:
        yield "Repeated rows were not counted in a table of this size."
