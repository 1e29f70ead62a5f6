"""A catalogue: the offers that a shop can make, and the segments that each is for.

Words are data. The built-in catalogues are YAML files beside this one, named like the playbook
that they go with; a user's own file replaces them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from clienteling.data.documents import (
    BuiltIn,
    Document,
    content_of,
    parts_of,
    read_text,
    repeated,
    with_ids,
)
from clienteling.errors import DocumentError, near_names
from clienteling.offers.catalogue_faults import offer_faults, rule_faults, unknown_consents
from clienteling.offers.offer import ContactPolicy, Offer, Text
from clienteling.offers.rules import Rule
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.playbook import Playbook, built_in_playbooks, load_playbook
from clienteling.segmentation.rules import RuleSegment

__all__ = [
    "Catalogue",
    "Offer",
    "catalogue_content",
    "catalogue_for",
    "catalogue_text",
    "is_built_in",
    "load_catalogue",
    "offer_notes",
    "segment_faults",
]

#: What an offer's fingerprint always has; the rest takes part where it is said, so that a
#: catalogue without it keeps its fingerprint.
_ALWAYS = ("id", "title", "text", "channel", "segments", "reason", "priority")


class Catalogue(Document):
    """The offers of a shop.

    Parameters
    ----------
    catalogue : its name
    offers : in any order
    contact_policy : how often a customer is contacted at most, by whatever offer
    opt_outs : the rule that tells who is never contacted
    consents : for each consent that an offer needs, the rule that tells who has given it
    """

    catalogue: Text
    offers: tuple[Offer, ...] = Field(min_length=1)
    contact_policy: ContactPolicy | None = None
    opt_outs: Rule | None = None
    consents: dict[Text, Rule] = Field(default_factory=dict)

    @classmethod
    def disagreements(cls, content: Mapping[str, Any]) -> list[str]:
        """Return what doesn't fit together: ids, days, rules, names of consents."""
        offers = parts_of(content, "offers")
        return [
            *repeated(offers, "id", "offers"),
            *(fault for place, each in offers for fault in offer_faults(place, each)),
            *rule_faults(content),
            *unknown_consents(content),
        ]

    @property
    def fingerprint(self) -> str:
        """A digest of the content: the same for the same offers, whatever the file looks like."""
        said = self.model_dump(mode="json", exclude_defaults=True)
        whole = self.model_dump(mode="json", include={"catalogue": True, "offers": True})
        offers = [
            {key: each[key] for key in each if key in _ALWAYS or key in own}
            for each, own in zip(whole["offers"], said["offers"], strict=True)
        ]
        text = json.dumps({**said, "offers": offers}, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_yaml(self) -> str:
        """Return the text of a file that :func:`load_catalogue` reads as the same catalogue."""
        # As Python's values, not as JSON's: a day in a rule must not come back as a text.
        content = self.model_dump(exclude_defaults=True)
        return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)

    def offers_for(self, segment: Segment | RuleSegment, day: dt.date | None = None) -> list[Offer]:
        """Return the offers for a segment, best first; with a day, those that go out on it."""
        meant = [
            each
            for each in self.offers
            if (segment.key in each.segments or segment.name in each.segments)
            and (day is None or each.is_valid(day))
        ]
        return sorted(meant, key=lambda each: each.priority)


_BUILT_IN = BuiltIn("clienteling.offers", "catalogues", "catalogue")


def catalogue_text(name: str) -> str:
    """Return the YAML text of a built-in catalogue, to start one's own from."""
    return _BUILT_IN.text(name)


def load_catalogue(catalogue: str | Path | Catalogue) -> Catalogue:
    """Return a catalogue: a built-in one by its name, or one's own by its path.

    Raises
    ------
    DocumentError
        There is no such catalogue, or it has faults; all of them are listed.

    Examples
    --------
    >>> load_catalogue("income-spending").offers[0].title
    'Private preview evening'
    """
    if isinstance(catalogue, Catalogue):
        return catalogue
    return _BUILT_IN.load(catalogue, Catalogue)


def catalogue_content(catalogue: str | Path | Catalogue) -> dict[str, Any]:
    """Return what stands in a catalogue, before it is looked at as one: it may have faults.

    Raises
    ------
    DocumentError
        There is no such file, or it can't be read at all.
    """
    if isinstance(catalogue, Catalogue):
        return catalogue.model_dump()
    names = _BUILT_IN.names()
    if str(catalogue) in names and not Path(catalogue).exists():
        return content_of(_BUILT_IN.text(str(catalogue)), str(catalogue), "catalogue")
    return content_of(read_text(catalogue, "catalogue", names), str(catalogue), "catalogue")


def catalogue_for(
    model: AnyModel,
    catalogue: str | Path | Catalogue | None = None,
    playbook: Playbook | None = None,
) -> Catalogue:
    """Return the given catalogue, else the built-in one of the model's playbook.

    For a playbook that no built-in catalogue goes with, the one of the classic segments is taken,
    for one of rules that of RFM: it serves those of its segments that have the same keys.

    Parameters
    ----------
    model : the segments
    catalogue : a built-in one's name, a file of one's own, or a :class:`Catalogue`
    playbook : the model's, where it is at hand; a built-in one is found by its name

    Raises
    ------
    DocumentError
        The catalogue has faults, or names a segment that neither model nor playbook has.
    """
    if catalogue is None:
        usual = "rfm" if model.kind == "rules" else "income-spending"
        return load_catalogue(model.playbook if model.playbook in _BUILT_IN.names() else usual)
    loaded = load_catalogue(catalogue)
    faults = segment_faults(loaded.model_dump(), model, playbook)
    if faults:
        raise DocumentError(
            f"{loaded.catalogue}: the catalogue names segments that there are not.",
            faults=with_ids(faults, loaded.model_dump()),
            hint="The segments are: " + ", ".join(f'"{each.name}"' for each in model.segments),
        )
    return loaded


def is_built_in(catalogue: Catalogue) -> bool:
    """Whether a catalogue is one that comes with the package, unchanged."""
    return any(
        load_catalogue(each).fingerprint == catalogue.fingerprint for each in _BUILT_IN.names()
    )


def offer_notes(model: AnyModel, catalogue: Catalogue, day: dt.date | None = None) -> list[str]:
    """Say where these offers are not those that the model was made with, and who gets none.

    With a day it is said, too, which offers don't go out on it.
    """
    notes = []
    made_with = model.catalogue_fingerprint if isinstance(model, Model) else ""
    if isinstance(model, Model) and made_with and made_with != catalogue.fingerprint:
        built_in = "the built-in offers" if is_built_in(catalogue) else "other offers"
        notes.append(
            f'The model was made with the offers of "{model.catalogue}"; these are {built_in}. '
            "Give your catalogue with --offers."
        )
    if day is not None:
        closed = [
            f'"{each.title}" ({each.days_words})'
            for each in catalogue.offers
            if not each.is_valid(day)
        ]
        notes += [f"Left out by their dates on {day}: {', '.join(closed)}."] if closed else []
    without = [each.name for each in model.segments if not catalogue.offers_for(each)]
    if without:
        notes.append(
            f'The catalogue "{catalogue.catalogue}" has no offer for: {", ".join(without)}. '
            "Add offers for them and give the file with --offers."
        )
    return notes


def segment_faults(
    content: Mapping[str, Any], model: AnyModel, playbook: Playbook | None = None
) -> list[str]:
    """Return a fault per segment that an offer is for and nobody is in.

    An offer may be for a segment of the playbook that this model happens to be without. Where the
    playbook is not at hand, only what looks like a slip of the pen is a fault.

    Parameters
    ----------
    content : what stands in the catalogue
    model : the segments
    playbook : the model's, where it is at hand; a built-in one is found by its name
    """
    if playbook is None and model.playbook in built_in_playbooks():
        playbook = load_playbook(model.playbook)
    known = {name for each in model.segments for name in (each.key, each.name)}
    known |= {each.name for each in model.retired} if isinstance(model, Model) else set()
    if playbook is not None:
        known |= {name for each in playbook.segments for name in (each.key, each.name)}
        known |= {playbook.otherwise.key} if playbook.otherwise else set()
    faults = []
    for place, offer in parts_of(content, "offers"):
        meant = offer.get("segments")
        for each in meant if isinstance(meant, list | tuple) else ():
            near = near_names(str(each), sorted(known))
            if each not in known and (near or playbook is not None):
                faults.append(
                    f'offers[{place}].segments: there is no segment "{each}". {near}'.strip()
                )
    return faults
