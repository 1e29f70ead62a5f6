"""Outcomes from a file or a table: a row per outcome, or a row per customer with a column for each.

A row gets an id of its content where the sender gave none, so that the same file taken in twice
counts once. Faults are named with row, column and value.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot.expressions as exp

from clienteling.campaigns.kept import campaign_in
from clienteling.campaigns.outcome_doubts import Doubts
from clienteling.data.columns import find_column, find_id
from clienteling.data.read import Source, read
from clienteling.data.sql import column, name
from clienteling.data.table import Table
from clienteling.errors import ColumnError, DataError, columns_are, near_names
from clienteling.ledger.batch import of_customers, open_batch
from clienteling.ledger.campaigns import Campaign
from clienteling.ledger.moments import as_utc
from clienteling.ledger.outcomes import Intake, Known, Outcome, take_in
from clienteling.ledger.store import Store, open_store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Imported", "import_outcomes", "open_for"]

#: Rows that are in memory at once.
_AT_ONCE = 100_000

#: Faults that are shown; all are in the JSON document.
_SHOWN = 20


@dataclass(frozen=True)
class Imported:
    """What became of a file of outcomes.

    Parameters
    ----------
    rows : outcomes in it
    new, repeated : taken in, and there already
    faults : what was not taken in, a sentence each, in the order of the rows
    notes : what was assumed
    early, late : of those that are kept how many happened before the campaign's first day, and how
        many after the last day that counts; its lift leaves them out
    beside : the same in sentences, and what is doubtful: that most are of customers who got nothing
        from the campaign, or that most are there already with another time
    """

    rows: int
    new: int
    repeated: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    early: int = 0
    late: int = 0
    beside: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What was taken in, in words."""
        there = f", {self.repeated:,} were there already" if self.repeated else ""
        was = "outcome was" if self.new == 1 else "outcomes were"
        return f"{self.new:,} {was} taken in{there}."

    def refused(self, source: str) -> DataError | None:
        """Return what was not taken in, as an error to show; None where all was.

        Parameters
        ----------
        source : what the table is called
        """
        if not self.faults:
            return None
        shown = [*self.faults[:_SHOWN]]
        if len(self.faults) > _SHOWN:
            shown.append(f"{len(self.faults) - _SHOWN:,} more.")
        was = "outcome was" if len(self.faults) == 1 else "outcomes were"
        return DataError(
            f"{source}: {len(self.faults):,} {was} not taken in (row 1 is the first "
            "below the header).",
            faults=shown,
            hint="Mend these and give the whole file once more: what is there counts once.",
        )


@dataclass(frozen=True)
class _Columns:
    customer: str | None
    decision: str | None
    outcome_id: str | None
    happened_at: str | None
    name: str | None
    value: str | None
    wide: tuple[str, ...]

    def called(self, part: str) -> str | None:
        """Return what the column of a part of an outcome is called; None for its value."""
        own = {
            "customer_id": self.customer,
            "decision_id": self.decision,
            "outcome_id": self.outcome_id,
            "happened_at": self.happened_at,
            "name": self.name,
        }
        return own.get(part)

    @property
    def identifying(self) -> list[str]:
        """The columns by which rows without an id are told apart; of a wide table some of them."""
        own = (self.customer, self.decision, self.happened_at)
        return [
            each
            for each in (*own, *(() if self.wide else (self.name, self.value)))
            if each is not None
        ]


def import_outcomes(
    store: Store | str | Path,
    campaign: Campaign | str | Path,
    table: Source,
    *,
    outcomes: Sequence[str] = (),
    on: dt.date | None = None,
    id: str | None = None,
    now: dt.datetime | None = None,
) -> Imported:
    """Take in the outcomes of a table: late, out of order and twice, they count the same.

    Those that are right are taken in and the others are named, so that a file with a fault can be
    mended and given once more, whole.

    Parameters
    ----------
    store : where they go; a file that is not there yet is made, for a campaign's folder
    campaign : whose outcomes they are, where a row names no decision: by its name, or by its
        folder, which the store then keeps, where it doesn't know it yet
    table : any source with ``customer_id`` or ``decision_id``, ``name`` (or ``outcome``;
        ``response`` without), ``value`` (1 without), ``happened_at``, and an ``outcome_id`` where
        there is one
    outcomes : columns with a value each, where the table has a row per customer
    on : when they happened, where the table doesn't say
    id : the column with the customer's id
    now : the time; what happens later is refused

    Raises
    ------
    ColumnError
        The table says neither whose outcomes they are nor when they happened.
    DataError
        There is no such campaign.
    SourceError
        There is no such store, or the table can't be read.

    Examples
    --------
    >>> import tempfile
    >>> import clienteling as cl, pandas as pd
    >>> plan = cl.plan_campaign(
    ...     cl.segment("sample"), "sample", name="spring", day=dt.date(2026, 3, 1)
    ... )
    >>> came = pd.DataFrame({"customer_id": [1, 2], "happened_at": "2026-03-09"})
    >>> with tempfile.TemporaryDirectory() as aside:
    ...     folder = plan.write(f"{aside}/spring").out
    ...     first = cl.import_outcomes(f"{aside}/shop.db", folder, came)
    ...     again = cl.import_outcomes(f"{aside}/shop.db", "spring", came)
    >>> first.new, again.new, again.repeated
    (2, 0, 2)
    """
    if not isinstance(store, Store):
        with open_for(store, campaign) as opened:
            return import_outcomes(
                opened, campaign, table, outcomes=outcomes, on=on, id=id, now=now
            )
    campaign = campaign if isinstance(campaign, Campaign) else campaign_in(store, campaign)
    return _taken_in(store, campaign, read(table), outcomes, on, id, now)


def open_for(place: str | Path, campaign: Campaign | str | Path) -> Store:
    """Open the store for a campaign's outcomes; it is made only for a campaign's own folder.

    Raises
    ------
    SourceError
        There is no such store, or it can't be reached.
    """
    return open_store(place, create=(Path(str(campaign)) / "plan.json").is_file())


def _taken_in(
    store: Store,
    campaign: Campaign,
    table: Table,
    outcomes: Sequence[str],
    on: dt.date | None,
    id: str | None,
    now: dt.datetime | None,
) -> Imported:
    columns = _find(table, outcomes, on, id)
    repeated = _repeated(table, columns)
    decided = open_batch(campaign, store) if columns.customer is not None else None
    faults: list[tuple[int, str]] = []
    seen: Counter[tuple[Any, ...]] = Counter()
    intake, first, given, early, late = Intake(), 1, 0, 0, 0
    doubts = Doubts(store, campaign)
    for part in table.batches(_AT_ONCE):
        rows = part.to_pylist()
        made, places, wrong = _outcomes(rows, columns, campaign.id, on, first, repeated, seen)
        there = _in_batch(decided, part, columns)
        taken = (
            take_in(store, made, now=now, known=_known_as(campaign, there)) if made else Intake()
        )
        for each in taken.refused:
            row, about = places[each.place - 1]
            named = columns.called(each.about)
            where = f'column "{named}"' if named is not None else about
            wrong.append((row, f"row {row}, {where}: {each.fault}"))
        faults += sorted(wrong, key=lambda each: each[0])
        refused = {each.place for each in taken.refused}
        kept = [each for place, each in enumerate(made, 1) if place not in refused]
        doubts.look(kept, taken.repeated, there)
        early += sum(_on(each, campaign) < campaign.day for each in kept)
        if campaign.last_day is not None:
            late += sum(_on(each, campaign) > campaign.last_day for each in kept)
        intake = Intake(intake.new + taken.new, intake.repeated + taken.repeated)
        given += len(made) + len(wrong) - len(taken.refused)
        first += len(rows)
    notes = [*table.notes]
    if columns.name is None and not columns.wide:
        notes.append('Every row is taken as a "response"; name outcomes in a column "name".')
    said = tuple(fault for _, fault in faults)
    beside = [*_beside(campaign, early, late), *doubts.sentences]
    return Imported(
        given, intake.new, intake.repeated, said, tuple(notes), early, late, tuple(beside)
    )


def _on(outcome: Outcome, campaign: Campaign) -> dt.date:
    """Return the day of an outcome; of one that names a decision a day of the campaign's.

    A decision may be of another campaign, whose days are others.
    """
    return as_utc(outcome.happened_at).date() if outcome.decision_id is None else campaign.day


def _beside(campaign: Campaign, early: int, late: int) -> list[str]:
    """Say what is kept and doesn't count in the campaign's lift."""
    told = (
        (early, f"before the campaign's first day, {campaign.day}"),
        (late, f"after the last day that counts, {campaign.last_day}"),
    )
    return [
        f"{n:,} outcome{'' if n == 1 else 's'} happened {when}, so "
        f"{'it is kept and does' if n == 1 else 'they are kept and do'} not count in its lift."
        for n, when in told
        if n
    ]


def _known_as(campaign: Campaign, there: Mapping[str, str]) -> Known:
    """Return what says of these customers that they have a decision of the campaign's batch."""

    def known(asked: Campaign, ids: Collection[str]) -> Collection[str]:
        return there.keys() & set(ids) if asked.id == campaign.id else ()

    return known


def _find(table: Table, outcomes: Sequence[str], on: dt.date | None, id: str | None) -> _Columns:
    def of(*wanted: str) -> str | None:
        matches = (find_column(each, table.names) for each in wanted)
        return next((each.name for each in matches if each is not None), None)

    decision, customer = of("decision_id"), find_id(table, id)
    moment = of("happened_at", "date", "day", "timestamp")
    faults = []
    if decision is None and customer is None:
        near = near_names("customer_id", table.names)
        faults.append(f'there is no column "customer_id" or "decision_id". {near}'.strip())
    if moment is None and on is None:
        near = near_names("happened_at", table.names)
        faults.append(
            f'there is no column "happened_at". {near} Where all happened on one day, name it with '
            "--on.".replace("  ", " ")
        )
    wide = []
    for each in outcomes:
        match = find_column(each, table.names)
        if match is None:
            faults.append(f'there is no column "{each}". {near_names(each, table.names)}'.strip())
        else:
            wide.append(match.name)
    if faults:
        raise ColumnError(
            f"{table.source}: these are no outcomes that can be taken in.",
            faults=faults,
            hint=columns_are(table.names),
        )
    return _Columns(
        customer.name if customer is not None else None,
        decision,
        of("outcome_id"),
        moment,
        of("name", "outcome"),
        of("value"),
        tuple(wide),
    )


def _repeated(table: Table, columns: _Columns) -> set[tuple[Any, ...]] | None:
    """Return what several rows without an id have in common, or None where all must be counted.

    Only of those is it kept how often each was met, so that memory doesn't grow with the table.
    """
    by = columns.identifying
    if columns.happened_at is not None and table[columns.happened_at].kind != "date":
        return None  # one moment may be written in two ways
    select = exp.select(*(column(each) for each in by)).from_(table.subquery)
    if columns.outcome_id is not None:
        select = select.where(exp.Is(this=column(columns.outcome_id), expression=exp.null()))
    many = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
    # As many groups as rows, mostly: in DuckDB those beyond a bound are kept on the disk.
    with getattr(table.engine, "lean", nullcontext)():
        found = table.engine.query(select.group_by(*(column(each) for each in by)).having(many))
    return set(zip(*(found.column(each).to_pylist() for each in range(len(by))), strict=True))


def _outcomes(
    rows: Sequence[Mapping[str, Any]],
    columns: _Columns,
    campaign: str,
    on: dt.date | None,
    first: int,
    repeated: Collection[tuple[Any, ...]] | None,
    seen: Counter[tuple[Any, ...]],
) -> tuple[list[Outcome], list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the outcomes, the row and what it is about of each, and what is wrong with others."""
    made: list[Outcome] = []
    places: list[tuple[int, str]] = []
    faults: list[tuple[int, str]] = []

    def shared(content: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(content[each] for each in columns.identifying)

    for row, content in enumerate(rows, first):
        happened, wrong = _moment(content, columns, on)
        if happened is None:
            faults.append((row, f'row {row}, column "{columns.happened_at}": {wrong}'))
            continue
        customer = content[columns.customer] if columns.customer else None
        decision = content[columns.decision] if columns.decision else None
        if customer is None and decision is None:
            which = columns.customer or columns.decision
            faults.append((row, f'row {row}, column "{which}": it is empty.'))
            continue
        for called, value, about in _values(content, columns):
            if value is None:
                if not columns.wide:  # of several columns those that are empty say nothing
                    faults.append((row, f"row {row}, {about}: it is empty."))
                continue
            key = (decision, customer, called, value, happened)
            given = content[columns.outcome_id] if columns.outcome_id else None
            count = 1
            if given is None and (repeated is None or shared(content) in repeated):
                seen[key] += 1
                count = seen[key]
            own = f"{given}:{called}" if columns.wide and given is not None else given
            made.append(
                Outcome(
                    str(own) if own is not None else _id_of(campaign, *key, count),
                    called,
                    value,
                    happened,
                    decision_id=str(decision) if decision is not None else None,
                    campaign=None if decision is not None else campaign,
                    customer_id=customer,
                )
            )
            places.append((row, about))
    return made, places, faults


def _values(content: Mapping[str, Any], columns: _Columns) -> list[tuple[str, Any, str]]:
    """Return name and value of each outcome of a row, and the column that it stands in."""
    if columns.wide:
        return [(each, content[each], f'column "{each}"') for each in columns.wide]
    called = content[columns.name] if columns.name else "response"
    value = content[columns.value] if columns.value else 1.0
    about = f'column "{columns.value}"' if columns.value else "response"
    return [("" if called is None else str(called), value, about)]


def _moment(
    content: Mapping[str, Any], columns: _Columns, on: dt.date | None
) -> tuple[dt.datetime | None, str]:
    if columns.happened_at is None:
        assert on is not None
        return dt.datetime.combine(on, dt.time(), dt.UTC), ""
    given = content[columns.happened_at]
    if given is None:
        return None, "it is empty; an outcome needs its time."
    if isinstance(given, dt.datetime):
        return given, ""
    if isinstance(given, dt.date):
        return dt.datetime.combine(given, dt.time(), dt.UTC), ""
    try:
        return dt.datetime.fromisoformat(str(given)), ""
    except ValueError:
        return None, f'"{given}" is no time; write it as 2026-03-31 or 2026-03-31T14:05.'


def _id_of(*content: Any) -> str:
    said = "\x1f".join("" if each is None else str(each) for each in content)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _in_batch(decided: Table | None, part: pa.Table, columns: _Columns) -> dict[str, str]:
    """Return the arms of those customers of some rows whom the batch decided for: one join."""
    if decided is None or columns.customer is None:
        return {}
    asked = part.column(columns.customer).to_pylist()
    ids = sorted({str(each) for each in asked if each is not None})
    engine: Any = decided.engine
    if not hasattr(engine, "close_frame"):
        asked_for = exp.select(_text("customer_id").as_(name("cl_id")), column("arm"))
        found: dict[str, str] = {}
        for condition in of_customers(decided, ids):
            rows = engine.query(asked_for.copy().from_(decided.subquery).where(condition))
            found |= zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True)
        return found
    if not ids:
        return {}
    import pyarrow as pa

    beside = engine.open_frame(pa.table({"cl_asked": pa.array(ids, pa.string())}), "outcomes")
    select = (
        exp.select(
            exp.column(name("cl_asked"), table="cl_asked_for"),
            exp.column(name("arm"), table="cl_decided"),
        )
        .from_("cl_asked_for")
        .join(
            exp.to_table("cl_decided"),
            on=exp.EQ(
                this=exp.column(name("cl_asked"), table="cl_asked_for"),
                expression=exp.column(name("cl_id"), table="cl_decided"),
            ),
        )
        .with_("cl_asked_for", as_=beside.as_select())
        .with_(
            "cl_decided",
            as_=exp.select(_text("customer_id").as_(name("cl_id")), column("arm")).from_(
                decided.subquery
            ),
        )
    )
    rows = engine.query(select)
    engine.close_frame(beside)
    return dict(zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True))


def _text(called: str) -> exp.Expr:
    return exp.cast(column(called), exp.DataType.Type.VARCHAR)
