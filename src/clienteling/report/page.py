"""The report's page: the template, filled and written whole or not at all."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from clienteling.data.numbers import Usable
from clienteling.data.whole_files import aside
from clienteling.offers.catalogue import Catalogue, is_built_in
from clienteling.offers.reach import Reach, same_for_all
from clienteling.plots.palette import shape_of
from clienteling.report.figures import statistic_places
from clienteling.report.pictures import embed_pictures
from clienteling.report.same_digits import feature_places, profile_rows
from clienteling.report.template import fill
from clienteling.report.trials import trial_words
from clienteling.segmentation.choose_k import Choice
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.no_groups import NO_GROUPS, no_groups, why_beside_warning
from clienteling.segmentation.playbook import built_in_playbooks
from clienteling.segmentation.refit import Refit

__all__ = ["render_report", "write_report"]

#: What the commands write out where no name is given.
_USUAL = "income-spending"


def render_report(
    *,
    model: Model,
    choice: Choice,
    comparison: Comparison,
    catalogue: Catalogue,
    reach: Mapping[int, Reach],
    usable: Usable,
    notes: Sequence[str],
    images: Sequence[Path] = (),
    offers: str = "",
    refitted: Refit | None = None,
    imputed: Sequence[str] = (),
    careful: Sequence[str] = (),
) -> str:
    """Return the report as one HTML page that needs nothing else: no script, no other file.

    Parameters
    ----------
    model : the segments
    choice : the evidence for the number of segments
    comparison : DBSCAN beside K-means
    catalogue : the offers
    reach : by the id of a segment what its customers get
    usable : how many customers have a segment, and why the others have none
    notes : what was assumed, in sentences
    images : PNG files ``elbow_method.png``, ``kmeans_clusters.png``, ``dbscan_k_distance.png``
        and ``dbscan_clusters.png``, as far as they exist; others are left out
    offers : the file of a catalogue of one's own, for the commands that the report proposes
    refitted : how the model goes on from an earlier one, where it does
    imputed : how many customers have a median in the place of a value, in sentences
    careful : what puts the whole in question, in sentences

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
    ...     reach=found.reach,
    ...     usable=found.prepared.usable,
    ...     notes=found.notes,
    ... )
    >>> "Deal Seekers" in page, "<script" in page
    (True, False)
    """
    return fill(
        "template.html.j2",
        model=model,
        choice=choice,
        comparison=comparison,
        catalogue=catalogue,
        reach=reach,
        alike=same_for_all(model.segments, reach),
        usable=usable,
        notes=list(dict.fromkeys(notes)),
        careful=careful,
        warned=no_groups(model),
        no_groups_title=NO_GROUPS,
        why_beside_warning=why_beside_warning,
        pictures=embed_pictures(images, model, choice, comparison),
        shapes={each.id: shape_of(each.id) for each in model.segments},
        largest_kmeans=int(np.bincount(comparison.kmeans_labels).max()),
        taken_radius=_nearest(comparison),
        headings={each.name: each.words.heading for each in model.features},
        words={each.name: each.words for each in model.features},
        digits=feature_places(model),
        trials=_trials(model, reach),
        profiles=profile_rows(model),
        evidence_digits={
            figure: statistic_places(getattr(row, figure) for row in choice.rows)
            for figure in ("inertia", "calinski_harabasz", "davies_bouldin")
        },
        refitted=refitted,
        imputed=imputed,
        own_offers=_own_offers(catalogue, offers),
        trial_commands=_trial_commands(model, _own_offers(catalogue, offers)),
        own_words=_own_words(model, catalogue, _own_offers(catalogue, offers)),
    )


def write_report(
    path: str | Path,
    *,
    model: Model,
    choice: Choice,
    comparison: Comparison,
    catalogue: Catalogue,
    reach: Mapping[int, Reach],
    usable: Usable,
    notes: Sequence[str],
    images: Sequence[Path] = (),
    offers: str = "",
    refitted: Refit | None = None,
    imputed: Sequence[str] = (),
    careful: Sequence[str] = (),
) -> None:
    """Write the report as one HTML file, whole or not at all.

    Parameters
    ----------
    path : the file; one that is there is replaced
    model, choice, comparison, catalogue, reach, usable, notes, images, offers : as for
        :func:`render_report`
    refitted, imputed, careful : likewise

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
        reach=reach,
        usable=usable,
        notes=notes,
        images=images,
        offers=offers,
        refitted=refitted,
        imputed=imputed,
        careful=careful,
    )
    with aside(Path(path)) as place:
        place.write_text(page, encoding="utf-8", newline="\n")


def _trials(model: Model, reach: Mapping[int, Reach]) -> tuple[list[Segment], list[Segment]]:
    """Return the segments that are large enough for a trial of their first offer, and too small."""
    firsts = {each.id: reach[each.id].most_first for each in model.segments}
    able: list[Segment] = []
    small: list[Segment] = []
    for each in model.segments:
        first = firsts[each.id]
        if first is not None:
            (able if trial_words(first.first) else small).append(each)
    return able, small


def _nearest(comparison: Comparison) -> int:
    """Return which row of the sweep, whose radii are rounded, is the chosen radius."""
    apart = [abs(row.eps - comparison.eps) for row in comparison.sweep]
    return apart.index(min(apart))


def _own_words(model: Model, catalogue: Catalogue, own_offers: str) -> list[str]:
    """Return the commands that write out this run's names and offers, and run with one's own."""
    playbook = model.playbook if model.playbook in built_in_playbooks() else _USUAL
    again = ["clienteling run customers.csv"]
    if playbook != _USUAL:
        # A playbook that fits any features doesn't say which were taken.
        categories = [each.column for each in model.categories]
        numbers = [each for each in model.columns if each not in categories]
        for option, columns in (("--features", numbers), ("--categorical", categories)):
            if columns:
                again.append(f"{option} {shlex.quote(','.join(columns))}")
    again.append(f"--playbook my-playbook.yaml --offers {own_offers or 'my-offers.yaml'}")
    written = [_written("clienteling playbook", playbook, "my-playbook.yaml")]
    if not own_offers:
        written.append(_written("clienteling offers write", catalogue.catalogue, "my-offers.yaml"))
    return [*written, " ".join(again)]


def _trial_commands(model: Model, own_offers: str) -> list[str]:
    """Return the commands that plan a trial, and measure it; a page knows no folders of a disk."""
    source = model.provenance.source
    customers = shlex.quote(source) if Path(source).suffix else "customers.csv"
    plan = f"clienteling campaign plan model.json {customers} --name spring --holdout 0.5"
    return [
        f"{plan} --offers {own_offers}" if own_offers else plan,
        "clienteling campaign lift spring --outcomes outcomes.csv",
    ]


def _written(command: str, name: str, file: str) -> str:
    return f"{command} --out {file}" if name == _USUAL else f"{command} {name} --out {file}"


def _own_offers(catalogue: Catalogue, offers: str) -> str:
    """Return the file of a catalogue of one's own, as a command takes it; empty for a built-in."""
    if offers:
        return shlex.quote(offers)
    return "" if is_built_in(catalogue) else "my-offers.yaml"
