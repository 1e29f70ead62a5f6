"""A campaign: who gets what, who is held out, what it costs and is expected to bring."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from clienteling.app.pages.offers import ask_offers, check_filled_in
from clienteling.app.pages.parts import show_error, show_notes, show_store
from clienteling.app.pages.wishes import ask_wishes
from clienteling.app.plain import plain
from clienteling.app.planning import Planned, columns_to_carry, plan
from clienteling.app.session import PLANNED, UPLOAD, current_study
from clienteling.app.study import Opens, Study
from clienteling.app.uploads import Upload, open_upload
from clienteling.campaigns.figures import Part
from clienteling.campaigns.words import amount, percent
from clienteling.errors import ClientelingError
from clienteling.ledger.store_place import store_place

__all__ = ["page"]

_COLUMNS = "columns to carry"


def page() -> None:
    """Plan a campaign with the segments that are shown."""
    shown = current_study()
    st.title("Plan a campaign", anchor=False)
    st.markdown(
        "A campaign gives each customer one offer or leaves them in peace. Some who would get an "
        "offer are held out by chance: only by them can it be told later whether it paid."
    )
    whose, opens = _ask_customers(shown)
    place = store_place()
    try:
        show_store(place)
        catalogue, whole = ask_offers(shown)
        columns = _columns(whose, opens)
    except ClientelingError as error:
        show_error(error)
        return
    wishes = ask_wishes(shown, catalogue, columns)
    key = (shown, whose, catalogue.fingerprint, wishes, place)

    def made(*, record: bool) -> bool:
        """Plan it, keep that for this visit, and return whether it went well."""
        try:
            if wishes.policy != "strategy":
                check_filled_in(catalogue)
            with st.spinner("Recording" if record else "Planning"):
                planned = plan(shown.model, opens, catalogue, wishes, place, record=record)
        except ClientelingError as error:
            show_error(error)
            return False
        st.session_state[PLANNED] = (key, planned)
        return True

    pressed = st.button("Plan it", type="primary", icon=":material/campaign:", disabled=not whole)
    if not whole:
        st.caption("It can be planned once the faults of the offers, named above, are mended.")
    if pressed and not made(record=False):
        st.session_state.pop(PLANNED, None)
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
    _show(kept[1], partial(made, record=True))


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


def _columns(whose: object, opens: Opens) -> tuple[str, ...]:
    """Return the columns of the customers; they are looked for only where these are others."""
    kept = st.session_state.get(_COLUMNS)
    if kept is None or kept[0] != whose:
        kept = (whose, columns_to_carry(opens))
        st.session_state[_COLUMNS] = kept
    names: tuple[str, ...] = kept[1]
    return names


def _show(planned: Planned, record: Callable[[], bool]) -> None:
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
    if planned.recorded in ("", "yes"):
        _offer_downloads(planned)
    else:
        _offer_record(planned, record)
    for by, title in (("offer", "By offer"), ("segment", "By segment")):
        st.subheader(title, anchor=False)
        _show_parts([each for each in figures.parts if each.by == by], planned)
    show_notes(planned.notes)


def _show_numbers(planned: Planned) -> None:
    figures = planned.figures
    found, rate = figures.forecast, figures.base_rate
    cost = profit = ("unknown", "the offers don't say")
    if figures.cost_known:
        cost = (amount(figures.cost, figures), "of all contacts")
    if found is not None:
        interval = f"95 % interval {found.low:,.2f} to {found.high:,.2f}"
        profit = (f"{found.estimate:,.2f}", interval)
    lift = ("unknown", "it takes the response without an offer")
    if rate is not None:
        how = "if" if figures.base_rate_from == "assumed" else "where"
        lift = (_points(figures.smallest_lift), f"{how} {percent(rate)} respond anyway")
    shown = [
        ("Contacted", f"{figures.contacted:,}", f"of {figures.customers:,} customers"),
        ("Held out", f"{figures.held_out:,}", "to measure by"),
        ("Cost", *cost),
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
        }
        if planned.figures.cost_known:
            row["Cost"] = amount(each.cost, planned.figures)
        if planned.figures.base_rate is not None:
            row["Smallest lift"] = _points(each.smallest_lift)
        rows.append(row)
    st.table(pd.DataFrame(rows).set_index(""))


def _offer_record(planned: Planned, record: Callable[[], bool]) -> None:
    name = plain(planned.wishes.name)
    st.subheader("Record it", anchor=False)
    if planned.recorded == "other":
        st.warning(
            f"Another campaign is recorded under the name {name}. Give this one another name "
            "above, and plan it anew.",
            icon=":material/warning:",
        )
        return
    st.markdown(
        "**This is a draft.** Recording it takes its stock and its contacts, so that no later "
        "campaign contacts anybody too often. Then there are lists to send by."
    )
    if st.button("Record it in the store", type="primary", icon=":material/save:") and record():
        st.rerun()


def _offer_downloads(planned: Planned) -> None:
    name = planned.wishes.name
    st.subheader("Take it with you", anchor=False)
    if planned.recorded:
        st.success(
            f"{plain(name)} is recorded in the store. What came of it is asked for on the page "
            "*Did it pay?*",
            icon=":material/check_circle:",
        )
    else:
        st.markdown(
            "**Keep the whole campaign.** It lies nowhere else: with this file and what came of "
            "it, the page *Did it pay?* gives the verdict later."
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
