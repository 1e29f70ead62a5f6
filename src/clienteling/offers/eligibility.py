"""Who may get which offer: a catalogue's rules as SQL for many customers, in Python for one.

Both give the same answer. A missing value fulfils no comparison; a number that is not finite
counts as missing; points in time are compared by their day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.columns import find_column
from clienteling.data.numbers import as_number
from clienteling.data.sql import case, column, name, number, text, usable
from clienteling.data.table import Column, Table
from clienteling.errors import DataError, DocumentError, columns_are, near_names
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import Offer
from clienteling.offers.rules import OPERATORS, Rule, family, fits, misfits

__all__ = [
    "check_catalogue_columns",
    "check_columns",
    "check_values",
    "condition",
    "not_contacted",
    "open_conditions",
    "opted_out",
    "why_not",
    "with_flags",
]

_ONE, _ZERO = exp.Literal.number(1), exp.Literal.number(0)
_COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
#: What a column holds, for people, and which values of a rule go with it.
_HOLDS = {
    "integer": ("numbers", {"number", "yes or no"}),
    "number": ("numbers", {"number", "yes or no"}),
    "boolean": ("yes or no", {"yes or no"}),
    "date": ("days", {"day"}),
    "text": ("text", {"text"}),
    "other": ("something that can't be compared", set[str]()),
}
_SUCH_AS = {
    "integer": "with a number, without quotes",
    "number": "with a number, without quotes",
    "boolean": "with true or false",
    "date": "with a day, such as 2026-03-31",
    "text": "with a text, in quotes",
}


def condition(rule: Rule, table: Table) -> exp.Expr:
    """Return a rule as a condition over a table's rows, see :func:`check_columns` first.

    Examples
    --------
    >>> import clienteling as cl
    >>> rule = Rule(column="Age", operator=">=", value=18)
    >>> adults = condition(rule, cl.read("sample"))
    >>> adults.sql("duckdb")
    'ABS(CAST("Age" AS DOUBLE)) <= 1e+300 AND CAST("Age" AS DOUBLE) >= 1.80e+1'
    """
    if rule.column is None:
        parts = [exp.paren(condition(each, table), copy=False) for each in rule.parts]
        return exp.and_(*parts) if rule.all is not None else exp.or_(*parts)
    found = find_column(rule.column, table.names)
    if found is None:
        raise KeyError(rule.column)
    kind = table[found.name].kind
    own, known = _own_value(table, found.name)
    operator = rule.operator or ""
    if OPERATORS[operator] == "none":
        wanted = _ONE if operator == "is not missing" else _ZERO
        return exp.EQ(this=case([(known, _ONE.copy())], _ZERO.copy()), expression=wanted.copy())
    values = [_literal(each, kind) for each in rule.values]
    compared: exp.Expr
    if operator in ("in", "not in"):
        compared = exp.In(this=own, expressions=values)
        compared = exp.Not(this=compared) if operator == "not in" else compared
    else:
        compared = _COMPARISONS[operator](this=own, expression=values[0])
    return exp.and_(known, compared)


def _own_value(table: Table, called: str) -> tuple[exp.Expr, exp.Expr]:
    """Return a column's value to compare, and the condition that it has one."""
    kind, own = table[called].kind, column(called)
    if kind in ("integer", "number"):
        value = as_number(table, called)
        return value, usable(value)
    known = exp.Not(this=exp.Is(this=own.copy(), expression=exp.null()))
    if kind == "boolean":
        as_one = case([(own.copy(), _ONE.copy()), (exp.not_(own), _ZERO.copy())], None)
        return as_one, known
    if kind == "date":
        return exp.cast(own, exp.DataType.Type.DATE), known
    return own, known


def _literal(value: Any, kind: str) -> exp.Expr:
    if kind == "boolean":
        return exp.Literal.number(int(value))
    if kind in ("integer", "number"):
        return number(float(value))
    if isinstance(value, dt.date):
        return exp.cast(text(value.isoformat()), exp.DataType.Type.DATE)
    return text(str(value))


def check_columns(rule: Rule, table: Table) -> list[str]:
    """Return what in a rule doesn't go with a table: unknown columns, values of another kind."""
    faults = []
    for each in rule.conditions:
        wanted = each.column or ""
        found = find_column(wanted, table.names)
        if found is None:
            near = near_names(wanted, table.names)
            faults.append(f'there is no column "{wanted}". {near}'.strip())
            continue
        kind = table[found.name].kind
        holds, takes = _HOLDS[kind]
        wrong = [value for value in each.values if family(value) not in takes]
        if wrong:
            such_as = f"; compare it {_SUCH_AS[kind]}" if kind in _SUCH_AS else ""
            faults.append(
                f'"{each.words}" compares a {family(wrong[0])} with the column "{found.name}", '
                f"which holds {holds}{such_as}."
            )
    return list(dict.fromkeys(faults))


def check_catalogue_columns(catalogue: Catalogue, table: Table) -> None:
    """Refuse a catalogue whose rules don't go with a table; all that is wrong is said at once.

    Raises
    ------
    DocumentError
        A rule names a column that is not there, or compares it with what it doesn't hold.
    """
    rules = [(f'offer "{each.id}"', each.eligibility) for each in catalogue.offers]
    rules.append(("opt_outs", catalogue.opt_outs))
    rules += [(f'consent "{key}"', each) for key, each in catalogue.consents.items()]
    faults = [
        f"{place}: {said}"
        for place, rule in rules
        if rule is not None
        for said in check_columns(rule, table)
    ]
    if faults:
        raise DocumentError(
            f"{catalogue.catalogue}: rules of the catalogue don't go with {table.source}.",
            faults=faults,
            hint=columns_are(table.names),
        )


def check_values(catalogue: Catalogue, customer: Mapping[str, Any]) -> None:
    """Refuse one customer's values that the rules can't compare, as columns of a table are.

    What is left out counts as missing, but for what tells who is never contacted: by that the
    customer must not be taken for one who may be.

    Raises
    ------
    DataError
        All such values, each with the rule that asks for it.

    Examples
    --------
    >>> check_values(
    ...     Catalogue.model_validate(
    ...         {
    ...             "catalogue": "tea",
    ...             "opt_outs": {"column": "no_mail", "operator": "=", "value": True},
    ...             "offers": [
    ...                 {
    ...                     "id": "tea",
    ...                     "title": "Tea",
    ...                     "text": "Tea.",
    ...                     "segments": ["all"],
    ...                     "reason": "They like it.",
    ...                 }
    ...             ],
    ...         }
    ...     ),
    ...     {"no_mail": "yes"},
    ... )
    Traceback (most recent call last):
    clienteling.errors.DataError: Values of the customer don't go with the rules of "tea".
      - "no_mail" is "yes"; the rule "no_mail = true" needs true or false.
    Give numbers without quotes, true or false, days as 2026-03-31, and null for what isn't known.
    """
    rules = [each.eligibility for each in catalogue.offers if each.eligibility is not None]
    rules += catalogue.consents.values()
    out = catalogue.opt_outs
    names = list(customer)
    faults = [
        f'"{each.column}" is not given, and by "{each.words}" it tells who is never contacted.'
        for each in (out.conditions if out is not None else ())
        if find_column(each.column or "", names) is None
    ]
    faults += [
        said for each in (*([out] if out else []), *rules) for said in misfits(each, customer)
    ]
    if faults:
        raise DataError(
            f'Values of the customer don\'t go with the rules of "{catalogue.catalogue}".',
            faults=list(dict.fromkeys(faults)),
            hint="Give numbers without quotes, true or false, days as 2026-03-31, and null for "
            "what isn't known.",
        )


def opted_out(catalogue: Catalogue, table: Table) -> exp.Expr | None:
    """Return the condition that a customer must never be contacted; None where there is none."""
    if catalogue.opt_outs is None:
        return None
    return condition(catalogue.opt_outs, table)


def open_conditions(
    catalogue: Catalogue, table: Table, consents: Mapping[str, exp.Expr] | None = None
) -> dict[str, exp.Expr | None]:
    """Return, for each offer, the condition that it is open to a customer; None for all.

    Parameters
    ----------
    catalogue : the offers
    table : the customers
    consents : conditions over the table that tell who gave a consent, for those that the catalogue
        has no rule for; an offer whose consent is known from nowhere is open to nobody

    Raises
    ------
    DocumentError
        Rules don't go with the table; all of them are named.
    """
    check_catalogue_columns(catalogue, table)
    out = opted_out(catalogue, table)
    stays = None
    if out is not None:
        stays = exp.EQ(this=case([(out, _ZERO.copy())], _ONE.copy()), expression=_ONE.copy())
    found: dict[str, exp.Expr | None] = {}
    for each in catalogue.offers:
        parts: list[exp.Expr] = [stays.copy()] if stays is not None else []
        if each.eligibility is not None:
            parts.append(condition(each.eligibility, table))
        if each.consent is not None:
            given = catalogue.consents.get(each.consent)
            if given is not None:
                parts.append(condition(given, table))
            elif consents and each.consent in consents:
                parts.append(consents[each.consent].copy())
            else:
                parts.append(exp.EQ(this=_ONE.copy(), expression=_ZERO.copy()))
        found[each.id] = exp.and_(*parts) if parts else None
    return found


def with_flags(
    table: Table, conditions: Mapping[str, exp.Expr | None], prefix: str = "cl_open_"
) -> tuple[Table, dict[str, str]]:
    """Add a column of 1 and 0 for each different condition.

    Returns
    -------
    Table
        The same rows with more columns.
    dict
        The column of each key that has a condition.
    """
    columns: dict[str, tuple[str, exp.Expr]] = {}
    found = {}
    for key, each in conditions.items():
        if each is None:
            continue
        called, _ = columns.setdefault(each.sql("duckdb"), (f"{prefix}{len(columns)}", each))
        found[key] = called
    if not columns:
        return table, {}
    flags = [
        case([(each.copy(), _ONE.copy())], _ZERO.copy()).as_(name(called))
        for called, each in columns.values()
    ]
    more = tuple(Column(called, "integer") for called, _ in columns.values())
    select = exp.select("*", *flags).from_(table.subquery)
    return replace(table, select=select, columns=(*table.columns, *more)), found


def not_contacted(why: str) -> str:
    """Say that a customer is never contacted.

    Examples
    --------
    >>> not_contacted("opted out")
    'The customer is not to be contacted: opted out.'
    """
    return f"The customer is not to be contacted: {why}."


def why_not(
    offer: Offer,
    catalogue: Catalogue,
    customer: Mapping[str, Any],
    day: dt.date,
    consents: Collection[str] = (),
) -> str:
    """Say why an offer is not open to one customer; an empty text where it is.

    Parameters
    ----------
    offer, catalogue : the offer, and what holds over all
    customer : values by column
    day : of the contact
    consents : that the customer gave, for those that the catalogue has no rule for

    Examples
    --------
    >>> from clienteling.offers.catalogue import load_catalogue
    >>> catalogue = load_catalogue("income-spending")
    >>> adults = Rule(column="Age", operator=">=", value=18)
    >>> wine = catalogue.offers[0].model_copy(update={"eligibility": adults})
    >>> why_not(wine, catalogue, {"Age": 16}, dt.date(2026, 3, 1))
    'It is only for: Age >= 18.'
    """
    if not offer.is_valid(day):
        return f"It goes out {offer.days_words}."
    if catalogue.opt_outs is not None and fits(catalogue.opt_outs, customer):
        return not_contacted(catalogue.opt_outs.words)
    if offer.eligibility is not None and not fits(offer.eligibility, customer):
        return f"It is only for: {offer.eligibility.words}."
    if offer.consent is not None:
        rule = catalogue.consents.get(offer.consent)
        given = fits(rule, customer) if rule is not None else offer.consent in consents
        if not given:
            return f'It needs the consent "{offer.consent}".'
    return ""
