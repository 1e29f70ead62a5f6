"""The whole way from a table to offers, and the folder that it leaves behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from clienteling.data.csv_safe import write_csv
from clienteling.data.read import Source, read
from clienteling.data.table import Table
from clienteling.errors import MissingExtra, OutputError
from clienteling.features.imputation import imputed_customers
from clienteling.offers.catalogue import Catalogue, catalogue_for, is_built_in
from clienteling.offers.ranking import OFFERS
from clienteling.offers.reach import Reach, reach
from clienteling.offers.recommend import recommend, with_reason
from clienteling.segmentation.ahead import load_ahead
from clienteling.segmentation.model import Model
from clienteling.segmentation.no_groups import no_groups
from clienteling.segmentation.playbook import Playbook
from clienteling.segmentation.prepare import Prepared, check_settings, prepare
from clienteling.segmentation.refit import Refit
from clienteling.segmentation.segment import FITTING, build_model, first_fits, fit_segments

if TYPE_CHECKING:
    from clienteling.segmentation.choose_k import Choice
    from clienteling.segmentation.dbscan import Comparison

__all__ = [
    "CSV_ROWS",
    "Run",
    "as_document",
    "check_out",
    "complete",
    "publish",
    "run",
    "segment_rows",
]

#: Up to this many customers the recommendations are written as CSV too.
CSV_ROWS = 1_000_000
#: Loaded beside what the fit needs, see :mod:`clienteling.segmentation.ahead`.
_COMPARING = "clienteling.segmentation.dbscan"

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Run:
    """All that a run finds out.

    Parameters
    ----------
    model : the segments
    choice : the evidence for the number of segments
    comparison : DBSCAN beside K-means
    prepared : the customers, the features and the sketch
    catalogue : the offers
    recommended : the segment and the offers of every customer, lazily
    reach : by the id of a segment the offers that go out to its customers, and to how many
    notes : what was assumed, in sentences
    offers : where the catalogue of one's own was read from; empty for a built-in one
    refitted : how the model goes on from an earlier one, where it does
    """

    model: Model
    choice: Choice
    comparison: Comparison
    prepared: Prepared
    catalogue: Catalogue
    recommended: Table
    reach: Mapping[int, Reach]
    notes: tuple[str, ...]
    offers: str = ""
    refitted: Refit | None = None


def run(
    customers: Source,
    features: Sequence[str] | None = None,
    *,
    categorical: Sequence[str] = (),
    k: int | None = None,
    playbook: str | Path | Playbook | None = None,
    transform: str | Mapping[str, str] | None = None,
    offers: str | Path | Catalogue | None = None,
    id: str | None = None,
    roles: str | Path | Mapping[str, str] | None = None,
    impute: str | None = None,
    rows_are_customers: bool = False,
    eps: float | None = None,
    min_samples: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    ready: Callable[[Prepared], None] | None = None,
) -> Run:
    """Go the whole way: choose k, fit, name, compare, recommend. Nothing is written.

    Parameters
    ----------
    customers, features, categorical, k, playbook, transform, id, roles, impute : as for
        :func:`clienteling.segment`
    rows_are_customers, seed, progress : likewise
    offers : a catalogue; by default the built-in one of the playbook
    eps, min_samples : DBSCAN's settings, for the comparison
    ready : called once the features are known, before the fit

    Raises
    ------
    InputError
        The input or the usage is wrong; see :mod:`clienteling.errors`.

    Examples
    --------
    >>> found = run("sample")
    >>> found.model.k, found.comparison.clusters
    (5, 3)
    """
    check_settings(k, seed)
    given = str(offers) if isinstance(offers, str | Path) else ""
    if offers is not None:
        # A fault in the catalogue is said before the work, not after it.
        from clienteling.offers.catalogue import load_catalogue

        offers = load_catalogue(offers)
    with load_ahead(*FITTING, _COMPARING) as wait_for:
        prepared = prepare(
            customers,
            features,
            categorical=categorical,
            playbook=playbook,
            transform=transform,
            id=id,
            roles=roles,
            impute=impute,
            rows_are_customers=rows_are_customers,
        )
        if ready is not None:
            ready(prepared)
        wait_for(FITTING[0])
        fits = first_fits(prepared, k, seed=seed, progress=progress)
    choice = fit_segments(prepared, k, seed=seed, fits=fits, progress=progress)
    model = build_model(prepared, choice, seed)
    return complete(
        model, choice, prepared, offers=offers, given=given, eps=eps, min_samples=min_samples
    )


def complete(
    model: Model,
    choice: Choice,
    prepared: Prepared,
    *,
    offers: Catalogue | None = None,
    given: str = "",
    refitted: Refit | None = None,
    eps: float | None = None,
    min_samples: int | None = None,
) -> Run:
    """Go the rest of the way, from a model to the offers.

    Parameters
    ----------
    model, choice, prepared : of a fit, or a refit
    offers : a catalogue; by default the built-in one of the playbook
    given : where it was read from
    refitted : what a refit found, for the report
    eps, min_samples : as for :func:`run`
    """
    from clienteling.segmentation.dbscan import compare_dbscan

    catalogue = catalogue_for(model, offers, prepared.playbook)
    own = "" if is_built_in(catalogue) else given
    if not is_built_in(catalogue):
        made_with = {
            "catalogue": catalogue.catalogue,
            "catalogue_fingerprint": catalogue.fingerprint,
        }
        model = model.model_copy(update=made_with)
    comparison = compare_dbscan(prepared.sketch, choice.fit, eps=eps, min_samples=min_samples)
    recommended = recommend(model, prepared.table, offers=catalogue, id=prepared.id)
    reached = reach(model, prepared.table, offers=catalogue, id=prepared.id)
    # The model's are those of the preparation, and which words the profile took for no value.
    notes = tuple(dict.fromkeys((*prepared.notes, *model.notes, *recommended.notes)))
    return Run(
        model, choice, comparison, prepared, catalogue, recommended, reached, notes, own, refitted
    )


def as_document(found: Run) -> dict[str, Any]:
    """Return the run as one JSON document, as ``clienteling run --json`` prints it."""
    model, comparison = found.model, found.comparison
    return {
        "k": model.k,
        "why_k": model.why_k,
        "inertia": model.inertia,
        "silhouette": model.silhouette,
        "features": model.columns,
        "customers": found.prepared.usable.rows,
        "scored": found.prepared.usable.usable,
        "playbook": model.playbook,
        "catalogue": found.catalogue.catalogue,
        "warning": " ".join(no_groups(model)),
        "segments": [
            {
                "id": each.id,
                "name": each.name,
                "size": each.size,
                "share": each.share,
                "centre": model.centre_of(each),
                "description": each.description,
                "strategy": each.strategy,
                "explanation": each.explanation,
                "fit": each.fit,
                "traits": [trait.model_dump() for trait in each.traits],
                "typical": each.typical,
                "rule": {**each.rule.model_dump(), "sentence": each.rule.sentence}
                if each.rule
                else None,
                "stability": each.stability,
                "warning": each.warning,
                "offers": [
                    {
                        "rank": sent.rank,
                        "id": sent.offer.id,
                        "title": sent.offer.title,
                        "text": sent.offer.text,
                        "channel": sent.offer.channel,
                        "reason": sent.reason,
                        "customers": sent.customers,
                    }
                    for sent in found.reach[each.id].sent
                ],
                "closed_offers": [
                    {"id": closed.offer.id, "title": closed.offer.title, "why": closed.why}
                    for closed in found.reach[each.id].closed
                ],
                "without_offer": found.reach[each.id].without,
                "profile": [figure.model_dump() for figure in each.profile],
            }
            for each in model.segments
        ],
        "associations": [each.model_dump() for each in model.associations],
        "dbscan": {
            "eps": comparison.eps,
            "min_samples": comparison.min_samples,
            "clusters": comparison.clusters,
            "noise": comparison.noise,
            "silhouette": comparison.silhouette,
            "agreement": comparison.agreement,
            "verdict": comparison.verdict,
            "sizes": list(comparison.sizes),
            "customers": comparison.customers,
            "sweep": [asdict(each) for each in comparison.sweep],
        },
        "choose_k": [asdict(each) for each in found.choice.rows],
        "elbow_k": found.choice.elbow_k,
        "silhouette_k": found.choice.silhouette_k,
        "structure": asdict(found.choice.structure) if found.choice.structure else None,
        "stability": asdict(found.choice.stability) if found.choice.stability else None,
        "notes": list(found.notes),
    }


def segment_rows(model: Model, reached: Mapping[int, Reach]) -> list[dict[str, Any]]:
    """Return a row per segment, as ``segments.csv`` has it."""
    rows = []
    for each in model.segments:
        row: dict[str, Any] = {
            "id": each.id,
            "name": each.name,
            "size": each.size,
            "share": round(each.share, 6),
            **model.centre_of(each),
            "description": each.description,
            "strategy": each.strategy,
            "explanation": each.explanation,
            "fit": each.fit,
            "apart": model.apart(each),
            "typical": model.typical_words(each),
            "rule": each.rule.sentence if each.rule else "",
            "stability": each.stability,
            "warning": each.warning,
            "profile": "; ".join(figure.words for figure in each.profile),
        }
        own = reached[each.id]
        for rank in range(1, OFFERS + 1):
            sent = own.sent[rank - 1] if rank <= len(own.sent) else None
            row[f"offer_{rank}"] = sent.offer.title if sent else None
            row[f"reason_{rank}"] = sent.reason if sent else None
            row[f"customers_{rank}"] = sent.customers if sent else None
        row["more_offers"] = "; ".join(
            f"{sent.offer.title} ({sent.customers:,})" for sent in own.sent[OFFERS:]
        )
        row["closed_offers"] = "; ".join(f"{no.offer.title}: {no.why}" for no in own.closed)
        row["without_offer"] = own.without
        rows.append(row)
    return rows


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
#: What file managers leave in every folder that a person opens.
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}


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
            inside = (
                each.relative_to(out).as_posix()
                for each in out.rglob("*")
                if each.name not in _LITTER
            )
            own = sorted(each for each in inside if each not in _RESULT)
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
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise OutputError(f"{out}: can't be written ({error.strerror or error}).") from error
    try:
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
        aside.chmod(0o755)
        _swap(aside, out)
    except OSError as error:
        raise OutputError(f"{out}: can't be written ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
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


def _swap(new: Path, out: Path) -> None:
    """Put the new folder in the place of the old one; the old one goes only after that."""
    if not out.exists():
        new.rename(out)
        return
    old = new.with_name(f"{new.name}.old")
    out.rename(old)
    try:
        new.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
