"""A catalogue: the offers that a shop can make, and the segments that each is for.

Words are data. The built-in catalogues are YAML files beside this one, named like the playbook
that they go with; a user's own file replaces them.
"""

from __future__ import annotations

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
from clienteling.segmentation.model import Model, Segment

__all__ = ["Catalogue", "Offer", "catalogue_for", "catalogue_text", "load_catalogue"]

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

    def offers_for(self, segment: Segment) -> list[Offer]:
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


def catalogue_for(model: Model, catalogue: str | Path | Catalogue | None = None) -> Catalogue:
    """Return the given catalogue, else the built-in one of the model's playbook.

    For a playbook that no built-in catalogue goes with, the one of the classic segments is taken:
    it serves those of its segments that have the same keys.
    """
    if catalogue is not None:
        return load_catalogue(catalogue)
    return load_catalogue(
        model.playbook if model.playbook in _BUILT_IN.names() else "income-spending"
    )
