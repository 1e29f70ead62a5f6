"""What happened before: contacts so far, opt-outs and consents, joined to the customers.

Caps per customer, exclusive groups and the contact policy become conditions over the customers'
table, with the same meaning as :func:`clienteling.offers.contacts.capped` has for one customer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlglot.expressions as exp

from clienteling.data.beside import open_beside, open_shared
from clienteling.data.columns import columns_named, find_id
from clienteling.data.read import Source, read
from clienteling.data.sql import case, column, name, text
from clienteling.data.table import Column, Table
from clienteling.errors import ColumnError, DataError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import ContactPolicy

__all__ = ["History", "reach", "with_history"]

_ONE, _ZERO = exp.Literal.number(1), exp.Literal.number(0)


@dataclass(frozen=True)
class History:
    """The customers with what is known of them from before.

    Parameters
    ----------
    customers : with further columns of counts; their names begin with ``cl_``
    also : per offer, the condition that it may go out once more
    consents : per consent, the condition that it was given
    out : the condition that the customer has opted out; None where nobody has been asked for
    """

    customers: Table
    also: Mapping[str, exp.Expr]
    consents: Mapping[str, exp.Expr]
    out: exp.Expr | None = None


@dataclass(frozen=True)
class _Cap:
    """Contacts that count, up to how many there may be, and the offers that then stay out."""

    counts: exp.Expr
    most: int
    offers: tuple[str, ...]


def with_history(
    customers: Table,
    catalogue: Catalogue,
    day: dt.date,
    *,
    id: str | None = None,
    contacts: Sequence[Source] = (),
    opted_out: Source | None = None,
    consents: Source | None = None,
) -> History:
    """Join what is known from before to the customers, lazily.

    Parameters
    ----------
    customers : a row per customer
    catalogue : the offers, with caps, groups and the contact policy
    day : of the next contact
    id : the column with the customer's id
    contacts : tables of ``customer_id``, ``offer`` and ``day``, in any order
    opted_out : a table of ``customer_id``: they get nothing
    consents : a table of ``customer_id`` and ``consent``: who gave which

    Raises
    ------
    ColumnError
        A table lacks a column.
    DataError
        A contact has no customer, no offer or no day: then nobody can say who is at a cap.

    Examples
    --------
    >>> import clienteling as cl, pandas as pd
    >>> from clienteling.offers.offer import ContactPolicy
    >>> catalogue = cl.load_catalogue("income-spending")
    >>> rarely = catalogue.model_copy(update={"contact_policy": ContactPolicy(contacts=1, days=7)})
    >>> so_far = pd.DataFrame({"customer_id": [1], "offer": ["x"], "day": [dt.date(2026, 3, 1)]})
    >>> found = with_history(cl.read("sample"), rarely, dt.date(2026, 3, 7), contacts=[so_far])
    >>> counted = exp.select(exp.Count(this=exp.Star()).as_("n"))
    >>> allowed = counted.where(found.also["preview-evening"])
    >>> found.customers.query(allowed).to_pylist()
    [{'n': 199}]
    """
    found = find_id(customers, id)
    if found is None:
        # Said with its remedy where the customers' cells are formed.
        return History(customers, {}, {})
    joined, also = customers, dict[str, list[exp.Expr]]()
    caps = _caps(catalogue, day)
    for place, each in enumerate(contacts if caps else ()):
        counted = _counted(_opened(customers, each), [cap.counts for cap in caps])
        joined = _joined(joined, found.name, counted, f"cl_had_{place}_")
    for place, cap in enumerate(caps if contacts else ()):
        had: exp.Expr = column(f"cl_had_0_{place}")
        for more in range(1, len(contacts)):
            had = exp.Add(this=had, expression=column(f"cl_had_{more}_{place}"))
        allowed = exp.LT(this=had, expression=exp.Literal.number(cap.most))
        for offer in cap.offers:
            also.setdefault(offer, []).append(allowed)
    out: exp.Expr | None = None
    if opted_out is not None:
        joined = _joined(
            joined, found.name, _people(_opened(customers, opted_out), [exp.true()]), "cl_out_"
        )
        stays = exp.EQ(this=column("cl_out_0"), expression=_ZERO.copy())
        out = exp.GT(this=column("cl_out_0"), expression=_ZERO.copy())
        for one in catalogue.offers:
            also.setdefault(one.id, []).append(stays)
    given: dict[str, exp.Expr] = {}
    if consents is not None:
        table, kinds = _opened(customers, consents), _needed(catalogue)
        columns = _columns(table, ("customer_id", "consent"))
        asked = [exp.EQ(this=column(columns["consent"]), expression=text(each)) for each in kinds]
        joined = _joined(joined, found.name, _people(table, asked), "cl_gave_") if kinds else joined
        for place, kind in enumerate(kinds):
            given[kind] = exp.GT(this=column(f"cl_gave_{place}"), expression=_ZERO.copy())
    return History(
        joined, {offer: exp.and_(*each, copy=True) for offer, each in also.items()}, given, out
    )


def _opened(customers: Table, source: Source) -> Table:
    """Open a history where it lies; only what was counted of it is brought elsewhere."""
    shared = open_shared(customers, source)
    return shared if shared is not None else read(source)


def reach(catalogue: Catalogue, day: dt.date) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day whose contacts count for one on a day; None where none do.

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> from clienteling.offers.offer import ContactPolicy
    >>> catalogue = load_catalogue("income-spending")
    >>> reach(catalogue, dt.date(2026, 3, 7)) is None
    True
    >>> rarely = catalogue.model_copy(update={"contact_policy": ContactPolicy(contacts=1, days=7)})
    >>> [str(each) for each in reach(rarely, dt.date(2026, 3, 7))]
    ['2026-03-01', '2026-03-13']
    """
    offers = catalogue.offers
    groups = [each.exclusive_group for each in offers if each.exclusive_group is not None]
    if len(groups) > len(set(groups)):
        return dt.date.min, dt.date.max
    policies = [catalogue.contact_policy, *(each.customer_cap for each in offers)]
    days = [each.days for each in policies if each is not None]
    return _near(max(days), day) if days else None


def _caps(catalogue: Catalogue, day: dt.date) -> list[_Cap]:
    """Return all that limits contacts, each as a condition over one contact."""
    found = []
    policy, offers = catalogue.contact_policy, catalogue.offers
    if policy is not None:
        found.append(_Cap(_within(policy, day), policy.contacts, tuple(e.id for e in offers)))
    for each in offers:
        own = exp.EQ(this=column("offer"), expression=text(each.id))
        if each.customer_cap is not None:
            near = exp.and_(own, _within(each.customer_cap, day))
            found.append(_Cap(near, each.customer_cap.contacts, (each.id,)))
        others = [
            text(other.id)
            for other in offers
            if each.exclusive_group is not None
            and other.exclusive_group == each.exclusive_group
            and other.id != each.id
        ]
        if others:
            found.append(_Cap(exp.In(this=column("offer"), expressions=others), 1, (each.id,)))
    return found


def _within(policy: ContactPolicy, day: dt.date) -> exp.Expr:
    """Return the condition that a contact lies as near as the policy looks, before or after."""
    bounds = [
        exp.cast(text(each.isoformat()), exp.DataType.Type.DATE) for each in _near(policy.days, day)
    ]
    return exp.Between(this=column("day"), low=bounds[0], high=bounds[1])


def _near(days: int, day: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that lie within so many days of a day."""
    first = day - dt.timedelta(days=min(days - 1, (day - dt.date.min).days))
    return first, day + dt.timedelta(days=min(days - 1, (dt.date.max - day).days))


def _counted(contacts: Table, conditions: Sequence[exp.Expr]) -> Table:
    """Count, per customer, the contacts of each kind; customers without any are left out."""
    columns = _columns(contacts, ("customer_id", "offer", "day"))
    kind = contacts[columns["day"]].kind
    if kind != "date":
        raise ColumnError(
            f'{contacts.source}: "{columns["day"]}" holds {kind} values, not days.',
            hint="Write days as 2026-03-31.",
        )
    rows = exp.select(
        column(columns["customer_id"]).as_(name("customer_id")),
        column(columns["offer"]).as_(name("offer")),
        exp.cast(column(columns["day"]), exp.DataType.Type.DATE).as_(name("day")),
    ).from_(contacts.subquery)
    _refuse_incomplete(contacts, columns)
    made = replace(
        contacts,
        select=rows,
        columns=(
            Column("customer_id", contacts[columns["customer_id"]].kind),
            Column("offer", "text"),
            Column("day", "date"),
        ),
        files=(),
    )
    return _people(made, conditions)


def _refuse_incomplete(contacts: Table, columns: Mapping[str, str]) -> None:
    counts = [
        exp.Sum(
            this=case(
                [(exp.Is(this=column(columns[each]), expression=exp.null()), _ONE.copy())],
                _ZERO.copy(),
            )
        ).as_(name(each))
        for each in columns
    ]
    row = contacts.query(exp.select(*counts)).to_pylist()[0]
    faults = [
        f'"{columns[each]}" is empty in {n:,} {"row" if n == 1 else "rows"}.'
        for each, n in row.items()
        if n
    ]
    if faults:
        raise DataError(
            f"{contacts.source}: contacts are not told whole, so nobody can say who may be "
            "contacted once more.",
            faults=faults,
            hint="Fill these cells, or take the rows out.",
        )


def _people(table: Table, conditions: Sequence[exp.Expr]) -> Table:
    """Count, per customer, the rows that fulfil each condition."""
    id = _columns(table, ("customer_id",))["customer_id"]
    counts = [
        # DuckDB's sum is a number of 128 bits, which leaves as a decimal.
        exp.cast(
            exp.Sum(this=case([(each.copy(), _ONE.copy())], _ZERO.copy())),
            exp.DataType.Type.BIGINT,
        ).as_(name(f"n_{place}"))
        for place, each in enumerate(conditions)
    ]
    select = (
        exp.select(column(id).as_(name("customer_id")), *counts)
        .from_(table.subquery)
        .where(exp.Not(this=exp.Is(this=column(id), expression=exp.null())))
        .group_by(column(id))
    )
    made = (
        Column("customer_id", table[id].kind),
        *(Column(f"n_{place}", "integer") for place in range(len(conditions))),
    )
    return replace(table, select=select, columns=made, files=())


def _joined(customers: Table, id: str, counted: Table, prefix: str) -> Table:
    """Add the counts to the customers; 0 where there is none."""
    beside = open_beside(customers, counted)
    own, theirs = (
        exp.column(name(each), table=called)
        for each, called in ((id, "cl_customers"), ("customer_id", "cl_before"))
    )
    keys: list[exp.Expr] = [own, theirs]
    if customers[id].kind != beside["customer_id"].kind:
        # A history from a text file may have the ids as text; their digits are the same.
        keys = [exp.cast(each, exp.DataType.Type.VARCHAR) for each in keys]
    counts = [each.name for each in beside.columns if each.name != "customer_id"]
    select = (
        exp.select(
            *(exp.column(name(each), table="cl_customers") for each in customers.names),
            *(
                exp.Coalesce(
                    this=exp.column(name(each), table="cl_before"), expressions=[_ZERO.copy()]
                ).as_(name(each.replace("n_", prefix)))
                for each in counts
            ),
        )
        # No named steps: some engines know one name once only, and several tables are joined.
        .from_(_as(customers, "cl_customers"))
        .join(
            _as(beside, "cl_before"),
            on=exp.EQ(this=keys[0], expression=keys[1]),
            join_type="left",
        )
    )
    more = tuple(Column(each.replace("n_", prefix), "integer") for each in counts)
    return replace(customers, select=select, columns=(*customers.columns, *more))


def _as(table: Table, called: str) -> exp.Subquery:
    return exp.Subquery(
        this=table.as_select().copy(), alias=exp.TableAlias(this=exp.to_identifier(called))
    )


def _needed(catalogue: Catalogue) -> list[str]:
    """Return the consents that offers need and no rule of the catalogue explains."""
    kinds = (each.consent for each in catalogue.offers if each.consent is not None)
    return [each for each in dict.fromkeys(kinds) if each not in catalogue.consents]


def _columns(table: Table, wanted: Sequence[str]) -> dict[str, str]:
    must = "It must have: " + ", ".join(f'"{each}"' for each in wanted) + "."
    return columns_named(table, wanted, must)
