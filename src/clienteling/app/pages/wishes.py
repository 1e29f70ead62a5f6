"""What a visitor asks of a campaign: name, days, policy, who is held out, and the limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from clienteling.app.pages.parts import kept_upload
from clienteling.app.plain import label, plain
from clienteling.app.planning import Wishes
from clienteling.app.study import Study
from clienteling.app.uploads import Upload
from clienteling.offers.catalogue import Catalogue

__all__ = ["ask_wishes"]

_POLICIES = {
    "strategy": "Each segment gets its first offer",
    "thompson": "By chance, the more promising offer more often",
    "budget": "What is expected to earn most, within a budget",
}
_HINTS = {
    "strategy": "",
    "thompson": "Every offer is tried on some customers, so that it is learned which one works.",
    "budget": "Needs offers that say what they cost, what a response brings, and how many respond.",
}
#: What may be left to chance with a policy, and what for.
_CHANCE = {
    "strategy": (
        "Drawn by chance, in %",
        "The share whose offer is drawn by chance among those open to them. By it can be told "
        "later what other offers would have brought.",
    ),
    "thompson": (
        "Each offer at least, in %",
        "No offer is drawn more rarely than that, however little it promises.",
    ),
}


def ask_wishes(shown: Study, catalogue: Catalogue, columns: Sequence[str]) -> Wishes:
    """Ask for the name, the days, the policy, who is held out, the limits, and what is carried.

    Parameters
    ----------
    shown : whose segments it is planned for
    catalogue : the offers
    columns : of the customers' own, which the lists for mail tools can carry
    """
    first, second, third = st.columns(3)
    name = first.text_input(
        "Name",
        f"campaign-{dt.date.today():%Y-%m}",
        help="Letters, digits, points, hyphens and underscores. Each name draws anew who is held "
        "out.",
        key="campaign name",
        persist_state="session",
    )
    day = second.date_input(
        "Day of the contacts", dt.date.today(), key="campaign day", persist_state="session"
    )
    days = third.number_input(
        "Days to wait for answers",
        1,
        3660,
        28,
        help="What comes later doesn't count, and there is no verdict before.",
        key="campaign days",
        persist_state="session",
    )
    policy = st.radio(
        "Who gets which offer",
        list(_POLICIES),
        format_func=_POLICIES.__getitem__,
        captions=list(_HINTS.values()),
        key="campaign policy",
        persist_state="session",
    )
    first, second, third = st.columns(3)
    held = first.number_input(
        "Held out, in %",
        0.0,
        90.0,
        10.0,
        1.0,
        format="%g",
        help="Of those who would be contacted, the share that is not. More of them show a smaller "
        "lift; none shows nothing.",
        key="campaign holdout",
        persist_state="session",
    )
    rate = second.number_input(
        "Respond without an offer, in %",
        0.0,
        99.0,
        None,
        0.1,
        format="%g",
        placeholder="if you know it",
        help="Of customers who get nothing, how many come by themselves. It is taken off what is "
        "expected, and how small a lift can be shown hangs on it.",
        key="campaign base rate",
        persist_state="session",
    )
    budget, limits, explore = None, _NO_LIMITS, 0.0
    if policy == "budget":
        budget = third.number_input(
            "Budget",
            0.0,
            None,
            None,
            10.0,
            format="%g",
            placeholder="what all contacts may cost",
            help="In your currency. Without one, all contacts that are expected to pay go out.",
            key="campaign budget",
            persist_state="session",
        )
        limits = _ask_limits(shown, catalogue)
    else:
        title, more = _CHANCE[policy]
        explore = third.number_input(
            title,
            0.0,
            100.0,
            0.0,
            1.0,
            format="%g",
            help=more,
            key=f"campaign explore {policy}",
            persist_state="session",
        )
    carry = st.multiselect(
        "Columns for the lists to send by",
        columns,
        format_func=label,
        placeholder="such as an e-mail address",
        help="They stand beside who gets what in the lists for mail tools, and nowhere else. Those "
        "are personal data then: delete them once they were sent.",
        key=f"campaign carry {columns}",
        persist_state="session",
    )
    in_peace, earlier = _ask_more()
    contacts, channels, floors = limits
    return Wishes(
        name,
        day,
        int(days),
        policy,
        held / 100,
        budget,
        contacts,
        channels,
        floors,
        None if rate is None else rate / 100,
        explore / 100,
        in_peace / 100,
        tuple(carry),
        earlier,
    )


def _ask_more() -> tuple[float, Upload | None]:
    """Ask for the share that no campaign contacts, and for earlier contacts."""
    with st.expander("More: earlier contacts, whom no campaign contacts", icon=":material/tune:"):
        in_peace = st.number_input(
            "Contacted by no campaign at all, in %",
            0.0,
            90.0,
            0.0,
            1.0,
            format="%g",
            help="The same customers in each campaign: they show what all campaigns together "
            "bring.",
            key="campaign in peace",
            persist_state="session",
        )
        earlier = kept_upload(
            "Who had which offer when",
            "earlier contacts",
            None,
            "A row for each contact: customer_id, offer and day. Caps, groups of offers and the "
            "contact policy are counted by it; what the store knows comes on top.",
        )
    return in_peace, earlier


_Limits = tuple[int | None, tuple[tuple[str, int], ...], tuple[tuple[int, int], ...]]
_NO_LIMITS: _Limits = (None, (), ())


def _ask_limits(shown: Study, catalogue: Catalogue) -> _Limits:
    """Ask for more limits: contacts in all and by channel, and the least for each segment."""
    with st.expander("More limits: contacts, channels, segments", icon=":material/rule:"):
        contacts = _whole("Contacts in all, at most", "contacts")
        st.markdown("**At most, by channel**")
        channels = list(dict.fromkeys(each.channel for each in catalogue.offers))
        by_channel = _whole_numbers([(plain(each), f"channel {each}") for each in channels])
        st.markdown("**At least, by segment:** so many of its customers get an offer.")
        ids = [each.id for each in shown.model.segments]
        by_segment = _whole_numbers(
            [(plain(each.name), f"segment {each.id}") for each in shown.model.segments]
        )
    return (
        contacts,
        tuple((each, n) for each, n in zip(channels, by_channel, strict=True) if n is not None),
        tuple((each, n) for each, n in zip(ids, by_segment, strict=True) if n is not None),
    )


def _whole(title: str, key: str) -> int | None:
    value = st.number_input(
        title, 0, None, None, 1, placeholder="no limit", key=f"campaign limit {key}"
    )
    return None if value is None else int(value)


def _whole_numbers(asked: Sequence[tuple[str, str]]) -> list[int | None]:
    """Ask for numbers side by side: each by a title and a key."""
    found = []
    places = st.columns(3)
    for place, (title, key) in enumerate(asked):
        with places[place % 3]:
            found.append(_whole(title, key))
    return found
