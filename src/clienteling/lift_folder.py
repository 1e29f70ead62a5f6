"""The folder that the evaluation of an experiment leaves behind: its page, figures and pictures."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clienteling.errors import MissingExtra, OutputError
from clienteling.measurement.evaluate import Evaluation
from clienteling.report.lift_page import render_lift

__all__ = ["check_lift_folder", "publish_lift"]

_OURS = re.compile(r"report\.html|evaluation\.json|images(/(lift|uplift)_\d+\.png)?")


def check_lift_folder(out: Path) -> None:
    """Refuse a folder that holds something else than an earlier report of this kind.

    Raises
    ------
    OutputError
        Before any work is done.
    """
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: is a file, not a folder.", hint="Name another with --out.")
    inside = sorted(each.relative_to(out).as_posix() for each in out.rglob("*"))
    own = [each for each in inside if not _OURS.fullmatch(each)]
    if own:
        raise OutputError(
            f"{out}: holds files that are not of an earlier report ({', '.join(own[:5])}); the "
            "folder would be replaced whole, and they would be lost.",
            hint="Name another folder with --out.",
        )


def publish_lift(
    found: Evaluation,
    out: str | Path,
    by_offer: Sequence[str] = (),
    document: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write ``report.html``, ``evaluation.json`` and ``images/``: whole or not at all.

    Without matplotlib there are no pictures.

    Parameters
    ----------
    found : the evaluation
    out : the folder
    by_offer : what each offer of a campaign brought, in sentences
    document : what stands in ``evaluation.json``, where that is more than the evaluation

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    OutputError
        The folder can't be written, or holds something else.
    """
    out = Path(os.path.abspath(out))
    check_lift_folder(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as aside:
            made = Path(aside) / "made"
            (made / "images").mkdir(parents=True)
            page = render_lift(found, _draw(found, made / "images"), by_offer)
            (made / "report.html").write_text(page, encoding="utf-8", newline="\n")
            said = json.dumps(document or found.as_document(), ensure_ascii=False, indent=2)
            (made / "evaluation.json").write_text(said + "\n", encoding="utf-8", newline="\n")
            if out.exists():
                out.rename(Path(aside) / "old")
            made.rename(out)
            shutil.rmtree(Path(aside) / "old", ignore_errors=True)
    except OSError as error:
        raise OutputError(f"{out}: can't be written ({error.strerror or error}).") from error
    return sorted(each for each in out.rglob("*") if each.is_file())


def _draw(found: Evaluation, folder: Path) -> list[Path]:
    try:
        from clienteling.plots import draw_lift, draw_uplift
    except MissingExtra:
        return []
    from clienteling.plots.style import save_png

    drawn = []
    for i, outcome in enumerate(found.experiment.outcomes, start=1):
        figure = draw_lift(found.lift, outcome, found.experiment.control)
        drawn.append(save_png(figure, folder / f"lift_{i}.png"))
        if any(each.outcome == outcome for each in found.qini):
            drawn.append(save_png(draw_uplift(found.qini, outcome), folder / f"uplift_{i}.png"))
    return drawn
