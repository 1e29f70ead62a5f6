"""The report's page: the template, filled and written whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from clienteling.data.numbers import Usable
from clienteling.data.whole_files import aside
from clienteling.offers.catalogue import Catalogue, is_built_in
from clienteling.offers.recommend import offers_of
from clienteling.plots.palette import colour_of, shape_of
from clienteling.report import figures, wording
from clienteling.report.pictures import embed_pictures
from clienteling.segmentation.choose_k import Choice
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.model import Model, share_words

__all__ = ["render_report", "write_report"]


def render_report(
    *,
    model: Model,
    choice: Choice,
    comparison: Comparison,
    catalogue: Catalogue,
    usable: Usable,
    notes: Sequence[str],
    images: Sequence[Path] = (),
    offers: str = "",
) -> str:
    """Return the report as one HTML page that needs nothing else: no script, no other file.

    Parameters
    ----------
    model : the segments
    choice : the evidence for the number of segments
    comparison : DBSCAN beside K-means
    catalogue : the offers
    usable : how many customers have a segment, and why the others have none
    notes : what was assumed, in sentences
    images : PNG files ``elbow_method.png``, ``kmeans_clusters.png``, ``dbscan_k_distance.png``
        and ``dbscan_clusters.png``, as far as they exist; others are left out
    offers : the file of a catalogue of one's own, for the commands that the report proposes

    Raises
    ------
    OutputError
        A picture can't be read.

    Examples
    --------
    >>> from clienteling.run import run
    >>> found = run("sample")
    >>> page = render_report(
    ...     model=found.model,
    ...     choice=found.choice,
    ...     comparison=found.comparison,
    ...     catalogue=found.catalogue,
    ...     usable=found.prepared.usable,
    ...     notes=found.notes,
    ... )
    >>> "Deal Seekers" in page, "<script" in page
    (True, False)
    """
    style = _style(model)
    page = (
        _environment()
        .get_template("template.html.j2")
        .render(
            model=model,
            choice=choice,
            comparison=comparison,
            catalogue=catalogue,
            usable=usable,
            notes=list(dict.fromkeys(notes)),
            pictures=embed_pictures(images, model, choice, comparison),
            offers={each.id: offers_of(each, catalogue) for each in model.segments},
            shapes={each.id: shape_of(each.id) for each in model.segments},
            largest_kmeans=int(np.bincount(comparison.kmeans_labels).max()),
            taken_radius=_nearest(comparison),
            headings={each.name: each.words.heading for each in model.features},
            own_offers=_own_offers(catalogue, offers),
            style=Markup(style),
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )
    # A file's name may hold bytes that are no text; the page is text throughout.
    return page.encode("utf-8", "replace").decode("utf-8")


def write_report(
    path: str | Path,
    *,
    model: Model,
    choice: Choice,
    comparison: Comparison,
    catalogue: Catalogue,
    usable: Usable,
    notes: Sequence[str],
    images: Sequence[Path] = (),
    offers: str = "",
) -> None:
    """Write the report as one HTML file, whole or not at all.

    Parameters
    ----------
    path : the file; one that is there is replaced
    model, choice, comparison, catalogue, usable, notes, images, offers : as for
        :func:`render_report`

    Raises
    ------
    OutputError
        The file can't be written, or a picture can't be read.
    """
    page = render_report(
        model=model,
        choice=choice,
        comparison=comparison,
        catalogue=catalogue,
        usable=usable,
        notes=notes,
        images=images,
        offers=offers,
    )
    with aside(Path(path)) as place:
        place.write_text(page, encoding="utf-8", newline="\n")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("clienteling.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names: dict[str, Any] = {
        each: getattr(module, each) for module in (figures, wording) for each in module.__all__
    }
    environment.globals.update(names, share_words=share_words)
    environment.filters["profile_row"] = figures.profile_row
    environment.filters["trial_words"] = figures.trial_words
    return environment


def _style(model: Model) -> str:
    """Return the style sheet, with a class per segment for its colour and share."""
    sheet = (resources.files("clienteling.report") / "style.css").read_text(encoding="utf-8")
    return sheet + "".join(
        f".segment-{each.id} {{ --colour: {colour_of(each.id)}; --share: {each.share:.6f}; }}\n"
        for each in model.segments
    )


def _nearest(comparison: Comparison) -> int:
    """Return which row of the sweep, whose radii are rounded, is the chosen radius."""
    apart = [abs(row.eps - comparison.eps) for row in comparison.sweep]
    return apart.index(min(apart))


def _own_offers(catalogue: Catalogue, offers: str) -> str:
    """Return the file of a catalogue of one's own, as a command takes it; empty for a built-in."""
    if offers:
        return shlex.quote(offers)
    return "" if is_built_in(catalogue) else "my-offers.yaml"
