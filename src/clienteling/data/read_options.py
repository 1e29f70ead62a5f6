"""What a user may say about a file, instead of leaving it to be found out."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from clienteling.errors import InputError

__all__ = ["DATE_ORDERS", "ReadOptions"]

#: Orders of day, month and year, with their words.
DATE_ORDERS = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}

_THOUSANDS = (",", ".", " ", "'")
_NAMED_SIGNS = {"tab": "\t", "\\t": "\t", "space": " ", "blank": " "}


@dataclass(frozen=True)
class ReadOptions:
    """How a source is to be read; what is left out is found out, and said.

    Parameters
    ----------
    delimiter : the sign between two fields of a text file; ``tab`` is understood
    encoding : the encoding of a text file, such as ``cp1252``
    decimal : the sign before the decimals, ``.`` or ``,``
    thousands : the sign between groups of three digits: ``,``, ``.``, a blank or an apostrophe
    dates : the order in dates of three numbers: ``dmy``, ``mdy`` or ``ymd``; ``none`` leaves dates
        as text
    missing : more words that mean "no value", in every column
    sheet : the sheet of a workbook, by its name or its place from 1
    drop : per column, values that count as missing
    as_text : columns that are kept as they are written, whatever they look like

    Raises
    ------
    InputError
        An option has a value that it can't have.

    Examples
    --------
    >>> ReadOptions(decimal=",", drop={"Age": (118,)}).given
    ['decimal', 'drop']
    """

    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    dates: str | None = None
    missing: tuple[str, ...] = ()
    sheet: str | int | None = None
    drop: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    as_text: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for sign in ("delimiter", "thousands"):
            given = getattr(self, sign)
            if given is not None:
                object.__setattr__(self, sign, _NAMED_SIGNS.get(given.lower(), given))
        words = (self.missing,) if isinstance(self.missing, str) else tuple(self.missing)
        object.__setattr__(self, "missing", tuple(str(each).strip() for each in words))
        kept = (self.as_text,) if isinstance(self.as_text, str) else tuple(self.as_text)
        object.__setattr__(self, "as_text", kept)
        faults = self._faults()
        if faults:
            raise InputError("The source can't be read as it is asked.", faults=faults)
        object.__setattr__(
            self, "drop", {each: _numbers(values) for each, values in self.drop.items()}
        )

    @property
    def given(self) -> list[str]:
        """The names of the options that say something."""
        return [
            each.name for each in fields(self) if getattr(self, each.name) not in (None, (), {})
        ]

    def refuse_others(self, source: str, kind: str, *known: str) -> None:
        """Refuse options that say nothing about a kind of source.

        Raises
        ------
        InputError
            With a fault per option that is given and not ``known``.
        """
        others = [each for each in self.given if each not in known]
        if others:
            raise InputError(
                f"{source}: is read as {kind}, and some options say nothing about that.",
                faults=[f"--{each.replace('_', '-')} doesn't apply." for each in others],
                hint="Leave them out.",
            )

    def _faults(self) -> list[str]:
        faults = []
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            faults.append(f'the delimiter is "{self.delimiter}"; it must be one sign, or tab.')
        if self.encoding is not None and not _is_encoding(self.encoding):
            faults.append(
                f'there is no encoding "{self.encoding}"; usual ones are utf-8, cp1252 and utf-16.'
            )
        if self.decimal not in (None, ".", ","):
            faults.append(f'the decimal sign is "{self.decimal}"; it must be . or ,')
        if self.thousands not in (None, *_THOUSANDS):
            faults.append(
                f'the thousands sign is "{self.thousands}"; it must be , or . or \' or blank.'
            )
        elif self.thousands is not None and self.thousands == self.decimal:
            faults.append(f'"{self.decimal}" can\'t be both the decimal and the thousands sign.')
        if self.dates not in (None, "none", *DATE_ORDERS):
            faults.append(f'dates are "{self.dates}"; it must be dmy, mdy, ymd or none.')
        for each, values in self.drop.items():
            try:
                _numbers(values)
            except (TypeError, ValueError):
                faults.append(f'what is dropped from "{each}" must be numbers, not {values!r}.')
        return faults


def _numbers(values: object) -> tuple[float, ...]:
    if isinstance(values, int | float | str):
        return (float(values),)
    return tuple(float(each) for each in values)  # type: ignore[attr-defined]


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
        # Python's codecs hold more than text: hex, rot13, zip.
        return isinstance(codecs.getincrementaldecoder(name)().decode(b"ab"), str)
    except (LookupError, TypeError, ValueError):
        return False
