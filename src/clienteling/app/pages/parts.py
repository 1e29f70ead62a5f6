"""Pieces that more than one page shows: a segment's heading, its offers, an error."""

from __future__ import annotations

import streamlit as st

from clienteling.app.charts.look import look
from clienteling.app.charts.plane_map import DRAWN, map_of_segments
from clienteling.app.charts.strip import strip_of_segments
from clienteling.app.plain import plain
from clienteling.app.session import is_dark
from clienteling.app.study import Study
from clienteling.errors import ClientelingError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.recommend import offers_of
from clienteling.plots.palette import colour_of, shape_of
from clienteling.segmentation.model import Segment
from clienteling.segmentation.sketch import Floats

__all__ = ["show_error", "show_heading", "show_notes", "show_offers", "show_segments_map"]

#: The shapes of the charts as pictures of 24 by 24.
_SHAPES = {
    "circle": '<circle cx="12" cy="12" r="10"/>',
    "square": '<rect x="3" y="3" width="18" height="18"/>',
    "triangle-up": '<path d="M12 2 23 21H1z"/>',
    "diamond": '<path d="M12 0 24 12 12 24 0 12z"/>',
    "triangle-down": '<path d="M1 3H23L12 22z"/>',
}


def show_heading(segment: Segment) -> None:
    """Show a segment's name beside its mark on the map."""
    mark = _SHAPES[shape_of(segment.id)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.image(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" '
            f'fill="{colour_of(segment.id)}">{mark}</svg>',
            width=22,
            alt="",
        )
        st.subheader(plain(segment.name), anchor=False)


def show_offers(segment: Segment, catalogue: Catalogue) -> None:
    """Show a segment's offers, best first, each with its reason."""
    ranked = offers_of(segment, catalogue)
    if not ranked:
        st.markdown("The catalogue has no offer for this segment yet.")
    for each in ranked:
        st.markdown(
            f"**{each.rank}. {plain(each.offer.title)}** ({plain(each.offer.channel)})  \n"
            f"{plain(each.offer.text)}  \n*Why:* {plain(each.reason)}"
        )


def show_segments_map(shown: Study, customer: Floats | None = None) -> None:
    """Show where the customers and the segments lie, and how to read it."""
    draw = strip_of_segments if len(shown.model.features) == 1 else map_of_segments
    star = " The star is this customer." if customer is not None else ""
    if len(shown.model.features) == 1:
        said = f"Each bar is a range of values; broken lines are the borders.{star}"
    else:
        said = f"Each small mark is a customer, each large one the centre of a segment.{star}"
        if len(shown.model.features) == 2:
            said += " A shaded field is the place of one segment."
        else:
            said += (
                f" The segments come from {len(shown.model.features)} features. The map shows the "
                "two directions in which the customers differ most, so borders can't be drawn."
            )
        if shown.sketch.customers > DRAWN:
            said += f" {DRAWN:,} of {shown.sketch.customers:,} customers are drawn."
    names = ", ".join(each.name for each in shown.model.segments)
    st.altair_chart(
        draw(shown, look(is_dark()), customer),
        width="stretch",
        alt=f"Map of the segments {names}.{star}",
    )
    st.caption(said)


def show_notes(notes: tuple[str, ...]) -> None:
    """Show what was assumed."""
    if notes:
        with st.expander("What was assumed", icon=":material/info:"):
            st.markdown("\n".join(f"- {plain(each)}" for each in notes))


def show_error(error: ClientelingError) -> None:
    """Show what is wrong, each fault, and what to do next."""
    lines = [plain(error.message)]
    if error.faults:
        lines.append("\n".join(f"- {plain(each)}" for each in error.faults))
    if error.hint:
        lines.append(plain(error.hint))
    st.error("\n\n".join(lines), icon=":material/error:")
