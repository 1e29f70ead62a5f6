"""What a campaign brought: the verdict on top, the lifts behind it, and what can't be concluded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import streamlit as st

from clienteling.app.kept_store import Inside
from clienteling.app.pages.lifts import show_answer
from clienteling.app.pages.parts import kept_upload, show_error, show_store
from clienteling.app.paid import (
    Asked,
    Found,
    Paid,
    Seen,
    check_kept,
    columns_in,
    measure_experiment,
    measure_kept,
    measure_recorded,
)
from clienteling.app.plain import label, plain
from clienteling.app.planning import Planned
from clienteling.app.session import PLANNED
from clienteling.app.uploads import Upload
from clienteling.errors import ClientelingError
from clienteling.ledger.store_place import StorePlace, store_place
from clienteling.measurement.made_segments import AUTO

__all__ = ["page"]

_STORED = "A campaign of the store"
_PLAN, _EXPERIMENT = "A campaign that was planned here", "An experiment in a file of my own"
_OUTCOMES = (
    "A row for each answer: customer_id, name (response, spend, …), value, happened_at. Or a row "
    "for each customer, with a column for each outcome. Who isn't in it didn't respond."
)
#: What the column of the offer is often called.
_OFFER = ("offer", "arm", "group", "treatment", "variant", "segment", "campaign")
_PAID, _FOUND, _CHECKED = "paid", "columns of outcomes", "checked campaign"


def page() -> None:
    """Say whether a campaign paid."""
    st.title("Did it pay?", anchor=False)
    st.markdown(
        "What an offer brought is told by those who were held out by chance: they show what the "
        "others would have brought without it."
    )
    place = store_place()
    asked = [_PLAN, _EXPERIMENT] if place is None else [_STORED, _PLAN, _EXPERIMENT]
    what = st.radio("What was it?", asked, key="paid what", persist_state="session")
    try:
        inside = show_store(place)
        if what == _STORED and place is not None and inside is not None:
            _measure_stored(place, inside)
        elif what == _PLAN:
            _measure_plan()
        else:
            _measure_experiment()
    except ClientelingError as error:
        show_error(error)


def _measure_stored(place: StorePlace, inside: Inside) -> None:
    if not inside.campaigns:
        st.info(
            "No campaign is recorded in the store yet. The page *Plan a campaign* records one.",
            icon=":material/info:",
        )
        return
    days = {each.id: f"{each.id}, of {each.day:%-d %B %Y}" for each in inside.campaigns}
    campaign = st.selectbox(
        "Which campaign?", list(days), format_func=days.__getitem__, key="which of the store"
    )
    outcomes = kept_upload(
        "What came of it, where it is not in the store yet", "outcomes", None, _OUTCOMES
    )
    columns, on, share = _ask_how(outcomes)
    _show_when_asked(
        (place, campaign, outcomes, columns, on, share),
        lambda: measure_recorded(place, campaign, outcomes, columns=columns, on=on, margin=share),
    )


def _measure_plan() -> None:
    campaign = _ask_campaign()
    if campaign is None:
        return
    _check_campaign(campaign)
    outcomes = kept_upload("What came of it", "outcomes", None, _OUTCOMES)
    if outcomes is None:
        return
    columns, on, share = _ask_how(outcomes)
    _show_when_asked(
        (campaign, outcomes, columns, on, share),
        lambda: measure_kept(campaign, outcomes, columns=columns, on=on, margin=share),
    )


def _ask_how(
    outcomes: Upload | None,
) -> tuple[tuple[str, ...], dt.date | None, float | None]:
    """Ask how a file of outcomes is read, where it doesn't say, and what of money is earned."""
    found = None if outcomes is None else _columns(outcomes)
    columns: tuple[str, ...] = ()
    if outcomes is not None and found is not None and not found.has_names:
        columns = tuple(
            st.pills(
                "Columns with an outcome each, the one to judge by first",
                found.outcomes(),
                selection_mode="multi",
                default=found.likely(),
                format_func=label,
                key=f"outcome columns {outcomes.name} {len(outcomes.data)}",
            )
        )
    left, right = st.columns(2)
    on = None
    if found is not None and not found.has_moment:
        on = right.date_input("When did it happen?", dt.date.today(), key="happened on")
    margin = left.number_input(
        "Earned of each amount, in %",
        0.1,
        100.0,
        None,
        1.0,
        format="%g",
        placeholder="if outcomes are money",
        help="Of what customers spent, what is left for the shop before the cost of the contact. "
        "What a response is worth, the offers of the plan say.",
        key="earned share",
        persist_state="session",
    )
    return columns, on, None if margin is None else margin / 100


def _check_campaign(campaign: Upload) -> None:
    """Say what is wrong with a campaign's file as soon as it is there; once for each file."""
    if st.session_state.get(_CHECKED) != campaign:
        with st.spinner("Reading"):
            check_kept(campaign)
        st.session_state[_CHECKED] = campaign


def _ask_campaign() -> Upload | None:
    kept = st.session_state.get(PLANNED)
    if kept is not None and not kept[1].recorded:
        planned: Planned = kept[1]
        words = f"{planned.wishes.name}, planned in this visit"
        if st.radio("Which campaign?", [words, "another one"], key="which campaign") == words:
            return Upload(f"{planned.wishes.name}.zip", planned.folder)
    return kept_upload(
        "The campaign that you kept (ZIP)",
        "campaign",
        ["zip"],
        "The file from the page Plan a campaign, or the folder that clienteling campaign plan "
        "wrote, as a ZIP file.",
    )


def _measure_experiment() -> None:
    upload = kept_upload(
        "The file of the experiment",
        "experiment",
        None,
        "A row for each customer: which offer they got, drawn by chance, or none, and what came "
        "of it.",
    )
    if upload is None:
        return
    found = _columns(upload)
    if not found.levels:
        st.error(
            "No column can be the offer: it takes one with two to 50 different values.",
            icon=":material/error:",
        )
        return
    asked = _ask_experiment(found, f"{upload.name} {len(upload.data)}")
    _show_when_asked((upload, asked), lambda: measure_experiment(upload, asked))


def _ask_experiment(found: Found, key: str) -> Asked:
    left, right = st.columns(2)
    offer = left.selectbox(
        "Column with the offer",
        list(found.levels),
        index=_likely(found),
        key=f"offer of {key}",
    )
    control = right.selectbox(
        "Which value means no offer?",
        found.levels[offer],
        index=_none_of(found.levels[offer]),
        key=f"control of {key} {offer}",
    )
    outcomes = st.multiselect(
        "What to measure by, the column to judge by first",
        found.outcomes(offer),
        default=found.likely(offer),
        placeholder="such as visits or money spent",
        key=f"outcomes of {key} {offer}",
    )
    segments = st.multiselect(
        "Segments, known before it began",
        [each for each in found.levels if each not in (offer, *outcomes)],
        placeholder="if the file has any",
        help="Whether the offer brought more in some of them than in others.",
        key=f"segments of {key} {offer} {outcomes}",
    )
    # A column of that name means itself, as it does for the command.
    makes = AUTO not in found.names and st.checkbox(
        "Make segments of what was known before it began",
        help="Neither the offer nor what came of it takes part, so that lifts in these segments "
        "can be trusted as those over all.",
        key=f"makes {key}",
    )
    made_of: list[str] = []
    if makes:
        made_of = st.multiselect(
            "Columns to make them of",
            found.features(offer, *outcomes),
            placeholder="what is proposed",
            help="Only what was known before it began, such as an age or earlier purchases. "
            "Without a choice, columns are proposed, and it is said which.",
            key=f"made of {key} {offer} {outcomes}",
        )
    first, second, third = st.columns(3)
    cost = first.number_input(
        "Cost of the offer per customer", 0.0, None, None, 0.1, format="%g", key=f"cost {key}"
    )
    worth = second.number_input(
        f"What one unit of {label(outcomes[0])} earns" if outcomes else "What one unit earns",
        0.0,
        None,
        None,
        0.1,
        format="%g",
        placeholder="1, if you don't say",
        help="Of money spent, the share that is left when the goods are paid, such as 0.4; of a "
        "visit or an order, what it is worth to you.",
        key=f"worth {key}",
    )
    share = third.number_input(
        "Share that was to get no offer, in %",
        0.1,
        99.9,
        None,
        1.0,
        format="%g",
        placeholder="the same as each offer",
        help="Leave it empty where all groups were meant to have the same size. Groups of other "
        "sizes than planned are an alarm.",
        key=f"share {key} {offer}",
    )
    covariates, before = _ask_known_before(found, key, offer, outcomes)
    signed = st.checkbox("Values may lie below zero, as with returns", key=f"signed {key}")
    offers = [each for each in found.levels[offer] if each != control]
    shares: tuple[tuple[str, float], ...] = ()
    if share is not None and offers:
        each_one = (1 - share / 100) / len(offers)
        shares = ((control, share / 100), *((each, each_one) for each in offers))
    return Asked(
        offer,
        control,
        tuple(outcomes),
        tuple(segments),
        makes,
        tuple(made_of),
        covariates,
        before,
        cost,
        worth or None,
        shares,
        signed,
    )


def _ask_known_before(
    found: Found, key: str, offer: str, outcomes: list[str]
) -> tuple[tuple[str, ...], str | None]:
    """Ask for what was known before, to learn by and to sharpen the measurement."""
    with st.expander("More from what was known before it began", icon=":material/tune:"):
        covariates = st.multiselect(
            "Columns to learn who responds most from",
            found.features(offer, *outcomes),
            placeholder="none",
            help="Only what was known before it began. It is learned which customers should get "
            "which offer, tried on others, and drawn how much of the lift is had by sending to "
            "the most responsive first. With many customers it takes a minute or so.",
            key=f"covariates of {key} {offer} {outcomes}",
        )
        before = st.selectbox(
            "The first outcome, from before it began",
            found.outcomes(offer, *outcomes),
            index=None,
            placeholder="if the file has it",
            help="Such as what the same customers spent earlier. What it explains is taken off all "
            "groups (CUPED), so that the interval gets narrower.",
            key=f"before of {key} {offer} {outcomes}",
        )
    return tuple(covariates), before


def _likely(found: Found) -> int:
    """Return the place of the column that looks most like that of the offer."""

    def points(name: str) -> int:
        low = name.lower()
        by_name = 4 * (low in _OFFER) + any(word in low for word in _OFFER)
        # A flag has a 0, too; a word that means none is a stronger sign.
        words = [each for each in found.levels[name] if not each.isdigit()]
        return by_name + 2 * any(map(_is_none, words))

    return max(range(len(found.levels)), key=lambda place: points(list(found.levels)[place]))


def _is_none(level: str) -> bool:
    low = level.lower()
    return low in ("0", "no", "none", "false", "nothing") or low.startswith(
        ("no ", "control", "holdout")
    )


def _none_of(levels: tuple[str, ...]) -> int:
    """Return the place of the value that looks most like no offer."""
    return next((place for place, each in enumerate(levels) if _is_none(each)), 0)


def _columns(upload: Upload) -> Found:
    """Return the columns of a file; they are looked through only where it is another one."""
    kept = st.session_state.get(_FOUND)
    if kept is None or kept[0] != upload:
        with st.spinner("Reading"):
            kept = (upload, columns_in(upload))
        st.session_state[_FOUND] = kept
    columns: Found = kept[1]
    return columns


def _show_when_asked(key: object, measure: Callable[[], Paid | Seen]) -> None:
    """Measure when the button is pressed, and show it until something above is changed."""
    if st.button("Did it pay?", type="primary", icon=":material/balance:"):
        st.session_state.pop(_PAID, None)
        with st.spinner("Measuring"):
            st.session_state[_PAID] = (key, measure())
    kept = st.session_state.get(_PAID)
    if kept is not None and kept[0] == key:
        show_answer(kept[1])
    elif kept is not None:
        st.info(
            "The answer is hidden, because something was changed above. Ask anew, or change it "
            f"back. It was on {plain(kept[1].source)}.",
            icon=":material/history:",
        )
