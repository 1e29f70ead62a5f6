"""The folder of a campaign as one file: what a visitor keeps, and gives back with the outcomes."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from clienteling.errors import SourceError

__all__ = ["MOST_BYTES", "packed", "unpacked"]

#: Of what a file may hold, unpacked: the decisions of as many customers as the app takes have less.
MOST_BYTES = 200 << 20

#: What is needed to measure a campaign. Nothing else is taken out of a file that somebody gives.
_NEEDED = re.compile(
    r"(?:[^/\\]+/)?(plan\.json|model\.json|catalogue\.yaml|decisions/part-\d+\.parquet)"
)
_WHOLE = ("plan.json", "model.json", "catalogue.yaml", "decisions")


def packed(folder: Path) -> bytes:
    """Return a campaign's folder as the bytes of a ZIP file."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                made.write(each, f"{folder.name}/{each.relative_to(folder).as_posix()}")
    return into.getvalue()


def unpacked(data: bytes, name: str, into: Path) -> Path:
    """Take a campaign's folder out of a ZIP file, and return it.

    Parameters
    ----------
    data, name : of the file
    into : an empty folder

    Raises
    ------
    SourceError
        It is no campaign's file, a damaged one, or one too large.
    """
    folder = into / "campaign"
    folder.mkdir()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as given:
            wanted = [
                (each, found[1])
                for each in given.infolist()
                if (found := _NEEDED.fullmatch(each.filename)) is not None
            ]
            if sum(each.file_size for each, _ in wanted) > MOST_BYTES:
                raise SourceError(f"{name}: is too large for the file of a campaign.")
            for each, path in wanted:
                # Never by the path that the file itself gives.
                (folder / path).parent.mkdir(exist_ok=True)
                (folder / path).write_bytes(given.read(each))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"{name}: is no ZIP file that can be read.", hint=_HINT) from error
    lacking = [each for each in _WHOLE if not (folder / each).exists()]
    if lacking:
        raise SourceError(
            f"{name}: is not the file of a campaign; it has no {', no '.join(lacking)}.",
            hint=_HINT,
        )
    return folder


_HINT = (
    "Give the file that you kept when the campaign was planned, or the folder that "
    "clienteling campaign plan wrote, as a ZIP file."
)
