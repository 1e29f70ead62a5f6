"""Unpack a compressed file, up to a bound: a small file that unpacks without end fills no disk."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from clienteling.data.scratch import Scratch
from clienteling.errors import SourceError

__all__ = ["PACKED", "check_bound", "unpack"]

#: Text seldom packs better than 1 to 50; what is within the first bound harms nobody.
_RATIO = 200
_HARMLESS = 1 << 28
_CHUNK = 1 << 20

_FAULTS = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    RuntimeError,  # a member with a password
    NotImplementedError,
    ValueError,
)


def _open_zstd(path: Path, mode: str) -> Any:
    import pyarrow as pa

    return pa.input_stream(str(path), compression="zstd")


_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": _open_zstd,
}

#: How the name of a compressed file ends.
PACKED = (*_OPENERS, ".zip")


def unpack(path: Path, scratch: Scratch) -> Path:
    """Unpack a compressed file and return where its content lies.

    Parameters
    ----------
    path : a file whose name ends in one of :data:`PACKED`; a ZIP archive must hold one file
    scratch : where the content goes

    Raises
    ------
    SourceError
        The file is damaged, an archive of several files, or unpacks to more than 200 times its
        size.
    """
    try:
        with _opened(path) as (source, name):
            target = scratch.folder / name
            _copy(source, target, path)
    except _FAULTS as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{path}: can't be read ({reason}).") from error
    return target


def check_bound(path: Path, unpacked: int) -> None:
    """Refuse what unpacks to far more than its size.

    Raises
    ------
    SourceError
        ``unpacked`` bytes are more than 200 times the size of the file at ``path``.
    """
    packed = path.stat().st_size
    if unpacked > max(_HARMLESS, _RATIO * packed):
        raise SourceError(
            f"{path}: unpacks to more than {_RATIO} times its size ({_size(packed)}), as no "
            "table of customers does.",
            hint="If you trust it, unpack it yourself and give the file inside.",
        )


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], str]]:
    opener = _OPENERS.get(path.suffix.lower())
    if opener is not None:
        with opener(path, "rb") as source:
            yield source, path.stem
        return
    with zipfile.ZipFile(path) as archive:
        member = _only_member(path, archive)
        check_bound(path, member.file_size)
        with archive.open(member) as source:
            yield source, PurePosixPath(member.filename).name


def _only_member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    # macOS adds a folder of its own, and hidden files.
    members = [
        each
        for each in archive.infolist()
        if not each.is_dir()
        and not each.filename.startswith("__MACOSX/")
        and not PurePosixPath(each.filename).name.startswith(".")
    ]
    if len(members) != 1:
        names = ", ".join(f'"{each.filename}"' for each in members[:5])
        holds = f"{len(members)} files ({names}{', …' if len(members) > 5 else ''})"
        raise SourceError(
            f"{path}: holds {holds if members else 'no file'}; it must be one.",
            hint="Unpack it and give the file with the customers.",
        )
    return members[0]


def _copy(source: IO[bytes], target: Path, path: Path) -> None:
    written = 0
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            check_bound(path, written)
            file.write(chunk)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
