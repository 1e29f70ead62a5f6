"""A folder for what is unpacked or rewritten on the way into an engine."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

__all__ = ["Scratch"]


class Scratch:
    """A folder that is removed when nothing refers to it any more, or when the process ends.

    Examples
    --------
    >>> scratch = Scratch()
    >>> folder = scratch.folder
    >>> folder.is_dir()
    True
    >>> del scratch
    >>> folder.exists()
    False
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clienteling-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
