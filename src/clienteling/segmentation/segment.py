"""From a table to a model: the features, the number of segments, the names, the profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clienteling.data.read import Source
from clienteling.features.imputation import imputed_table
from clienteling.features.proposals import Proposal
from clienteling.segmentation.ahead import load_ahead
from clienteling.segmentation.chosen_features import aliases_of
from clienteling.segmentation.model import Evidence, Method, Model, Provenance, Structure
from clienteling.segmentation.model_features import Bins, Feature, Level, Steps
from clienteling.segmentation.model_segments import Figure, Segment
from clienteling.segmentation.places import find_places
from clienteling.segmentation.playbook import Playbook
from clienteling.segmentation.prepare import Prepared, check_settings, prepare
from clienteling.segmentation.progress import Progress
from clienteling.segmentation.sketch import Floats
from clienteling.segmentation.words import explain_centre

if TYPE_CHECKING:
    from clienteling.segmentation.borders import Borders
    from clienteling.segmentation.choose_k import Choice
    from clienteling.segmentation.crossings import Rules
    from clienteling.segmentation.kmeans import Fit
    from clienteling.segmentation.naming import Named

__all__ = [
    "FITTING",
    "build_model",
    "first_fits",
    "fit_segments",
    "make_exact",
    "segment",
]

#: What stands on scikit-learn and SciPy is loaded when it is needed, or while the engine reads.
FITTING = tuple(
    f"clienteling.segmentation.{each}"
    for each in ("each_k", "knee", "choose_k", "refine", "naming", "apart")
)

#: Up to so many customers a pass over them costs less than the evidence, and one too many is made
#: now and then.
_QUICK = 20_000_000


def segment(
    customers: Source,
    features: Sequence[str] | None = None,
    *,
    categorical: Sequence[str] = (),
    k: int | None = None,
    playbook: str | Path | Playbook | None = None,
    transform: str | Mapping[str, str] | None = None,
    id: str | None = None,
    roles: str | Path | Mapping[str, str] | None = None,
    impute: str | None = None,
    rows_are_customers: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> Model:
    """Divide customers into named segments by K-means on standardised features.

    Parameters
    ----------
    customers : any source, see :func:`clienteling.read`
    features : the columns that take part; by default those that a built-in playbook knows, else
        those that :func:`clienteling.inspect` proposes
    categorical : columns of words, whole numbers or flags that take part by their levels, beside
        the features; by default such columns only profile the segments
    k : the number of segments; by default chosen by silhouette and stability
    playbook : a built-in playbook's name, a file of one's own, or a :class:`Playbook`
    transform : what each feature goes through before it is standardised: ``auto`` takes what its
        distribution suggests, ``none`` takes it as it is; or a mapping from features to ``log``,
        ``winsorise`` or ``winsorise+log``. By default as ``none``, and what is suggested is said
    id : the column with the customer's id, to keep it out of the profile
    roles : ``auto`` takes the features that :func:`clienteling.inspect` proposes, and leaves the
        columns that it ignores out of the profile; a YAML file or a mapping says otherwise
    impute : ``median`` gives a customer who lacks some of the features the median of the others,
        and marks it; by default such customers have no segment
    rows_are_customers : whether each row is a customer though most ids stand in several rows; by
        default a log of purchases is refused
    seed : any; the segments should not depend on it
    progress : called with what is being done and the share that is done, from 0 to 1

    Returns
    -------
    Model
        The segments, numbered by size, with their names, figures and the reason for k.

    Raises
    ------
    ColumnError
        A feature is missing, or no features are given, known or proposed.
    DataError
        The values don't allow it: text among numbers, one value only, too few customers; or the
        rows are purchases, of which :func:`clienteling.rfm` makes customers.
    DocumentError
        The playbook has faults.

    Examples
    --------
    >>> import clienteling as cl
    >>> model = cl.segment(cl.read("sample"))
    >>> model.k
    5
    >>> for each in model.segments:
    ...     print(each.size, each.name)
    81 Average Customers
    39 Premium Customers
    35 Potential Customers
    23 Low-Value Customers
    22 Deal Seekers
    """
    check_settings(k, seed)
    with load_ahead(*FITTING) as wait_for:
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
        wait_for(FITTING[0])
        fits = first_fits(prepared, k, seed=seed, progress=progress)
    choice = fit_segments(prepared, k, seed=seed, fits=fits, progress=progress)
    return build_model(prepared, choice, seed)


def first_fits(
    prepared: Prepared, k: int | None = None, *, seed: int = 0, progress: Progress | None = None
) -> dict[int, Fit]:
    """Fit every number of segments on the sketch; the first of :data:`FITTING` is enough for it."""
    from clienteling.segmentation.each_k import fit_each_k

    return fit_each_k(prepared.sketch, k, seed=seed, progress=progress)


def fit_segments(
    prepared: Prepared,
    k: int | None = None,
    *,
    seed: int = 0,
    fits: Mapping[int, Fit] | None = None,
    progress: Progress | None = None,
) -> Choice:
    """Choose the number of segments on the sketch, then make the chosen fit exact.

    ``fits`` are those of :func:`first_fits`, where they were made before. The rest of the evidence
    is gathered while the engine works: on the fit that is expected to be chosen, or with very many
    customers on one that nothing can change.
    """
    from clienteling.segmentation.choose_k import OpenChoice

    opened = OpenChoice(prepared.sketch, k, seed=seed, fits=fits, progress=progress)
    few = prepared.sketch.customers <= _QUICK
    first = opened.expected if few else opened.settled
    if first is None or prepared.sketch.kind == "exact":
        return make_exact(prepared, opened.complete(progress), progress)
    # Found before the other thread starts: each would wait for the other at every step of Python.
    limits = _limits(prepared, first)
    with ThreadPoolExecutor(1) as beside:
        rest = beside.submit(opened.complete)
        exact = _refined(prepared, first, limits, progress)
        choice = rest.result()
    return (
        _with_exact(choice, exact)
        if choice.k == first.k
        else make_exact(prepared, choice, progress)
    )


def make_exact(prepared: Prepared, choice: Choice, progress: Progress | None = None) -> Choice:
    """Return the choice with its fit exact over all customers."""
    limits = _limits(prepared, choice.fit)
    return _with_exact(choice, _refined(prepared, choice.fit, limits, progress))


def _limits(prepared: Prepared, fit: Fit) -> Rules:
    """Return the rules of thumb that can be counted in the same pass; limits in the own units."""
    from clienteling.segmentation.tree_rule import limits_of

    made = prepared.sketch
    if made.cells is None or not all(each.is_plain for each in made.transforms):
        return ()
    return limits_of(made, fit.labels, fit.k)


def _refined(
    prepared: Prepared, fit: Fit, limits: Rules, progress: Progress | None
) -> tuple[Fit, int, Borders | None]:
    from clienteling.segmentation.refine import refine

    report = progress or (lambda what, share: None)
    made = prepared.sketch
    return refine(
        prepared.working,
        [each.name for each in prepared.features],
        made,
        fit,
        lambda share: report("Making the centres exact", share),
        limits,
    )


def _with_exact(choice: Choice, exact: tuple[Fit, int, Borders | None]) -> Choice:
    from scipy.optimize import linear_sum_assignment

    fit, passes, near = exact
    rows = tuple(
        replace(row, inertia=fit.inertia) if passes and row.k == choice.k else row
        for row in choice.rows
    )
    stability = choice.stability
    if passes and stability is not None:
        # Exact sizes may number the segments anew; each keeps the figure of the nearest old centre.
        apart = ((fit.centres[:, None] - choice.fit.centres) ** 2).sum(axis=2)
        old = linear_sum_assignment(apart)[1]
        stability = stability.ordered(old)
    return replace(choice, fit=fit, rows=rows, passes=passes, stability=stability, near=near)


def build_model(
    prepared: Prepared, choice: Choice, seed: int, named: Sequence[Named] | None = None
) -> Model:
    """Name, explain and profile the segments of a fit, and put all of it into a model.

    ``named`` gives names that are known already, one per segment.
    """
    from clienteling.segmentation.apart import with_what_sets_apart
    from clienteling.segmentation.naming import name_segments
    from clienteling.segmentation.profile import profile

    made, fit = prepared.sketch, choice.fit
    mean, scale = made.mean, made.scale
    places = find_places(made, fit.centres * scale + mean)
    if named is None:
        named = name_segments(prepared.playbook, prepared.features, places)
    row = next((each for each in choice.rows if each.k == choice.k), None)
    aliases = _aliases(prepared)
    levels = {
        called: Level(column=each.column, value=value, missing_words=each.missing_words)
        for each in prepared.categories
        for called, value in zip(each.names, each.values, strict=True)
    }
    stability = choice.stability
    model = Model(
        playbook=prepared.playbook.playbook,
        id=prepared.id,
        features=[
            Feature(
                name=each.name,
                label=each.label,
                unit=each.unit,
                aliases=aliases[each.name],
                level=levels.get(each.name),
                steps=_steps(prepared.steps[index]),
                mean=float(mean[index]),
                scale=float(scale[index]),
                low=None if each.of else prepared.usable.low[each.name],
                high=None if each.of else prepared.usable.high[each.name],
                median=prepared.medians.get(each.name),
                bins=_bins(made.own[:, index], made.weights),
            )
            for index, each in enumerate(prepared.features)
        ],
        segments=[
            Segment(
                id=index,
                name=each.name,
                key=each.key,
                size=int(fit.sizes[index]),
                share=float(fit.sizes[index] / made.customers),
                centre=fit.centres[index].tolist(),
                description=each.description,
                strategy=each.strategy,
                explanation=explain_centre(prepared.features, places, index),
                fit=each.fit,
                stability=min(1.0, stability.jaccard[index]) if stability else None,
                warning=stability.warnings[index] if stability else "",
            )
            for index, each in enumerate(named)
        ],
        why_k=choice.why,
        elbow_k=choice.elbow_k,
        silhouette_k=choice.silhouette_k,
        inertia=fit.inertia,
        silhouette=row.silhouette if row else None,
        choose_k=[Evidence(**asdict(each)) for each in choice.rows],
        structure=Structure(**asdict(choice.structure)) if choice.structure else None,
        method=Method(
            sketch=made.kind,
            points=len(made.points),
            error=made.error,
            passes=choice.passes,
            judged=choice.judged,
        ),
        notes=list(prepared.notes),
        provenance=_provenance(prepared, seed),
    )
    table, medians = prepared.table, prepared.medians
    whole = imputed_table(table, medians) if len(medians) == len(prepared.features) else table
    model = model.model_copy(
        update={"segments": with_what_sets_apart(model, made, fit.labels, whole, choice.near)}
    )
    found = profile(model, prepared.table, prepared.id)
    profiled = [_with_profile(each, found.figures) for each in model.segments]
    notes = list(dict.fromkeys([*model.notes, *found.notes]))
    said = {"segments": profiled, "associations": found.associations, "notes": notes}
    return model.model_copy(update=said)


def _bins(values: Floats, weights: Floats) -> Bins:
    """Return the deciles that differ, and the share of the customers in each bin between them."""
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    places = np.searchsorted(cumulated, np.arange(1, 10) / 10 * cumulated[-1])
    edges = np.unique(values[order][np.minimum(places, len(values) - 1)])
    edges = edges[edges < values.max()]  # nobody lies above the largest value
    inside = np.searchsorted(edges, values, side="left")
    shares = np.bincount(inside, weights=weights, minlength=len(edges) + 1) / weights.sum()
    return Bins(edges=edges.tolist(), shares=shares.tolist())


def _steps(proposal: Proposal) -> Steps | None:
    steps = proposal.transform
    if steps.is_plain:
        return None
    return Steps(low=steps.low, high=steps.high, log=steps.log, reason=proposal.reason)


def _with_profile(segment: Segment, figures: dict[int, list[Figure]]) -> Segment:
    return segment.model_copy(update={"profile": figures.get(segment.id, [])})


def _aliases(prepared: Prepared) -> dict[str, list[str]]:
    aliases: dict[str, list[str]] = {}
    for each in prepared.features:
        if each.of:
            aliases[each.name] = []
            continue
        known = aliases_of(each.name, [prepared.playbook])
        aliases[each.name] = [alias for alias in known if alias != each.name]
    return aliases


def _provenance(prepared: Prepared, seed: int) -> Provenance:
    # The file's or table's name alone: a model is shared, the owner's paths and hosts are not.
    return Provenance(
        source=Path(prepared.table.source).name.rpartition("table=")[2],
        rows=prepared.usable.rows,
        usable=prepared.usable.usable,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        seed=seed,
        versions={
            each: metadata.version(each)
            for each in ("clienteling", "duckdb", "numpy", "scikit-learn")
        },
    )
