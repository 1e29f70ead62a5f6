"""The folder that a run leaves behind: the model, tables, pictures and the report."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pyarrow as pa

from clienteling.data.csv_safe import write_csv
from clienteling.data.read import read
from clienteling.data.whole_folders import own_files, whole_folder
from clienteling.errors import MissingExtra, OutputError
from clienteling.features.imputation import imputed_customers
from clienteling.offers.recommend import with_reason
from clienteling.run import Run
from clienteling.run_document import segment_rows

__all__ = ["CSV_ROWS", "check_out", "publish"]

#: Up to this many customers the recommendations are written as CSV too.
CSV_ROWS = 1_000_000
#: What a result folder holds; anything else in a folder is somebody's own.
_RESULT = {
    "model.json",
    "segments.csv",
    "recommendations.parquet",
    "recommendations.csv",
    "report.html",
    "images",
    "images/elbow_method.png",
    "images/kmeans_clusters.png",
    "images/dbscan_k_distance.png",
    "images/dbscan_clusters.png",
}


def check_out(out: Path) -> None:
    """Refuse an output folder that can't be written or holds something of one's own.

    Raises
    ------
    OutputError
        Before any work is done.
    """
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(
                f"{out}: is a file, so it can't be the output folder.",
                hint="Name another folder with --out.",
            )
        if out.is_dir():
            own = own_files(out, _RESULT.__contains__)
            if own:
                shown = ", ".join(own[:5]) + (", …" if len(own) > 5 else "")
                raise OutputError(
                    f"{out}: holds files that are not of an earlier result ({shown}); the folder "
                    "would be replaced whole, and they would be lost.",
                    hint="Name another folder with --out.",
                )
        # Tried where the first folder would be made; nothing is left behind.
        there = next(each for each in Path(os.path.abspath(out)).parents if each.exists())
        os.rmdir(tempfile.mkdtemp(prefix=f".{out.name}.", dir=there))
    except OSError as error:
        raise OutputError(
            f"{out}: can't be written ({error.strerror or error}).",
            hint="Name a folder that you may write to with --out.",
        ) from error


def publish(found: Run, out: str | Path, *, csv: bool | None = None) -> list[Path]:
    """Write the result folder: whole or not at all; an earlier result in it is replaced.

    Parameters
    ----------
    found : the run
    out : the folder
    csv : whether the recommendations are written as CSV too; by default up to a million rows

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    OutputError
        The folder can't be written, or holds something that is not an earlier result.
    """
    from clienteling.report import write_report

    out = Path(os.path.abspath(out))
    check_out(out)
    with whole_folder(out) as aside:
        found.model.save(aside / "model.json")
        rows = pa.Table.from_pylist(segment_rows(found.model, found.reach))
        write_csv(read(rows), aside / "segments.csv")
        found.recommended.to_parquet(aside / "recommendations.parquet")
        if csv or (csv is None and found.prepared.usable.rows <= CSV_ROWS):
            for_people = with_reason(found.recommended, found.model, found.catalogue)
            write_csv(for_people, aside / "recommendations.csv")
        images, notes = _draw(found, aside / "images")
        write_report(
            aside / "report.html",
            model=found.model,
            choice=found.choice,
            comparison=found.comparison,
            catalogue=found.catalogue,
            reach=found.reach,
            usable=found.prepared.usable,
            notes=notes,
            images=images,
            offers=found.offers,
            refitted=found.refitted,
            imputed=found.prepared.imputed,
            careful=found.prepared.careful,
        )
    return sorted(each for each in out.rglob("*") if each.is_file())


def _draw(found: Run, folder: Path) -> tuple[list[Path], tuple[str, ...]]:
    """Draw the pictures; without matplotlib the result goes without them, and says so."""
    try:
        from clienteling.plots import draw_images
        from clienteling.plots.customers import DRAWN
    except MissingExtra as error:
        without = f"There are no pictures: they need matplotlib. {error.hint}"
        return [], (*found.notes, without)
    prepared, fit = found.prepared, found.choice.fit
    marked = None
    # Of more customers a sample is drawn, in which nobody can be found again.
    if prepared.imputed and prepared.usable.usable <= DRAWN:
        marked = imputed_customers(prepared.table, prepared.medians, DRAWN)
    images = draw_images(found.model, found.comparison, prepared.sketch, fit, folder, marked)
    return images, found.notes
