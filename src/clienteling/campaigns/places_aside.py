"""Where a campaign's folder is written before it is moved: in use, or left by a killed process."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

__all__ = [
    "announce_table",
    "clear_aside",
    "is_taken",
    "is_whole",
    "mark_whole",
    "places_aside",
    "still_written",
    "tables_left",
]

_LOCK, _WHOLE, _TABLE = "lock", "whole", "table"


def places_aside(folder: Path) -> list[Path]:
    """Return what lies beside a folder's place and was to become it."""
    return sorted(folder.parent.glob(f".{glob.escape(folder.name)}.*"))


def is_taken(folder: Path) -> bool:
    """Whether something is at a folder's place; an empty folder is in nobody's way."""
    return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))


def mark_whole(made: Path) -> None:
    """Say of a folder that is written aside that it lacks nothing: now it may be recorded."""
    made.with_name(_WHOLE).touch()


def is_whole(aside: Path) -> bool:
    """Whether what lies there lacks nothing."""
    return (aside / _WHOLE).exists()


def announce_table(made: Path, address: str) -> None:
    """Say which table of a database is about to be written with a folder that is made aside."""
    made.with_name(_TABLE).write_text(address, encoding="utf-8")


def tables_left(folder: Path) -> list[str]:
    """Return the tables that ended processes may have written, with a folder that is not whole.

    Parameters
    ----------
    folder : the place that they wrote for
    """
    found = []
    for aside in places_aside(folder):
        with _ended(aside) as ended:
            if ended and not is_whole(aside) and (aside / _TABLE).is_file():
                found.append((aside / _TABLE).read_text(encoding="utf-8"))
    return found


@contextmanager
def still_written(aside: Path) -> Iterator[None]:
    """Show others that a place aside is in use, until the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows: what a killed process leaves there stays
        yield
        return
    with (aside / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def clear_aside(folder: Path) -> None:
    """Take away what ended processes left; what is whole may be recorded, and stays until then.

    Parameters
    ----------
    folder : the place that they wrote for; where it is there, none of them will become it
    """
    for aside in places_aside(folder):
        with _ended(aside) as ended:
            if ended and (is_taken(folder) or not is_whole(aside)):
                shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _ended(aside: Path) -> Iterator[bool]:
    """Tell whether the process that wrote there has ended; nobody else begins meanwhile."""
    with ExitStack() as opened:
        try:
            import fcntl

            lock = opened.enter_context((aside / _LOCK).open("r+"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (ImportError, OSError):
            yield False  # it is at work, or nothing of ours
            return
        yield True
