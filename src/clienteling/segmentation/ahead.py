"""Load what comes next while the engine reads the customers.

Loading scikit-learn takes longer than a pass over ten million customers, and one kernel of two.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Callable, Iterator
from threading import Event, Thread

from clienteling.segmentation.unwanted import without

__all__ = ["load_ahead"]


@contextlib.contextmanager
def load_ahead(*modules: str) -> Iterator[Callable[[str], None]]:
    """Load modules beside the work in the block, one after another; at its end they are there.

    What can't be loaded is said where it is imported.

    Parameters
    ----------
    modules : their full names

    Yields
    ------
    A function that waits until one of the modules is there.

    Examples
    --------
    >>> with load_ahead("colorsys", "wave") as wait_for:
    ...     customers = 200
    ...     wait_for("colorsys")
    """
    done = {each: Event() for each in modules}
    thread = Thread(target=_load, args=[done], daemon=True)
    thread.start()

    def wait_for(module: str) -> None:
        done[module].wait()

    try:
        yield wait_for
    finally:
        thread.join()


def _load(modules: dict[str, Event]) -> None:
    # What is loaded stays: to look for garbage in it meanwhile takes a tenth of the time.
    collected = gc.isenabled()
    gc.disable()
    try:
        # scikit-learn loads pandas where it is installed, for frames that nobody gives it here.
        with without("pandas"):
            for each, done in modules.items():
                with contextlib.suppress(ImportError):
                    importlib.import_module(each)
                done.set()
    finally:
        for done in modules.values():
            done.set()
        if collected:
            gc.enable()
