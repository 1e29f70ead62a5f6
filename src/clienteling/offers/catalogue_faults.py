"""What doesn't fit together in a catalogue, found in its raw content.

The content may have other faults at the same time: what can't be understood is passed over here,
as pydantic names it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from clienteling.data.documents import parts_of
from clienteling.errors import near_names
from clienteling.offers.contradictions import contradictions
from clienteling.offers.offer import NOTHING
from clienteling.offers.rules import Rule

__all__ = ["offer_faults", "rule_faults", "rules_in", "unknown_consents"]


def offer_faults(place: int, offer: Mapping[str, Any]) -> list[str]:
    """Return the faults between the parts of one offer, which stands at a place from 1."""
    faults = []
    if offer.get("id") == NOTHING:
        faults.append(
            f'offers[{place}].id: "{NOTHING}" is the offer that is always there; give it another.'
        )
    first, last = _day(offer.get("valid_from")), _day(offer.get("valid_until"))
    if first and last and first > last:
        faults.append(
            f"offers[{place}].valid_until: {last} is before valid_from, {first}; it would never "
            "go out."
        )
    return faults


def rules_in(content: Mapping[str, Any]) -> Iterator[tuple[str, Rule]]:
    """Yield each rule of a catalogue that can be understood, with its place."""
    rules = [
        (f"offers[{place}].eligibility", each.get("eligibility"))
        for place, each in parts_of(content, "offers")
    ]
    rules.append(("opt_outs", content.get("opt_outs")))
    consents = content.get("consents")
    if isinstance(consents, Mapping):
        rules += [(f"consents.{each}", rule) for each, rule in consents.items()]
    for place, given in rules:
        rule = _understood(given)
        if rule is not None:
            yield place, rule


def _understood(given: Any) -> Rule | None:
    """Return what of a rule can be understood: its sound parts, where others have faults."""
    try:
        return Rule.model_validate(given) if given is not None else None
    except (ValidationError, RecursionError):
        pass
    for kind in ("all", "any"):
        if isinstance(given, Mapping) and isinstance(given.get(kind), list | tuple):
            parts = [rule for each in given[kind] if (rule := _understood(each)) is not None]
            return Rule.model_validate({kind: parts}) if parts else None
    return None


def rule_faults(content: Mapping[str, Any]) -> list[str]:
    """Return the rules that no customer can fulfil."""
    return [
        f"{place}: {said}" for place, rule in rules_in(content) for said in contradictions(rule)
    ]


def unknown_consents(content: Mapping[str, Any]) -> list[str]:
    """Return the consents of offers that look like a slip of one that the catalogue explains.

    One that it doesn't explain at all is no fault: it may be kept elsewhere than in the
    customers' table.
    """
    known = content.get("consents")
    names = [str(each) for each in known] if isinstance(known, Mapping) else []
    faults = []
    for place, each in parts_of(content, "offers"):
        wanted = each.get("consent")
        near = near_names(wanted, names) if isinstance(wanted, str) else ""
        if wanted not in names and near:
            faults.append(f'offers[{place}].consent: there is no "{wanted}" in consents. {near}')
    return faults


def _day(given: Any) -> dt.date | None:
    if isinstance(given, dt.datetime):
        return given.date()
    if isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
