"""How people write numbers: decimal commas, groups of thousands, currencies, percent, minus.

A style is one way of writing; the patterns are read alike by Python, DuckDB and Spark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlglot.expressions as exp
from sqlglot.expressions.datatypes import DType

from clienteling.data.sql import case, text
from clienteling.data.typed_column import try_cast

__all__ = [
    "STYLES",
    "NumberStyle",
    "TwoReadings",
    "choose_style",
    "is_grouped_point",
    "read_number",
    "tidy",
    "tidy_text",
    "unit",
]

#: Blanks, apostrophes and minus signs that look alike, and what they are read as.
_LOOKALIKES = "\u00a0\u202f\u2009\u2019\u2212"
_PLAIN = "   '-"

_SYMBOL = "(?:[kKM]?(?:US|A|C|R|HK|NZ|S)?[$€£¥₹₽₩₺₴₫฿₪]|[$€£][kKM]?)"
_CODE = (
    "(?:[kKM]?(?:EUR|USD|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|BRL|MXN|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|ZAR)"
    "|Euro|euro|kr|zł|Kč|Ft|Fr|Rs)"
)
_UNIT = f"(?:{_SYMBOL}|{_CODE}|%|[kKM])"
_BEFORE = f"(?:{_SYMBOL} ?|{_CODE}(?:[.] | )?)?"
_AFTER = f"(?: ?{_UNIT}[.]?)?"
# 007 is an identifier; nor is a whole number of more digits than a float64 keeps a number.
_WHOLE = "(?:0|[1-9][0-9]{0,14})"
_GROUP_OF_POINT = re.compile("[+-]?[1-9][0-9]{0,2}[.][0-9]{3}")


@dataclass(frozen=True)
class NumberStyle:
    """A way to write numbers.

    Parameters
    ----------
    decimal : the sign before the decimals
    thousands : the sign between groups of three digits; empty for none

    Examples
    --------
    >>> NumberStyle(",", ".").read("-1.234,5 €"), NumberStyle(".", ",").read("(12.5)")
    (-1234.5, -12.5)
    """

    decimal: str
    thousands: str = ""

    @cached_property
    def pattern(self) -> str:
        """The regular expression that a whole tidied value must match."""
        decimals = f"(?:[{self.decimal}][0-9]*)?"
        core = f"{_WHOLE}{decimals}|[{self.decimal}][0-9]+"
        if self.thousands:
            core += f"|[1-9][0-9]{{0,2}}(?:[{self.thousands}][0-9]{{3}})+{decimals}"
        core = f"(?:{core})"
        written = (
            f"[+-]? ?{_BEFORE}{core}{_AFTER}",
            f"{_BEFORE}[+-] ?{core}{_AFTER}",
            f"[(] ?{_BEFORE}{core}{_AFTER} ?[)]",
            f"{_BEFORE}{core} ?-{_AFTER}",
            f"{_BEFORE}{core}{_AFTER} ?-",
        )
        return f"^(?:{'|'.join(written)})$"

    def matches(self, value: str) -> bool:
        """Tell whether a tidied value is a number in this style."""
        return re.search(self.pattern, value) is not None

    def read(self, value: str) -> float:
        """Return the number of a tidied value that matches."""
        found = re.search(_DIGITS, value)
        digits = found[0] if found else ""
        for sign in self._dropped:
            digits = digits.replace(sign, "")
        number = float(digits.replace(",", "."))
        return -number if re.search("[(-]", value) else number

    def digits(self, value: exp.Expr) -> exp.Expr:
        """Return the bare digits, with a decimal point, of a tidied value that matches."""
        found = exp.RegexpExtract(
            this=value.copy(), expression=text(f"({_DIGITS})"), group=exp.Literal.number(1)
        )
        bare: exp.Expr = exp.Translate(this=found, from_=text(self._dropped), to=text(""))
        if self.decimal == ",":
            bare = exp.Replace(this=bare, expression=text(","), replacement=text("."))
        return bare

    def number(self, value: exp.Expr, kind: DType) -> exp.Expr:
        """Return the number of a tidied value, or null where it doesn't match."""
        number = try_cast(self.digits(value), kind)
        negative = exp.RegexpLike(this=value.copy(), expression=text("[(-]"))
        signed = case([(negative, exp.Neg(this=number.copy()))], number)
        matches = exp.RegexpLike(this=value.copy(), expression=text(self.pattern))
        return case([(matches, signed)], None)

    @property
    def _dropped(self) -> str:
        return ("," if self.decimal == "." else ".") + " '"


_DIGITS = "[.,]?[0-9][0-9., ']*"

#: Every style, the usual ones first.
STYLES = tuple(
    NumberStyle(decimal, thousands)
    for decimal in (".", ",")
    for thousands in ("", "," if decimal == "." else ".", " ", "'")
)


def tidy(value: exp.Expr) -> exp.Expr:
    """Return a text with plain blanks, apostrophes and minus signs, and none around it."""
    plain = exp.Translate(this=value.copy(), from_=text(_LOOKALIKES), to=text(_PLAIN))
    return exp.Trim(this=plain)


def tidy_text(value: str) -> str:
    r"""Return the same of a Python string.

    Examples
    --------
    >>> tidy_text(" 1\u202f234 ")
    '1 234'
    """
    return value.translate(str.maketrans(_LOOKALIKES, _PLAIN)).strip(" ")


def unit(value: exp.Expr) -> exp.Expr:
    """Return the currency or percent sign that stands with a number; empty for none."""
    return exp.Translate(this=value.copy(), from_=text("0123456789.,' +-()"), to=text(""))


def is_grouped_point(value: str) -> bool:
    """Tell whether "1.234" could be one thousand and some, too."""
    return _GROUP_OF_POINT.fullmatch(value) is not None


class TwoReadings(ValueError):
    """A single text could be either of two numbers; the message names both."""


def read_number(value: str) -> float:
    """Return the number of a single text: with a decimal point, or in the one other way it can be.

    Where a whole column is read, its other values tell what a comma is; one value alone has none
    beside it.

    Parameters
    ----------
    value : digits with a sign; without a currency, whose letters could be a factor of a thousand

    Raises
    ------
    TwoReadings
        The comma could be a decimal comma or stand between groups of three digits.
    ValueError
        It is no number.

    Examples
    --------
    >>> read_number("300.5"), read_number("300,5"), read_number("1.234,50"), read_number("1 200")
    (300.5, 300.5, 1234.5, 1200.0)
    >>> read_number("1,234")
    Traceback (most recent call last):
    clienteling.data.number_styles.TwoReadings: 1.234 or 1234
    """
    said = tidy_text(value)
    if not said.isascii():  # float() reads the digits of every script, the engine doesn't
        raise ValueError(value)
    try:
        return float(said)
    except ValueError:
        if re.search("[^0-9.,' +-]", said):
            raise
    found = {style.read(said) for style in STYLES if style.matches(said)}
    if not found:
        raise ValueError(value)
    if len(found) > 1:
        raise TwoReadings(" or ".join(f"{each:.15g}" for each in sorted(found)))
    return found.pop()


def choose_style(
    fitting: Sequence[NumberStyle], commas: bool, points: bool, expected: Iterable[str]
) -> tuple[NumberStyle, NumberStyle | None]:
    """Choose among the styles that fit every value of a column.

    Parameters
    ----------
    fitting : at least one style
    commas, points : whether these signs stand in the column
    expected : decimal signs in the order in which they are preferred, where both would fit

    Returns
    -------
    tuple[NumberStyle, NumberStyle | None]
        The style, and the other one that would fit but reads other numbers.

    Examples
    --------
    >>> both = [NumberStyle(".", ","), NumberStyle(",")]  # "1,234"
    >>> chosen, other = choose_style(both, commas=True, points=False, expected=[","])
    >>> chosen.read("1,234"), other.read("1,234")
    (1.234, 1234.0)
    """
    first: dict[str, NumberStyle] = {}
    for style in fitting:
        first.setdefault(style.decimal, style)
    if len(first) == 1 or not (commas or points):
        return fitting[0], None
    chosen = next(first[each] for each in (*expected, ".") if each in first)
    other = next(each for sign, each in first.items() if sign != chosen.decimal)
    return chosen, other
