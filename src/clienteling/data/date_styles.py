"""How people write dates: the orders of day, month and year, month names, times, day numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlglot.expressions as exp

from clienteling.data.sql import case, text
from clienteling.data.typed_column import try_cast

__all__ = ["DATE_STYLES", "SERIAL", "DateStyle", "is_date_name"]

_TIME = (
    "(?:[T, ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.][0-9]+)?)? ?([AaPp])?[.]?(?:[Mm][.]?)?"
    "(?:Z|[+]00:?00)?)?"
)
_YEAR = "([0-9]{4}|[0-9]{2})"
_NUMBERS = f"^([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]{_YEAR}{_TIME}$"
_WEEKDAY = "(?:[A-Za-z]{2,9}[.]?,? )?"
_MONTH = "([A-Za-zäéûç]{3,10})[.]?"

#: Two digits up to this are years of the 2000s; customers are born and join in the past.
_LAST_YEAR_OF_2000S = "30"

#: The first letters of a month's name in English, French, German, Spanish, Italian and Dutch.
_MONTHS = {
    1: ("jan", "ene", "gen"),
    2: ("feb", "fév", "fev"),
    3: ("mar", "mär", "mrt", "maa"),
    4: ("apr", "avr", "abr"),
    5: ("may", "mai", "mag", "mei"),
    6: ("jun", "giu", "juin"),
    7: ("jul", "lug", "juil"),
    8: ("aug", "aoû", "aou", "ago"),
    9: ("sep", "set"),
    10: ("oct", "okt", "ott"),
    11: ("nov",),
    12: ("dec", "dez", "déc", "dic"),
}


@dataclass(frozen=True)
class DateStyle:
    """A way to write dates.

    Parameters
    ----------
    order : ``ymd``, ``dmy`` or ``mdy``
    pattern : the regular expression; its first three groups are in that order, then come hour,
        minute, second and the a or p of AM and PM
    words : whether the month is a word
    """

    order: str
    pattern: str
    words: bool = False

    def matches(self, value: str) -> bool:
        """Tell whether a trimmed value looks like a date in this style."""
        return re.search(self.pattern, value) is not None

    def date(self, value: exp.Expr) -> exp.Expr:
        """Return the day of a trimmed text, or null where it is none."""
        return try_cast(self._day(value), exp.DataType.Type.DATE)

    def timestamp(self, value: exp.Expr) -> exp.Expr:
        """Return the day and time of a trimmed text, or null where it is none."""
        hour, minute, second, half = (self._group(value, number) for number in (4, 5, 6, 7))
        number = try_cast(hour.copy(), exp.DataType.Type.INT)
        of_twelve = exp.Mod(this=number, expression=exp.Literal.number(12))
        later = exp.Add(this=of_twelve.copy(), expression=exp.Literal.number(12))
        lower = exp.Lower(this=half)
        hour_of_day = case(
            [
                (exp.EQ(this=hour.copy(), expression=text("")), text("0")),
                (exp.EQ(this=lower.copy(), expression=text("p")), _said(later)),
                (exp.EQ(this=lower, expression=text("a")), _said(of_twelve)),
            ],
            hour,
        )
        parts = [
            self._day(value),
            text(" "),
            _two(hour_of_day),
            text(":"),
            _two(minute),
            text(":"),
            _two(second),
        ]
        return try_cast(exp.Concat(expressions=parts), exp.DataType.Type.TIMESTAMP)

    def _day(self, value: exp.Expr) -> exp.Expr:
        year, month, day = (self._group(value, self.order.index(each) + 1) for each in "ymd")
        if self.words:
            month = _month_number(month)
        century = case(
            [(exp.LTE(this=year.copy(), expression=text(_LAST_YEAR_OF_2000S)), text("20"))],
            text("19"),
        )
        short = exp.EQ(this=exp.Length(this=year.copy()), expression=exp.Literal.number(2))
        whole = case([(short, exp.Concat(expressions=[century, year.copy()]))], year)
        return exp.Concat(expressions=[whole, text("-"), _two(month), text("-"), _two(day)])

    def _group(self, value: exp.Expr, number: int) -> exp.Expr:
        return exp.RegexpExtract(
            this=value.copy(), expression=text(self.pattern), group=exp.Literal.number(number)
        )


@dataclass(frozen=True)
class _Serial:
    """The day numbers of a spreadsheet: 1 is the last day of 1899."""

    order: str = "serial"
    pattern: str = "^[1-7][0-9]{4}([.][0-9]+)?$"

    def matches(self, value: str) -> bool:
        """Tell whether a trimmed value can be a day number, from 1927 to 2119."""
        return re.search(self.pattern, value) is not None

    def date(self, value: exp.Expr) -> exp.Expr:
        """Return the day, or null."""
        whole = exp.RegexpExtract(
            this=value.copy(), expression=text("^([1-7][0-9]{4})"), group=exp.Literal.number(1)
        )
        days = try_cast(whole, exp.DataType.Type.INT)
        zero = exp.cast(text("1899-12-30"), exp.DataType.Type.DATE)
        matches = exp.RegexpLike(this=value.copy(), expression=text(self.pattern))
        return case([(matches, exp.Add(this=zero, expression=days))], None)

    def timestamp(self, value: exp.Expr) -> exp.Expr:
        """Return the day: a spreadsheet's part of a day is left out."""
        return exp.cast(self.date(value), exp.DataType.Type.TIMESTAMP)


SERIAL = _Serial()

#: Every style, the one without doubt first.
DATE_STYLES: dict[str, DateStyle] = {
    "iso": DateStyle("ymd", f"^([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_TIME}$"),
    "dmy": DateStyle("dmy", _NUMBERS),
    "mdy": DateStyle("mdy", _NUMBERS),
    "ymd": DateStyle("ymd", f"^([0-9]{{2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_TIME}$"),
    "day month": DateStyle(
        "dmy",
        f"^{_WEEKDAY}([0-9]{{1,2}})(?:st|nd|rd|th|er|[.])?[-/ ]+(?:de )?{_MONTH}[-/, ]+(?:de )?"
        f"{_YEAR}{_TIME}$",
        words=True,
    ),
    "month day": DateStyle(
        "mdy",
        f"^{_WEEKDAY}{_MONTH}[-/ ]+([0-9]{{1,2}})(?:st|nd|rd|th)?[-/, ]+{_YEAR}{_TIME}$",
        words=True,
    ),
    "compact": DateStyle("ymd", "^([12][0-9]{3})([01][0-9])([0-3][0-9])()()()()$"),
}

_DATE_NAME = re.compile(
    r"(?:^|[^a-z])(?:date|dates|datum|fecha|dt|day|birthday|dob|timestamp)(?:$|[^a-z])"
    r"|datum$|(?:^|[^a-z])(?:birth|order|invoice|start|end)date$",
    re.IGNORECASE,
)


def is_date_name(column: str) -> bool:
    """Tell whether a column's name says that it holds dates.

    Examples
    --------
    >>> [is_date_name(each) for each in ("Dt_Customer", "OrderDate", "Geburtsdatum", "Update Fee")]
    [True, True, True, False]
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    return _DATE_NAME.search(re.sub(r"[_\d]+", " ", words)) is not None


def _two(value: exp.Expr) -> exp.Expr:
    return exp.Pad(
        this=value, expression=exp.Literal.number(2), fill_pattern=text("0"), is_left=True
    )


def _said(value: exp.Expr) -> exp.Expr:
    return exp.cast(value, exp.DataType.Type.VARCHAR)


def _month_number(month: exp.Expr) -> exp.Expr:
    branches = []
    for number, starts in _MONTHS.items():
        pattern = text("^(?:" + "|".join(starts) + ")")
        lower = exp.Lower(this=month.copy())
        branches.append((exp.RegexpLike(this=lower, expression=pattern), text(str(number))))
    return case(branches, text(""))
