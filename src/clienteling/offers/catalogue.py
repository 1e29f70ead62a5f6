"""A catalogue: the offers that a shop can make, and the segments that each is for.

Words are data. The built-in catalogues are YAML files beside this one, named like the playbook
that they go with; a user's own file replaces them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from clienteling.data.documents import (
    BuiltIn,
    Document,
    Strict,
    parts_of,
    repeated,
)
from clienteling.errors import DocumentError, near_names
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.model import Model, Segment
from clienteling.segmentation.playbook import Playbook, built_in_playbooks, load_playbook
from clienteling.segmentation.rules import RuleSegment

__all__ = [
    "Catalogue",
    "Offer",
    "catalogue_for",
    "catalogue_text",
    "is_built_in",
    "load_catalogue",
    "offer_notes",
]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Offer(Strict):
    """Something that a customer can be offered.

    Parameters
    ----------
    id : its key in files and logs
    title : for customers and marketers
    text : what it says
    channel : how it reaches the customer
    segments : keys or names of the segments that it is for
    reason : why it suits them, in a sentence
    priority : among a segment's offers the lowest number comes first
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    title: Text
    text: Text
    channel: Text = "email"
    segments: tuple[Text, ...] = Field(min_length=1)
    reason: Text
    priority: Annotated[int, Field(ge=1)] = 1


class Catalogue(Document):
    """The offers of a shop.

    Parameters
    ----------
    catalogue : its name
    offers : in any order
    """

    catalogue: Text
    offers: tuple[Offer, ...] = Field(min_length=1)

    @classmethod
    def disagreements(cls, content: Mapping[str, Any]) -> list[str]:
        """Return the ids that several offers have."""
        return repeated(parts_of(content, "offers"), "id", "offers")

    @property
    def fingerprint(self) -> str:
        """A digest of the content: the same for the same offers, whatever the file looks like."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def offers_for(self, segment: Segment | RuleSegment) -> list[Offer]:
        """Return the offers for a segment, best first."""
        meant = [
            each
            for each in self.offers
            if segment.key in each.segments or segment.name in each.segments
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
    if playbook is None and model.playbook in built_in_playbooks():
        playbook = load_playbook(model.playbook)
    faults = _unknown_segments(loaded, model, playbook)
    if faults:
        raise DocumentError(
            f"{loaded.catalogue}: the catalogue names segments that there are not.",
            faults=faults,
            hint="The segments are: " + ", ".join(f'"{each.name}"' for each in model.segments),
        )
    return loaded


def is_built_in(catalogue: Catalogue) -> bool:
    """Whether a catalogue is one that comes with the package, unchanged."""
    return any(
        load_catalogue(each).fingerprint == catalogue.fingerprint for each in _BUILT_IN.names()
    )


def offer_notes(model: AnyModel, catalogue: Catalogue) -> list[str]:
    """Say where these offers are not those that the model was made with, and who gets none."""
    notes = []
    made_with = model.catalogue_fingerprint if isinstance(model, Model) else ""
    if isinstance(model, Model) and made_with and made_with != catalogue.fingerprint:
        built_in = "the built-in offers" if is_built_in(catalogue) else "other offers"
        notes.append(
            f'The model was made with the offers of "{model.catalogue}"; these are {built_in}. '
            "Give your catalogue with --offers."
        )
    without = [each.name for each in model.segments if not catalogue.offers_for(each)]
    if without:
        notes.append(
            f'The catalogue "{catalogue.catalogue}" has no offer for: {", ".join(without)}. '
            "Add offers for them and give the file with --offers."
        )
    return notes


def _unknown_segments(
    catalogue: Catalogue, model: AnyModel, playbook: Playbook | None
) -> list[str]:
    """Return a fault per segment that an offer is for and nobody is in.

    An offer may be for a segment of the playbook that this model happens to be without. Where the
    playbook is not at hand, only what looks like a slip of the pen is a fault.
    """
    known = {name for each in model.segments for name in (each.key, each.name)}
    known |= {each.name for each in model.retired} if isinstance(model, Model) else set()
    if playbook is not None:
        known |= {name for each in playbook.segments for name in (each.key, each.name)}
        known |= {playbook.otherwise.key} if playbook.otherwise else set()
    faults = []
    for place, offer in enumerate(catalogue.offers, 1):
        for each in offer.segments:
            near = near_names(each, sorted(known))
            if each not in known and (near or playbook is not None):
                faults.append(
                    f'offers[{place}].segments: there is no segment "{each}". {near}'.strip()
                )
    return faults
