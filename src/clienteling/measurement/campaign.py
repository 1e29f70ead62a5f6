"""What a campaign brought: those who were contacted against those who were held out from it.

Decisions and outcomes are joined in the engine. A customer without an outcome counts as one who
didn't respond and spent nothing. Who got nothing by the plan takes no part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.beside import open_beside
from clienteling.data.columns import columns_named, find_column
from clienteling.data.read import Source, read
from clienteling.data.sql import case, column, double, name, number, text
from clienteling.data.table import Column, Table
from clienteling.errors import DataError, InputError, near_names
from clienteling.measurement.digits import of_customers, with_interval
from clienteling.measurement.evaluate import Evaluation, evaluate
from clienteling.measurement.experiment import FEWEST
from clienteling.measurement.lift import adjust
from clienteling.measurement.own_values import OwnValues
from clienteling.measurement.stand_ins import with_stand_ins
from clienteling.measurement.verdict import Verdict

__all__ = ["HELD_OUT", "CampaignLift", "OfferLift", "joined_outcomes", "measure_decisions"]

#: What the control group is called.
HELD_OUT = "holdout"
#: The outcome whose worth the catalogue tells.
RESPONSE = "response"

_ONE, _ZERO = exp.Literal.number(1), exp.Literal.number(0)


@dataclass(frozen=True)
class OfferLift:
    """What one offer brought, against those who were held out from that offer.

    Parameters
    ----------
    offer : its id
    contacted, held_out : customers
    found : the evaluation; None where they are too few
    p_adjusted : of the first outcome, over all offers (Holm)
    sentence : in words
    """

    offer: str
    contacted: int
    held_out: int
    found: Evaluation | None
    p_adjusted: float | None
    sentence: str


@dataclass(frozen=True)
class CampaignLift:
    """What a campaign brought.

    Parameters
    ----------
    campaign : its name
    found : everybody who was contacted against everybody who was held out, and by segment
    offers : each offer against those held out from it
    verdict : the sentence on top
    notes : what was assumed
    """

    campaign: str
    found: Evaluation
    offers: tuple[OfferLift, ...]
    verdict: Verdict
    notes: tuple[str, ...]

    def as_document(self) -> dict[str, Any]:
        """Return it as one JSON document."""
        document = self.found.as_document()
        return {
            **document,
            "campaign": self.campaign,
            "verdict": self.verdict.sentence,
            "verdict_code": self.verdict.code,
            "verdict_outcome": self.verdict.outcome,
            "judged_by": self.verdict.judged_by,
            "by_offer": [
                {
                    "offer": each.offer,
                    "contacted": each.contacted,
                    "held_out": each.held_out,
                    "p_adjusted": each.p_adjusted,
                    "sentence": each.sentence,
                    "lift": [asdict(e) for e in each.found.lift] if each.found else [],
                    "profit": [asdict(e) for e in each.found.profit] if each.found else [],
                }
                for each in self.offers
            ],
            "notes": list(self.notes),
        }


def measure_decisions(
    decisions: Source,
    outcomes: Source,
    *,
    campaign: str,
    holdout: float,
    day: dt.date,
    last_day: dt.date | None = None,
    today: dt.date | None = None,
    planned: int | None = None,
    names: Sequence[str] = (),
    costs: Mapping[str, float] | None = None,
    worths: Mapping[str, float] | None = None,
    values: Mapping[str, float] | None = None,
    margin: float | None = None,
    titles: Mapping[str, str] | None = None,
    forgotten: Sequence[Mapping[str, Any]] = (),
) -> CampaignLift:
    """Measure a campaign by those whom it held out.

    Parameters
    ----------
    decisions : ``customer_id``, ``segment``, ``arm``, ``offer``, as a plan writes them
    outcomes : ``customer_id``, ``name``, ``value``, and ``happened_at`` where it is known
    campaign : its name
    holdout : the probability with which a customer was held out
    day, last_day : the first and the last day whose outcomes count
    today : judge as on this day, by what had come until then; before the end of the last day
        there is no verdict
    planned : how many customers, contacted and held out, were planned
    names : the outcomes to measure by, the one to judge by first; by default all, the one that
        most customers have first
    costs : per offer, of a contact
    worths, margin : see :func:`clienteling.measurement.evaluate.evaluate`
    values : per offer, what a ``response`` brings, where ``worths`` doesn't say
    titles : of the offers, by their ids, for the sentences
    forgotten : sums of customers who were forgotten, as
        :func:`clienteling.ledger.sums.forgotten_sums` has them: they count as before

    Raises
    ------
    ColumnError
        A table lacks a column.
    DataError
        Nobody was held out, or there are no outcomes: then nothing can be concluded.

    Examples
    --------
    >>> import pandas as pd
    >>> decided = pd.DataFrame(
    ...     {
    ...         "customer_id": range(4000),
    ...         "segment": "VIPs",
    ...         "offer": "mail",
    ...         "arm": ["offer", "offer", "offer", "holdout"] * 1000,
    ...     }
    ... )
    >>> came = pd.DataFrame({"customer_id": range(0, 3000, 6), "name": "response", "value": 1.0})
    >>> found = measure_decisions(
    ...     decided,
    ...     came,
    ...     campaign="spring",
    ...     holdout=0.25,
    ...     day=dt.date(2026, 3, 1),
    ...     costs={"mail": 0.1},
    ...     worths={"response": 5.0},
    ... )
    >>> found.verdict.code, round(found.found.lift[0].estimate, 3)
    ('paid', 0.167)
    """
    decided = read(decisions)
    # Judged as on an earlier day, what came later isn't known yet.
    until = last_day if last_day is None or today is None else min(last_day, today)
    table, kinds = joined_outcomes(decided, outcomes, day=day, last_day=until, names=names)
    if forgotten:
        table = with_stand_ins(table, forgotten, _segments(decided), kinds)
    sizes = _sizes(table)
    _refuse_no_holdout(sizes, decided, campaign)
    spent = {offer: (costs or {}).get(offer, 0.0) for offer in sizes}
    contacted = {offer: got for offer, (got, _) in sizes.items()}
    worth = {each: value for each, value in (worths or {}).items() if each in kinds}
    brings = dict(values or {}) if kinds.get(RESPONSE) and RESPONSE not in worth else {}
    signed = _has_negative(table, list(kinds))

    def measured(
        rows: Table,
        called: str,
        sent: Mapping[str, int],
        segments: Sequence[str],
        own_values: OwnValues | None = None,
    ) -> Evaluation:
        cost = _mean(spent, sent) or 0.0
        value = _mean(brings, sent)
        own = {**worth, **({RESPONSE: value} if value else {})}
        arms = case(
            [(exp.EQ(this=column("arm"), expression=text("offer")), text(called))], text(HELD_OUT)
        )
        apart = ("arm",) if own_values else ("arm", "offer")
        kept = [each for each in rows.names if each not in apart]
        select = exp.select(arms.as_(name("arm")), *(column(each) for each in kept))
        made = (Column("arm", "text"), *(rows[each] for each in kept))
        return evaluate(
            replace(rows, select=select.from_(rows.subquery), columns=made),
            offer="arm",
            control=HELD_OUT,
            outcomes=list(kinds),
            segments=segments,
            shares={called: 1.0 - holdout, HELD_OUT: holdout},
            costs={called: cost} if cost else None,
            worths=own,
            margin=margin,
            planned=planned,
            id="customer_id",
            allow_negative=signed,
            one_row_each=True,
            own_values=own_values,
        )

    mixed = _own_values(brings, spent, contacted)
    found = measured(table, campaign, contacted, ["segment"], mixed)
    notes = [*found.notes]
    if mixed is not None:
        counts = [brings[offer] for offer, got in contacted.items() if got]
        notes.append(
            f"A response counts from {min(counts):.2f} to {max(counts):.2f}: what the catalogue "
            "says of the offer that the customer got or was held out from. The profit over all is "
            "that of each offer, by how many were contacted with it."
        )
    notes += [
        f'There is no outcome "{each}" yet, so what it earns counts nothing. '
        f"{near_names(each, list(kinds))}".strip()
        for each in worths or {}
        if each not in kinds
    ]
    found = replace(found, notes=tuple(notes))
    offers = []
    for offer, (got, held) in sorted(sizes.items()):
        own = exp.select("*").from_(table.subquery)
        rows = replace(
            table, select=own.where(exp.EQ(this=column("offer"), expression=text(offer)))
        )
        enough = min(got, held) >= FEWEST
        judged = measured(rows, offer, {offer: got}, ()) if enough else None
        offers.append(OfferLift(offer, got, held, judged, None, ""))
    # Here the catalogue says what an offer costs, and no option.
    sentence = found.verdict.sentence.replace("(--cost)", "in the catalogue")
    verdict = replace(found.verdict, sentence=sentence)
    if last_day is not None and (today or dt.datetime.now(dt.UTC).date()) <= last_day:
        verdict = Verdict(
            "collecting",
            f"Can't tell yet, still collecting: outcomes until {last_day} count, and who looks "
            "before that sees lifts that are none.",
        )
    # A report is of the campaign, not of the files that its decisions lie in.
    found = replace(
        found,
        experiment=replace(found.experiment, source=campaign),
        when=f"The contacts were on {_said(day)}"
        + (f"; outcomes until {_said(last_day)} count." if last_day else "."),
    )
    return CampaignLift(
        campaign,
        found,
        tuple(_adjusted(offers, next(iter(kinds)), titles or {})),
        verdict,
        found.notes,
    )


def _said(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _mean(amounts: Mapping[str, float], sent: Mapping[str, int]) -> float | None:
    """Return the mean over those who were contacted; None where an offer has none."""
    if not sum(sent.values()) or any(each not in amounts for each in sent):
        return None
    return sum(amounts[each] * n for each, n in sent.items()) / sum(sent.values())


def _own_values(
    brings: Mapping[str, float], spent: Mapping[str, float], contacted: Mapping[str, int]
) -> OwnValues | None:
    """Return what a response is worth by offer; None where it is the same, or not known, of all."""
    sent = [offer for offer, got in contacted.items() if got]
    if any(each not in brings for each in sent) or len({brings[each] for each in sent}) < 2:
        return None
    values = {each: brings.get(each, 0.0) for each in contacted}
    return OwnValues(RESPONSE, "offer", values, spent)


def _segments(decided: Table) -> dict[int | None, str | None]:
    """Return the names of the segments by their ids."""
    if "segment_id" not in decided.names:
        return {}
    keys = [column("segment_id"), column("segment")]
    rows = decided.query(exp.select(*keys).group_by(*(each.copy() for each in keys))).to_pylist()
    return {row["segment_id"]: row["segment"] for row in rows}


def _adjusted(
    offers: Sequence[OfferLift], outcome: str, titles: Mapping[str, str]
) -> list[OfferLift]:
    """Adjust over the offers, and say each in words."""

    def first(each: OfferLift) -> Any:
        lifts = each.found.lift if each.found else ()
        return next((e for e in lifts if e.by is None and e.outcome == outcome), None)

    lifts = [first(each) for each in offers]
    p = adjust([each.p if each is not None else None for each in lifts])
    said = []
    for each, lift, own in zip(offers, lifts, p, strict=True):
        called = titles.get(each.offer, each.offer)
        if lift is None or lift.low is None:
            sentence = (
                f"{called}: {each.contacted:,} contacted and {each.held_out:,} held out are "
                "too few to say anything."
            )
        else:
            chance = "" if own is not None and own < 0.05 else ", which may be chance"
            response = lift.method == "newcombe"
            brought, low, high = of_customers(
                outcome, lift.estimate, lift.low, lift.high, response=response
            )
            sentence = f"{called}: {brought} (95 % interval {low} to {high}){chance}."
            sentence += _earned(each)
        said.append(replace(each, p_adjusted=own, sentence=sentence))
    return said


def _earned(each: OfferLift) -> str:
    """Say what an offer earned after its cost; nothing where no worth is known."""
    found = next((one for one in each.found.profit if one.by is None), None) if each.found else None
    if found is None or found.low is None or found.high is None:
        return ""
    brought, low, high = with_interval(found.estimate, found.low, found.high)
    after = f" after its cost of {found.cost:.2f}" if found.cost else ""
    return (
        f" Its profit{after}: {brought} per customer (95 % interval {low} to {high}), "
        f"{found.total:,.2f} in all."
    )


def joined_outcomes(
    decided: Table,
    outcomes: Source,
    *,
    day: dt.date,
    last_day: dt.date | None = None,
    names: Sequence[str] = (),
    arms: Sequence[str] = ("offer", HELD_OUT),
    keep: Sequence[str] = ("segment", "arm", "offer"),
) -> tuple[Table, dict[str, bool]]:
    """Return the decisions with a column for each outcome, lazily.

    Parameters
    ----------
    decided : the decisions
    outcomes, day, last_day, names : see :func:`measure_decisions`
    arms : of the decisions that are wanted
    keep : their columns, beside ``customer_id``

    Returns
    -------
    Table
        The decisions with the outcomes; what a customer has several of is added up, and a response
        counts once.
    dict
        The outcomes, the one to judge by first, and whether each is a response: a 1 where it came.
    """
    columns_named(decided, ["customer_id", *keep])
    came = open_beside(decided, outcomes)
    found = columns_named(came, ["customer_id", "name", "value"])
    moment = find_column("happened_at", came.names)
    counts = _counted(came, found, moment.name if moment else None, day, last_day)
    known = [each for each in counts if counts[each][0]]
    lacking = [each for each in names if each not in known]
    if lacking or not known:
        raise DataError(
            f"{came.source}: there is nothing to measure by.",
            faults=[
                f'there is no outcome "{each}". {near_names(each, known)}'.strip()
                for each in lacking
            ]
            or [
                f"no outcome happened in the days that count, {day} to {last_day or 'today'}.",
                *_when(came, moment.name if moment else None),
            ],
            hint="The outcomes are: " + ", ".join(f'"{each}"' for each in known) + "."
            if known
            else "Look whether the dates of the outcomes are right, and the day of the campaign; "
            "or take in what happened in those days.",
        )
    wanted = list(dict.fromkeys(names)) or sorted(known, key=lambda each: (-counts[each][0], each))
    taken = [each for each in wanted if each in ("customer_id", *keep)]
    if taken:
        raise InputError(
            f"{came.source}: an outcome can't be called {taken[0]}, as a column of the decisions.",
            hint="Give it another name.",
        )
    responses = {each: counts[each][1] for each in wanted}
    sums = []
    for place, each in enumerate(wanted):
        own = exp.EQ(this=column(found["name"]), expression=text(each))
        value = double(column(found["value"]))
        total = exp.Sum(this=case([(own, value)], number(0.0)))
        sums.append(total.as_(name(f"cl_y{place}")))
    grouped = (
        exp.select(column(found["customer_id"]).as_(name("cl_id")), *sums)
        .from_(came.subquery)
        .where(_in_time(moment.name if moment else None, day, last_day))
        .group_by(column(found["customer_id"]))
    )
    return _left_join(
        decided, came, grouped, found["customer_id"], responses, arms, keep
    ), responses


def _left_join(
    decided: Table,
    came: Table,
    grouped: exp.Select,
    id: str,
    responses: Mapping[str, bool],
    arms: Sequence[str],
    keep: Sequence[str],
) -> Table:
    own: exp.Expr = exp.column(name("customer_id"), table="cl_decided")
    theirs: exp.Expr = exp.column(name("cl_id"), table="cl_came")
    if decided["customer_id"].kind != came[id].kind:
        own, theirs = (exp.cast(each, exp.DataType.Type.VARCHAR) for each in (own, theirs))
    columns: list[exp.Expr] = [
        exp.column(name(each), table="cl_decided") for each in ("customer_id", *keep)
    ]
    for place, (called, once) in enumerate(responses.items()):
        summed = exp.column(name(f"cl_y{place}"), table="cl_came")
        value: exp.Expr = exp.Coalesce(this=summed, expressions=[number(0.0)])
        if once:
            came_at_all = exp.GT(this=value, expression=number(0.0))
            value = case([(came_at_all, number(1.0))], number(0.0))
        columns.append(value.as_(name(called)))
    select = (
        exp.select(*columns)
        .from_("cl_decided")
        .join(exp.to_table("cl_came"), on=exp.EQ(this=own, expression=theirs), join_type="left")
        .where(
            exp.In(
                this=exp.column(name("arm"), table="cl_decided"),
                expressions=[text(each) for each in arms],
            )
        )
        .with_("cl_decided", as_=decided.as_select(), copy=False)
        .with_("cl_came", as_=grouped, copy=False)
    )
    made = (
        decided["customer_id"],
        *(decided[each] for each in keep),
        *(Column(each, "number") for each in responses),
    )
    return replace(decided, select=select, columns=made, files=())


def _counted(
    came: Table,
    found: Mapping[str, str],
    moment: str | None,
    day: dt.date,
    last_day: dt.date | None,
) -> dict[str, tuple[int, bool]]:
    """Return, by outcome, how many rows it has in time, and whether it is a response."""
    value = double(column(found["value"]))
    is_one = exp.In(this=value, expressions=[number(0.0), number(1.0)])
    rows = came.query(
        exp.select(
            column(found["name"]).as_(name("name")),
            exp.Count(this=exp.Star()).as_("n"),
            exp.Sum(this=case([(is_one, _ZERO.copy())], _ONE.copy())).as_("others"),
        )
        .where(_in_time(moment, day, last_day))
        .group_by(column(found["name"]))
    ).to_pylist()
    return {str(row["name"]): (int(row["n"]), not row["others"]) for row in rows}


def _in_time(moment: str | None, day: dt.date, last_day: dt.date | None) -> exp.Expr:
    if moment is None:
        return exp.EQ(this=_ONE.copy(), expression=_ONE.copy())
    on = exp.cast(column(moment), exp.DataType.Type.DATE)
    first = exp.GTE(this=on, expression=_day(day))
    return (
        exp.and_(first, exp.LTE(this=on.copy(), expression=_day(last_day))) if last_day else first
    )


def _when(came: Table, moment: str | None) -> list[str]:
    """Say when outcomes happened of which none counts."""
    if moment is None:
        return []
    on = exp.cast(column(moment), exp.DataType.Type.DATE)
    ends = [exp.Min(this=on).as_("low"), exp.Max(this=on.copy()).as_("high")]
    (row,) = came.query(exp.select(exp.Count(this=exp.Star()).as_("n"), *ends)).to_pylist()
    if row["low"] is None:
        return []
    days = f"on {row['low']}" if row["low"] == row["high"] else f"{row['low']} to {row['high']}"
    return [f"there are {row['n']:,}, of other days: {days}."]


def _day(day: dt.date) -> exp.Expr:
    return exp.cast(text(day.isoformat()), exp.DataType.Type.DATE)


def _sizes(table: Table) -> dict[str, tuple[int, int]]:
    """Return, by offer, how many were contacted and how many held out."""
    rows = table.query(
        exp.select(column("offer"), column("arm"), exp.Count(this=exp.Star()).as_("n")).group_by(
            column("offer"), column("arm")
        )
    ).to_pylist()
    counted: dict[str, list[int]] = {}
    for row in rows:
        counted.setdefault(str(row["offer"]), [0, 0])[row["arm"] == HELD_OUT] += row["n"]
    return {offer: (got, held) for offer, (got, held) in counted.items()}


def _refuse_no_holdout(sizes: Mapping[str, tuple[int, int]], decided: Table, campaign: str) -> None:
    held = sum(held for _, held in sizes.values())
    if held < FEWEST:
        raise DataError(
            f"{decided.source}: of {sum(got for got, _ in sizes.values()):,} customers whom "
            f'"{campaign}" contacted or would have, {held:,} were held out, so it can\'t be told '
            "what they would have brought without it.",
            hint=f"At least {FEWEST} are needed to say anything; plan the next one with --holdout.",
        )


def _has_negative(table: Table, outcomes: Sequence[str]) -> bool:
    least = [exp.Min(this=column(each)).as_(name(each)) for each in outcomes]
    row = table.query(exp.select(*least)).to_pylist()[0]
    return any(each is not None and each < 0 for each in row.values())
