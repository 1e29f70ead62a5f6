"""What a campaign brought, for a page: as ``campaign import`` with ``lift``, and ``evaluate``."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlglot.expressions as exp

from clienteling.app.campaign_file import unpacked
from clienteling.app.page_words import rephrase
from clienteling.app.uploads import Upload, open_upload, rename
from clienteling.data.columns import find_column, find_id
from clienteling.data.sql import column, name
from clienteling.data.table import Table
from clienteling.errors import ClientelingError
from clienteling.ledger.store_place import StorePlace
from clienteling.lift_folder import publish_lift, publish_observed
from clienteling.measurement.cells import label
from clienteling.measurement.evaluate import Evaluation, evaluate
from clienteling.measurement.experiment import LEVELS
from clienteling.measurement.made_segments import AUTO
from clienteling.measurement.measure import measure_in
from clienteling.measurement.observed import Observed
from clienteling.measurement.teaching import Teaching

__all__ = [
    "Asked",
    "Found",
    "Paid",
    "Seen",
    "check_kept",
    "columns_in",
    "measure_experiment",
    "measure_kept",
    "measure_recorded",
]


#: What the column of an outcome is often called.
_OUTCOME = ("visit", "conver", "respon", "spend", "spent", "revenue", "purchas", "bought", "order")


@dataclass(frozen=True, eq=False)
class Paid:
    """What a campaign brought, and the report on it.

    Parameters
    ----------
    found : the evaluation, with the verdict that holds
    by_offer : what each offer of a campaign brought, in sentences
    files : the report's files, by their path: the page, the pictures, the figures
    taken : what was taken in of the outcomes, in a sentence
    refused : what was not, and why
    teaching : what the campaigns of a store taught, of a policy that learns
    """

    found: Evaluation
    by_offer: tuple[str, ...]
    files: Mapping[str, bytes]
    taken: str = ""
    refused: ClientelingError | None = None
    teaching: Teaching | None = None

    @property
    def source(self) -> str:
        """What the answer is on."""
        return self.found.experiment.source


@dataclass(frozen=True, eq=False)
class Seen:
    """What was observed of a campaign that held nobody out, and the report on it.

    Parameters
    ----------
    found : what can be said, and what can't be concluded
    files, taken, refused : as for :class:`Paid`
    """

    found: Observed
    files: Mapping[str, bytes]
    taken: str = ""
    refused: ClientelingError | None = None

    @property
    def source(self) -> str:
        """What the answer is on."""
        return self.found.campaign


@dataclass(frozen=True)
class Found:
    """The columns of a file, for a visitor to choose from.

    Parameters
    ----------
    names : all of them
    numbers : those with numbers
    levels : those with few different values, and these, the most frequent first
    has_names, has_moment : whether there is a column that names outcomes, and one with their time
    id : the column that tells customers apart, if one is known for that
    """

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    has_names: bool
    has_moment: bool
    id: str = ""

    def outcomes(self, *others: str) -> tuple[str, ...]:
        """Return the columns that can be outcomes: of numbers, and none of the others."""
        return tuple(each for each in self.numbers if each not in (self.id, *others))

    def features(self, *others: str) -> tuple[str, ...]:
        """Return the columns that segments can be made of: numbers, then short words."""
        words = (each for each in self.levels if each not in self.numbers)
        return tuple(each for each in (*self.outcomes(*others), *words) if each not in others)

    def likely(self, *others: str) -> tuple[str, ...]:
        """Return the outcome that is meant where there is no doubt, by its name; else none."""
        able = self.outcomes(*others)
        named = [e for e in able if any(word in e.lower() for word in _OUTCOME)]
        return tuple(able if len(able) == 1 else named[:1] if len(named) == 1 else ())


@dataclass(frozen=True)
class Asked:
    """What a visitor says of an experiment; see :func:`clienteling.measurement.evaluate`.

    Parameters
    ----------
    offer, control, outcomes, segments : columns, and the value that means no offer
    makes : whether segments are made, of what was known before
    made_of : the columns to make them of; by default those that are proposed
    covariates : columns from before, to learn from which customer should get which offer
    before : the first outcome's like from before the campaign, to sharpen the measurement (CUPED)
    cost : of an offer per customer; None where it is not known
    worth : what one unit of the first outcome earns
    shares : the planned share of each offer and of the control; equal by default
    allow_negative : whether an outcome may lie below zero
    """

    offer: str
    control: str
    outcomes: tuple[str, ...]
    segments: tuple[str, ...] = ()
    makes: bool = False
    made_of: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    before: str | None = None
    cost: float | None = None
    worth: float | None = None
    shares: tuple[tuple[str, float], ...] = ()
    allow_negative: bool = False


def columns_in(upload: Upload) -> Found:
    """Return the columns of a file.

    Raises
    ------
    ClientelingError
        The file is not a table; the message calls it by its own name.
    """
    with open_upload(upload) as table:
        return Found(
            tuple(table.names),
            tuple(each.name for each in table.columns if each.is_numeric),
            _levels(table),
            any(find_column(each, table.names) for each in ("name", "outcome", "value")),
            any(
                find_column(each, table.names)
                for each in ("happened_at", "date", "day", "timestamp")
            ),
            found.name if (found := find_id(table)) is not None else "",
        )


def _levels(table: Table) -> dict[str, tuple[str, ...]]:
    """Return the values of each column that has from two to so many as segments may have."""
    asked = [
        exp.Count(this=exp.Distinct(expressions=[column(each)])).as_(name(f"n{place}"))
        for place, each in enumerate(table.names)
    ]
    counted = table.query(exp.select(*asked)).to_pylist()[0]
    found = {}
    for place, each in enumerate(table.names):
        if 2 <= counted[f"n{place}"] <= LEVELS:
            value = column(each)
            rows = table.query(
                exp.select(value.as_(name("value")))
                .where(exp.Not(this=exp.Is(this=value.copy(), expression=exp.null())))
                .group_by(value.copy())
                .order_by(exp.Ordered(this=exp.Count(this=exp.Star()), desc=True), value.copy())
            ).to_pylist()
            found[each] = tuple(label(row["value"]) for row in rows)
    return found


def measure_experiment(upload: Upload, asked: Asked) -> Paid:
    """Measure a finished experiment, as ``clienteling campaign evaluate`` does.

    Raises
    ------
    ClientelingError
        It can't be measured; the message calls the file by its own name.
    """
    with _in_page_words(), open_upload(upload) as table:
        found = evaluate(
            table,
            offer=asked.offer,
            control=asked.control,
            outcomes=asked.outcomes,
            segments=(*asked.segments, *([AUTO] if asked.makes else ())),
            features=[each for each in asked.made_of if table[each].is_numeric] or None,
            categorical=[each for each in asked.made_of if not table[each].is_numeric],
            covariates=asked.covariates,
            before={asked.outcomes[0]: asked.before} if asked.before and asked.outcomes else None,
            costs=asked.cost or None,
            worths={asked.outcomes[0]: asked.worth} if asked.worth and asked.outcomes else None,
            shares=dict(asked.shares) or None,
            allow_negative=asked.allow_negative,
        )
        return _reported(found, (), None)


def check_kept(campaign: Upload) -> None:
    """Look whether a file is that of a campaign, and as it was when it was planned.

    Raises
    ------
    ClientelingError
        It is not; the message says what is wrong.
    """
    from clienteling.campaigns.kept import keep_folder
    from clienteling.ledger.store import open_store

    with _in_page_words(), tempfile.TemporaryDirectory(prefix="clienteling-") as aside:
        folder = unpacked(campaign.data, campaign.name, Path(aside))
        with open_store(Path(aside) / "kept.db", create=True) as store:
            try:
                keep_folder(store, folder)
            except ClientelingError as error:
                rename(error, str(folder), campaign.name)
                raise


def measure_kept(
    campaign: Upload,
    outcomes: Upload,
    *,
    columns: Sequence[str] = (),
    on: dt.date | None = None,
    margin: float | None = None,
) -> Paid:
    """Take in the outcomes of a planned campaign, and measure it by those whom it held out.

    As ``clienteling campaign import`` and ``lift`` do, in a store that is thrown away.

    Parameters
    ----------
    campaign : the file that was kept when it was planned
    outcomes : what came of it
    columns : those with an outcome each, where the file has a row per customer
    on : when it happened, where the file doesn't say
    margin : what of each outcome in money is earned

    Raises
    ------
    ClientelingError
        One of the files is not what it should be, or nothing can be concluded.
    """
    from clienteling.campaigns.kept import keep_folder
    from clienteling.campaigns.outcome_file import import_outcomes
    from clienteling.ledger.store import open_store
    from clienteling.measurement.stored import measure_stored

    with _in_page_words(), tempfile.TemporaryDirectory(prefix="clienteling-") as aside:
        folder = unpacked(campaign.data, campaign.name, Path(aside))
        with open_store(Path(aside) / "kept.db", create=True) as store:
            try:
                meant = keep_folder(store, folder)
            except ClientelingError as error:
                rename(error, str(folder), campaign.name)
                raise
            with open_upload(outcomes) as table:
                taken = import_outcomes(store, meant, table, outcomes=columns, on=on)
            refused = taken.refused(outcomes.name)
            if refused is not None and not taken.new:
                raise refused
            try:
                measured = measure_stored(store, meant.id, margin=margin)
            except ClientelingError as error:
                rename(error, str(folder), meant.id)
                raise
        judged = replace(measured.found, verdict=measured.verdict)
        sentences = tuple(each.sentence for each in measured.offers)
        made = _reported(judged, sentences, measured.as_document())
        return replace(made, taken=taken.sentence, refused=refused)


def measure_recorded(
    place: StorePlace,
    campaign: str,
    outcomes: Upload | None = None,
    *,
    columns: Sequence[str] = (),
    on: dt.date | None = None,
    margin: float | None = None,
) -> Paid | Seen:
    """Take in outcomes of a campaign of the store, and measure it by all that the store has.

    As ``clienteling campaign import`` and ``lift`` do.

    Parameters
    ----------
    place : the store
    campaign : its name
    outcomes : what came of it; without, by those that are there
    columns, on, margin : as for :func:`measure_kept`

    Returns
    -------
    Paid or Seen
        The lift; what was observed where nobody was held out.

    Raises
    ------
    ClientelingError
        As for the commands, in the words of a page.
    """
    from clienteling.campaigns.outcome_file import import_outcomes
    from clienteling.ledger.campaigns import campaign as campaign_of
    from clienteling.ledger.store import open_store
    from clienteling.measurement.lessons import teaching_of

    with _in_page_words(), open_store(place.address) as store:
        taken, refused = "", None
        if outcomes is not None:
            with open_upload(outcomes) as table:
                found = import_outcomes(
                    store, campaign_of(store, campaign), table, outcomes=columns, on=on
                )
            taken, refused = found.sentence, found.refused(outcomes.name)
            if refused is not None and not found.new and not found.repeated:
                raise refused
        measured = measure_in(store, campaign, margin=margin)
        if isinstance(measured, Observed):
            files = _files(lambda out: publish_observed(measured, out))
            return Seen(measured, files, taken, refused)
        teaching = teaching_of(store, campaign, dt.date.today())
        judged = replace(measured.found, verdict=measured.verdict)
        sentences = tuple(each.sentence for each in measured.offers)
        document = {**measured.as_document(), **(teaching.as_document() if teaching else {})}
        made = _reported(judged, sentences, document, teaching)
        return replace(made, taken=taken, refused=refused, teaching=teaching)


def _reported(
    found: Evaluation,
    by_offer: tuple[str, ...],
    document: Mapping[str, Any] | None,
    teaching: Teaching | None = None,
) -> Paid:
    files = _files(lambda out: publish_lift(found, out, by_offer, document, teaching))
    return Paid(found, by_offer, files)


def _files(publish: Callable[[Path], list[Path]]) -> dict[str, bytes]:
    """Return the files of a report by their path, and keep none of them."""
    with tempfile.TemporaryDirectory(prefix="clienteling-") as aside:
        out = Path(aside) / "lift"
        return {each.relative_to(out).as_posix(): each.read_bytes() for each in publish(out)}


@contextmanager
def _in_page_words() -> Iterator[None]:
    try:
        yield
    except ClientelingError as error:
        raise rephrase(error) from error
