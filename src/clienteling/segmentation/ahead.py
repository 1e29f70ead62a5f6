"""Load what comes next while the engine reads the customers.

Loading scikit-learn takes longer than a pass over ten million customers, and one kernel of two.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from threading import Thread

__all__ = ["load_ahead", "start_loading"]


@contextlib.contextmanager
def load_ahead(*modules: str) -> Iterator[None]:
    """Load modules beside the work in the block; at its end they are there.

    Parameters
    ----------
    modules : their full names

    Examples
    --------
    >>> with load_ahead("colorsys"):
    ...     customers = 200
    """
    thread = start_loading(*modules)
    try:
        yield
    finally:
        thread.join()


def start_loading(*modules: str) -> Thread:
    """Load modules in a thread; who imports one meanwhile waits until it is there.

    What can't be loaded is said where it is imported.
    """
    thread = Thread(target=_load, args=modules, daemon=True)
    thread.start()
    return thread


def _load(*modules: str) -> None:
    for each in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(each)
