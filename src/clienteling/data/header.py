"""The header of a text file: one distinct name per column, and a word on what was changed."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["header_names"]


def header_names(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return distinct names for the columns of a file, and what was changed, in sentences.

    Examples
    --------
    >>> names, notes = header_names([" Age", "Score", "score", ""])
    >>> names
    ['Age', 'Score', 'score_2', 'column_4']
    >>> print(notes[1])
    Column "score" is there more than once: number 3 is read as "score_2".
    """
    names: list[str] = []
    notes = []
    for place, given in enumerate(header, start=1):
        bare = given.strip()
        name = bare or f"column_{place}"
        # An engine knows no difference between Age and age.
        taken = {each.lower() for each in names}
        number = 2
        while name.lower() in taken:
            name, number = f"{bare or 'column'}_{number}", number + 1
        names.append(name)
        if not bare:
            notes.append(f'Column number {place} has no name: it is read as "{name}".')
        elif name != bare:
            notes.append(
                f'Column "{bare}" is there more than once: number {place} is read as "{name}".'
            )
        elif bare != given:
            notes.append(f'Column "{given}" is read as "{bare}": blanks around names are dropped.')
    return names, notes
