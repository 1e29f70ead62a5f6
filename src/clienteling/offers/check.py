"""Look a catalogue over before it is used: all its faults at once, and whom each rule lets through.

All counts come from one pass over the customers.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.documents import parts_of, with_ids
from clienteling.data.read import Source, read
from clienteling.data.sql import case, column, name
from clienteling.data.table import Table
from clienteling.errors import DocumentError, columns_are, near_names
from clienteling.offers.catalogue import (
    Catalogue,
    catalogue_content,
    load_catalogue,
    segment_faults,
)
from clienteling.offers.catalogue_faults import rules_in
from clienteling.offers.eligibility import (
    check_columns,
    condition,
    open_conditions,
    opted_out,
    with_flags,
)
from clienteling.offers.offer import Offer
from clienteling.offers.rules import Rule
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.playbook import Playbook, built_in_playbooks, load_playbook
from clienteling.segmentation.rules_playbook import (
    RulesPlaybook,
    built_in_rules,
    load_rules_playbook,
)
from clienteling.segmentation.scoring import score

__all__ = ["Check", "OfferCheck", "RuleCount", "as_document", "check_catalogue"]


#: Segments that are named in a note, at most.
_NAMED = 6


@dataclass(frozen=True)
class RuleCount:
    """How many customers a rule lets through, by itself.

    Parameters
    ----------
    words : the rule
    customers : who fulfil it; of the offer's segments where those are known
    depth : 0 for a whole rule, more for what it is made of
    """

    words: str
    customers: int
    depth: int


@dataclass(frozen=True)
class OfferCheck:
    """One offer, and whom it is open to.

    Parameters
    ----------
    offer : the offer
    valid : whether it goes out on the day
    customers : in the offer's segments; all where no model is given
    rules : its eligibility, in parts
    consents : customers whose consent is known; None where it needs none
    eligible : customers that it is open to
    """

    offer: Offer
    valid: bool
    customers: int
    rules: tuple[RuleCount, ...]
    consents: int | None
    eligible: int


@dataclass(frozen=True)
class Check:
    """What was found about a catalogue without faults in itself.

    Parameters
    ----------
    catalogue : the catalogue
    customers : in the table; None where none was given
    opted_out : customers who are never contacted
    offers : an entry per offer, in the order of the file; empty without a table
    faults : what only the counts show
    notes : what deserves a look but is no fault
    """

    catalogue: Catalogue
    customers: int | None
    opted_out: int
    offers: tuple[OfferCheck, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def check_catalogue(
    catalogue: str | Path | Catalogue,
    customers: Source | None = None,
    *,
    model: AnyModel | None = None,
    playbook: str | Path | None = None,
    id: str | None = None,
    day: dt.date | None = None,
) -> Check:
    """Check a catalogue, by itself or against the customers that it is meant for.

    Parameters
    ----------
    catalogue : a built-in one's name, a file of one's own, or a :class:`Catalogue`
    customers : any source; with it the columns of the rules are checked, and customers counted
    model : the segments; with it their names are checked, and the counts are of those that an
        offer is for
    playbook : whose segments the offers are for, where no model says; by default all built-in ones
    id : the column with the customer's id
    day : on which the offers go out; by default today

    Raises
    ------
    DocumentError
        The catalogue has faults in itself, or doesn't go with the customers' columns or the
        segments; all of them are listed.

    Examples
    --------
    >>> import clienteling as cl
    >>> check_catalogue("income-spending", cl.read("sample")).offers[0].eligible
    200
    """
    day = day or dt.date.today()
    table = read(customers) if customers is not None else None
    content = catalogue_content(catalogue)
    faults: list[str] = []
    loaded = None
    try:
        loaded = load_catalogue(catalogue)
    except DocumentError as error:
        faults += error.faults or [error.message]
    if model is not None:
        faults += segment_faults(content, model)
        unknown: list[str] = []
    else:
        mistaken, unknown = _against_playbooks(content, playbook)
        faults += mistaken
    if table is not None:
        for place, rule in rules_in(content):
            faults += [f"{place}: {each}" for each in check_columns(rule, table)]
    if faults or loaded is None:
        hint = ""
        if table is not None and any("no column" in each for each in faults):
            hint = columns_are(table.names)
        called = catalogue.catalogue if isinstance(catalogue, Catalogue) else str(catalogue)
        raise DocumentError(
            f"{called}: the catalogue has faults.", faults=with_ids(faults, content), hint=hint
        )
    notes = _notes(loaded, day, table)
    if unknown:
        notes.append(_unchecked(unknown))
    if table is None:
        return Check(loaded, None, 0, (), (), tuple(notes))
    total, out, offers = _count(loaded, table, model, id, day)
    return Check(loaded, total, out, offers, tuple(_empty(offers)), tuple(notes))


def _count(
    catalogue: Catalogue, table: Table, model: AnyModel | None, id: str | None, day: dt.date
) -> tuple[int, int, tuple[OfferCheck, ...]]:
    """Count in one pass: everybody, who opted out, and for each offer and rule who is let in."""
    conditions: dict[str, exp.Expr | None] = {
        f"open {key}": each for key, each in open_conditions(catalogue, table).items()
    }
    conditions["out"] = opted_out(catalogue, table)
    parts: dict[str, list[tuple[Rule, int]]] = {}
    for each in catalogue.offers:
        parts[each.id] = _parts(each.eligibility) if each.eligibility else []
        for place, (rule, _) in enumerate(parts[each.id]):
            conditions[f"rule {each.id} {place}"] = condition(rule, table)
        if each.consent in catalogue.consents:
            conditions[f"consent {each.id}"] = condition(catalogue.consents[each.consent], table)
    flagged, flags = with_flags(table, conditions)
    rows = flagged
    if model is not None:
        rows = score(model, flagged, id=id, keep=list(dict.fromkeys(flags.values())))
    counts: dict[str, exp.Expr] = {"all": exp.Count(this=exp.Star())}
    for key, flag in flags.items():
        offer = key.split(" ")[1] if " " in key else None
        counts[key] = _counted(_is_for(catalogue, offer, model), flag)
    for each in catalogue.offers:
        counts[f"in {each.id}"] = _counted(_is_for(catalogue, each.id, model), None)
    names = list(counts)
    query = exp.select(*(counts[key].as_(name(f"n{place}")) for place, key in enumerate(names)))
    row = rows.query(query).to_pylist()[0]
    found = {key: int(row[f"n{place}"]) for place, key in enumerate(names)}
    offers = tuple(
        OfferCheck(
            each,
            each.is_valid(day),
            found[f"in {each.id}"],
            tuple(
                RuleCount(rule.words, found[f"rule {each.id} {place}"], depth)
                for place, (rule, depth) in enumerate(parts[each.id])
            ),
            found.get(f"consent {each.id}", 0) if each.consent else None,
            found.get(f"open {each.id}", found[f"in {each.id}"]),
        )
        for each in catalogue.offers
    )
    return found["all"], found.get("out", 0), offers


def _is_for(catalogue: Catalogue, offer: str | None, model: AnyModel | None) -> exp.Expr | None:
    """Return the condition that a customer is in an offer's segments; None where it is of all."""
    if model is None or offer is None:
        return None
    own = next(each for each in catalogue.offers if each.id == offer)
    ids = [
        exp.Literal.number(each.id) for each in model.segments if own in catalogue.offers_for(each)
    ]
    if not ids:
        return exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))
    return exp.In(this=column("segment_id"), expressions=ids)


def _counted(where: exp.Expr | None, flag: str | None) -> exp.Expr:
    one = exp.Literal.number(1)
    parts = [where] if where is not None else []
    if flag is not None:
        parts.append(exp.EQ(this=column(flag), expression=one.copy()))
    return exp.Count(this=case([(exp.and_(*parts), one)], None) if parts else exp.Star())


def _parts(rule: Rule, depth: int = 0) -> list[tuple[Rule, int]]:
    return [(rule, depth), *(found for each in rule.parts for found in _parts(each, depth + 1))]


def _empty(offers: tuple[OfferCheck, ...]) -> list[str]:
    """Return a fault for each offer that is open to nobody, and say what shuts everybody out."""
    faults = []
    for place, each in enumerate(offers, 1):
        if each.eligible:
            continue
        where = f"offers[{place}] ({each.offer.id}): no customer is eligible"
        closed = [rule.words for rule in each.rules if not rule.customers]
        if not each.customers:
            faults.append(f"{where}; nobody is in its segments.")
        elif closed:
            faults.append(f"{where}; nobody fulfils {closed[-1]}.")
        elif each.consents == 0:
            faults.append(
                f'{where}; nobody is known to have given the consent "{each.offer.consent}". Say '
                "under consents by which rule it is known."
            )
        else:
            faults.append(f"{where}; nobody fulfils all of its conditions.")
    return faults


def _against_playbooks(
    content: Mapping[str, Any], playbook: str | Path | None
) -> tuple[list[str], list[str]]:
    """Return a fault per segment that the playbook lacks, and what the built-in ones don't tell.

    Beside the built-in playbooks there are the shop's own, so of what none of them knows only a
    slip of the pen is a fault.
    """
    known = _segments_of(playbook)
    faults: list[str] = []
    unknown: dict[str, None] = {}
    for place, offer in parts_of(content, "offers"):
        meant = offer.get("segments")
        for each in meant if isinstance(meant, list | tuple) else ():
            if str(each) in known:
                continue
            near = near_names(str(each), sorted(known))
            # Among the names of all playbooks one is always somewhat alike.
            slip = get_close_matches(str(each), known, n=1, cutoff=0.8)
            if slip or playbook is not None:
                said = f'offers[{place}].segments: there is no segment "{each}". {near}'
                faults.append(said.strip())
            else:
                unknown[str(each)] = None
    return faults, list(unknown)


def _segments_of(playbook: str | Path | None) -> set[str]:
    """Return the keys and names of a playbook's segments, of either kind; of all without one."""
    names = [*built_in_playbooks(), *built_in_rules()] if playbook is None else [playbook]
    known: set[str] = set()
    for each in names:
        worded = _either(each)
        known |= {name for one in worded.segments for name in (one.key, one.name)}
        if isinstance(worded, Playbook) and worded.otherwise:
            known.add(worded.otherwise.key)
    return known


def _either(playbook: str | Path) -> Playbook | RulesPlaybook:
    """Load a playbook of places or of rules; what is neither is refused as the former."""
    try:
        return load_playbook(playbook)
    except DocumentError:
        try:
            return load_rules_playbook(playbook)
        except DocumentError:
            pass
        raise


def _unchecked(unknown: Sequence[str]) -> str:
    """Say that no built-in playbook tells whether the segments that are named exist."""
    shown = ", ".join(f'"{each}"' for each in unknown[:_NAMED])
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    return (
        f"No built-in playbook has segments {shown}{more}; whether there are such is looked at "
        "with --model MODEL or --playbook FILE."
    )


def _notes(catalogue: Catalogue, day: dt.date, table: Table | None) -> list[str]:
    notes = [
        f'"{each.title}" goes out {each.days_words}, so not on {day}.'
        for each in catalogue.offers
        if not each.is_valid(day)
    ]
    notes += [
        f'"{each.title}" has a stock of 0, so nobody gets it by a campaign.'
        for each in catalogue.offers
        if each.stock == 0
    ]
    groups = Counter(each.exclusive_group for each in catalogue.offers if each.exclusive_group)
    for group, offers in groups.items():
        if offers == 1:
            near = near_names(group, [each for each in groups if each != group])
            notes.append(f'The exclusive group "{group}" has one offer only. {near}'.strip())
    elsewhere = sorted(
        {
            each.consent
            for each in catalogue.offers
            if each.consent and each.consent not in catalogue.consents
        }
    )
    if elsewhere and table is not None:
        named = ", ".join(f'"{each}"' for each in elsewhere)
        notes.append(f"No rule under consents tells who gave {named}: by this table, nobody did.")
    return notes


def as_document(check: Check) -> Mapping[str, Any]:
    """Return a check as one JSON document."""
    return {
        "catalogue": check.catalogue.catalogue,
        "fingerprint": check.catalogue.fingerprint,
        "customers": check.customers,
        "opted_out": check.opted_out if check.customers is not None else None,
        "offers": [
            {
                "id": each.offer.id,
                "title": each.offer.title,
                "valid": each.valid,
                "customers": each.customers,
                "eligible": each.eligible,
                "consents": each.consents,
                "rules": [
                    {"rule": rule.words, "depth": rule.depth, "customers": rule.customers}
                    for rule in each.rules
                ],
            }
            for each in check.offers
        ],
        "faults": list(check.faults),
        "notes": list(check.notes),
    }
