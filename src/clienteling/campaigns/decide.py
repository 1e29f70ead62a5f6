"""Decide for one customer, in real time, by the plan of a campaign.

First whether the customer may be contacted at all, then the segment, which offers are open (rules,
consents, days, caps, stock and budget), the policy's draw, the holdout; what is drawn is reserved
and logged. All of it is one change of the store: two who ask at once never get the last one both.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from clienteling.campaigns.decisions import CHANCES
from clienteling.campaigns.holdout import Holdout
from clienteling.campaigns.known_batches import InBatches, KnownBatches
from clienteling.campaigns.policy_state import policy_of
from clienteling.campaigns.seen import Seen
from clienteling.data.columns import find_column
from clienteling.data.documents import parse_yaml
from clienteling.errors import InputError
from clienteling.ledger.batch import BatchDecision
from clienteling.ledger.campaigns import CONTACTS, Campaign, campaign
from clienteling.ledger.consents import consents_of, is_forgotten, out_now
from clienteling.ledger.counters import Count, all_left, ensure_limit, left, millionths
from clienteling.ledger.customers import id_text
from clienteling.ledger.decisions import (
    LoggedDecision,
    asked_before,
    contacts_of,
    log_decision,
)
from clienteling.ledger.dialects import one_at_a_time, together
from clienteling.ledger.documents import document
from clienteling.ledger.moments import as_utc, now_utc
from clienteling.ledger.reservations import RESERVED, expire, reserve
from clienteling.ledger.schema import campaigns as campaigns_table
from clienteling.ledger.store import Store
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.contacts import Contact, capped
from clienteling.offers.eligibility import check_values, not_contacted, why_not
from clienteling.offers.offer import NOTHING, Offer
from clienteling.offers.policies.decision import Policy, decide
from clienteling.offers.rules import fits
from clienteling.segmentation.load import AnyModel, parse_model
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.rules import RuleSegment

__all__ = ["Answer", "Decider", "decide_for", "decider", "decider_with", "of_batch", "segment_of"]

#: How long a decision is held for the one who asked, where nothing else is said.
HELD = dt.timedelta(minutes=30)
#: What a campaign may count beside the stock that a catalogue says.
_OWN_COUNTS = ("budget", "contacts", "channel", "own stock")
_HELD_OUT = " Held out, so that the campaign can be measured."


@dataclass(frozen=True)
class Answer:
    """What is decided for a customer: the columns of a decision, and all that could have been."""

    segment_id: int | None
    arm: str
    offer: str
    propensity: float
    reason: str
    chances: Mapping[str, float] = field(default_factory=lambda: {NOTHING: 1.0})


class _ChangedMeanwhileError(Exception):
    """What was read before the store was locked holds no more."""


class Decider:
    """Decides for single customers of one campaign; :func:`decider` makes one.

    It holds the campaign's model, catalogue and policy, so that a decision takes milliseconds. It
    may be shared by threads.

    Parameters
    ----------
    store : the store
    campaign : as it was planned
    model, catalogue : that it was planned with
    """

    def __init__(
        self, store: Store, campaign: Campaign, model: AnyModel, catalogue: Catalogue
    ) -> None:
        self.store, self.campaign, self.model, self.catalogue = store, campaign, model, catalogue
        shop = str(campaign.plan.get("shop", "shop"))
        self.holdout = Holdout(campaign.id, campaign.holdout, campaign.global_holdout, shop)
        counted = catalogue.contact_policy is not None or any(
            each.customer_cap is not None or each.exclusive_group is not None
            for each in catalogue.offers
        )
        self._batches = KnownBatches(store, campaign.id, every=counted)

    @cached_property
    def policy(self) -> Policy:
        """The policy, as it was when the campaign was planned."""
        return policy_of(self.campaign.plan.get("policy", {}), self.model, self.catalogue)

    def decide(
        self,
        customer_id: int | str,
        customer: Mapping[str, Any],
        *,
        key: str | None = None,
        day: dt.date | None = None,
        now: dt.datetime | None = None,
        held: dt.timedelta = HELD,
    ) -> LoggedDecision:
        """Decide, reserve and log; what is answered is on the disk.

        Parameters
        ----------
        customer_id : whose
        customer : values by column: the model's features and what the rules ask for
        key : of the one who asks; asked twice with one key, the same answer is given
        day : of the contact; by default today, in UTC
        now : the time
        held : how long the offer is reserved; confirm it until then, see
            :func:`clienteling.ledger.reservations.confirm`

        Returns
        -------
        LoggedDecision
            Show its ``offer`` where the ``arm`` is ``offer``, else nothing. For one who was
            forgotten nothing is logged, and the ``id`` is empty.

        Raises
        ------
        ColumnError, DataError
            A feature is missing or is no number, a value can't be kept or compared by a rule, or
            what tells who is never contacted isn't given.
        InputError
            The key was used for another customer, or the campaign is over: then nothing is
            reserved, and nobody is held out.
        SourceError
            The store, or the decisions of a batch, can't be read: then nothing goes out.
        """
        text, moment = id_text(customer_id), as_utc(now) if now is not None else now_utc()
        segment = segment_of(self.model, customer)
        check_values(self.catalogue, customer)
        expire(self.store, now=moment)
        while True:
            # A batch lies in files: it is looked up before others are kept waiting.
            known = self._batches.look_up(text)
            try:
                with self.store.writing() as connection:
                    one_at_a_time(connection, f"customer {text}")
                    # Not while a batch is recorded, which may contact this customer, too.
                    together(connection, CONTACTS)
                    earlier = self._answered(connection, text, key)
                    if earlier is not None:
                        return earlier
                    on = day or moment.date()
                    self._refuse_over(on)
                    seen = self._seen(connection, text, known)
                    if known.own is not None and not seen.out:
                        answer = of_batch(known.own)
                    else:
                        answer = self.answer(customer_id, customer, segment, on, seen)
                    columns = asdict(answer)
                    chances = {CHANCES: columns.pop(CHANCES)}  # those of a batch stand there
                    kept = {**seen.as_document(), **({} if known.own is not None else chances)}
                    made = LoggedDecision(
                        id=uuid.uuid4().hex,
                        campaign=self.campaign.id,
                        customer_id=customer_id,
                        features=dict(customer),
                        replay=kept,
                        day=on,
                        decided_at=moment,
                        model_fingerprint=self.campaign.model_fingerprint,
                        catalogue_fingerprint=self.campaign.catalogue_fingerprint,
                        from_batch=known.own is not None and not seen.out,
                        asked_by=key,
                        **columns,
                    )
                    if is_forgotten(connection, text):
                        return replace(made, id="")
                    if made.arm == "offer" and not made.from_batch:
                        made = replace(made, state=RESERVED)
                        self._reserve(connection, made, moment + held)
                    log_decision(connection, made)
                    return made
            except _ChangedMeanwhileError:
                continue

    def _refuse_over(self, day: dt.date) -> None:
        last = self.campaign.last_day
        if last is not None and day > last:
            raise InputError(
                f'The campaign "{self.campaign.id}" is over: its last day was {last}, and nothing '
                f"that comes of a contact on {day} would count.",
                hint="Decide by a campaign that runs; clienteling campaign plan makes one.",
            )

    def _answered(
        self, connection: sa.Connection, customer: str, key: str | None
    ) -> LoggedDecision | None:
        """Return what was answered to this key before."""
        if key is None:
            return None
        one_at_a_time(connection, f"key {self.campaign.id} {key}")
        earlier = asked_before(connection, self.campaign.id, key)
        if earlier is not None and str(earlier.customer_id) != customer:
            raise InputError(
                f'The key "{key}" was used for another customer in this campaign.',
                hint="Give each question a key of its own, and the same one only to ask it again.",
            )
        return earlier

    def _seen(self, connection: sa.Connection, customer: str, known: InBatches) -> Seen:
        """Read what the decision depends on beside the customer's values."""
        there = frozenset(connection.execute(sa.select(campaigns_table.c.id)).scalars())
        if there != known.campaigns:
            raise _ChangedMeanwhileError
        live = (Contact(offer, at) for offer, at in contacts_of(connection, customer))
        return Seen(
            out_now(connection, customer),
            consents_of(connection, customer),
            (*known.contacts, *live),
            frozenset(self._sold_out(connection)),
        )

    def _reserve(self, connection: sa.Connection, made: LoggedDecision, until: dt.datetime) -> None:
        (offer,) = (each for each in self.catalogue.offers if each.id == made.offer)
        amounts = {}
        for count, amount in self._counts(offer).items():
            if count.kind == "stock":
                ensure_limit(connection, count, float(offer.stock or 0))
            elif left(connection, count) is None:
                continue  # the campaign has no such limit
            amounts[count] = amount
        if reserve(connection, made.id, amounts, now=made.decided_at, until=until):
            # What was left a moment ago, another process has just taken.
            raise _ChangedMeanwhileError

    def answer(
        self,
        customer_id: int | str,
        customer: Mapping[str, Any],
        segment: Segment | RuleSegment | None,
        day: dt.date,
        seen: Seen,
    ) -> Answer:
        """Return the decision for what it sees: the same whenever it is asked for."""
        number = segment.id if segment is not None else None
        if seen.out:
            return Answer(number, "nothing", NOTHING, 1.0, not_contacted("opted out"))
        never = self.catalogue.opt_outs
        if seen.told and never is not None and fits(never, customer):
            return Answer(number, "nothing", NOTHING, 1.0, not_contacted(never.words))
        offers = self.catalogue.offers_for(segment, day) if segment is not None else []
        open = [each.id for each in offers if not self._closed(each, customer, day, seen)]
        made = decide(self.policy, customer_id, number, open, self.campaign.salt, told=seen.told)
        goes = 1.0 - self.holdout.probability
        drawn = self.policy.intervals(number, open) if number is not None else ()
        offered = [each for each in drawn if each.offer != NOTHING]
        # Nothing goes out where nothing is drawn, and where an offer is drawn and held out.
        silence = max(0.0, 1.0 - goes * sum(each.propensity for each in offered))
        chances = {NOTHING: silence}
        for each in offered:
            chances[each.offer] = chances.get(each.offer, 0.0) + each.propensity * goes
        if made.offer == NOTHING:
            return Answer(number, "nothing", NOTHING, silence, made.reason, chances)
        if self.holdout.holds(customer_id):
            reason = made.reason + _HELD_OUT
            return Answer(number, "holdout", made.offer, silence, reason, chances)
        return Answer(number, "offer", made.offer, made.propensity * goes, made.reason, chances)

    def _closed(self, offer: Offer, customer: Mapping[str, Any], day: dt.date, seen: Seen) -> bool:
        if offer.id in seen.sold_out:
            return True
        return bool(
            why_not(offer, self.catalogue, customer, day, seen.consents)
            or capped(offer, self.catalogue, seen.contacts, day)
        )

    def _counts(self, offer: Offer) -> dict[Count, float]:
        """Return what one contact takes up."""
        own = self.campaign.id
        found = {
            Count("budget", own): offer.cost,
            Count("contacts", own): 1.0,
            Count("channel", own, offer.channel): 1.0,
            Count("own stock", own, offer.id): 1.0,
        }
        if offer.stock is not None:
            found[Count("stock", self.catalogue.catalogue, offer.id)] = 1.0
        return found

    def _sold_out(self, connection: sa.Connection) -> list[str]:
        """Return the offers of which one more is more than there is."""
        owners = [(each, self.campaign.id) for each in _OWN_COUNTS]
        there = all_left(connection, ("stock", self.catalogue.catalogue), *owners)
        found = []
        for offer in self.catalogue.offers:
            for count, amount in self._counts(offer).items():
                room = there.get(count)
                if room is None and count.kind == "stock":  # nobody has taken any yet
                    room = millionths(float(offer.stock or 0), up=False)
                if room is not None and room < millionths(amount, up=True):
                    found.append(offer.id)
        return found


def decider(store: Store, id: str) -> Decider:
    """Return what decides for single customers of a campaign.

    Raises
    ------
    DataError
        There is no such campaign, or its model or catalogue was not kept.
    """
    meant = campaign(store, id)
    return decider_with(store, meant, meant.model_fingerprint, meant.catalogue_fingerprint)


def decider_with(store: Store, meant: Campaign, model: str, catalogue: str) -> Decider:
    """Return what decides by a model and a catalogue that the store keeps under fingerprints."""
    return Decider(
        store,
        meant,
        parse_model(document(store, model), f"the model {model} in {store.shown}"),
        parse_yaml(
            document(store, catalogue), Catalogue, f"{catalogue} in {store.shown}", "catalogue"
        ),
    )


def decide_for(
    store: Store,
    id: str,
    customer_id: int | str,
    customer: Mapping[str, Any],
    *,
    key: str | None = None,
    day: dt.date | None = None,
    now: dt.datetime | None = None,
    held: dt.timedelta = HELD,
) -> LoggedDecision:
    """Decide for one customer of a campaign; for many of them keep a :func:`decider`.

    Parameters
    ----------
    store : the store
    id : of the campaign
    customer_id, customer, key, day, now, held : see :meth:`Decider.decide`
    """
    return decider(store, id).decide(customer_id, customer, key=key, day=day, now=now, held=held)


def segment_of(model: AnyModel, customer: Mapping[str, Any]) -> Segment | RuleSegment | None:
    """Return a customer's segment by the values that are the model's features; None without one.

    Raises
    ------
    ColumnError, DataError
        A feature is missing, or is no number.
    """
    names = list(customer)
    found = (find_column(each, names, model.aliases[each]) for each in model.columns)
    features = {each.name: customer[each.name] for each in found if each is not None}
    segment: Segment | RuleSegment | None = model.predict(features).segment
    return segment


def of_batch(own: BatchDecision) -> Answer:
    """Return what a batch decided."""
    return Answer(own.segment_id, own.arm, own.offer, own.propensity, own.reason)
