"""K-means and DBSCAN side by side, with DBSCAN's settings to play with."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from clienteling.app.charts.curves import k_distance_curve
from clienteling.app.charts.look import look
from clienteling.app.charts.plane_map import map_of_groups
from clienteling.app.charts.strip import strip_of_groups
from clienteling.app.pages.parts import show_names, show_segments_map
from clienteling.app.plain import plain
from clienteling.app.session import current_study, is_dark
from clienteling.app.study import COMPARED, Study, compare
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.sketch import Ints

__all__ = ["page"]

_USUAL = "usual_comparison"


def page() -> None:
    """Compare the segments with DBSCAN's groups."""
    shown = current_study()
    st.title("K-means and DBSCAN", anchor=False)
    st.markdown(
        "The segments come from **K-means**: every customer belongs to the segment with the "
        "nearest centre. **DBSCAN** works otherwise: it looks for crowded places, joins those that "
        "touch, and leaves everyone else out as noise. It stands here for comparison only; no "
        "segment and no offer ever comes from it."
    )
    found = _ask(shown)
    st.info(plain(found.verdict), icon=":material/balance:")
    _show_figures(found)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(f"K-means: {shown.model.k} segments", anchor=False)
        show_segments_map(shown)
    with right:
        groups = "group" if found.clusters == 1 else "groups"
        st.subheader(f"DBSCAN: {found.clusters} {groups}, {found.noise:,} noise", anchor=False)
        draw = strip_of_groups if len(shown.model.features) == 1 else map_of_groups
        st.altair_chart(
            draw(shown, found, _by_size(found.labels)),
            width="stretch",
            alt=f"Map of DBSCAN's {found.clusters} groups and {found.noise} customers as noise.",
        )
        show_names(
            [f"Group {index}: {size:,}" for index, size in enumerate(found.sizes, start=1)],
            noise=f"Noise: {found.noise:,}",
        )
        st.caption("What is grey is noise: customers in no group, who would get no offer.")
    _show_k_distance(shown, found)


def _ask(shown: Study) -> Comparison:
    usual = _usual(shown)
    step = min(0.01, 10.0 ** (math.floor(math.log10(usual.eps)) - 1))
    most = max(2 * usual.eps, float(usual.k_distance[-1]))
    known = f"{shown.name} {shown.model.provenance.usable} {usual.eps}"
    left, right = st.columns([2, 1], gap="large", vertical_alignment="bottom")
    at = left.slider(
        "eps: how near customers must be to count as neighbours, in standard deviations",
        min_value=step,
        max_value=math.ceil(most / step) * step,
        value=round(usual.eps / step) * step,
        step=step,
        format=f"%.{max(2, -math.floor(math.log10(step)))}f",
        help="At first it is where the curve at the bottom of this page bends.",
        key=f"eps {known}",
        persist_state="session",
    )
    min_samples = right.number_input(
        "min_samples: neighbours that make a crowd",
        min_value=1,
        max_value=max(50, usual.min_samples),
        value=usual.min_samples,
        help="A customer counts as their own neighbour. At first it is twice the number of "
        "features.",
        key=f"min_samples {known}",
        persist_state="session",
    )
    # Where the slider was not moved, eps is the bend itself and not the slider's step next to it.
    eps = None if abs(at - usual.eps) <= step / 2 and min_samples == usual.min_samples else at
    return usual if eps is None else compare(shown, eps=eps, min_samples=min_samples)


def _usual(shown: Study) -> Comparison:
    """Return the result at the first settings; it is kept while the segments are the same."""
    kept = st.session_state.get(_USUAL)
    if kept is None or kept[0] is not shown:
        kept = (shown, compare(shown))
        st.session_state[_USUAL] = kept
    usual: Comparison = kept[1]
    return usual


def _show_figures(found: Comparison) -> None:
    silhouette = "not defined" if found.silhouette is None else f"{found.silhouette:.3f}"
    figures = (
        ("Groups", f"{found.clusters}", "Crowded places that DBSCAN finds."),
        (f"Noise, of {found.customers:,}", f"{found.noise:,}", "Customers in no group."),
        ("Silhouette", silhouette, "How well the groups are told apart, without the noise."),
        (
            "Agreement",
            f"{found.agreement:.2f}",
            "With K-means: 1 is the same division, 0 no more than chance. Noise counts as a group "
            "of its own.",
        ),
    )
    with st.container(horizontal=True):
        for label, value, said in figures:
            st.metric(label, value, help=said, border=True, width=165)


def _show_k_distance(shown: Study, found: Comparison) -> None:
    st.subheader("Where eps comes from", anchor=False)
    st.altair_chart(
        k_distance_curve(found, look(is_dark())),
        width="stretch",
        alt=f"Distance to the nearest customers, ascending; eps {found.eps:.3g} drawn in.",
    )
    said = (
        f"For each customer, the distance within which {found.min_samples} customers are found "
        "(themselves among them). It is small in crowds and rises sharply for the lonely ones; "
        "the usual eps is where the curve bends."
    )
    if shown.sketch.customers > COMPARED:
        said += f" DBSCAN sees {found.customers:,} of the {shown.sketch.customers:,} customers."
    st.caption(said)


def _by_size(labels: Ints) -> Ints:
    """Return the labels with the groups numbered by size, largest first; -1 stays noise."""
    sizes = np.bincount(labels[labels >= 0])
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return np.append(rank, -1)[labels]
