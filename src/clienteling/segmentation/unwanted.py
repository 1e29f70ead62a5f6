"""Load a library without another that it would load too, and that nobody asks for here."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from importlib.abc import MetaPathFinder

__all__ = ["without"]


@contextlib.contextmanager
def without(*unwanted: str) -> Iterator[None]:
    """Let libraries be as if they weren't installed, to what this thread loads in the block.

    Other threads find them as ever, and so does this one where they are loaded already.

    Parameters
    ----------
    unwanted : the names of libraries that others take where they find them

    Examples
    --------
    >>> with without("this"):
    ...     import this
    Traceback (most recent call last):
    ModuleNotFoundError: this is not wanted here
    """
    finder = _Refusing(unwanted)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Refusing(MetaPathFinder):
    def __init__(self, unwanted: tuple[str, ...]) -> None:
        self._unwanted, self._thread = unwanted, threading.get_ident()

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse what is unwanted, and leave all other modules to those who find them."""
        if fullname.partition(".")[0] in self._unwanted and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{fullname} is not wanted here", name=fullname)
