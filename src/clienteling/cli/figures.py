"""Figures as people write them on the command line: amounts, shares and whole numbers."""

from __future__ import annotations

import math

import typer

__all__ = ["amount", "amount_in", "pointed", "share", "whole"]

#: What may stand before or after an amount; which currency it is nobody has to know.
_CURRENCIES = ("€", "$", "£", "EUR", "USD", "GBP", "CHF")


def amount_in(written: str) -> float | None:
    """Return an amount with or without the sign of a currency; None where it is none.

    Examples
    --------
    >>> amount_in("400"), amount_in(" 400.50 €"), amount_in("$400")
    (400.0, 400.5, 400.0)
    >>> amount_in("400,50") is None, amount_in("nan") is None
    (True, True)
    """
    bare = written.strip()
    for sign in _CURRENCIES:
        if bare.startswith(sign) or bare.endswith(sign):
            bare = bare.removeprefix(sign) if bare.startswith(sign) else bare.removesuffix(sign)
            break
    try:
        number = float(bare)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def amount(given: str | float) -> float:
    """Return an amount that was written as 400, 400.50 or 400 €.

    Raises
    ------
    typer.BadParameter
        It is none.
    """
    found = amount_in(str(given))
    if found is None:
        raise typer.BadParameter(f'"{given}" is no amount.{pointed(given)} Write it as 400.50.')
    return found


def share(given: str | float) -> float:
    """Return a share that was written as 0.2 or as 20%.

    Raises
    ------
    typer.BadParameter
        It is no number.
    """
    written = str(given).strip()
    try:
        number = float(written.removesuffix("%"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise typer.BadParameter(
            f'"{given}" is no share.{pointed(given)} Write a fifth as 0.2 or 20%.'
        )
    return number / 100 if written.endswith("%") else number


def whole(given: str | int) -> int:
    """Return a whole number that was written with or without a blank between thousands.

    Raises
    ------
    typer.BadParameter
        It is none.

    Examples
    --------
    >>> whole("5 000"), whole("12")
    (5000, 12)
    """
    try:
        return int("".join(str(given).split()))
    except ValueError:
        raise typer.BadParameter(
            f'"{given}" is no whole number. Write five thousand as 5000.'
        ) from None


def pointed(given: object) -> str:
    """Say how a number with a comma is written; nothing where it is none.

    Examples
    --------
    >>> pointed("400,50 €"), pointed("much")
    (' Write it with a point: 400.50.', '')
    """
    from clienteling.data.documents import with_a_point

    bare = str(given).strip().removesuffix("%")
    for sign in _CURRENCIES:
        bare = bare.removeprefix(sign).removesuffix(sign)
    return with_a_point(bare)
