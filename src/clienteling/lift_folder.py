"""The folder that the evaluation of an experiment leaves behind: its page, figures and pictures."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clienteling.data.whole_folders import own_files, whole_folder
from clienteling.errors import MissingExtra, OutputError
from clienteling.measurement.evaluate import Evaluation
from clienteling.measurement.observed import Observed
from clienteling.measurement.teaching import Teaching
from clienteling.report.learned_section import draw_teaching
from clienteling.report.lift_page import render_lift
from clienteling.report.observed_page import render_observed

__all__ = ["check_lift_folder", "publish_lift", "publish_observed"]

_OURS = re.compile(
    r"report\.html|evaluation\.json|images(/((lift|uplift)_\d+|beside|learning|responded)\.png)?"
)


def check_lift_folder(out: Path) -> None:
    """Refuse a folder that holds something else than an earlier report of this kind.

    Raises
    ------
    OutputError
        Before any work is done.
    """
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: is a file, not a folder.", hint="Name another with --out.")
    own = own_files(out, lambda each: _OURS.fullmatch(each) is not None)
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
    teaching: Teaching | None = None,
) -> list[Path]:
    """Write ``report.html``, ``evaluation.json`` and ``images/``: whole or not at all.

    Without matplotlib there are no pictures.

    Parameters
    ----------
    found : the evaluation
    out : the folder
    by_offer : what each offer of a campaign brought, in sentences
    document : what stands in ``evaluation.json``, where that is more than the evaluation
    teaching : what the campaigns of the store taught; shown from two of them on

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    OutputError
        The folder can't be written, or holds something else.
    """
    with _published(out) as made:
        drawn = _draw(found, made / "images")
        learning = draw_teaching(teaching, made / "images")
        images = [*drawn, *([learning] if learning is not None else [])]
        page = render_lift(found, images, by_offer, teaching)
        _write(made, page, document or found.as_document())
    return _files(out)


def publish_observed(seen: Observed, out: str | Path) -> list[Path]:
    """Write the same of a campaign that held nobody out: whole or not at all.

    Parameters
    ----------
    seen : what was observed
    out : the folder

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    OutputError
        The folder can't be written, or holds something else.
    """
    with _published(out) as made:
        page = render_observed(seen, _draw_observed(seen, made / "images"))
        _write(made, page, seen.as_document())
    return _files(out)


@contextmanager
def _published(out: str | Path) -> Iterator[Path]:
    """Give a folder with one for images, see :func:`whole_folder`."""
    out = Path(os.path.abspath(out))
    check_lift_folder(out)
    with whole_folder(out) as made:
        (made / "images").mkdir()
        yield made


def _write(made: Path, page: str, document: Mapping[str, Any]) -> None:
    (made / "report.html").write_text(page, encoding="utf-8", newline="\n")
    said = json.dumps(document, ensure_ascii=False, indent=2)
    (made / "evaluation.json").write_text(said + "\n", encoding="utf-8", newline="\n")


def _files(out: str | Path) -> list[Path]:
    return sorted(each for each in Path(os.path.abspath(out)).rglob("*") if each.is_file())


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


def _draw_observed(seen: Observed, folder: Path) -> list[Path]:
    try:
        from clienteling.plots import draw_beside, draw_responded
    except MissingExtra:
        return []
    from clienteling.plots.style import save_png

    drawn = []
    if seen.responded:
        drawn.append(save_png(draw_responded(seen), folder / "responded.png"))
    if seen.beside:
        drawn.append(save_png(draw_beside(seen), folder / "beside.png"))
    return drawn
