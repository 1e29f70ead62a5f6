"""What is said, everywhere in the same words, where the customers form no groups."""

from __future__ import annotations

from clienteling.segmentation.model import Model
from clienteling.segmentation.structure import Structure

__all__ = ["NO_GROUPS", "no_groups", "why_beside_warning"]

#: What stands above the warning.
NO_GROUPS = "These customers form no natural groups"


def no_groups(model: Model) -> list[str]:
    """Return the warning, in sentences; empty where the customers form groups, or wasn't tested.

    Examples
    --------
    >>> import clienteling as cl
    >>> no_groups(cl.segment("sample"))
    []
    """
    if model.structure is None or model.structure.natural:
        return []
    return [
        Structure(**model.structure.model_dump()).words,
        f"The {model.k} segments divide one crowd into handy parts. Customers on both sides of a "
        "border are much alike, so read the names as places in the crowd, not as kinds of people.",
        "Before you pay for a campaign per segment, test whether it does better than one offer "
        "for everyone.",
    ]


def why_beside_warning(model: Model) -> str:
    """Return the reason for the number of segments, without the verdict that the warning says.

    Examples
    --------
    >>> import clienteling as cl
    >>> model = cl.segment("sample")
    >>> why_beside_warning(model) == model.why_k
    True
    """
    warned = no_groups(model)
    return model.why_k.removeprefix(warned[0]).strip() if warned else model.why_k
