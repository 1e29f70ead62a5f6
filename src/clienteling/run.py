"""The whole way from a table to offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clienteling.data.read import Source
from clienteling.data.table import Table
from clienteling.offers.catalogue import Catalogue, catalogue_for, is_built_in
from clienteling.offers.reach import Reach, reach
from clienteling.offers.recommend import recommend
from clienteling.segmentation.ahead import load_ahead
from clienteling.segmentation.model import Model
from clienteling.segmentation.playbook import Playbook
from clienteling.segmentation.prepare import Prepared, check_settings, prepare
from clienteling.segmentation.progress import Progress
from clienteling.segmentation.refit import Refit
from clienteling.segmentation.segment import FITTING, build_model, first_fits, fit_segments

if TYPE_CHECKING:
    from clienteling.segmentation.choose_k import Choice
    from clienteling.segmentation.dbscan import Comparison

__all__ = ["Run", "complete", "run"]

#: Loaded beside what the fit needs, see :mod:`clienteling.segmentation.ahead`.
_COMPARING = "clienteling.segmentation.dbscan"


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
