"""A campaign that ran without a plan: who got it is known, and nobody was held out by chance.

It is kept in the store like any other, so that its outcomes are taken in; what it brought can't be
concluded from it.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import replace
from pathlib import Path

import sqlglot.expressions as exp

from clienteling.campaigns.decisions import ARMS
from clienteling.campaigns.delivery import whole_folder
from clienteling.campaigns.digest import digest_of
from clienteling.campaigns.places_aside import mark_whole
from clienteling.campaigns.plan import check_name
from clienteling.campaigns.unfinished import finish_recorded
from clienteling.data.columns import find_columns, find_id, repeated_ids
from clienteling.data.numbers import as_number
from clienteling.data.read import Source, read
from clienteling.data.sql import case, chain, column, double, name, number, text
from clienteling.data.table import Column, Table
from clienteling.data.typed_column import without_missing
from clienteling.data.yes_or_no import with_responses_as_numbers
from clienteling.errors import ColumnError, DataError
from clienteling.ledger.campaigns import Campaign, record_campaign
from clienteling.ledger.store import Store
from clienteling.offers.offer import NOTHING

__all__ = ["record_observed"]

_REASON = "It is only known that the customer got it, not why."


def record_observed(
    store: Store,
    customers: Source,
    out: str | Path,
    *,
    campaign: str,
    contacted: str,
    day: dt.date,
    last_day: dt.date,
    offer: str = "offer",
    id: str | None = None,
) -> int:
    """Keep a campaign that ran without a plan.

    Parameters
    ----------
    store : where it is recorded
    customers : a row per customer, those who could have got it among them
    out : a new folder for the decisions
    campaign : its name
    contacted : the column with 1 for those who got it, and 0 for the others; yes and no will do,
        and who has no value didn't get it
    day, last_day : the first and the last day whose outcomes count
    offer : what they got
    id : the column with the customer's id

    Returns
    -------
    int
        How many customers got it.

    Raises
    ------
    ColumnError
        A column is missing, or there is no id.
    DataError
        Customers stand in the table more than once, the column says something else, or the last day
        is before the first.
    OutputError
        The folder is there already, or can't be written.
    """
    check_name(campaign)
    table = read(customers)
    found, (flag,) = find_id(table, id), find_columns(table, [contacted])
    if found is None:
        raise ColumnError(
            f"{table.source}: no column was recognised as the customer id.",
            hint="Name it with id=…",
        )
    table = with_responses_as_numbers(table, [flag.name])
    faults = _of_contacted(table, flag.name)
    if last_day < day:
        faults.append(f"the last day, {last_day}, is before the first one, {day}.")
    if faults:
        raise DataError(
            f'{table.source}: the campaign "{campaign}" can\'t be recorded like this.',
            faults=faults,
            hint="Name a column with 1 for those who got it and 0 for the others, or yes and no; "
            "and the days from the first to the last whose outcomes count.",
        )
    twice = repeated_ids(table, found.name)
    if twice:
        raise DataError(f"{table.source}: customers stand in it more than once.", faults=twice)
    decided = _decisions(table, found.name, flag.name, offer)
    folder = Path(os.path.abspath(out))
    finished = finish_recorded(store, campaign, folder)
    with whole_folder(folder) as made:
        (made / "decisions").mkdir()
        decided.to_parquet(made / "decisions" / "part-00000.parquet")
        written = read(str(made / "decisions"))
        counted = written.query(
            exp.select(column("arm"), exp.Count(this=exp.Star()).as_("n")).group_by(column("arm"))
        ).to_pylist()
        arms = {row["arm"]: int(row["n"]) for row in counted}
        counts = {arm: {offer if arm == ARMS[0] else NOTHING: n} for arm, n in arms.items()}
        mark_whole(made)
        record_campaign(
            store,
            Campaign(
                id=campaign,
                created_at=dt.datetime.now(dt.UTC),
                day=day,
                policy="observed",
                salt="",
                holdout=0.0,
                global_holdout=0.0,
                plan={"last_day": last_day.isoformat()},
                model_fingerprint="",
                catalogue_fingerprint="",
                catalogue="",
                customers=sum(arms.values()),
                counts=counts,
                decisions=str(folder / "decisions"),
                digest=digest_of(written),
            ),
        )
        if finished:  # by an earlier run, which was killed before it could say so
            shutil.rmtree(made)
    return arms.get(ARMS[0], 0)


def _of_contacted(table: Table, flag: str) -> list[str]:
    """Say what is wrong with a column that should tell who got it."""
    if table[flag].kind == "date":
        return [f'"{flag}" holds dates, no 0 and 1, and no yes and no.']
    own = as_number(table, flag)
    is_said = exp.In(this=own, expressions=[number(0.0), number(1.0)])
    there: exp.Expr = exp.cast(column(flag), exp.DataType.Type.VARCHAR)
    if table[flag].kind == "text":
        there = without_missing(there)
    one, zero = exp.Literal.number(1), exp.Literal.number(0)
    others = case(
        [(is_said, zero.copy())],
        case([(exp.Not(this=exp.Is(this=there.copy(), expression=exp.null())), one)], zero.copy()),
    )
    got = case([(exp.EQ(this=own.copy(), expression=number(1.0)), one.copy())], zero)
    kept = exp.select(
        case([(exp.EQ(this=others.copy(), expression=one.copy()), there.copy())], None).as_(
            "value"
        ),
        others.as_("other"),
        got.as_("got"),
    )
    row = table.engine.query(
        chain(
            table.subquery,
            ("flags", kept),
            (
                "counted",
                exp.select(
                    exp.Sum(this=column("other")).as_("others"),
                    exp.Sum(this=column("got")).as_("got"),
                    exp.Min(this=column("value")).as_("least"),
                    exp.Max(this=column("value")).as_("most"),
                ),
            ),
        )
    ).to_pylist()[0]
    if row["others"]:
        such = " and ".join(f'"{e}"' for e in dict.fromkeys((row["least"], row["most"])))
        return [
            f'"{flag}" holds no 0 and 1, and no yes and no: {row["others"]:,} of {len(table):,} '
            f"customers have another value, such as {such}."
        ]
    if not row["got"]:
        return [f'"{flag}" is 1 for nobody, so nobody got it.']
    return []


def _decisions(table: Table, id: str, flag: str, offer: str) -> Table:
    got = exp.EQ(this=as_number(table, flag), expression=number(1.0))

    def either(yes: str, no: str) -> exp.Expr:
        return case([(got.copy(), text(yes))], text(no))

    made = {
        "segment_id": exp.cast(exp.null(), exp.DataType.Type.BIGINT),
        "segment": exp.cast(exp.null(), exp.DataType.Type.VARCHAR),
        "arm": either(ARMS[0], "nothing"),
        "offer": either(offer, NOTHING),
        "sent": either(offer, NOTHING),
        "propensity": double(exp.null()),
        "reason": text(_REASON),
    }
    select = exp.select(
        column(id).as_(name("customer_id")),
        *(value.as_(name(called)) for called, value in made.items()),
    ).from_(table.subquery)
    kinds = {"segment_id": "integer", "propensity": "number"}
    columns = (
        Column("customer_id", table[id].kind),
        *(Column(called, kinds.get(called, "text")) for called in made),
    )
    return replace(table, select=select, columns=columns, files=())
