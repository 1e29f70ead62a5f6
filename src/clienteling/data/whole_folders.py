"""Write a folder whole or not at all: beside its place first, and moved there at the end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from clienteling.errors import OutputError

__all__ = ["own_files", "whole_folder"]

#: What file managers leave in every folder that a person opens.
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}


def own_files(out: Path, ours: Callable[[str], bool]) -> list[str]:
    """Return what a folder holds beside an earlier result, which would be lost with it.

    Parameters
    ----------
    out : the folder
    ours : whether a path in it, as text, is of an earlier result
    """
    inside = (
        each.relative_to(out).as_posix() for each in out.rglob("*") if each.name not in _LITTER
    )
    return sorted(each for each in inside if not ours(each))


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give an empty folder beside ``out``; it takes the place of ``out`` at the end.

    Raises
    ------
    OutputError
        The folder can't be written, or the disk is full; what was there before is there still.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with whole_folder(Path(place) / "result") as made:
    ...         _ = (made / "report.html").write_text("All is well.")
    ...     print([each.relative_to(place).as_posix() for each in Path(place).rglob("*.html")])
    ['result/report.html']
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            yield aside
            aside.chmod(0o755)
            _swap(aside, out)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"{out}: can't be written ({error.strerror or error}).") from error


def _swap(new: Path, out: Path) -> None:
    """Put the new folder in the place of the old one; the old one goes only after that."""
    if not out.exists():
        new.rename(out)
        return
    old = new.with_name(f"{new.name}.old")
    out.rename(old)
    try:
        new.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
