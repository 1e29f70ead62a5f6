"""Look at a path before an engine opens it: does it exist, what kind is it, is it a table."""

from __future__ import annotations

import glob
import io
from dataclasses import dataclass, field, replace
from pathlib import Path

from clienteling.data.assumptions import Assumption
from clienteling.data.encodings import declared_encoding, find_encoding, write_utf8
from clienteling.data.read_options import ReadOptions
from clienteling.data.scratch import Scratch
from clienteling.data.text_start import first_record, refuse_no_text, start_of_text
from clienteling.data.unpack import PACKED, unpack
from clienteling.data.workbook import WORKBOOKS, sheet_to_csv
from clienteling.errors import SourceError, near_names

__all__ = ["SAMPLE", "DataFile", "inspect_path", "rewritten", "sample_path"]

#: The SOURCE word for the sample that comes with the package.
SAMPLE = "sample"

_TEXT_SUFFIXES = {".csv", ".tsv", ".tab", ".txt"}
_JSON_SUFFIXES = {".jsonl", ".ndjson"}
_HEAD = 1 << 16


@dataclass(frozen=True)
class DataFile:
    """A file, or a folder of Parquet files, that an engine can open.

    Parameters
    ----------
    path : the file, or a glob of the folder's files
    kind : ``csv``, ``json`` or ``parquet``
    delimiter : what separates the fields of a CSV file
    header : the names in the first line of a CSV file, as they stand there
    shown : what to call the file in messages; its own path unless it was unpacked or rewritten
    options : how it is to be read
    assumptions : what was assumed so far
    scratch : keeps what was unpacked or rewritten for as long as the file is in use
    rewritten : whether the text is known to be UTF-8 with plain line ends
    workbook : whether the text was a sheet of a workbook, where numbers are numbers
    """

    path: str
    kind: str
    delimiter: str = ","
    header: tuple[str, ...] = ()
    shown: str = ""
    options: ReadOptions = field(default_factory=ReadOptions)
    assumptions: tuple[Assumption, ...] = ()
    scratch: Scratch | None = field(default=None, repr=False, compare=False)
    rewritten: bool = False
    workbook: bool = False

    @property
    def name(self) -> str:
        """What to call the file in messages."""
        return self.shown or self.path


def sample_path() -> Path:
    """Return where the sample, Mall Customers, lies: in the package or in the checkout.

    Examples
    --------
    >>> sample_path().name
    'Mall_Customers.csv'
    """
    package = Path(__file__).resolve().parents[1]
    for path in (
        package / "sample" / "Mall_Customers.csv",
        package.parents[1] / "Mall_Customers.csv",
    ):
        if path.is_file():
            return path
    raise SourceError(
        "The sample Mall_Customers.csv is not where the package expects it.",
        hint="Install the package anew, or give the path of a file of your own.",
    )


def inspect_path(source: str, options: ReadOptions | None = None) -> DataFile:
    """Find out what lies at ``source``, and refuse what is not a table.

    Parameters
    ----------
    source : a path of CSV, TSV, JSON lines, Parquet or an Excel workbook, compressed or not, a
        folder or a glob of Parquet files, or ``sample``
    options : how it is to be read

    Raises
    ------
    SourceError
        There is nothing at that path, or it is not a table.
    InputError
        An option doesn't apply to that kind of file.
    """
    options = options or ReadOptions()
    if not source.strip():
        raise SourceError("The source is empty.", hint=f'Give a path, or "{SAMPLE}".')
    if source == SAMPLE and not Path(source).exists():
        return inspect_path(str(sample_path()), options)
    if any(sign in source for sign in "*?[") and not Path(source).exists():
        found = Path().glob(source) if not source.startswith("/") else Path("/").glob(source[1:])
        return _parquet_files(source, sorted(found), source, options)
    path = Path(source).expanduser()
    try:
        if path.is_dir():
            pattern = str(Path(glob.escape(str(path))) / "**" / "*.parquet")
            return _parquet_files(pattern, sorted(path.rglob("*.parquet")), str(path), options)
        if not path.exists():
            raise _no_such_file(path)
    except OSError as error:
        raise SourceError(f"{source}: can't be read ({error.strerror}).") from error
    shown, scratch = str(path), None
    if path.suffix.lower() in PACKED:
        scratch = Scratch()
        path = unpack(path, scratch)
    return _inspect_file(DataFile(str(path), "", shown=shown, options=options, scratch=scratch))


def rewritten(file: DataFile, skip: int = 0) -> DataFile:
    """Return a text file as UTF-8 with plain line ends, whatever it was, without its first lines.

    Raises
    ------
    SourceError
        It mixes encodings, or is in none that is known.
    """
    encoding, assumed = _encoding(file)
    scratch = file.scratch or Scratch()
    target = scratch.folder / ("text.csv" if not file.rewritten else "table.csv")
    try:
        write_utf8(Path(file.path), target, encoding, file.name, skip)
    except OSError as error:
        raise SourceError(f"{file.name}: can't be rewritten ({error.strerror}).") from error
    return replace(
        file,
        path=str(target),
        scratch=scratch,
        rewritten=True,
        assumptions=(*file.assumptions, *assumed),
    )


def _inspect_file(file: DataFile) -> DataFile:
    path = Path(file.path)
    suffix = path.suffix.lower()
    head = _head(file)
    if head[:4] == b"PAR1" or suffix == ".parquet":
        return _parquet_file(file, head)
    if suffix in WORKBOOKS:
        return _workbook(file)
    if suffix not in _TEXT_SUFFIXES and suffix not in _JSON_SUFFIXES:
        raise SourceError(
            f'{file.name}: files that end in "{suffix or path.name}" are not read.',
            hint="Give a CSV, TSV, Excel (.xlsx), Parquet or JSON lines (.jsonl) file, or one of "
            f"these compressed ({', '.join(PACKED)}).",
        )
    refuse_no_text(file.name, head)
    if suffix in _JSON_SUFFIXES:
        file.options.refuse_others(file.name, "JSON lines", "drop", "as_text")
        start_of_text(file.name, head, "utf-8")
        return replace(file, kind="json")
    file.options.refuse_others(file.name, "text", *_TEXT_OPTIONS)
    return _text_file(replace(file, kind="csv"), head)


_TEXT_OPTIONS = (
    "delimiter",
    "encoding",
    "decimal",
    "thousands",
    "dates",
    "missing",
    "drop",
    "as_text",
)


def _text_file(file: DataFile, head: bytes) -> DataFile:
    encoding = file.options.encoding or declared_encoding(head) or "utf-8"
    if encoding != "utf-8" or not _is_utf8(head):
        file = rewritten(file)
        head = _head(file)
    record = first_record(file.name, Path(file.path), head, file.options.delimiter)
    if record.skip:
        file = rewritten(file, record.skip)
    return replace(file, delimiter=record.delimiter, header=record.names)


def _workbook(file: DataFile) -> DataFile:
    file.options.refuse_others(file.name, "workbook", "sheet", *_TEXT_OPTIONS[2:])
    scratch = file.scratch or Scratch()
    target = scratch.folder / "sheet.csv"
    assumed = sheet_to_csv(Path(file.path), file.name, file.options.sheet, target)
    made = replace(
        file,
        path=str(target),
        kind="csv",
        scratch=scratch,
        rewritten=True,
        workbook=True,
        assumptions=(*file.assumptions, *assumed),
    )
    record = first_record(made.name, target, _head(made), ",")
    return replace(made, header=record.names)


def _encoding(file: DataFile) -> tuple[str, list[Assumption]]:
    if file.options.encoding is not None and not file.rewritten:
        return file.options.encoding, []
    declared = declared_encoding(_head(file))
    return (declared, []) if declared else find_encoding(Path(file.path), file.name)


def _is_utf8(head: bytes) -> bool:
    try:
        start_of_text("", head, "utf-8")
    except SourceError:
        return False
    return True


def _no_such_file(path: Path) -> SourceError:
    folder = path.parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    hint = near_names(path.name, names)
    if not folder.is_dir():
        hint = f"The folder {folder} does not exist either."
    return SourceError(
        f"{path}: there is no such file.",
        hint=(hint + " " if hint else "") + f'To try the built-in sample, give "{SAMPLE}".',
    )


def _parquet_files(pattern: str, found: list[Path], source: str, options: ReadOptions) -> DataFile:
    options.refuse_others(source, "Parquet", "drop", "as_text")
    other = [each for each in found if each.suffix.lower() != ".parquet"]
    if other or not found:
        takes_in = f"takes in {other[0]}, which is" if other else "holds"
        raise SourceError(
            f"{source}: {takes_in} no Parquet file.",
            hint="A folder or a pattern is read as Parquet; give a CSV file by its name.",
        )
    return DataFile(pattern, "parquet", options=options)


def _parquet_file(file: DataFile, head: bytes) -> DataFile:
    file.options.refuse_others(file.name, "Parquet", "drop", "as_text")
    if head[:4] != b"PAR1":
        raise SourceError(f"{file.name}: is named .parquet but is not a Parquet file.")
    with Path(file.path).open("rb") as opened:
        opened.seek(-4, io.SEEK_END)
        if opened.read() != b"PAR1":
            raise SourceError(
                f"{file.name}: the Parquet file is cut off; its end is missing.",
                hint="Copy or export the file again.",
            )
    return replace(file, kind="parquet")


def _head(file: DataFile) -> bytes:
    try:
        with Path(file.path).open("rb") as opened:
            return opened.read(_HEAD)
    except OSError as error:
        raise SourceError(f"{file.name}: can't be read ({error.strerror}).") from error
