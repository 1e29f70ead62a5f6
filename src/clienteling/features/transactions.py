"""The columns of a transaction table: which is which, and what one line of it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.columns import ID_ALIASES, find_column, find_columns
from clienteling.data.numbers import as_number
from clienteling.data.sql import case, column, name, number, text
from clienteling.data.table import Column, Table
from clienteling.data.typed_column import try_cast, without_missing
from clienteling.errors import ColumnError, columns_are, near_names

__all__ = ["LARGEST_AMOUNT", "Roles", "find_roles", "line_columns", "usual_columns"]

#: Names under which shops export each column; the first that is there is taken.
_NAMES = {
    # Not "ID": in a table of transactions that is as often the line's own number.
    "customer": (*(each for each in ID_ALIASES if each != "ID"), "HouseholdID", "HouseholdKey"),
    "date": (
        *("InvoiceDate", "OrderDate", "TransactionDate", "PurchaseDate", "SaleDate", "Date"),
        *("TransactionTimestamp", "OrderPurchaseTimestamp", "Timestamp", "DateTime", "CreatedAt"),
    ),
    "amount": (
        *("Amount", "SalesValue", "TotalAmount", "LineTotal", "TotalPrice", "NetAmount"),
        *("TransactionAmount", "SalesAmount", "OrderTotal", "Revenue", "Sales", "Total"),
    ),
    "quantity": ("Quantity", "Qty", "Units"),
    "price": ("Price", "UnitPrice", "ItemPrice"),
    "invoice": (
        *("Invoice", "InvoiceNo", "InvoiceNumber", "InvoiceID", "OrderID", "OrderNo"),
        *("OrderNumber", "BasketID", "TransactionID", "ReceiptID", "ReceiptNo"),
    ),
}
#: A larger amount is no line of a shop's books; below it, sums of decimals can't overflow.
LARGEST_AMOUNT = 1e15
#: Money is summed as decimals, so that the sum doesn't hang on the order of the rows.
_MONEY = exp.DataType.build("DECIMAL(22, 6)", dialect="duckdb")
_ISO_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?$"


@dataclass(frozen=True)
class Roles:
    """Which column says what.

    Parameters
    ----------
    customer, date : always there
    amount : of the line; else it is ``quantity`` times ``price``
    quantity, price, invoice : where there are such columns
    notes : what was assumed, in sentences
    """

    customer: str
    date: str
    amount: str | None = None
    quantity: str | None = None
    price: str | None = None
    invoice: str | None = None
    notes: tuple[str, ...] = ()


def find_roles(
    table: Table,
    *,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    price: str | None = None,
    invoice: str | None = None,
) -> Roles:
    """Find each column: the one that is named, else one with a usual name.

    Raises
    ------
    ColumnError
        A column that is needed is not there, or holds something else than it should.
    """
    given = {
        "customer": customer,
        "date": date,
        "amount": amount,
        "quantity": quantity,
        "price": price,
        "invoice": invoice,
    }
    named = {role: wanted for role, wanted in given.items() if wanted is not None}
    found = {}
    notes = []
    for (role, wanted), match in zip(
        named.items(), find_columns(table, list(named.values())), strict=True
    ):
        found[role] = match.name
        if match.note:
            notes.append(f'Column "{match.name}" is read as {wanted}.')
    skipped = {"amount"} if {"quantity", "price"} & set(named) else set()
    for role, assumed in _usual(table, found, skipped).items():
        found[role] = assumed
        if not (role == "price" and "amount" in found):
            notes.append(f'Column "{assumed}" is taken as the {role}.')
    _check(table, found)
    if "amount" not in found:
        notes.append(
            f'The amount of a line is "{found["quantity"]}" times "{found["price"]}".',
        )
    if "invoice" not in found:
        notes.append(
            "No column was recognised as the invoice: a purchase is all that a customer bought "
            "on one day."
        )
    return Roles(**found, notes=tuple(notes))


def usual_columns(table: Table, **named: str) -> dict[str, str]:
    """Return, by its role, each column that is named or called as shops call it.

    Examples
    --------
    >>> import clienteling as cl
    >>> import pandas as pd
    >>> usual_columns(cl.read(pd.DataFrame({"Nr": [1], "Date": [2], "Units": [3]})), customer="Nr")
    {'customer': 'Nr', 'date': 'Date', 'quantity': 'Units'}
    """
    return {**named, **_usual(table, named, set())}


def _usual(table: Table, found: Mapping[str, str], skipped: set[str]) -> dict[str, str]:
    """Return the columns with usual names, of the roles that none was found for."""
    assumed: dict[str, str] = {}
    for role, usual in _NAMES.items():
        if role in found or role in skipped:
            continue
        taken = {*found.values(), *assumed.values()}
        free = [each for each in table.names if each not in taken]
        matches = (find_column(each, free) for each in usual)
        match = next((each for each in matches if each is not None), None)
        if match is not None:
            assumed[role] = match.name
    return assumed


def _check(table: Table, found: dict[str, str]) -> None:
    faults = [
        f"no column was recognised as the {role}; name it with --{role} (in Python {role}=)."
        for role in ("customer", "date")
        if role not in found
    ]
    if "amount" not in found and not {"quantity", "price"} <= set(found):
        faults.append(
            "no column was recognised as the amount; name it with --amount (in Python amount=), "
            "or name --quantity and --price."
        )
    if faults:
        hints = [near_names(each, table.names) for each in ("customer", "date", "amount")]
        raise ColumnError(
            f"{table.source}: columns are missing.",
            faults=faults,
            hint=" ".join(
                [
                    *(each for each in dict.fromkeys(hints) if each),
                    columns_are(table.names),
                ]
            ),
        )
    for role in ("amount", "quantity", "price"):
        kind = table[found[role]].kind if role in found else "number"
        if kind in ("date", "other") or (kind == "text" and not table.engine.try_cast):
            faults.append(f'"{found[role]}", the {role}, holds {kind} values instead of numbers.')
    kind = table[found["date"]].kind
    if kind != "date" and not (kind == "text" and table.engine.try_cast):
        faults.append(f'"{found["date"]}", the date, holds {kind} values instead of dates.')
    if faults:
        raise ColumnError(
            f"{table.source}: columns hold something else than they should.",
            faults=faults,
            hint="Name other columns, or convert these first.",
        )


def line_columns(table: Table, roles: Roles, cancel_prefix: str) -> list[exp.Expr]:
    """Return what each line says, as aliased expressions over the table.

    ``cl_customer`` (null: none), ``cl_day`` (null: unusable), ``cl_amount`` (a decimal, null:
    unusable; without a sign where it is a return), ``cl_return``, ``cl_cancelled``,
    ``cl_negative`` (a negative quantity), ``cl_free`` (a price of zero or below) and
    ``cl_purchase`` (what purchases are told apart by).
    """
    no = exp.false()
    quantity = as_number(table, roles.quantity) if roles.quantity else None
    price = as_number(table, roles.price) if roles.price else None
    if roles.amount is not None:
        amount = as_number(table, roles.amount)
    else:
        assert quantity is not None
        assert price is not None
        amount = exp.Mul(this=quantity.copy(), expression=price.copy())
    zero = number(0.0)
    negative = exp.LT(this=quantity.copy(), expression=zero.copy()) if quantity else no
    cancelled = _cancelled(table, roles, cancel_prefix)
    returned = exp.or_(
        cancelled.copy(), negative.copy(), exp.LT(this=amount.copy(), expression=zero.copy())
    )
    size = exp.Abs(this=amount.copy())
    usable = exp.LTE(this=size.copy(), expression=number(LARGEST_AMOUNT))
    free = exp.LTE(this=price.copy(), expression=zero.copy()) if price else no
    day = _day(table[roles.date])
    return [
        _customer(table[roles.customer]).as_(name("cl_customer")),
        day.as_(name("cl_day")),
        case([(usable, exp.cast(size, _MONEY))], None).as_(name("cl_amount")),
        _flag(returned).as_(name("cl_return")),
        _flag(cancelled).as_(name("cl_cancelled")),
        _flag(negative).as_(name("cl_negative")),
        _flag(free).as_(name("cl_free")),
        _purchase(table, roles, day).as_(name("cl_purchase")),
    ]


def _flag(condition: exp.Expr) -> exp.Expr:
    """Return 1 where the condition holds, else 0: a null is no yes."""
    return case([(condition, exp.Literal.number(1))], exp.Literal.number(0))


def _customer(found: Column) -> exp.Expr:
    value = column(found.name)
    if found.kind == "integer":
        return value
    if found.kind == "number":
        finite = exp.LTE(this=exp.Abs(this=value.copy()), expression=number(1e300))
        return case([(finite, value)], None)
    return without_missing(_as_text(found))


def _as_text(found: Column) -> exp.Expr:
    value = column(found.name)
    return value if found.kind == "text" else exp.cast(value, exp.DataType.Type.VARCHAR)


def _day(found: Column) -> exp.Expr:
    if found.kind == "date":
        return exp.cast(column(found.name), exp.DataType.Type.DATE)
    # The day alone, and only of what begins like one: what else counts as a date differs from
    # engine to engine.
    value = exp.Trim(this=column(found.name))
    day = exp.Substring(
        this=value.copy(), start=exp.Literal.number(1), length=exp.Literal.number(10)
    )
    like = exp.RegexpLike(this=value, expression=text(_ISO_DAY))
    tried = try_cast(day, exp.DataType.Type.DATE)
    return case([(like, tried)], None)


def _cancelled(table: Table, roles: Roles, prefix: str) -> exp.Expr:
    if not prefix or roles.invoice is None or table[roles.invoice].kind != "text":
        return exp.false()
    return exp.RegexpLike(
        this=column(roles.invoice), expression=text(rf"^ *{re.escape(prefix)} *-?[0-9]")
    )


def _purchase(table: Table, roles: Roles, day: exp.Expr) -> exp.Expr:
    by_day = exp.cast(day.copy(), exp.DataType.Type.VARCHAR)
    if roles.invoice is None:
        return by_day
    return exp.func("COALESCE", without_missing(_as_text(table[roles.invoice])), by_day)
