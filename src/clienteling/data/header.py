"""The header of a text file: one distinct name per column, and a word on what was changed."""

from __future__ import annotations

from collections.abc import Sequence

from clienteling.data.assumptions import Assumption

__all__ = ["header_names"]


def header_names(header: Sequence[str]) -> tuple[list[str], list[Assumption]]:
    """Return distinct names for the columns of a file, and what was changed.

    Examples
    --------
    >>> names, changed = header_names([" Age", "Score", "score", ""])
    >>> names
    ['Age', 'Score', 'score_2', 'column_4']
    >>> print(changed[1].sentence)
    Column "score" is there more than once: number 3 is read as "score_2".
    """
    names: list[str] = []
    changed = []
    for place, given in enumerate(header, start=1):
        # No engine has a name with a NUL in it.
        bare = given.replace("\0", "").strip()
        name = bare or f"column_{place}"
        # An engine knows no difference between Age and age.
        taken = {each.lower() for each in names}
        number = 2
        while name.lower() in taken:
            name, number = f"{bare or 'column'}_{number}", number + 1
        names.append(name)
        if not bare:
            changed.append(f'Column number {place} has no name: it is read as "{name}"')
        elif name != bare:
            changed.append(
                f'Column "{bare}" is there more than once: number {place} is read as "{name}"'
            )
        elif bare != given:
            changed.append(f'Column "{given}" is read as "{bare}": blanks around names are dropped')
    return names, [Assumption(each) for each in changed]
