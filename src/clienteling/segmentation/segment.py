"""From a table to a model: the features, the number of segments, the names, the profile."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clienteling.data.columns import (
    Found,
    find_column,
    find_columns,
    find_id,
    is_taken,
    label_and_unit,
    repeated_ids,
)
from clienteling.data.numbers import Usable, check_numbers, count_usable
from clienteling.data.read import Source, read
from clienteling.data.sentinels import sentinels_among
from clienteling.data.table import Table
from clienteling.errors import ColumnError, DataError, InputError
from clienteling.features.categories import (
    Category,
    by_column,
    find_categories,
    levels_table,
    most_frequent,
)
from clienteling.features.imputation import (
    check_impute,
    count_imputed,
    find_medians,
    imputed_table,
)
from clienteling.features.proposals import Proposal, chosen
from clienteling.features.transforms import PLAIN, Transform, inverted, transformed_table
from clienteling.segmentation.ahead import load_ahead
from clienteling.segmentation.inspect import Inspection, inspect
from clienteling.segmentation.labels import feature_words, level_words
from clienteling.segmentation.model import Evidence, Method, Model, Provenance, Structure
from clienteling.segmentation.model_features import Bins, Feature, Level, Steps
from clienteling.segmentation.model_segments import Figure, Segment
from clienteling.segmentation.playbook import Playbook, built_in_playbooks, load_playbook
from clienteling.segmentation.sketch import Floats, Sketch, sketch
from clienteling.segmentation.words import FeatureWords, explain_centre

if TYPE_CHECKING:
    from clienteling.segmentation.choose_k import Choice
    from clienteling.segmentation.kmeans import Fit
    from clienteling.segmentation.naming import Named

__all__ = [
    "FITTING",
    "Places",
    "Prepared",
    "build_model",
    "check_settings",
    "find_places",
    "fit_segments",
    "make_exact",
    "prepare",
    "segment",
    "with_shares",
]

Progress = Callable[[str, float], None]

#: What stands on scikit-learn and SciPy is loaded when it is needed, or while the engine reads.
FITTING = tuple(
    f"clienteling.segmentation.{each}" for each in ("choose_k", "refine", "naming", "apart")
)
#: Fewer customers than this are too few to say much.
_FEW = 30
#: Up to this many rows repeated ids are counted; beyond, that would cost more than the fit.
_COUNTED = 1_000_000


@dataclass(frozen=True)
class Prepared:
    """A table made ready for a fit.

    Parameters
    ----------
    table : the customers
    working : the same with their features transformed
    features : the words for each feature, in order
    steps : what each feature goes through, with the reason
    playbook : what the segments will be named by
    usable : how many customers take part
    sketch : the customers as weighted points
    id : the column of the customer id, if there is one
    notes : what was assumed, in sentences
    medians : what takes the place of a missing value, by feature; empty where nothing does
    proposed : the report that the features come from, where nobody named or knew any
    categories : the columns that take part by their levels; these are the last features
    imputed : how many customers have a median in the place of a value, in sentences
    """

    table: Table
    working: Table
    features: tuple[FeatureWords, ...]
    steps: tuple[Proposal, ...]
    playbook: Playbook
    usable: Usable
    sketch: Sketch
    id: str | None
    notes: tuple[str, ...]
    medians: Mapping[str, float] = field(default_factory=dict)
    proposed: Inspection | None = None
    categories: tuple[Category, ...] = ()
    imputed: tuple[str, ...] = ()


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
        The values don't allow it: text among numbers, one value only, too few customers.
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
    with load_ahead(*FITTING):
        prepared = prepare(
            customers,
            features,
            categorical=categorical,
            playbook=playbook,
            transform=transform,
            id=id,
            roles=roles,
            impute=impute,
        )
    return build_model(prepared, fit_segments(prepared, k, seed=seed, progress=progress), seed)


def check_settings(k: int | None, seed: int) -> None:
    """Refuse a number of segments or a seed that can't be one, before any work is done.

    Raises
    ------
    InputError
        ``k`` is not a whole number from 1, or ``seed`` is none from 0 to 4294967295.
    """
    whole = isinstance(k, int | np.integer) and not isinstance(k, bool)
    if k is not None and (not whole or k < 1):
        least = "at least 1" if whole else "a whole number"
        raise InputError(
            f"k is {k}; the number of segments must be {least}.",
            hint="Leave it out to have it chosen.",
        )
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise InputError(f"seed is {seed}; it must be a whole number from 0 to {2**32 - 1}.")


def prepare(
    customers: Source,
    features: Sequence[str] | None = None,
    *,
    categorical: Sequence[str | Category] = (),
    playbook: str | Path | Playbook | None = None,
    transform: str | Mapping[str, str] | Sequence[Proposal] | None = None,
    id: str | None = None,
    roles: str | Path | Mapping[str, str] | None = None,
    impute: str | None = None,
) -> Prepared:
    """Find the features and the playbook, check the values, and make the sketch.

    ``transform`` may give the very steps of each feature too, in their order, and
    ``categorical`` the very levels of a column.
    """
    if isinstance(features, str):  # one feature, not its letters
        features = [features]
    if isinstance(categorical, str):
        categorical = [categorical]
    if features is not None:  # pandas may number its columns; an engine has names only
        features = [str(each) for each in features]
    fills = check_impute(impute)
    own = None if playbook is None else load_playbook(playbook)
    table = read(customers)
    said_of_roles: list[str] = []
    proposed = None
    if roles is not None or (features is None and _is_unknown(table, own)):
        given = None if roles == "auto" else roles
        report = inspect(table, id=id, roles=given, playbook=own)
        proposed = report if roles is None and report.features else None
        categorical = categorical or report.categories
        features = features or report.features or None
        table, said_of_roles = _by_roles(table, report, features, categorical)
        id = id or report.id
    if proposed is not None:
        known = "No playbook knows these columns, so the features were proposed; --features names"
        said_of_roles = [f"{known} others.", *said_of_roles, *proposed.outliers]
    table, categories, said_of_levels = _with_levels(table, categorical)
    if categories:
        features = _beside(table, features, own, categories)
    found, words = _features(table, features, own, alone=not categories)
    numbers = [each.name for each in found]
    _check_names(table, [*numbers, *(each.column for each in categories)])
    check_numbers(table, numbers)
    names = [*numbers, *(called for each in categories for called in each.names)]
    medians = find_medians(table, numbers) if fills else {}
    medians |= most_frequent(table, categories) if fills else {}
    # A feature without any value has no median: it is refused here as ever.
    whole = imputed_table(table, medians) if len(medians) == len(names) else table
    usable = by_column(count_usable(whole, names), categories)
    found_id = find_id(table, id)
    made = sketch(whole, names, usable, found_id.name if found_id else None)
    if transform is None or isinstance(transform, str | Mapping):
        steps, said = chosen(transform, numbers, made.points[:, : len(numbers)], made.weights)
        steps += [Proposal(PLAIN)] * (len(names) - len(numbers))
    else:
        steps, said = list(transform), []
    transforms = {each: step.transform for each, step in zip(names, steps, strict=True)}
    working = transformed_table(whole, transforms)
    if working is not whole:
        made = sketch(
            working, names, _after(usable, transforms), found_id.name if found_id else None
        )
        made = replace(made, transforms=tuple(transforms.values()))
    made = made.with_levels(_places(numbers, categories))
    notes = [*table.notes, *(each.note for each in found if each.note), *usable.notes, *said]
    notes += said_of_levels + sentinels_among(table, numbers)
    filled = count_imputed(table, medians, names[len(numbers) :]).notes if medians else []
    notes += filled
    notes += said_of_roles
    if found_id is not None:
        notes += [found_id.note] if found_id.note else []
        notes += repeated_ids(table, found_id.name) if usable.rows <= _COUNTED else []
    if usable.usable < _FEW:
        notes.append(
            f"Only {usable.usable} customers: with so few, segments are a sketch at best, and "
            "another handful of customers can change them."
        )
    return Prepared(
        table,
        working,
        with_shares((*_words(numbers, words), *_level_words(categories)), made),
        tuple(steps),
        words,
        usable,
        made,
        found_id.name if found_id else None,
        tuple(dict.fromkeys(notes)),
        medians,
        proposed,
        categories,
        tuple(filled),
    )


def fit_segments(
    prepared: Prepared, k: int | None = None, *, seed: int = 0, progress: Progress | None = None
) -> Choice:
    """Choose the number of segments on the sketch, then make the chosen fit exact."""
    from clienteling.segmentation.choose_k import choose_k

    choice = choose_k(prepared.sketch, k, seed=seed, progress=progress)
    return make_exact(prepared, choice, progress)


def make_exact(prepared: Prepared, choice: Choice, progress: Progress | None = None) -> Choice:
    """Return the choice with its fit exact over all customers."""
    from scipy.optimize import linear_sum_assignment

    from clienteling.segmentation.refine import refine

    names = [each.name for each in prepared.features]
    report = progress or (lambda what, share: None)
    fit, passes = refine(
        prepared.working,
        names,
        prepared.sketch,
        choice.fit,
        lambda share: report("Making the centres exact", share),
    )
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
    return replace(choice, fit=fit, rows=rows, passes=passes, stability=stability)


@dataclass(frozen=True)
class Places:
    """Where the centres of a fit lie among all customers; arrays of shape (k, features).

    Parameters
    ----------
    centres : in the features' own units
    standardised : in standard deviations from the mean of all customers, after the transforms
    below, above : share of customers below and above each
    """

    centres: Floats
    standardised: Floats
    below: Floats
    above: Floats

    @property
    def ranks(self) -> Floats:
        """Share of customers below each, with half of those that are equal to it."""
        return self.below + (1.0 - self.below - self.above) / 2


def find_places(made: Sketch, fit: Fit) -> Places:
    """Return where the centres of a fit lie among all customers."""
    centres = fit.centres * made.scale + made.mean
    below = np.array([made.below(centre) for centre in centres])
    above = np.array([made.above(centre) for centre in centres])
    return Places(inverted(centres, made.transforms), fit.centres, below, above)


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
    places = find_places(made, fit)
    centres, below, above = places.centres, places.below, places.above
    if named is None:
        named = name_segments(
            prepared.playbook, prepared.features, centres, places.ranks, places.standardised
        )
    row = next((each for each in choice.rows if each.k == choice.k), None)
    aliases = _aliases(prepared)
    levels = {
        called: Level(column=each.column, value=value)
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
                explanation=explain_centre(
                    prepared.features,
                    centres[index],
                    below[index],
                    above[index],
                    fit.centres[index],
                ),
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
        update={"segments": with_what_sets_apart(model, made, fit.labels, whole)}
    )
    found = profile(model, prepared.table, prepared.id)
    profiled = [_with_profile(each, found.figures) for each in model.segments]
    return model.model_copy(update={"segments": profiled, "associations": found.associations})


def _after(usable: Usable, transforms: Mapping[str, Transform]) -> Usable:
    """Return the same counts with the range of each feature after its transform."""
    low, high = (
        {
            each: float(transforms[each].apply(np.array([value]))[0])
            for each, value in bounds.items()
        }
        for bounds in (usable.low, usable.high)
    )
    return replace(usable, low=low, high=high)


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


def _check_names(table: Table, features: Sequence[str]) -> None:
    """Refuse features that are called like a column of the result, or like our own steps."""
    taken = [each for each in features if is_taken(each)]
    if taken:
        raise ColumnError(
            f"{table.source}: the result has columns of its own with these names.",
            faults=[f'a feature can\'t be called "{each}".' for each in taken],
            hint="Give the column another name.",
        )


def _with_profile(segment: Segment, figures: dict[int, list[Figure]]) -> Segment:
    return segment.model_copy(update={"profile": figures.get(segment.id, [])})


def _features(
    table: Table, wanted: Sequence[str] | None, playbook: Playbook | None, alone: bool
) -> tuple[list[Found], Playbook]:
    """Return the columns of numbers, at least one if they are alone, and the playbook."""
    playbooks = [playbook] if playbook else _built_in()
    if wanted is not None:
        if not wanted and alone:
            raise InputError("No feature is named.", hint='Name them as --features "A,B".')
        aliases = {each: _aliases_of(each, playbooks) for each in wanted}
        found = find_columns(table, wanted, aliases)
        names = [each.name for each in found]
        if playbook is not None:
            if playbook.segments and not playbook.covers(names):
                raise ColumnError(
                    f'The playbook "{playbook.playbook}" speaks of features that are not chosen.',
                    faults=[
                        f'"{feature.label}" is none of {", ".join(names)}.'
                        for key, feature in playbook.features.items()
                        if key not in {playbook.feature_of(each) for each in names}
                    ],
                    hint="Name the columns as the playbook's aliases have them, or add aliases.",
                )
            return found, playbook
        known = [each for each in playbooks if each.covers(names)]
        return found, known[0] if known else load_playbook("general")
    for each in playbooks:
        matches = each.find_features(table)
        if matches is not None:
            return list(matches.values()), each
    return _no_features(table, playbook)


def _is_unknown(table: Table, own: Playbook | None) -> bool:
    """Whether no playbook finds its features; one's own with segments is held to, or refused."""
    if own is not None and own.segments:
        return False
    return all(each.find_features(table) is None for each in ([own] if own else _built_in()))


def _built_in() -> list[Playbook]:
    return [load_playbook(each) for each in built_in_playbooks()]


def _no_features(table: Table, playbook: Playbook | None) -> tuple[list[Found], Playbook]:
    found_id = find_id(table)
    candidates = [
        each.name
        for each in table.columns
        if each.is_numeric and (found_id is None or each.name != found_id.name)
    ]
    if not candidates:
        raise DataError(
            f"{table.source}: has no column of numbers to form segments from.",
            hint="The columns are: " + ", ".join(f'"{each}"' for each in table.names) + ".",
        )
    partly = _partly(table, [playbook] if playbook else list(_built_in()))
    whose = f'the playbook "{playbook.playbook}"' if playbook else "no built-in playbook"
    verb = "does not know" if playbook else "knows"
    proposed = inspect(table, playbook=playbook).features
    what = "The proposed ones, to begin with" if proposed else "Name two to four that matter"
    raise ColumnError(
        f"{table.source}: {whose} {verb} these columns, and no features are named.",
        faults=[*partly, *(f'"{each}" could be a feature.' for each in candidates)],
        hint=f"{what}: --features {_as_option(proposed or candidates[:2])}",
    )


def _as_option(names: Sequence[str]) -> str:
    """Return names as one word of a shell, as ``--features`` takes them."""
    listed = ",".join(f'"{each}"' if "," in each else each for each in names)
    return shlex.quote(listed) if re.search(r'["$`\\]', listed) else f'"{listed}"'


def _with_levels(
    table: Table, wanted: Sequence[str | Category]
) -> tuple[Table, tuple[Category, ...], list[str]]:
    """Return the table with a column for each level, the categories, and what to say of them."""
    given = [each for each in wanted if isinstance(each, Category)]
    named = find_columns(table, [str(each) for each in wanted if not isinstance(each, Category)])
    found, said = find_categories(table, [each.name for each in named])
    said = [*(each.note for each in named if each.note), *said]
    categories = (*given, *found)
    return levels_table(table, categories), categories, said


def _beside(
    table: Table,
    features: Sequence[str] | None,
    playbook: Playbook | None,
    categories: Sequence[Category],
) -> Sequence[str] | None:
    """Return the features without the columns that take part by their levels."""
    columns = {each.column for each in categories}
    if features is not None:
        return [each for each in features if each not in columns]
    if _is_unknown(table, playbook):  # nothing else was proposed
        return []
    return None


def _places(numbers: Sequence[str], categories: Sequence[Category]) -> tuple[tuple[int, ...], ...]:
    """Return the places of each column's levels among the features."""
    places, start = [], len(numbers)
    for each in categories:
        places.append(tuple(range(start, start + len(each.values))))
        start += len(each.values)
    return tuple(places)


def _level_words(categories: Sequence[Category]) -> list[FeatureWords]:
    return [
        words
        for each in categories
        for words in level_words(each, [other for other in categories if other is not each])
    ]


def with_shares(features: Sequence[FeatureWords], made: Sketch) -> tuple[FeatureWords, ...]:
    """Return the words for features, those of levels with their shares in a sketch."""
    return tuple(
        replace(each, share=float(share)) if each.of else each
        for each, share in zip(features, made.mean, strict=True)
    )


def _by_roles(
    table: Table,
    report: Inspection,
    features: Sequence[str] | None,
    categorical: Sequence[str | Category],
) -> tuple[Table, list[str]]:
    """Return the table without the columns that are ignored, and what to say about it."""
    keep = {*(features or ()), *map(str, categorical), report.id}
    ignored = [each for each in report.ignored if each not in keep]
    notes = []
    if features:
        notes.append(f"By their roles, the features are {', '.join(features)}.")
    if report.id is not None:
        notes.append(f'Column "{report.id}" is the customer id, by its role.')
    if ignored:
        reasons = {each.name: each.reason for each in report.roles}
        shown = [f'"{each}" ({_begin_small(reasons[each])})' for each in ignored]
        notes.append(f"Left out of the profile, by their roles: {', '.join(shown)}.")
        table = table.only(*(each for each in table.names if each not in ignored))
    return table, notes


def _begin_small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _partly(table: Table, playbooks: Sequence[Playbook]) -> list[str]:
    """Say which features of a playbook there are where others of it are missing."""
    said = []
    for playbook in playbooks:
        found, missing = [], []
        for key, feature in playbook.features.items():
            match = find_column(feature.label, table.names, (key, *feature.aliases))
            if match is None:
                missing.append(feature.label)
            else:
                found.append(f'{feature.label} is "{match.name}"')
        if found and missing:
            said.append(
                f'of the playbook "{playbook.playbook}", {" and ".join(found)}, '
                f"but there is no {' and no '.join(missing)}."
            )
    return said


def _aliases_of(wanted: str, playbooks: Sequence[Playbook]) -> tuple[str, ...]:
    for playbook in playbooks:
        key = playbook.feature_of(wanted)
        if key is not None:
            feature = playbook.features[key]
            return tuple(dict.fromkeys((key, feature.label, *feature.aliases)))
    return ()


def _words(names: Sequence[str], playbook: Playbook) -> tuple[FeatureWords, ...]:
    """Return the words for each feature; those that would be called alike keep their own names."""
    keys = [playbook.feature_of(each) for each in names]
    words = [
        feature_words(each, playbook.features[key].label if key else "")
        for each, key in zip(names, keys, strict=True)
    ]
    labels = [each.label for each in words]
    return tuple(
        replace(each, label=label_and_unit(each.name)[0]) if labels.count(each.label) > 1 else each
        for each in words
    )


def _aliases(prepared: Prepared) -> dict[str, list[str]]:
    aliases: dict[str, list[str]] = {}
    for each in prepared.features:
        if each.of:
            aliases[each.name] = []
            continue
        known = _aliases_of(each.name, [prepared.playbook])
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
