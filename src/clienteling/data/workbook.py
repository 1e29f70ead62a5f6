"""A sheet of an Excel workbook, written as CSV so that one way of reading serves both."""

from __future__ import annotations

import csv
import datetime
import importlib.util
import itertools
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clienteling.data.assumptions import Assumption
from clienteling.data.title_rows import LOOKED_AT, count_title_rows, titles_left_out
from clienteling.data.unpack import check_bound
from clienteling.errors import MissingExtra, SourceError, near_names

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

__all__ = ["WORKBOOKS", "sheet_to_csv"]

#: How the name of a workbook ends.
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def sheet_to_csv(path: Path, shown: str, sheet: str | int | None, target: Path) -> list[Assumption]:
    """Write one sheet of a workbook as CSV in UTF-8 and return what was assumed.

    Parameters
    ----------
    path : the workbook
    shown : what to call it in messages
    sheet : the name of a sheet or its place from 1; None takes the first with a row in it
    target : where the CSV goes

    Raises
    ------
    MissingExtra
        python-calamine, which reads workbooks, is not installed.
    SourceError
        The file is damaged or locked, there is no such sheet, or the sheet is empty.
    """
    if importlib.util.find_spec("python_calamine") is None:
        raise MissingExtra("Excel workbooks", "excel")
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                check_bound(path, sum(each.file_size for each in archive.infolist()))
        with CalamineWorkbook.from_path(str(path)) as workbook:
            name, assumed = _choose(workbook, shown, sheet)
            titles = _write(workbook, name, shown, target)
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise SourceError(
            f"{shown}: can't be read as a workbook ({error}).",
            hint="Take its password off, or save it anew as .xlsx.",
        ) from error
    return [*assumed, *titles_left_out(titles)]


def _choose(
    workbook: CalamineWorkbook, shown: str, sheet: str | int | None
) -> tuple[str, list[Assumption]]:
    names = workbook.sheet_names
    listed = ", ".join(f'"{each}"' for each in names)
    if sheet is None:
        if not names:
            raise SourceError(f"{shown}: holds no sheet.")
        if len(names) == 1:
            return names[0], [Assumption(f'the sheet "{names[0]}" is read, the only one')]
        what = f'the sheet "{names[0]}" is read, the first of {len(names)}'
        return names[0], [Assumption(what, option=f'--sheet "{names[1]}"')]
    if str(sheet) in names:
        return str(sheet), []
    place = int(sheet) if str(sheet).isdecimal() else 0
    if 1 <= place <= len(names):
        return names[place - 1], []
    near = near_names(str(sheet), names)
    raise SourceError(
        f'{shown}: there is no sheet "{sheet}".',
        hint=(f"{near} " if near else "") + f"The sheets are: {listed}.",
    )


def _write(workbook: CalamineWorkbook, name: str, shown: str, target: Path) -> list[list[str]]:
    """Write a sheet, and return the rows above the names of the columns, which are left out."""
    sheet = workbook.get_sheet_by_name(name)
    every = ([_as_text(each) for each in row] for row in sheet.iter_rows())
    first = list(itertools.islice(filter(any, every), LOOKED_AT))
    titles = first[: count_title_rows(first)]
    left_out = len(titles)
    waiting = rows = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        for row in sheet.iter_rows():
            cells = [_as_text(each) for each in row]
            if left_out:
                left_out -= any(cells)
                continue
            if not any(cells):
                # Rows without anything in them are customers only if others follow.
                waiting += rows > 0
                continue
            for _ in range(waiting):
                writer.writerow([""] * len(cells))
            waiting = 0
            writer.writerow(cells)
            rows += 1
    if not rows:
        raise SourceError(
            f'{shown}: the sheet "{name}" is empty.', hint="Name another one with --sheet."
        )
    return titles


def _as_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # A workbook keeps every number as a float.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    return "" if cell is None else str(cell).replace("\r\n", "\n")
