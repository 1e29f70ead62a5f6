"""All segments in plain words, with their customers to download."""

from __future__ import annotations

import re
from functools import partial

import pandas as pd
import pyarrow.compute as pc
import streamlit as st

from clienteling.app.charts.curves import size_bars
from clienteling.app.charts.look import look
from clienteling.app.pages.parts import (
    show_heading,
    show_no_groups,
    show_notes,
    show_offers,
    show_segments_map,
    show_warning,
)
from clienteling.app.plain import plain
from clienteling.app.session import current_study, is_dark
from clienteling.app.study import Study
from clienteling.app.uploads import csv_of
from clienteling.offers.ranking import offers_of
from clienteling.report.figures import ProfileRow, own_value, percent
from clienteling.report.same_digits import feature_places, profile_rows
from clienteling.segmentation.model_segments import Segment

__all__ = ["file_name", "page", "segment_csv"]

_READING = (
    "What else they are like: with few customers a figure is not exact; it lies in "
    "its interval, 95 times in 100. The difference is that from the other customers: of means "
    "Hedges' g, in standard deviations (0.2 is small, 0.8 large), of shares in points, with its "
    "interval; higher or lower where that leaves out 0."
)
_INTERVAL = "95\N{NO-BREAK SPACE}% interval"


def page() -> None:
    """Show every segment."""
    shown = current_study()
    st.title("The segments", anchor=False)
    st.markdown(
        f"The {shown.customers:,} customers are divided into segments, largest first. A strategy "
        "says how to treat a segment; its offers are concrete ones to start with."
    )
    show_no_groups(shown.model)
    sizes, picture = st.columns(2, gap="large")
    with sizes:
        st.subheader("How many customers each has", anchor=False)
        st.altair_chart(
            size_bars(shown.model, look(is_dark())),
            width="stretch",
            alt="Bars: " + ", ".join(f"{each.name} {each.size:,}" for each in shown.model.segments),
        )
    with picture:
        st.subheader("Where they lie", anchor=False)
        show_segments_map(shown)
    for each in shown.model.segments:
        _show(shown, each)
    if any(each.profile for each in shown.model.segments):
        with st.expander("How to read the figures", icon=":material/help:"):
            st.caption(_READING)
    show_notes(shown.notes)


def _show(shown: Study, segment: Segment) -> None:
    with st.container(border=True):
        show_heading(segment)
        show_warning(segment)
        st.markdown(
            f"**{segment.size:,} customers, {percent(segment.share)} of all.** "
            f"{plain(segment.description)}"
        )
        st.markdown(f"**Strategy:** {plain(segment.strategy)}")
        st.markdown(f"**Typical customer:** {plain(segment.explanation)}.")
        if segment.fit:
            st.caption(plain(segment.fit))
        # Folded, so that a phone shows who all the segments are before the evidence on one.
        with st.expander(_offers_label(shown, segment), icon=":material/redeem:"):
            show_offers(segment, shown.catalogue)
        with st.expander("An example, and in figures", icon=":material/monitoring:"):
            if segment.typical:
                st.markdown(f"**For example:** {plain(shown.model.typical_words(segment))}.")
            if segment.rule:
                st.markdown(f"**Rule of thumb:** {plain(segment.rule.sentence)}.")
            if not segment.traits:
                _show_profile(shown, segment)
            else:
                traits, profile = st.columns(2, gap="large")
                with traits:
                    _show_traits(shown, segment)
                with profile:
                    _show_profile(shown, segment)
        st.download_button(
            f"Download these {segment.size:,} customers (CSV)",
            # Made when it is asked for: a large table is not copied for every visitor.
            data=partial(segment_csv, shown, segment),
            file_name=file_name(segment.name, segment.id + 1),
            mime="text/csv",
            key=f"download {segment.id}",
            on_click="ignore",
            icon=":material/download:",
        )


def _offers_label(shown: Study, segment: Segment) -> str:
    """Return the best offer, and how many more there are."""
    titles = [each.offer.title for each in offers_of(segment, shown.catalogue)]
    if not titles:
        return "No offer yet"
    more = f", and {len(titles) - 1} more" if len(titles) > 1 else ""
    return f"Offers: {plain(titles[0])}{more}"


def _show_traits(shown: Study, segment: Segment) -> None:
    words = {each.name: each.words for each in shown.model.features}
    places = feature_places(shown.model)
    st.markdown("**What sets them apart**")
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Feature": words[each.feature].heading,
                    "Here": own_value(words[each.feature], each.value, places[each.feature]),
                    "All": own_value(words[each.feature], each.overall, places[each.feature]),
                    "Difference": f"{each.difference:+.1f}".replace("-", "\N{MINUS SIGN}"),
                }
                for each in segment.traits
            ]
        ),
        hide_index=True,
        alt=f"What sets {segment.name} apart",
        column_config={
            "Difference": st.column_config.TextColumn(
                help="Of the two, in standard deviations of all customers."
            )
        },
    )


def _show_profile(shown: Study, segment: Segment) -> None:
    st.markdown("**What else they are like**")
    if not segment.profile:
        st.markdown("The table has no other column to tell.")
        return
    rows = [_profile_row(each) for each in profile_rows(shown.model)[segment.id]]
    # A plain table breaks its lines on a phone, where a grid would have to be pushed sideways.
    st.table(pd.DataFrame(rows).set_index("Figure"), alt=f"Profile of {segment.name}")


def _profile_row(row: ProfileRow) -> dict[str, str]:
    return {
        "Figure": plain(row.label),
        "Here": _whole(row.value),
        _INTERVAL: plain(row.interval),
        "All": _whole(row.overall),
        "Difference": plain(f"{row.against} ({row.effect})" if row.effect else row.against),
    }


def _whole(figure: str) -> str:
    """Return a figure that doesn't break from its sign of percent in a narrow column."""
    return plain(figure).replace(" ", "\N{NO-BREAK SPACE}")


def segment_csv(shown: Study, segment: Segment) -> bytes:
    """Return the customers of a segment with their offers, as CSV for a spreadsheet."""
    own = pc.equal(shown.recommended.column("segment_id"), segment.id)
    return csv_of(shown.recommended.filter(own), shown.model, shown.catalogue)


def file_name(name: str, number: int) -> str:
    """Return a file name for a segment that every system takes.

    Examples
    --------
    >>> file_name("Low-Value Customers", 4), file_name("顧客", 5)
    ('low-value-customers.csv', 'segment-5.csv')
    """
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    return f"{words or f'segment-{number}'}.csv"
