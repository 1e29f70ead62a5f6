"""The same next month: a new model on new customers, with the earlier names and ids.

Features and their transforms stay as they are; means, scales and centres are new. A segment that
is found again keeps id, name, strategy and offers. Ids are never used twice: a new segment takes
the next free one, and that of a segment which is gone stays free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from clienteling.data.read import Source, read
from clienteling.errors import InputError
from clienteling.features.proposals import Proposal
from clienteling.features.transforms import PLAIN
from clienteling.segmentation.changes import Change, find_changes
from clienteling.segmentation.choose_k import Choice, choose_k
from clienteling.segmentation.kmeans import Fit, fit_each
from clienteling.segmentation.matching import Shared, count_shared, match
from clienteling.segmentation.missing_again import words_as_missing
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_segments import Retired
from clienteling.segmentation.naming import Named, fit_of_name, name_segments
from clienteling.segmentation.nearest import Rule, nearest
from clienteling.segmentation.places import Places, find_places
from clienteling.segmentation.playbook import Playbook, built_in_playbooks, load_playbook
from clienteling.segmentation.prepare import Prepared, check_settings, prepare, with_shares
from clienteling.segmentation.progress import Progress
from clienteling.segmentation.scoring import as_at_fit
from clienteling.segmentation.segment import build_model, make_exact
from clienteling.segmentation.sketch import Floats, Sketch

if TYPE_CHECKING:
    from clienteling.segmentation.load import AnyModel

__all__ = ["Move", "Refit", "refit"]


#: Silhouettes this close are as good as equal.
_CLEARLY = 0.03
#: How a kept name is judged, and what is said where it can't be judged on the new customers.
_LOOSELY, _LOOSELY_THEN = "The name fits loosely:", "At an earlier fit the name fitted loosely:"


@dataclass(frozen=True)
class Move:
    """Customers that the earlier model puts into one segment and the new one into another.

    Parameters
    ----------
    before_id, before, after_id, after : the segments, the same where they stay
    customers : how many
    share : of the earlier segment's customers, from 0 to 1
    """

    before_id: int
    before: str
    after_id: int
    after: str
    customers: int
    share: float


@dataclass(frozen=True)
class Refit:
    """A new model that goes on from an earlier one.

    Parameters
    ----------
    model : the new one
    earlier : the one before
    kept : names of the segments that stay, by id
    changes : what is new, split, merged, divided or gone
    moves : who moves from where to where, the new customers scored by both models; by earlier
        segment, the most customers first
    choice : the evidence for the number of segments
    prepared : the customers, the features and the sketch
    today : by id, what the new figures would call a segment that keeps another name
    """

    model: Model
    earlier: Model
    kept: Mapping[int, str]
    changes: tuple[Change, ...]
    moves: tuple[Move, ...]
    choice: Choice
    prepared: Prepared
    today: Mapping[int, str] = field(default_factory=dict)

    @property
    def staying(self) -> float:
        """The share of customers that stay in their segment, from 0 to 1."""
        stay = sum(each.customers for each in self.moves if each.before_id == each.after_id)
        return stay / max(sum(each.customers for each in self.moves), 1)

    @property
    def moved(self) -> list[Move]:
        """The moves from one segment into another, the most customers first."""
        away = [each for each in self.moves if each.before_id != each.after_id]
        return sorted(away, key=lambda each: -each.customers)

    @property
    def words(self) -> tuple[str, ...]:
        """What stays, what changes and who moves, in sentences."""
        # A name that was made of two features has a comma in it itself.
        apart = "; " if any("," in each for each in self.kept.values()) else ", "
        names = apart.join(self.kept.values())
        stays = f"{len(self.kept)} of {self.earlier.k} segments stay: {names}." if names else ""
        none = "" if names else "No segment stays as it was."
        same = "" if self.changes else "None is new, and none is gone."
        moved = f"{self.staying:.1%} of the customers stay in their segment."
        verdict = _verdict_changed(self.earlier, self.model)
        promised = [
            f'"{self.kept[id]}" keeps its name; by today\'s figures it would be called "{today}".'
            for id, today in self.today.items()
        ]
        said = (
            stays,
            none,
            same,
            *(each.words for each in self.changes),
            moved,
            verdict,
            *promised,
        )
        return tuple(each for each in said if each)


def refit(
    model: AnyModel,
    customers: Source,
    k: int | Literal["same", "auto"] | None = None,
    *,
    playbook: str | Path | Playbook | None = None,
    id: str | None = None,
    impute: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Refit:
    """Make a model of new customers whose segments keep the earlier ids and names.

    Parameters
    ----------
    model : the earlier one, of centres
    customers : any source with the model's features
    k : by default the number that keeps most of the earlier segments and adds fewest, of those
        whose silhouette is not clearly (by 0.03) below the highest or below the earlier model's;
        ``same`` keeps the number, ``auto`` chooses it as for a first fit, or a number
    playbook : for the names of new segments; by default the model's, where it is a built-in one
    impute : ``median`` or ``none``; by default as the earlier model
    id, seed, progress : as for :func:`clienteling.segment`

    Raises
    ------
    InputError
        The model is one of rules, or ``k`` is none of these.
    ColumnError, DataError, DocumentError
        As for :func:`clienteling.segment`.

    Examples
    --------
    >>> import clienteling as cl
    >>> earlier = cl.segment("sample")
    >>> found = cl.refit(earlier, "sample")
    >>> [each.name for each in found.model.segments] == [each.name for each in earlier.segments]
    True
    >>> found.words[1:]
    ('None is new, and none is gone.', '100.0% of the customers stay in their segment.')
    """
    if model.kind == "rules":
        raise InputError(
            "Only models of centres are refitted; this one is of rules.",
            hint="Make its segments anew with: clienteling rfm",
        )
    if isinstance(k, str) and k not in ("same", "auto"):
        raise InputError(f'k is "{k}"; it must be same, auto or a whole number from 1.')
    check_settings(None if isinstance(k, str) else k, seed)
    if impute is None and model.medians:
        impute = "median"
    prepared = _prepare_as(model, customers, playbook, id, impute)
    choice = make_exact(prepared, _choose(prepared, model, k, seed, progress), progress)
    made = prepared.sketch
    medians = tuple(prepared.medians[each] for each in model.feature_names if prepared.medians)
    rule = Rule(made.mean, made.scale, choice.fit.centres, model.transforms, medians)
    shared = count_shared(model, rule, prepared.table)
    matched = match(shared.customers, model.centres, _in_units_of(model, made, choice.fit))
    ids = _ids(model, choice.k, matched)
    order = np.argsort(ids)
    matched = {place: matched[j] for place, j in enumerate(order.tolist()) if j in matched}
    ids = [ids[j] for j in order]
    stability = choice.stability.ordered(order) if choice.stability else None
    choice = replace(choice, fit=_ordered(choice.fit, order), stability=stability)
    shared = shared.ordered(order)
    retired = [
        Retired(id=each.id, name=each.name)
        for place, each in enumerate(model.segments)
        if place not in matched.values()
    ]
    places = find_places(made, choice.fit.centres * made.scale + made.mean)
    named = _names(model, prepared, places, matched)
    at_hand = playbook is not None or model.playbook in built_in_playbooks()
    today = _today(model, prepared, places, matched) if at_hand else {}
    new = _as_earlier(build_model(prepared, choice, seed, named), model, ids, retired)
    return Refit(
        model=new,
        earlier=model,
        kept={model.segments[i].id: model.segments[i].name for i in sorted(matched.values())},
        changes=find_changes(model, new, shared, matched),
        moves=_moves(model, new, shared),
        choice=choice,
        prepared=prepared,
        today=today,
    )


def _prepare_as(
    model: Model,
    customers: Source,
    playbook: str | Path | Playbook | None,
    id: str | None,
    impute: str | None,
) -> Prepared:
    """Prepare new customers with the features and the transforms of the earlier model."""
    table = as_at_fit(model, read(customers))
    known = model.playbook in built_in_playbooks()
    own = load_playbook(playbook or (model.playbook if known else "general"))
    steps = [
        Proposal(each.steps.transform, each.steps.reason) if each.steps else Proposal(PLAIN)
        for each in model.features
    ]
    if id is None and model.id in table.names:
        id = model.id
    prepared = prepare(
        table,
        [each.name for each in model.features if each.level is None],
        categorical=model.categories,
        playbook=own,
        transform=steps,
        id=id,
        impute=impute,
        rows_are_customers=True,  # its features were those of customers
    )
    notes = (*prepared.notes, *words_as_missing(model, table))
    if playbook is None and not known:
        notes = (
            *notes,
            f'The playbook "{model.playbook}" is not at hand: a new segment is named by its '
            "levels. Give it with --playbook.",
        )
    features = with_shares([each.words for each in model.features], prepared.sketch)
    return replace(prepared, features=features, notes=notes)


def _choose(
    prepared: Prepared,
    model: Model,
    k: int | Literal["same", "auto"] | None,
    seed: int,
    progress: Progress | None,
) -> Choice:
    made = prepared.sketch
    if k == "same":
        choice = choose_k(made, model.k, seed=seed, progress=progress)
        return replace(choice, why=f"The number of segments stays as it was: {model.k}.")
    chosen = None if k is None or k == "auto" else k
    choice = choose_k(made, chosen, seed=seed, progress=progress)
    silhouettes = {row.k: row.silhouette for row in choice.rows if row.silhouette is not None}
    if k is not None or choice.k not in silhouettes:
        return choice
    if choice.k == model.k == _kept(model, made, choice.fit):
        return choice
    best = silhouettes[choice.k]
    # As clear as the earlier segments were is clear enough: a new group far from all others lifts
    # the silhouette of two segments, it and the rest, above that of any finer division.
    bar = min(best, best if model.silhouette is None else model.silhouette) - _CLEARLY
    near = [each for each, silhouette in silhouettes.items() if silhouette >= bar]
    fits = fit_each(made.standardised(), made.weights, [*{*near, choice.k}], seed)
    kept = {each: _kept(model, made, fit) for each, fit in fits.items()}
    # What stays counts most, then that nothing is added, then the silhouette.
    found = max(near, key=lambda each: (kept[each], -each, silhouettes[each]))
    if found == choice.k:
        return choice
    more = f"{kept[found]} of the {model.k} earlier segments stay, instead of {kept[choice.k]}"
    if kept[found] == kept[choice.k]:
        more = f"as many of the earlier segments stay ({kept[found]}), and fewer are added"
    before = ", as before" if found == model.k else ""
    why = (
        f"k = {found}{before}: {more} at k = {choice.k}, which would be chosen anew "
        f"(silhouette {best:.3f}). Here it is {silhouettes[found]:.3f}"
    )
    if model.silhouette is not None:
        why += f"; it was {model.silhouette:.3f} at the earlier fit"
    why += "."
    # Asked for by its number, so that every figure is that of this number.
    given = choose_k(made, found, seed=seed, progress=progress)
    return replace(given, why=why, structure=choice.structure)


def _kept(model: Model, made: Sketch, fit: Fit) -> int:
    """Count the earlier segments that a fit of the sketch finds again."""
    places = nearest(Rule(model.mean, model.scale, model.centres), made.points).ids
    shared = np.zeros((model.k, fit.k))
    np.add.at(shared, (places, fit.labels), made.weights)
    return len(match(shared, model.centres, _in_units_of(model, made, fit)))


def _in_units_of(model: Model, made: Sketch, fit: Fit) -> Floats:
    """Return a fit's centres in the earlier model's standard deviations."""
    return np.asarray((fit.centres * made.scale + made.mean - model.mean) / model.scale)


def _ids(model: Model, k: int, matched: Mapping[int, int]) -> list[int]:
    """Return the id of each new segment: the earlier one's, or the next that was never used."""
    used = [*(each.id for each in model.segments), *(each.id for each in model.retired)]
    following = max(used) + 1
    ids = []
    for place in range(k):
        if place in matched:
            ids.append(model.segments[matched[place]].id)
        else:
            ids.append(following)
            following += 1
    return ids


def _ordered(fit: Fit, order: np.ndarray) -> Fit:
    rank = np.empty(fit.k, dtype=np.int64)
    rank[order] = np.arange(fit.k)
    return Fit(fit.centres[order], rank[fit.labels], fit.inertia, fit.sizes[order])


def _names(
    model: Model, prepared: Prepared, places: Places, matched: Mapping[int, int]
) -> list[Named]:
    """Keep the earlier names, and name the new segments by what is left."""
    named = {}
    for place, i in matched.items():
        each = model.segments[i]
        fit = fit_of_name(
            each.key, each.name, prepared.playbook, prepared.features, places.at([place])
        )
        if fit is None:  # without the words it can't be judged anew
            fit = each.fit.replace(_LOOSELY, _LOOSELY_THEN)
        named[place] = Named(each.key, each.name, each.description, each.strategy, fit)
    new = [place for place in range(len(places.centres)) if place not in matched]
    made = name_segments(
        prepared.playbook,
        prepared.features,
        places.at(new),
        # A name that goes with this refit would be taken for the segment that had it.
        taken=[each.name for each in model.segments],
    )
    named.update(zip(new, made, strict=True))
    return [named[place] for place in sorted(named)]


def _today(
    model: Model, prepared: Prepared, places: Places, matched: Mapping[int, int]
) -> dict[int, str]:
    """Return, by id, what a first fit would call a segment that keeps another name.

    Whoever planned with the name relies on it; but where the others have moved, it may no longer
    say what sets the segment apart.
    """
    anew = name_segments(prepared.playbook, prepared.features, places)
    kept = sorted((model.segments[i].id, model.segments[i].name, j) for j, i in matched.items())
    return {id: anew[j].name for id, name, j in kept if anew[j].name != name}


def _as_earlier(made: Model, model: Model, ids: Sequence[int], retired: Sequence[Retired]) -> Model:
    """Return the new model with the ids, the words and the past of the earlier one."""
    known: dict[str, Any] = {
        "segments": [
            each.model_copy(update={"id": id}) for each, id in zip(made.segments, ids, strict=True)
        ],
        "retired": sorted([*model.retired, *retired], key=_id),
        "features": [
            each.model_copy(update={"aliases": before.aliases})
            for each, before in zip(made.features, model.features, strict=True)
        ],
        "playbook": model.playbook,
        "catalogue": model.catalogue,
        "catalogue_fingerprint": model.catalogue_fingerprint,
    }
    return Model.model_validate_json(made.model_copy(update=known).to_json())


def _verdict_changed(earlier: Model, new: Model) -> str:
    """Say where the customers form natural groups now and did not before, or no longer do."""
    before, now = earlier.structure, new.structure
    if before is None or now is None or before.natural == now.natural:
        return ""
    if now.natural:
        return (
            "These customers form natural groups, which those of the earlier fit did not: the "
            "segments, a convenience then, are kinds of customers now."
        )
    return (
        "These customers form no natural groups, which those of the earlier fit did: the segments "
        "are a convenience now. Look at what has changed before you go on with them."
    )


def _id(retired: Retired) -> int:
    return retired.id


def _moves(earlier: Model, new: Model, shared: Shared) -> tuple[Move, ...]:
    moves = []
    for i, before in enumerate(earlier.segments):
        total = int(shared.customers[i].sum())
        for j in np.argsort(-shared.customers[i], kind="stable").tolist():
            many, after = int(shared.customers[i, j]), new.segments[j]
            if many:
                moves.append(Move(before.id, before.name, after.id, after.name, many, many / total))
    return tuple(moves)
