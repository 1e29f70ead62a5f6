"""The lists for mail tools: a CSV file per channel, with those who are contacted and what to send.

Columns of the customers' own, such as an address, are joined when a list is written. They are in
no decision and in no store: who is forgotten goes out of the lists, and nowhere else are they.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import sqlglot.expressions as exp

from clienteling.campaigns.plan import CampaignPlan
from clienteling.data.beside import open_beside
from clienteling.data.columns import columns_named, find_id
from clienteling.data.csv_safe import write_csv
from clienteling.data.sql import case, column, name, text
from clienteling.data.table import Column, Table
from clienteling.errors import InputError
from clienteling.offers.offer import Offer

__all__ = ["carried_columns", "write_mail"]

#: The columns of every list.
_OWN = ("customer_id", "segment", "offer", "title", "text")


def carried_columns(customers: Table, carry: Sequence[str]) -> list[str]:
    """Return the customers' columns that lists are to carry, as they are called there.

    Raises
    ------
    ColumnError
        There is no such column; the nearest names are offered.
    InputError
        A list has a column of that name already.
    """
    given = [each for each in dict.fromkeys(carry) if each.lower() != "customer_id"]
    found = list(dict.fromkeys(columns_named(customers, given).values()))
    taken = [each for each in found if each.lower() in _OWN]
    if len(given) < len(set(carry)) or taken:
        called = ", ".join(f'"{each}"' for each in taken or ["customer_id"])
        raise InputError(
            f"{customers.source}: {called} can't be carried into the lists for mail tools, since "
            "they have a column of that name.",
            hint="Call the column otherwise. Each list has: " + ", ".join(_OWN) + ".",
        )
    return found


def write_mail(plan: CampaignPlan, decided: Table, folder: Path, carry: Sequence[str] = ()) -> None:
    """Write a CSV file per channel: those who are contacted, with what to send.

    Parameters
    ----------
    plan : the campaign
    decided : its decisions, where they were written
    folder : of the lists; it is made where there is one
    carry : columns of the customers', as they are called there, that stand in the lists, too
    """
    channels: dict[str, list[Offer]] = {}
    for each in plan.catalogue.offers:
        channels.setdefault(each.channel, []).append(each)
    known = decided.query(exp.select(exp.Distinct(expressions=[column("sent")])))[
        "sent"
    ].to_pylist()
    taken: set[str] = set()
    for channel, offers in channels.items():
        sent = [each for each in offers if each.id in known]
        if not sent:
            continue
        folder.mkdir(exist_ok=True)
        listed = _listed(decided, sent)
        if carry:
            listed = _with_columns(plan, listed, carry)
        write_csv(listed, folder / f"{_file_name(channel, taken)}.csv")


def _listed(decided: Table, offers: list[Offer]) -> Table:
    def told(what: str) -> exp.Expr:
        own = [(exp.EQ(this=column("sent"), expression=text(e.id)), text(getattr(e, what)))
               for e in offers]  # fmt: skip
        return case(own, exp.null()).as_(name(what))

    ids = [text(each.id) for each in offers]
    select = (
        exp.select(
            column("customer_id"),
            column("segment"),
            column("sent").as_(name("offer")),
            told("title"),
            told("text"),
        )
        .from_(decided.subquery)
        .where(exp.In(this=column("sent"), expressions=ids))
    )
    columns = (decided["customer_id"], *(Column(each, "text") for each in _OWN[1:]))
    return replace(decided, select=select, columns=columns, files=())


def _with_columns(plan: CampaignPlan, listed: Table, carry: Sequence[str]) -> Table:
    """Join columns of the customers to a list, where the customers are; ordered by the id."""
    customers = plan.customers
    found = find_id(customers, plan.id)
    assert found is not None  # no plan is made without
    beside = open_beside(customers, listed)
    own = exp.column(name(found.name), table="cl_customers")
    theirs = exp.column(name("customer_id"), table="cl_list")
    keys: list[exp.Expr] = [own, theirs]
    if customers[found.name].kind != beside["customer_id"].kind:
        keys = [exp.cast(each, exp.DataType.Type.VARCHAR) for each in keys]
    select = (
        exp.select(
            *(exp.column(name(each), table="cl_list") for each in _OWN),
            *(exp.column(name(each), table="cl_customers") for each in carry),
        )
        .from_(_called(beside, "cl_list"))
        .join(
            _called(customers, "cl_customers"),
            on=exp.EQ(this=keys[0], expression=keys[1]),
            join_type="left",
        )
        .order_by(theirs.copy())
    )
    columns = (*beside.columns, *(customers[each] for each in carry))
    return Table(customers.engine, select, columns, customers.source)


def _called(table: Table, name: str) -> exp.Subquery:
    alias = exp.TableAlias(this=exp.to_identifier(name))
    return exp.Subquery(this=table.as_select().copy(), alias=alias)


def _file_name(channel: str, taken: set[str]) -> str:
    bare = re.sub(r"[^\w-]+", "-", channel).strip("-").lower() or "channel"
    called, more = bare, 2
    while called in taken:
        called, more = f"{bare}-{more}", more + 1
    taken.add(called)
    return called
