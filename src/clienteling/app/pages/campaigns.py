"""A campaign: who gets what, who is held out, what it costs and is expected to bring."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pandas as pd
import streamlit as st

from clienteling.app.pages.offers import ask_offers
from clienteling.app.pages.parts import show_error, show_notes
from clienteling.app.plain import plain
from clienteling.app.planning import Planned, Wishes, plan
from clienteling.app.session import PLANNED, UPLOAD, current_study
from clienteling.app.study import Opens, Study
from clienteling.app.uploads import Upload, open_upload
from clienteling.campaigns.figures import Part
from clienteling.errors import ClientelingError
from clienteling.offers.catalogue import Catalogue

__all__ = ["page"]

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


def page() -> None:
    """Plan a campaign with the segments that are shown."""
    shown = current_study()
    st.title("Plan a campaign", anchor=False)
    st.markdown(
        "A campaign gives each customer one offer or leaves them in peace. Some who would get an "
        "offer are held out by chance: only by them can it be told later whether it paid."
    )
    whose, opens = _ask_customers(shown)
    try:
        catalogue = ask_offers(shown)
    except ClientelingError as error:
        show_error(error)
        return
    wishes = _ask_wishes()
    key = (shown, whose, catalogue.fingerprint, wishes)
    if st.button("Plan it", type="primary", icon=":material/campaign:"):
        try:
            with st.spinner("Planning"):
                st.session_state[PLANNED] = (key, plan(shown.model, opens, catalogue, wishes))
        except ClientelingError as error:
            st.session_state.pop(PLANNED, None)
            show_error(error)
            return
    kept = st.session_state.get(PLANNED)
    if kept is None:
        return
    if kept[0] != key:
        st.info(
            f"The plan of **{plain(kept[1].wishes.name)}** is hidden, because something was "
            "changed above. Plan it anew, or change it back.",
            icon=":material/history:",
        )
        return
    _show(kept[1], catalogue)


def _ask_customers(shown: Study) -> tuple[object, Opens]:
    """Ask for whom it is planned, where a file was uploaded beside the segments shown."""
    upload = st.session_state.get(UPLOAD)
    called = "the sample" if shown.is_sample else shown.name
    own = f"The {shown.customers:,} customers of {called}"
    if not isinstance(upload, Upload) or upload.name == shown.name:
        st.markdown(f"**For whom:** {plain(own)}, in the segments that the other pages show.")
        return shown, shown.opens
    other = f"The customers of {upload.name}, in the same segments"
    chosen = st.radio("For whom", [plain(own), plain(other)], key="for whom")
    if chosen == plain(other):
        return upload, partial(open_upload, upload)
    return shown, shown.opens


def _ask_wishes() -> Wishes:
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
        help="Of customers who get nothing, how many come by themselves. How small a lift can be "
        "shown hangs on it.",
        key="campaign base rate",
        persist_state="session",
    )
    budget = None
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
    return Wishes(
        name,
        day,
        int(days),
        policy,
        held / 100,
        budget,
        None if rate is None else rate / 100,
    )


def _show(planned: Planned, catalogue: Catalogue) -> None:
    figures, name = planned.figures, planned.wishes.name
    st.divider()
    st.header(f"The plan of {plain(name)}", anchor=False)
    first, *others = planned.words
    st.markdown(f"**{plain(first)}**")
    _show_numbers(planned)
    for each in others:
        st.markdown(plain(each))
    pictures = planned.files("images")
    if "profit_by_budget.png" in pictures:
        st.subheader("What other budgets would bring", anchor=False)
        # A width in pixels would be too wide for a phone; a column is as wide as it there.
        st.columns(2)[0].image(
            planned.file("images/profit_by_budget.png"),
            caption="The best plan for each budget; the mark is the budget of this plan.",
            alt="A curve of the expected profit against the budget.",
        )
    _offer_downloads(planned)
    for by, title in (("offer", "By offer"), ("segment", "By segment")):
        st.subheader(title, anchor=False)
        _show_parts([each for each in figures.parts if each.by == by], planned)
    show_notes(planned.notes)


def _show_numbers(planned: Planned) -> None:
    figures = planned.figures
    found, rate = figures.forecast, figures.base_rate
    profit = ("unknown", "the offers don't say")
    if found is not None:
        interval = f"95 % interval {found.low:,.2f} to {found.high:,.2f}"
        profit = (f"{found.estimate:,.2f}", interval)
    lift = ("unknown", "it takes the response without an offer")
    if rate is not None:
        lift = (_points(figures.smallest_lift), f"where {rate:.1%} respond anyway")
    shown = [
        ("Contacted", f"{figures.contacted:,}", f"of {figures.customers:,} customers"),
        ("Held out", f"{figures.held_out:,}", "to measure by"),
        ("Cost", f"{figures.cost:,.2f}", "of all contacts"),
        ("Expected profit", *profit),
        ("Smallest lift it can show", *lift),
    ]
    with st.container(horizontal=True, gap="small"):
        for label, value, more in shown:
            st.metric(label, value, more, delta_color="off", delta_arrow="off", border=True)


def _points(lift: float | None) -> str:
    return "none" if lift is None else f"{100 * lift:.2g} points"


def _show_parts(parts: list[Part], planned: Planned) -> None:
    rows = []
    for each in parts:
        row = {
            "": plain(planned.titles.get(each.name, each.name)),
            "Contacted": f"{each.contacted:,}",
            "Held out": f"{each.held_out:,}",
            "Cost": f"{each.cost:,.2f}",
        }
        if planned.figures.base_rate is not None:
            row["Smallest lift"] = _points(each.smallest_lift)
        rows.append(row)
    st.table(pd.DataFrame(rows).set_index(""))


def _offer_downloads(planned: Planned) -> None:
    name = planned.wishes.name
    st.subheader("Take it with you", anchor=False)
    st.markdown(
        "**Keep the whole campaign.** It lies nowhere else: with this file and what came of it, "
        "the page *Did it pay?* gives the verdict later."
    )
    st.download_button(
        "Keep the campaign (ZIP)",
        planned.folder,
        f"{name}.zip",
        "application/zip",
        type="primary",
        on_click="ignore",
        icon=":material/inventory_2:",
    )
    st.markdown("**Who gets what**, everybody with the reason, and a list for each mail tool:")
    files = [
        ("All decisions (CSV)", partial(planned.decisions, "csv"), f"{name}.csv", "text/csv"),
        (
            "All decisions (Parquet)",
            partial(planned.decisions, "parquet"),
            f"{name}.parquet",
            "application/vnd.apache.parquet",
        ),
    ]
    files += [
        (
            f"To contact by {each.removesuffix('.csv')} (CSV)",
            partial(planned.file, f"mail/{each}"),
            f"{name}-{each}",
            "text/csv",
        )
        for each in planned.files("mail")
    ]
    files.append(
        ("The plan as a page", partial(planned.file, "report.html"), f"{name}.html", "text/html")
    )
    with st.container(horizontal=True):
        for title, data, file, kind in files:
            st.download_button(
                plain(title),
                data,
                file,
                kind,
                on_click="ignore",
                icon=":material/download:",
                key=f"download {file}",
            )
