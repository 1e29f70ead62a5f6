"""The menu, and what stands on every page."""

from __future__ import annotations

import streamlit as st

from clienteling.app.pages import campaigns, compare, did_it_pay, home, segments, upload, why_k
from clienteling.app.pages.parts import PAGES, show_links
from clienteling.app.plain import plain
from clienteling.app.session import back_to_sample, current_study

__all__ = ["navigate"]

# A picture of our own: for a named icon the browser would ask a server elsewhere.
_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<circle cx="9" cy="9" r="6" fill="#E69F00"/><circle cx="24" cy="11" r="5" fill="#0072B2"/>
<circle cx="11" cy="24" r="5" fill="#009E73"/><circle cx="24" cy="24" r="4" fill="#D55E00"/>
</svg>"""

_ABOUT = (
    "**Clienteling** finds the kinds of customers that a shop has, and the offer that each of them "
    "should get. Files that you upload are held in memory for your visit only."
)


def navigate() -> None:
    """Draw the menu, a note where the segments are not the sample's, and the chosen page."""
    # Before the menu, whose icons would otherwise become the picture of the tab.
    st.set_page_config(page_icon=_ICON, layout="wide", menu_items={"About": _ABOUT})
    pages = [
        st.Page(home.page, title="One customer", icon=":material/person_search:", default=True),
        st.Page(segments.page, title="Segments", icon=":material/groups:", url_path="segments"),
        st.Page(why_k.page, title="How many", icon=":material/query_stats:", url_path="how-many"),
        st.Page(
            compare.page,
            title="K-means and DBSCAN",
            icon=":material/compare:",
            url_path="compare",
        ),
        st.Page(
            upload.page,
            title="Your customers",
            icon=":material/upload_file:",
            url_path="your-customers",
        ),
        st.Page(
            campaigns.page,
            title="Plan a campaign",
            icon=":material/campaign:",
            url_path="plan-a-campaign",
        ),
        st.Page(
            did_it_pay.page,
            title="Did it pay?",
            icon=":material/balance:",
            url_path="did-it-pay",
        ),
    ]
    # Streamlit's own menu hides on a phone behind a button without a word; links break their line.
    chosen = st.navigation(pages, position="hidden")
    st.session_state[PAGES] = {each.title: each for each in pages}
    st.set_page_config(page_title=f"{chosen.title} – Clienteling")
    with st.container(key="menu"):
        show_links(*(each.title for each in pages))
        st.space("xsmall")
    if chosen.title != "Did it pay?":  # it shows no segments, but what a campaign brought
        _say_whose()
    chosen.run()
    st.divider()
    st.caption("More pages")
    show_links(*(each.title for each in pages if each is not chosen))


def _say_whose() -> None:
    """Say on every page whose segments it shows, where they are not the sample's."""
    study = current_study()
    if study.is_sample:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"These are the segments of **{plain(study.name)}** "
            f"({study.customers:,} customers), not those of the sample."
        )
        st.button("Back to the sample", icon=":material/undo:", on_click=back_to_sample)
