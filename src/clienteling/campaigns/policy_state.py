"""A policy as a document and back, so that a plan can be kept and answer for one more customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from clienteling.errors import DocumentError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.experience import Experience
from clienteling.offers.policies.budget import Budget
from clienteling.offers.policies.decision import Interval, Policy
from clienteling.offers.policies.strategy import Strategy
from clienteling.offers.policies.thompson import Thompson
from clienteling.segmentation.load import AnyModel

__all__ = ["policy_of", "policy_state"]


def policy_state(policy: Policy) -> dict[str, Any]:
    """Return all that a policy decides by, beside the model and the catalogue, as plain values."""
    if isinstance(policy, Strategy):
        return {"kind": "strategy", "explore": policy.explore}
    if isinstance(policy, Thompson):
        return {
            "kind": "thompson",
            "floor": policy.floor,
            "draws": policy.draws,
            "seed": policy.seed,
            "symmetric": policy.symmetric,
            "base_rate": policy.base_rate,
            "learned": [
                {"segment": segment, "offer": offer, **asdict(seen)}
                for (segment, offer), seen in sorted(policy.learned.items())
            ],
        }
    if isinstance(policy, Budget):
        return {
            "kind": "budget",
            "useful": [
                {"segment": segment, "offers": list(offers)}
                for segment, offers in policy.useful.items()
            ],
            "worth": [
                {
                    "segment": segment,
                    "offer": offer,
                    "profit": profit,
                    "net": policy.net[segment, offer],
                }
                for (segment, offer), profit in policy.profits.items()
            ],
            "planned": [
                {"segment": segment, "open": list(open), "shares": [asdict(e) for e in parts]}
                for (segment, open), parts in policy.planned.items()
            ],
            "most": policy.most,
        }
    raise TypeError(f"a {type(policy).__name__} can't be kept")


def policy_of(document: Mapping[str, Any], model: AnyModel, catalogue: Catalogue) -> Policy:
    """Return the policy that a document was made of.

    Parameters
    ----------
    document : of :func:`policy_state`
    model, catalogue : that it decided by

    Raises
    ------
    DocumentError
        It is no such document.

    Examples
    --------
    >>> import clienteling as cl
    >>> model, catalogue = cl.segment("sample"), cl.load_catalogue("income-spending")
    >>> policy = Strategy(catalogue, model.segments, explore=0.1)
    >>> policy_of(policy_state(policy), model, catalogue) == policy
    True
    """
    kind = document.get("kind")
    try:
        if kind == "strategy":
            return Strategy(catalogue, model.segments, float(document["explore"]))
        if kind == "thompson":
            learned = {
                (int(each["segment"]), str(each["offer"])): Experience(
                    int(each["contacts"]),
                    int(each["responses"]),
                    float(each["value"]),
                    float(each["squares"]),
                    # Before there was a choice, responses without an offer had a value, too.
                    bool(each.get("valued", True)),
                )
                for each in document["learned"]
            }
            return Thompson(
                catalogue,
                model.segments,
                learned,
                floor=None if document["floor"] is None else float(document["floor"]),
                draws=int(document["draws"]),
                seed=int(document["seed"]),
                # A plan that was kept before there was a choice decides as it did.
                symmetric=bool(document.get("symmetric", True)),
                base_rate=document.get("base_rate"),
            )
        if kind == "budget":
            return _budget(document, model)
    except (KeyError, TypeError, ValueError) as error:
        raise DocumentError(
            f"The plan's policy is damaged ({type(error).__name__}: {error}).",
            hint="Plan the campaign again.",
        ) from error
    raise DocumentError(f'There is no policy "{kind}".', hint="Plan the campaign again.")


def _budget(document: Mapping[str, Any], model: AnyModel) -> Budget:
    worth = [(int(each["segment"]), str(each["offer"]), each) for each in document["worth"]]
    return Budget(
        {each.id: each.name for each in model.segments},
        {int(each["segment"]): tuple(each["offers"]) for each in document["useful"]},
        {(segment, offer): float(each["profit"]) for segment, offer, each in worth},
        {(segment, offer): float(each["net"]) for segment, offer, each in worth},
        {
            (int(each["segment"]), tuple(each["open"])): [Interval(**e) for e in each["shares"]]
            for each in document["planned"]
        },
        document["most"],
    )
