"""Text of others on our pages: names, file names and messages show as they are, never as markup."""

from __future__ import annotations

import re

__all__ = ["label", "plain"]

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit looks for emoji (:smile:), icons, links and arrows (->) once the escapes are gone. An
# invisible joiner (U+2060) inside of them leaves the letters what they are.
_FOUND_LATER = re.compile(r"(:(?=[A-Za-z+_/-])|@(?=\w)|\bwww(?=\.)|[-<>](?=[-=>]))", re.IGNORECASE)

#: What can begin markup inside of a line; an underscore or a dollar sign alone can't.
_MARKUP = re.compile(r"[\\`*\[<&~]|(?<!\w)_|_(?!\w)|\$.*\$")


def label(text: str) -> str:
    r"""Return the label of an input that shows ``text`` literally, on one line.

    Screen readers read a label's Markdown as it stands, so nothing is escaped without need.

    Examples
    --------
    >>> print(label("Annual Income (k$)"), label("*new*"), sep=", ")
    Annual Income (k$), \*new\*
    """
    one_line = " ".join(text.split())
    if _MARKUP.search(one_line) or _FOUND_LATER.search(one_line):
        return plain(one_line)
    return one_line


def plain(text: str) -> str:
    r"""Return Markdown that shows ``text`` literally, on one line.

    Examples
    --------
    >>> print(plain("88 k$ [*] <b>"))
    88 k\$ \[\*\] \<b\>
    """
    one_line = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", _FOUND_LATER.sub("\\1\u2060", one_line))
