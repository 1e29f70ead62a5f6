"""Make a decision in real time again from what is kept with it."""

from __future__ import annotations

from dataclasses import dataclass

from clienteling.campaigns.decide import decider_with, of_batch, segment_of
from clienteling.campaigns.seen import Seen
from clienteling.ledger.batch import batch_decisions
from clienteling.ledger.campaigns import campaign
from clienteling.ledger.decisions import LoggedDecision, decision
from clienteling.ledger.store import Store

__all__ = ["Replay", "replay"]


@dataclass(frozen=True)
class Replay:
    """A decision that was made again from what is kept with it.

    Parameters
    ----------
    logged : what was decided
    differs : what comes out otherwise, each in a sentence; empty where all is the same
    """

    logged: LoggedDecision
    differs: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the same comes out."""
        return not self.differs


def replay(store: Store, decision_id: str) -> Replay:
    """Make a decision again from what is kept with it, and say whether the same comes out.

    Parameters
    ----------
    store : the store
    decision_id : of a decision in real time

    Raises
    ------
    DataError
        There is no such decision, or its model or catalogue was not kept.
    """
    made = decision(store, decision_id)
    by = decider_with(
        store,
        campaign(store, made.campaign),
        made.model_fingerprint,
        made.catalogue_fingerprint,
    )
    if made.from_batch:
        customer = str(made.customer_id)
        own = batch_decisions(by.campaign, [customer], store=store).get(customer)
        if own is None:
            return Replay(made, ("The batch has no decision for this customer any more.",))
        again = of_batch(own)
    else:
        segment = segment_of(by.model, made.features)
        seen = Seen.of(made.replay)
        again = by.answer(made.customer_id, made.features, segment, made.day, seen)
    differs = tuple(
        f'{each} was "{getattr(made, each)}"; now it is "{getattr(again, each)}".'
        for each in ("segment_id", "arm", "offer", "propensity", "reason")
        if getattr(made, each) != getattr(again, each)
    )
    return Replay(made, differs)
