"""What the earlier campaigns of a store taught: outcomes by segment and offer, to plan the next.

Only campaigns whose time is over count, since who is still waited for looks like one who doesn't
respond. Customers who were held out teach what is earned without an offer. Those to whom the plan
gave nothing teach nothing: they were chosen.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.campaigns.plan import model_fingerprint
from clienteling.data.sql import case, column, double, name, number, text
from clienteling.data.table import Table
from clienteling.errors import DataError
from clienteling.ledger.campaigns import Campaign, campaigns
from clienteling.ledger.campaigns import campaign as campaign_of
from clienteling.ledger.documents import document
from clienteling.ledger.outcomes import outcomes_of
from clienteling.ledger.store import Store
from clienteling.measurement.campaign import HELD_OUT, RESPONSE, joined_outcomes
from clienteling.measurement.decided import decided_in
from clienteling.measurement.same_segments import same_segments
from clienteling.measurement.stand_ins import with_stand_ins
from clienteling.measurement.stored import all_forgotten
from clienteling.measurement.teaching import Teaching
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Experience, Learned
from clienteling.offers.offer import NOTHING
from clienteling.segmentation.load import AnyModel, parse_model

__all__ = ["Lesson", "Lessons", "lessons_of", "teaching_of"]


#: The policies that start from what came of earlier campaigns.
LEARNING = ("thompson", "budget")


@dataclass(frozen=True)
class Lesson:
    """What one campaign taught.

    Parameters
    ----------
    campaign : its name
    day : of its contacts
    learned : by segment and offer
    """

    campaign: str
    day: dt.date
    learned: Learned

    @property
    def contacts(self) -> int:
        """How many were contacted, without those who were held out."""
        return sum(each.contacts for (_, offer), each in self.learned.items() if offer != NOTHING)

    @property
    def responses(self) -> int:
        """How many of those who were contacted responded."""
        return sum(each.responses for (_, offer), each in self.learned.items() if offer != NOTHING)


@dataclass(frozen=True)
class Lessons:
    """What the campaigns of a store taught.

    Parameters
    ----------
    lessons : of each campaign that could be learned from, in the order of their days
    notes : what was left out, and why
    """

    lessons: tuple[Lesson, ...]
    notes: tuple[str, ...]

    @property
    def learned(self) -> dict[tuple[int, str], Experience]:
        """All lessons together, as :func:`clienteling.campaigns.plan.plan_campaign` takes them."""
        total: dict[tuple[int, str], Experience] = {}
        for lesson in self.lessons:
            for key, seen in lesson.learned.items():
                total[key] = total.get(key, Experience()) + seen
        return total

    @property
    def sentence(self) -> str:
        """What was learned from, in words."""
        if not self.lessons:
            return (
                "There is no earlier campaign to learn from, so what the catalogue assumes counts."
            )
        n, names = len(self.lessons), [f'"{each.campaign}"' for each in self.lessons]
        shown = ", ".join(names[-3:]) if n <= 3 else f"the last ones {', '.join(names[-3:])}"
        contacts = sum(each.contacts for each in self.lessons)
        responses = sum(each.responses for each in self.lessons)
        idle = [seen for (_, offer), seen in self.learned.items() if offer == NOTHING]
        said = (
            f"Learned from {n} earlier campaign{'s' if n > 1 else ''} ({shown}): {contacts:,} "
            f"contacts, of whom {responses:,} responded"
        )
        if idle:
            said += (
                f"; of {sum(each.contacts for each in idle):,} who were held out "
                f"{sum(each.responses for each in idle):,} did so without an offer"
            )
        return said + "."


def lessons_of(
    store: Store,
    model: AnyModel,
    catalogue: Catalogue,
    *,
    before: dt.date,
    but: str = "",
    worths: Mapping[str, float] | None = None,
) -> Lessons:
    """Learn from the campaigns of a store.

    Parameters
    ----------
    store : with campaigns and their outcomes
    model : of the campaign that is planned; only what is known of its segments counts
    catalogue : the offers; without ``worths`` they say what a ``response`` is worth
    before : only campaigns whose last day lies before it
    but : the campaign that is planned
    worths : what one unit of an outcome earns; then whoever brought anything responded

    Raises
    ------
    SourceError
        The store, or the decisions of a campaign, can't be read.
    """
    lessons, notes = [], []
    meant = [each for each in campaigns(store) if each.id != but and each.policy != "observed"]
    for each in sorted(meant, key=lambda one: (one.day, one.created_at, one.id)):
        last = each.last_day or each.day
        if each.day >= before:
            continue  # it is not before the one that is planned
        if last >= before:
            notes.append(f'"{each.id}" is not learned from: outcomes until {last} count for it.')
            continue
        learned, why = _lesson(store, each, last, model, catalogue, dict(worths or {}))
        if learned:
            lessons.append(Lesson(each.id, each.day, learned))
        if why:
            notes.append(why)
    return Lessons(tuple(lessons), tuple(notes))


def teaching_of(
    store: Store, campaign: str, today: dt.date, worths: Mapping[str, float] | None = None
) -> Teaching | None:
    """Return what the campaigns of a store taught until a day, by the segments of one of them.

    Parameters
    ----------
    store : with campaigns and their outcomes
    campaign : whose segments and offers are shown
    today : campaigns whose last day lies before it count
    worths : see :func:`lessons_of`

    Returns
    -------
    Teaching or None
        None where the campaign's policy is none that learns.

    Raises
    ------
    DataError
        There is no such campaign.
    SourceError
        The store, or the decisions of a campaign, can't be read.
    """
    meant = campaign_of(store, campaign)
    if meant.policy not in LEARNING:
        return None
    shown = f"the model of {campaign} in {store.shown}"
    model = parse_model(document(store, meant.model_fingerprint), shown)
    catalogue = Catalogue.model_validate(json.loads(document(store, meant.catalogue_fingerprint)))
    found = lessons_of(store, model, catalogue, before=today, worths=worths)
    return Teaching(found, catalogue, {each.id: each.name for each in model.segments})


def _lesson(
    store: Store,
    meant: Campaign,
    last: dt.date,
    model: AnyModel,
    catalogue: Catalogue,
    worths: dict[str, float],
) -> tuple[dict[tuple[int, str], Experience], str]:
    """Return what a campaign taught, and what is to be said of it."""
    shown = f"the model of {meant.id} in {store.shown}"
    earlier = parse_model(document(store, meant.model_fingerprint), shown)
    ids, said = {each.id for each in model.segments}, ""
    if meant.model_fingerprint != model_fingerprint(model):
        ids = set(same_segments(earlier, model))
        if not ids:
            return {}, (
                f'"{meant.id}" is not learned from: it was planned with another model, and none of '
                "its segments is one of this model."
            )
        said = (
            f'"{meant.id}" was planned with another model; {len(ids)} of its '
            f"{len(earlier.segments)} segments are taken for the same, by number, name and the "
            "customers who are typical of them."
        )
    decided = decided_in(store, meant)
    came = outcomes_of(store, meant.id)
    there = set(came.column("name").to_pylist())
    wanted = [each for each in worths or {RESPONSE: 1.0} if each in there]
    asked = " or ".join(f'"{each}"' for each in worths or {RESPONSE: 1.0})
    nothing = f'"{meant.id}" is not learned from: there is no outcome {asked} in its days.'
    if decided is None or not wanted:
        return {}, nothing
    try:
        table, kinds = joined_outcomes(decided, came, day=meant.day, last_day=last, names=wanted)
    except DataError:  # none of them came in its days
        return {}, nothing
    names: dict[int | None, str | None] = {each.id: each.name for each in earlier.segments}
    forgotten = all_forgotten(store, meant.id)
    if forgotten:
        table = with_stand_ins(table, forgotten, names, kinds)
    sold = Catalogue.model_validate(json.loads(document(store, meant.catalogue_fingerprint)))
    # What a response is worth now; an offer that is no more is worth what it was.
    values = {e.id: e.value or 0.0 for e in (*sold.offers, *catalogue.offers)}
    by_name = {called: id for id, called in names.items() if id in ids}
    found = {}
    for row in _counted(table, wanted, worths, values):
        if row["segment"] in by_name:
            key = (by_name[row["segment"]], str(row["got"]))
            found[key] = Experience(
                int(row["n"]), int(row["responses"]), float(row["total"]), float(row["squares"])
            )
            if key[1] == NOTHING and not worths:
                # The catalogue says what a response to an offer is worth, none without one.
                found[key] = replace(found[key], value=0.0, squares=0.0, valued=False)
    return found, said


def _counted(
    table: Table,
    outcomes: list[str],
    worths: Mapping[str, float],
    values: Mapping[str, float],
) -> list[dict[str, Any]]:
    """Count contacts and responses, and add up what they brought, by segment and offer."""
    brought: exp.Expr
    if worths:
        brought = number(0.0)
        for each in outcomes:
            earned = exp.Mul(this=double(column(each)), expression=number(worths[each]))
            brought = exp.Add(this=brought, expression=exp.Paren(this=earned))
        responded: exp.Expr = exp.NEQ(this=column("brought"), expression=number(0.0))
    else:
        came = exp.GT(this=column(RESPONSE), expression=number(0.0))
        worth = [
            (exp.EQ(this=column("offer"), expression=text(offer)), number(value))
            for offer, value in values.items()
        ]
        brought = case([(came, case(worth, number(0.0)))], number(0.0))
        responded = came.copy()
    held = exp.EQ(this=column("arm"), expression=text(HELD_OUT))
    kept = [column(RESPONSE)] if not worths else []
    rows = exp.select(
        column("segment"),
        case([(held, text(NOTHING))], column("offer")).as_(name("got")),
        brought.as_(name("brought")),
        *kept,
    ).from_(table.subquery)
    one, zero = exp.Literal.number(1), exp.Literal.number(0)
    square = exp.Mul(this=column("brought"), expression=column("brought"))
    counted = (
        exp.select(
            column("segment"),
            column("got"),
            exp.Count(this=exp.Star()).as_(name("n")),
            exp.Sum(this=case([(responded, one)], zero)).as_(name("responses")),
            exp.Sum(this=column("brought")).as_(name("total")),
            exp.Sum(this=square).as_(name("squares")),
        )
        .from_(exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier("cl_each"))))
        .group_by(column("segment"), column("got"))
    )
    found: list[dict[str, Any]] = table.engine.query(counted).to_pylist()
    return found
