"""What was assumed when a source was opened, and how the user says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Assumption"]


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
