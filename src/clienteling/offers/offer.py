"""One offer: what it says, whom it is for, what it costs and brings, and how often it goes out."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, FiniteFloat, StringConstraints

from clienteling.data.documents import Strict
from clienteling.offers.rules import Rule

__all__ = ["NOTHING", "ContactPolicy", "Offer", "Text"]

#: The offer that is always there: to leave the customer in peace.
NOTHING = "nothing"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Amount = Annotated[FiniteFloat, Field(ge=0, le=1e12)]
Whole = Annotated[int, Field(ge=1, le=10**9)]


def _written_as_day(given: Any) -> Any:
    # Pydantic takes a number for seconds since 1970, and 20260301 would be a day of that year.
    if isinstance(given, int | float):
        raise ValueError(f"{given} is no day; write it as 2026-03-31.")
    return given


Day = Annotated[dt.date, BeforeValidator(_written_as_day)]


class ContactPolicy(Strict):
    """At most so many contacts of one customer in so many days.

    Parameters
    ----------
    contacts : at most
    days : the day of the contact and those before it
    """

    contacts: Whole
    days: Whole


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
    cost : of one contact, in the shop's currency
    value : what one response brings, before the cost of the contact
    response : the share of those who get it that is assumed to respond, from 0 to 1; those who
        would respond without it, too
    response_weight : how many customers' experience the assumption is worth
    valid_from, valid_until : the first and the last day on which it goes out
    eligibility : the rule that a customer must fulfil
    consent : the consent that a customer must have given
    stock : how many there are
    customer_cap : how often one customer gets it
    exclusive_group : a customer gets at most one offer of a group
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    title: Text
    text: Text
    channel: Text = "email"
    segments: tuple[Text, ...] = Field(min_length=1)
    reason: Text
    priority: Whole = 1
    cost: Amount = 0.0
    value: Amount | None = None
    response: Annotated[FiniteFloat, Field(ge=0, le=1)] | None = None
    response_weight: Annotated[FiniteFloat, Field(gt=0, le=1e9)] = 100.0
    valid_from: Day | None = None
    valid_until: Day | None = None
    eligibility: Rule | None = None
    consent: Text | None = None
    stock: Annotated[int, Field(ge=0, le=10**12)] | None = None
    customer_cap: ContactPolicy | None = None
    exclusive_group: Text | None = None

    def is_valid(self, day: dt.date) -> bool:
        """Whether the offer goes out on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until)

    @property
    def only_for(self) -> str:
        """What a customer must fulfil to get it, in words; empty where it is open to all.

        Examples
        --------
        >>> adults = Rule(column="Age", operator=">=", value=18)
        >>> wine = Offer(id="wine", title="Wine", text="Wine.", segments=("a",), reason="So.")
        >>> wine.model_copy(update={"eligibility": adults, "consent": "mail"}).only_for
        'Age >= 18, with the consent "mail"'
        """
        said = [self.eligibility.words] if self.eligibility is not None else []
        said += [f'with the consent "{self.consent}"'] if self.consent is not None else []
        return ", ".join(said)

    @property
    def days_words(self) -> str:
        """When it goes out, in words; empty where that is always."""
        said = [f"from {self.valid_from}"] if self.valid_from else []
        said += [f"until {self.valid_until}"] if self.valid_until else []
        return " ".join(said)
