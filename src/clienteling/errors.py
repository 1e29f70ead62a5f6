"""Everything that Clienteling raises on purpose.

.. code-block:: text

    ClientelingError
    ├── InputError              the user's input or usage: exit code 2 on the command line
    │   ├── SourceError         a file, folder, frame or address that can't be read as a table
    │   ├── ColumnError         a column that is missing, ambiguous or not usable
    │   ├── DataError           values that don't allow what was asked
    │   ├── DocumentError       a playbook, catalogue or model file with faults
    │   ├── OutputError         a place that can't be written
    │   └── MissingExtra        an optional part that isn't installed
    ├── LimitError              a limit that was required is not met: exit code 3
    └── EngineError             a query that the engine refused, with its SQL: exit code 1

A message says what is wrong, where, and what to do next. Several faults of one input come
together, as ``faults``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches

__all__ = [
    "ClientelingError",
    "ColumnError",
    "DataError",
    "DocumentError",
    "EngineError",
    "InputError",
    "LimitError",
    "MissingExtra",
    "OutputError",
    "SourceError",
    "columns_are",
    "near_names",
]


class ClientelingError(Exception):
    """The root of the tree: catch this to catch all that Clienteling raises on purpose.

    Parameters
    ----------
    message : what is wrong and where, in one or two sentences
    faults : each single fault, where there are several
    hint : what to do next
    """

    def __init__(self, message: str, *, faults: Sequence[str] = (), hint: str = "") -> None:
        self.message = message
        self.faults = tuple(faults)
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [self.message, *(f"  - {fault}" for fault in self.faults)]
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class InputError(ClientelingError):
    """The input or the usage is wrong; the program is not."""


class SourceError(InputError):
    """A file, folder, frame or address that can't be read as a table."""


class ColumnError(InputError):
    """A column that is missing, ambiguous or not usable for what was asked."""


class DataError(InputError):
    """The values don't allow what was asked: no rows, no numbers, no spread."""


class DocumentError(InputError):
    """A playbook, a catalogue or a model file with faults, all of them listed."""


class OutputError(InputError):
    """A file or folder that can't be written, or must not be replaced."""


class MissingExtra(InputError):
    """An optional part is not installed; the message has the exact pip line.

    Examples
    --------
    >>> print(MissingExtra("Pictures", "plots"))
    Pictures need an optional part that is not installed.
    Install it with: pip install "clienteling[plots]"
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} need an optional part that is not installed.",
            hint=f'Install it with: pip install "clienteling[{extra}]"',
        )


class LimitError(ClientelingError):
    """The work is done, but a limit that was required is not met, and nothing was published."""


class EngineError(ClientelingError):
    """The engine refused a query. ``sql`` holds the text that it was given."""

    def __init__(self, message: str, *, sql: str = "") -> None:
        self.sql = sql
        super().__init__(message, hint=f"The query was:\n{sql}" if sql else "")


def near_names(wanted: str, available: Iterable[str]) -> str:
    """Return a sentence that offers the names nearest to ``wanted``, or an empty text.

    Examples
    --------
    >>> near_names("Incme", ["Income", "Age"])
    'Did you mean "Income"?'
    >>> near_names("zzz", ["Income", "Age"])
    ''
    """
    names = {name.lower(): name for name in available}
    close = get_close_matches(wanted.lower(), list(names), n=1, cutoff=0.85)
    close = close or get_close_matches(wanted.lower(), list(names), n=3, cutoff=0.5)
    # A long name may be meant by one of its words: "Incom" by "Annual Income (k$)".
    close = (
        close
        or [
            name
            for name in names
            if get_close_matches(wanted.lower(), name.split(), n=1, cutoff=0.8)
        ][:3]
    )
    if not close:
        return ""
    return "Did you mean " + " or ".join(f'"{names[name]}"' for name in close) + "?"


#: Up to this many columns are all named; of more, so many.
_FEW_COLUMNS, _SHOWN_COLUMNS = 12, 8


def columns_are(names: Iterable[str], wanted: Iterable[str] = ()) -> str:
    """Return a sentence with the columns that there are; of many, the nearest, and how many more.

    Parameters
    ----------
    names : of the columns
    wanted : what was asked for, to tell which are near; without it the first ones are named

    Examples
    --------
    >>> columns_are(["Income", "Age"])
    'The columns are: "Income", "Age".'
    >>> print(columns_are([*(f"x{n}" for n in range(44)), "Income"], ["Incme"]))
    The columns are: "x0", "x1", "x2", "x3", "x4", "x5", "x6", "Income" and 37 others.
    """
    columns, asked = list(names), [each.lower() for each in wanted]
    shown = columns
    if len(columns) > _FEW_COLUMNS:

        def nearness(name: str) -> float:
            alike = (SequenceMatcher(None, name.lower(), each).ratio() for each in asked)
            return max(alike, default=0.0)

        nearest = sorted(columns, key=nearness, reverse=True)[:_SHOWN_COLUMNS]
        shown = [each for each in columns if each in nearest]
    others = len(columns) - len(shown)
    more = f" and {others:,} others" if others else ""
    return "The columns are: " + ", ".join(f'"{each}"' for each in shown) + f"{more}."
