"""Load what comes next while the engine reads the customers.

Loading scikit-learn takes longer than a pass over ten million customers, and one kernel of two.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Iterator
from threading import Thread

__all__ = ["load_ahead"]


@contextlib.contextmanager
def load_ahead(*modules: str) -> Iterator[None]:
    """Load modules beside the work in the block; at its end they are there.

    What can't be loaded is said where it is imported.

    Parameters
    ----------
    modules : their full names

    Examples
    --------
    >>> with load_ahead("colorsys"):
    ...     customers = 200
    """
    thread = Thread(target=_load, args=modules, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load(*modules: str) -> None:
    # What is loaded stays: to look for garbage in it meanwhile takes a tenth of the time.
    collected = gc.isenabled()
    gc.disable()
    try:
        for each in modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(each)
    finally:
        if collected:
            gc.enable()
