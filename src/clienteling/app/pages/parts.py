"""Pieces that more than one page shows: a segment's heading, its offers, an error."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from clienteling.app.charts.look import look
from clienteling.app.charts.plane_map import DRAWN, has_names, map_of_segments
from clienteling.app.charts.strip import strip_of_segments
from clienteling.app.kept_store import Inside, look_inside
from clienteling.app.plain import plain
from clienteling.app.session import is_dark
from clienteling.app.study import Study
from clienteling.app.uploads import Upload
from clienteling.errors import ClientelingError
from clienteling.ledger.store_place import StorePlace
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.ranking import offers_of
from clienteling.plots.palette import NOISE, colour_of, shape_of
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.no_groups import NO_GROUPS, no_groups
from clienteling.segmentation.sketch import Floats

__all__ = [
    "PAGES",
    "kept_upload",
    "show_error",
    "show_heading",
    "show_links",
    "show_names",
    "show_no_groups",
    "show_notes",
    "show_offers",
    "show_segments_map",
    "show_store",
    "show_warning",
]

#: Where the menu keeps its pages, by their titles.
PAGES = "pages"

#: So many faults are shown; who mends those is told the others.
_FAULTS = 12

#: The shapes of the charts as pictures of 24 by 24.
_SHAPES = {
    "circle": '<circle cx="12" cy="12" r="10"/>',
    "square": '<rect x="3" y="3" width="18" height="18"/>',
    "triangle-up": '<path d="M12 2 23 21H1z"/>',
    "diamond": '<path d="M12 0 24 12 12 24 0 12z"/>',
    "triangle-down": '<path d="M1 3H23L12 22z"/>',
    "cross": '<path d="M9 2h6v7h7v6h-7v7H9v-7H2V9h7z"/>',
}


def show_heading(segment: Segment) -> None:
    """Show a segment's name beside its mark on the map."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.image(_mark(shape_of(segment.id), colour_of(segment.id)), width=22, alt="")
        st.subheader(plain(segment.name), anchor=False)


def show_warning(segment: Segment) -> None:
    """Say that a segment is not found again, where it isn't."""
    if segment.warning:
        what, sign, more = segment.warning.partition(":")
        st.warning(f"**{plain(what + sign)}** {plain(more)}", icon=":material/warning:")


def show_no_groups(model: Model) -> None:
    """Say that the customers form no groups, where they don't."""
    said = no_groups(model)
    if said:
        words = "\n\n".join(plain(each) for each in said)
        st.warning(f"**{NO_GROUPS}**\n\n{words}", icon=":material/warning:")


def _mark(shape: str, colour: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="{colour}">'
        f"{_SHAPES[shape]}</svg>"
    )


def show_names(names: Sequence[str], *, noise: str = "") -> None:
    """List the names of groups beside their marks on the chart above; no name is cut.

    Parameters
    ----------
    names : in the order of their colours and shapes
    noise : what to call the customers in none of the groups
    """
    marks = [_mark(shape_of(index), colour_of(index)) for index in range(len(names))]
    rows = list(zip(marks, names, strict=True)) + [(_mark("cross", NOISE), noise)] * bool(noise)
    with st.container(horizontal=True, gap="small"):
        for mark, name in rows:
            with st.container(
                horizontal=True, vertical_alignment="center", gap="xsmall", width="content"
            ):
                st.image(mark, width=14, alt="")
                st.markdown(plain(name), width="content")


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
                f" The segments come from {len(shown.model.columns)} features. The map shows the "
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
    if not has_names(shown.model):
        show_names([each.name for each in shown.model.segments])
    st.caption(said)


def show_links(*titles: str) -> None:
    """Show links to pages side by side; a page alone, without the menu, has none."""
    pages = st.session_state.get(PAGES, {})
    with st.container(horizontal=True):
        for each in titles:
            if each in pages:
                st.page_link(pages[each])


def show_notes(notes: tuple[str, ...], *, open: bool = False) -> None:
    """Show what was assumed, in a box that is open at first or not."""
    if notes:
        with st.expander("What was assumed", icon=":material/info:", expanded=open):
            st.markdown("\n".join(f"- {plain(each)}" for each in notes))


def kept_upload(title: str, key: str, types: Sequence[str] | None, help: str) -> Upload | None:
    """Ask for a file, and keep it over a look at other pages.

    Parameters
    ----------
    title, help : of the input
    key : of the file among those that the visitor gave
    types : endings that are taken; None for a table, which is known by what it holds: the browser
        would leave what it refused beside the next file

    Returns
    -------
    Upload or None
        None where nothing was given yet.
    """
    asked, kept = f"{key} uploader", f"{key} file"

    def take() -> None:
        chosen = st.session_state[asked]
        st.session_state[kept] = None if chosen is None else Upload(chosen.name, chosen.getvalue())

    def forget() -> None:
        st.session_state[kept] = None

    st.file_uploader(title, type=types, help=help, key=asked, on_change=take)
    found = st.session_state.get(kept)
    if not isinstance(found, Upload):
        return None
    if st.session_state[asked] is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Still here from before: **{plain(found.name)}**")
            st.button("Forget it", on_click=forget, icon=":material/delete:", key=f"{key} forget")
    return found


def show_store(place: StorePlace | None) -> Inside | None:
    """Say what is in the store; without one, what it would add.

    Raises
    ------
    ClientelingError
        It can't be opened.
    """
    if place is None:
        st.caption(
            "The app was started without a store. With one, earlier contacts, caps, opt-outs and "
            "stock would count, campaigns would be recorded, and each would learn from the last. "
            "To have one, start the app with `clienteling app --store shop.db`; the file is made."
        )
        return None
    inside = look_inside(place)
    st.caption(plain(inside.sentence))
    return inside


def show_error(error: ClientelingError) -> None:
    """Show what is wrong, each fault, and what to do next."""
    lines = [plain(error.message)]
    if error.faults:
        said = [f"- {plain(each)}" for each in error.faults[:_FAULTS]]
        more = len(error.faults) - len(said)
        lines.append("\n".join([*said, *([f"- and {more:,} more"] if more else [])]))
    if error.hint:
        lines.append(plain(error.hint))
    st.error("\n\n".join(lines), icon=":material/error:")
