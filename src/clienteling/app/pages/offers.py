"""The offers of a campaign: what each costs and brings, edited in place or given as a file."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from clienteling.app.pages.parts import kept_upload, show_error
from clienteling.app.planning import catalogue_of, priced
from clienteling.app.study import Study
from clienteling.errors import DocumentError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.offer import Offer

__all__ = ["ask_offers", "check_filled_in"]

_EDITED = "offers edited"
_TITLE, _COST, _VALUE, _RESPONSE = "Offer", "Cost", "Value", "Resp. %"
_ROW = 66
#: Offers that are named where several lack the same.
_NAMED = 3


def ask_offers(shown: Study) -> tuple[Catalogue, bool]:
    """Show the offers, and return them as the visitor has changed them.

    What can't be meant is answered, and the rest of the page stays.

    Returns
    -------
    catalogue : the offers; where a file or a value has faults, those that there were before
    whole : whether they are without faults, so that it can be planned with them
    """
    faults: list[DocumentError] = []
    with st.expander(
        "The offers: what they cost and bring", icon=":material/sell:", type="compact"
    ):
        st.markdown(
            "Type in what a contact costs, what a response is worth (its cost not yet taken off), "
            "and how many of a hundred who get the offer you expect to respond; amounts are in "
            "your own currency. Where these are unknown, the plan can't say what it brings."
        )
        place = st.container()
        given = shown.catalogue
        try:
            given = _given(shown)
        except DocumentError as error:
            faults.append(error)
        base = _base(given)
        edited = place.data_editor(
            pd.DataFrame([_row(each) for each in base.offers]),
            hide_index=True,
            placeholder="?",
            # From 4rem on long names are wrapped, not cut; a phone needs that.
            row_height=_ROW,
            key=_key(base),
            alt="The offers, with cost, value and expected response",
            column_config={
                _TITLE: st.column_config.TextColumn(required=True, width=108),
                _COST: st.column_config.NumberColumn(min_value=0, width=76),
                _VALUE: st.column_config.NumberColumn(min_value=0, width=80),
                _RESPONSE: st.column_config.NumberColumn(min_value=0, max_value=100, width=92),
            },
        )
        changed = base
        try:
            changed = priced(base, [_changes(each) for each in edited.to_dict("records")])
            st.session_state[_EDITED] = (given.fingerprint, base, changed)
        except DocumentError as error:
            faults.append(error)
        place.download_button(
            "Download these offers (YAML)",
            changed.to_yaml(),
            "offers.yaml",
            "application/yaml",
            on_click="ignore",
            icon=":material/download:",
        )
    for each in faults:
        # Outside of the fold, which may be shut.
        show_error(each)
    return changed, not faults


def check_filled_in(catalogue: Catalogue) -> None:
    """Refuse offers that don't say what they bring, in the words of the table.

    Raises
    ------
    DocumentError
        With a fault for all offers that lack the same cells.
    """
    lacking: dict[str, list[str]] = {}
    for each in catalogue.offers:
        empty = [
            column
            for column, found in ((_VALUE, each.value), (_RESPONSE, each.response))
            if found is None
        ]
        if empty:
            are = "are" if len(empty) > 1 else "is"
            lacking.setdefault(f"{' and '.join(empty)} {are} empty", []).append(each.title)
    if lacking:
        raise DocumentError(
            "The offers don't say yet what they bring.",
            faults=[
                f"{empty} for {_named(titles, len(catalogue.offers))}."
                for empty, titles in lacking.items()
            ],
            hint=f"Fill in {_VALUE} and {_RESPONSE} in the table above, for example 12 and 3: of a "
            "hundred who get the offer three respond, and each of these is worth 12.",
        )


def _named(titles: list[str], offers: int) -> str:
    if len(titles) == offers and offers > 1:
        return f"all {offers:,} offers, such as “{titles[0]}”"
    more = f" and {len(titles) - _NAMED:,} more" if len(titles) > _NAMED else ""
    return ", ".join(f"“{each}”" for each in titles[:_NAMED]) + more


def _given(shown: Study) -> Catalogue:
    """Return the offers of the visitor's file, where there is one, else those of the segments."""
    file = kept_upload(
        "Or give a file with offers of your own (YAML)",
        "offers",
        ["yaml", "yml"],
        "Download the offers, change what you like, texts, channels and rules too, and give the "
        "file back.",
    )
    return shown.catalogue if file is None else catalogue_of(file.data, file.name, shown.model)


def _base(given: Catalogue) -> Catalogue:
    """Return what the table begins with: after a look at another page, what was typed before."""
    source, base, changed = st.session_state.get(_EDITED, ("", given, given))
    if source != given.fingerprint:
        return given
    begun: Catalogue = base if _key(base) in st.session_state else changed
    return begun


def _key(base: Catalogue) -> str:
    return f"offers {base.fingerprint}"


def _row(offer: Offer) -> dict[str, Any]:
    return {
        _TITLE: offer.title,
        _COST: offer.cost if "cost" in offer.model_fields_set else None,
        _VALUE: offer.value,
        _RESPONSE: None if offer.response is None else round(100 * offer.response, 9),
    }


def _changes(row: dict[Any, Any]) -> dict[str, Any]:
    cost, value, response = (
        None if pd.isna(row[each]) else row[each] for each in (_COST, _VALUE, _RESPONSE)
    )
    return {
        "title": row[_TITLE],
        "cost": cost,
        "value": value,
        "response": None if response is None else round(response / 100, 11),
    }
