"""A file of one's own: scored with the segments that are there, or divided into new ones."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from clienteling.app.columns import Columns
from clienteling.app.pages.parts import show_error, show_links, show_notes
from clienteling.app.plain import label, plain
from clienteling.app.session import UPLOAD, current_study, show_study
from clienteling.app.study import TAMED, Study
from clienteling.app.uploads import (
    Made,
    Scored,
    Upload,
    columns_of,
    csv_of,
    customers_of,
    fit_upload,
    score_upload,
)
from clienteling.data.files import sample_path
from clienteling.errors import ClientelingError, ColumnError
from clienteling.offers.ranking import OFFERS
from clienteling.report.figures import counted, percent

__all__ = ["page"]

_UPLOADER, _SCORED = "uploader", "scored"
_COLUMNS, _FOUND, _MADE = "columns", "found", "made of purchases"
_SCORE, _FIT = "Score with the segments shown", "Find new segments in this file"
_PREVIEW = 200
#: More segments than this nobody reads, and the colours on the maps are long used up.
_MOST_SEGMENTS = 50
_FAULTS = 10


def page() -> None:
    """Take a file and give it back with a segment and offers for every customer."""
    shown = current_study()
    st.title("Your customers", anchor=False)
    wanted = " and ".join(f"**{plain(each)}**" for each in shown.model.columns)
    st.markdown(
        "Upload a CSV file or an Excel workbook with a row per customer and the columns "
        f"{wanted}. Other usual names for them are found too. The file is held in memory for your "
        "visit and kept nowhere."
    )
    st.file_uploader(
        "File of your customers",
        help="Parquet and JSON lines are read too, and any of these packed as .gz, .zst or .zip.",
        key=_UPLOADER,
        on_change=_take,
    )
    upload = st.session_state.get(UPLOAD)
    # There without a file, too: a browser that replaces one takes the old file away first, and
    # would forget what was chosen.
    what = st.radio(
        "What should be done with it?",
        [_SCORE, _FIT],
        key="what",
        horizontal=True,
        persist_state="session",
    )
    if not isinstance(upload, Upload):
        st.download_button(
            "Download an example file",
            data=sample_path().read_bytes(),
            file_name="Mall_Customers.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
        return
    if st.session_state[_UPLOADER] is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Still here from before: **{plain(upload.name)}**")
            st.button("Forget it", on_click=_forget, icon=":material/delete:")
    _say_found(shown)
    try:
        if what == _SCORE:
            _score(shown, upload)
        else:
            _fit(upload)
    except ClientelingError as error:
        show_error(error)
        # Only where columns are missing can other segments be the answer.
        if what == _SCORE and isinstance(error, ColumnError):
            st.markdown(
                f"The segments shown are of customers with {wanted}. Has this file other columns? "
                f"Then choose **{_FIT}** above."
            )


def _take() -> None:
    """Keep the file that was chosen, so that it is still there after a look at another page."""
    _forget()
    chosen = st.session_state[_UPLOADER]
    if chosen is not None:
        st.session_state[UPLOAD] = Upload(chosen.name, chosen.getvalue())


def _forget() -> None:
    for each in (UPLOAD, _SCORED, _COLUMNS, _FOUND, _MADE):
        st.session_state.pop(each, None)


def _score(shown: Study, upload: Upload) -> None:
    scored = _scored(shown, upload)
    not_scored = scored.not_scored
    done = scored.table.num_rows - not_scored.num_rows
    said = f"{done:,} of {scored.table.num_rows:,} customers have a segment and offers."
    doubts = (*scored.repeated, *scored.far)
    if doubts:
        # A green box would say that all is well.
        st.warning(
            f"{said} Look at this first:\n\n" + "\n".join(f"- {plain(each)}" for each in doubts),
            icon=":material/warning:",
        )
    else:
        st.success(said, icon=":material/check_circle:")
    if not_scored.num_rows:
        first = not_scored.slice(0, _FAULTS).to_pylist()
        lines = [
            f"- customer {plain(str(row['customer_id']))}: {plain(row['note'])}" for row in first
        ]
        more = not_scored.num_rows - len(first)
        lines += [f"- and {more:,} more; the column *note* of the file has the reasons"] * (
            more > 0
        )
        st.warning(
            f"{not_scored.num_rows:,} could not be scored:\n\n" + "\n".join(lines),
            icon=":material/warning:",
        )
    st.download_button(
        "Download all with segment and offers (CSV)",
        data=partial(csv_of, scored.table, shown.model, shown.catalogue),
        file_name="recommendations.csv",
        mime="text/csv",
        type="primary",
        on_click="ignore",
        icon=":material/download:",
    )
    st.subheader("Customers per segment", anchor=False)
    sizes = scored.sizes(shown.model)
    st.dataframe(
        pd.DataFrame(
            {
                "Segment": [each.name for each in shown.model.segments],
                "Customers": sizes,
                "Share": [percent(each / max(done, 1)) for each in sizes],
                "Strategy": [each.strategy for each in shown.model.segments],
            }
        ),
        hide_index=True,
        alt="Customers per segment",
    )
    st.subheader("The customers", anchor=False)
    st.dataframe(
        scored.table.slice(0, _PREVIEW).to_pandas(),
        hide_index=True,
        alt="The scored customers",
        column_order=[each for each in scored.table.column_names if each != "segment_id"],
        column_config=_headers(shown),
    )
    if scored.table.num_rows > _PREVIEW:
        st.caption(f"The first {_PREVIEW} of {scored.table.num_rows:,}; the download has all.")
    show_notes(scored.notes, open=True)


def _headers(shown: Study) -> dict[str, Any]:
    """Return plain headers for the columns of the scoring; the download has the names of data."""
    text, figure = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "customer_id": st.column_config.Column("Customer"),
        "segment": text("Segment"),
        "margin": figure(
            "Distance to the border",
            format="%.2f",
            help="How much farther the next nearest segment's centre is, in standard deviations.",
        ),
        "runner_up": text("Next nearest segment"),
        **{f"offer_{rank}": text(f"Offer {rank}") for rank in range(1, OFFERS + 1)},
        "note": text("Note"),
        # A column of the visitor's own may have one of these names.
        **{each: st.column_config.Column(label(each)) for each in shown.model.columns},
    }


def _scored(shown: Study, upload: Upload) -> Scored:
    """Return the scored file; it is computed again only where file or segments are other ones."""
    kept = st.session_state.get(_SCORED)
    if kept is not None and kept[0] is shown and kept[1] is upload:
        scored: Scored = kept[2]
        return scored
    with st.spinner("Scoring"):
        scored = score_upload(upload, shown)
    st.session_state[_SCORED] = (shown, upload, scored)
    return scored


def _fit(upload: Upload) -> None:
    columns = _columns(upload)
    st.markdown(
        "The customers of the file are divided anew, and all pages then show their segments, "
        "to you alone, until you go back to the sample."
    )
    _say_made(upload)
    if columns.purchases and not _are_customers(upload, columns):
        return
    if columns.left_out:
        said = "\n".join(f"- {plain(each)}" for each in columns.left_out[:_FAULTS])
        if len(columns.left_out) > _FAULTS:
            said += f"\n- and {len(columns.left_out) - _FAULTS:,} more"
        if columns.amounts:
            said += (
                f"\n\nTo use {plain(' or '.join(columns.amounts))}, write the numbers with a "
                "decimal point and without a unit, leave a cell empty where the value is unknown, "
                "and upload the file again."
            )
        st.warning(f"Columns that are left out:\n\n{said}", icon=":material/warning:")
    long = [each for each in columns.words if each not in columns.categories]
    if long:
        st.caption(f"Too many different words to form segments: {plain(', '.join(long))}.")
    if not columns.numbers and not columns.categories:
        st.error("No column is left to form segments from.", icon=":material/error:")
        return
    features: list[str] = []
    if columns.numbers:
        features = st.pills(
            "Columns that tell customers apart: choose one or more",
            columns.numbers,
            selection_mode="multi",
            default=columns.proposed,
            format_func=label,
            key=f"features {upload.name} {len(upload.data)}",
        )
    if columns.proposed and not columns.known:
        st.caption(
            "Chosen to begin with: what customers do and spend, and of columns that say the same "
            "only one. You know your shop better: change it as you like."
        )
    categories: list[str] = []
    if columns.categories:
        categories = st.pills(
            "Words that form segments too, if you choose any; else they only describe them"
            if columns.numbers
            else "No column has numbers. Words form segments as well: choose one or more",
            columns.categories,
            selection_mode="multi",
            format_func=label,
            key=f"categories {upload.name} {len(upload.data)}",
        )
    tamed = bool(columns.numbers) and st.checkbox(
        TAMED,
        key=f"tamed {upload.name} {len(upload.data)}",
        help="Takes the logarithm of amounts of which a few are very large, and counts single "
        "values far out as the largest usual one, so that a few customers don't decide for all. "
        "What was done is said with the segments.",
    )
    k = st.number_input(
        "Number of segments",
        1,
        _MOST_SEGMENTS,
        None,
        1,
        placeholder="chosen by the evidence",
        help="Leave it empty to have it chosen: the page How many says why it is that number.",
        key="number of segments",
        persist_state="session",
        width=280,
    )
    if not st.button(
        "Find the segments",
        type="primary",
        disabled=not (features or categories),
        icon=":material/auto_awesome:",
    ):
        return
    bar = st.progress(0.0, "Reading")

    def progress(what: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), what)

    own = fit_upload(
        upload,
        features,
        progress,
        categorical=categories,
        transform="auto" if tamed else None,
        k=None if k is None else int(k),
        rows_are_customers=bool(columns.purchases),
    )
    show_study(own)
    st.session_state[_FOUND] = own
    st.rerun()


def _are_customers(upload: Upload, columns: Columns) -> bool:
    """Say that the rows are purchases and offer to make customers of them.

    Returns
    -------
    bool
        Whether each row is a customer all the same, as the visitor says.
    """
    key, log = f"{upload.name} {len(upload.data)}", columns.log
    assert log is not None
    st.warning(columns.purchases, icon=":material/warning:")
    amount = None
    if log.amounts:
        amount = st.selectbox(
            "Column with what was paid",
            log.amounts,
            format_func=label,
            key=f"amount {key}",
            width=280,
        )
    if st.button("Make a row per customer", type="primary", icon=":material/person_add:"):
        with st.spinner("Counting the purchases"):
            made = customers_of(upload, log, amount)
        _forget()
        st.session_state[UPLOAD], st.session_state[_MADE] = made.upload, made
        st.rerun()
    st.caption(
        "Each customer then has the days since the last purchase (recency), how many there were "
        "(frequency), what was spent (monetary), and what goes with these; segments are formed by "
        f"them. On a computer, this does the same: `{log.command}`"
    )
    return st.checkbox("Each row is a customer all the same", key=f"rows {key}")


def _say_made(upload: Upload) -> None:
    """Say that the customers were made of purchases, and what was assumed of these."""
    made = st.session_state.get(_MADE)
    if isinstance(made, Made) and made.upload is upload:
        st.success(
            f"{made.customers:,} customers were made of {made.purchases:,} rows of purchases. "
            "Choose below what tells them apart.",
            icon=":material/check_circle:",
        )
        show_notes(made.notes)


def _columns(upload: Upload) -> Columns:
    """Return the columns of the file; they are looked through only where it is another one."""
    kept = st.session_state.get(_COLUMNS)
    if kept is None or kept[0] is not upload:
        kept = (upload, columns_of(upload))
        st.session_state[_COLUMNS] = kept
    columns: Columns = kept[1]
    return columns


def _say_found(shown: Study) -> None:
    """Say that the segments were found, and where to read them."""
    if st.session_state.get(_FOUND) is not shown:
        return
    found = "One segment was" if shown.model.k == 1 else f"{counted(shown.model.k)} segments were"
    names = "; ".join(plain(each.name) for each in shown.model.segments)
    with st.container(border=True):
        st.success(
            f"{found[0].upper()}{found[1:]} found in **{plain(shown.name)}**: {names}.",
            icon=":material/check_circle:",
        )
        show_links("Segments", "One customer", "How many")
