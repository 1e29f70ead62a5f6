"""What was assumed when a source was opened, and how the user says otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Assumption", "as_text_option"]


@dataclass(frozen=True)
class Assumption:
    """One thing that was assumed.

    Parameters
    ----------
    what : what was assumed, as a sentence without its full stop
    column : the column that it is about; empty where it is the whole source
    option : what the user gives to read it otherwise, as on the command line; in Python the
        option has the same name as an argument of :func:`clienteling.read`

    Examples
    --------
    >>> print(Assumption('"12,5" is read as 12.5', "Income", "--decimal .").sentence)
    Column "Income": "12,5" is read as 12.5 (otherwise: --decimal .).
    """

    what: str
    column: str = ""
    option: str = ""

    @property
    def sentence(self) -> str:
        """The assumption as a sentence for people."""
        said = f'Column "{self.column}": {self.what}' if self.column else self.what
        otherwise = f" (otherwise: {self.option})" if self.option else ""
        return f"{said[0].upper()}{said[1:]}{otherwise}."

    @classmethod
    def of(cls, sentence: str) -> Assumption:
        """Take a sentence apart again; any other sentence is about the whole source.

        Examples
        --------
        >>> Assumption.of('Column "Income": "12,5" is read as 12.5 (otherwise: --decimal .).')
        Assumption(what='"12,5" is read as 12.5', column='Income', option='--decimal .')
        >>> Assumption.of("Nothing was left out.").what
        'Nothing was left out'
        """
        found = re.fullmatch(
            r'(?:Column "(?P<column>.*?)"(?::| is(?= taken as)) )?(?P<what>.*?)'
            r"(?: \(otherwise: (?P<option>.*)\))?\.?",
            sentence,
            re.DOTALL,
        )
        if found is None:
            return cls(sentence)
        return cls(found["what"], found["column"] or "", found["option"] or "")


def as_text_option(column: str) -> str:
    """Return the option that keeps a column as it is written."""
    quoted = f'"{column}"' if " " in column or "," in column else column
    return f"--as-text {quoted}"
