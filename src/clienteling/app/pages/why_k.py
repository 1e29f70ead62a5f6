"""How many segments there are, and why."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from clienteling.app.charts.curves import evidence_curve
from clienteling.app.charts.look import look
from clienteling.app.pages.parts import show_no_groups
from clienteling.app.plain import plain
from clienteling.app.session import current_study, is_dark
from clienteling.app.study import Study
from clienteling.segmentation.model import Model

__all__ = ["page"]


def page() -> None:
    """Show the evidence for the number of segments."""
    shown = current_study()
    model = shown.model
    st.title("How many segments, and why?", anchor=False)
    st.info(plain(model.why_k), icon=":material/lightbulb:")
    st.markdown(
        "Nobody tells the method how many kinds of customers there are. It divides them into two, "
        "into three, and so on, and two questions decide which number is best."
    )
    if model.choose_k:
        _show_curves(model)
    _show_structure(shown)
    _show_table(model)


def _show_curves(model: Model) -> None:
    elbow, silhouette = st.columns(2, gap="large")
    with elbow:
        st.subheader("Does another segment still help?", anchor=False)
        st.altair_chart(
            evidence_curve(
                model, "inertia", "Within-cluster sum of squares", model.elbow_k, look(is_dark())
            ),
            width="stretch",
            alt=f"Inertia against the number of segments, {model.k} marked.",
        )
        st.caption(
            "How far customers are from the centre of their segment, all together (inertia). It "
            "always falls; where the curve bends, more segments stop paying: the elbow. "
            + (
                "This curve has no clear elbow."
                if model.elbow_k is None
                else f"Here it is at k = {model.elbow_k}."
            )
        )
    with silhouette:
        st.subheader("How well are they told apart?", anchor=False)
        if all(each.silhouette is None for each in model.choose_k):
            st.markdown("The silhouette is not defined for so few different customers.")
            return
        st.altair_chart(
            evidence_curve(model, "silhouette", "Silhouette", model.silhouette_k, look(is_dark())),
            width="stretch",
            alt=f"Silhouette against the number of segments, {model.k} marked.",
        )
        st.caption(
            "From -1 to 1: near 1, customers are close to their own segment and far from the next "
            f"one (silhouette). It is highest at k = {model.silhouette_k}."
        )


def _show_structure(shown: Study) -> None:
    structure = shown.choice.structure
    st.subheader("Are these groups more than chance?", anchor=False)
    if structure is None:
        st.markdown("That was not tested: it takes a choice among several numbers of segments.")
    elif structure.natural:
        st.markdown(plain(structure.words))
    else:
        show_no_groups(shown.model)
    st.caption(
        "The method always finds groups, even where there are none. So tables are drawn at random, "
        "and it is counted how many of them fall apart as clearly as these customers do."
    )


def _show_table(model: Model) -> None:
    st.subheader("All the figures", anchor=False)
    rows = [
        {
            "k": each.k,
            "Best by": _best_by(model, each.k),
            "Silhouette": each.silhouette,
            "Stability": each.stability,
            "Least stable": each.least_jaccard,
            "Inertia": each.inertia,
            "Calinski-Harabasz": each.calinski_harabasz,
            "Davies-Bouldin": each.davies_bouldin,
        }
        for each in model.choose_k
    ]
    figure = st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="The figures for each number of segments",
        column_config={
            "k": figure(width="small"),
            "Best by": st.column_config.TextColumn(width=170),
            "Silhouette": figure(format="%.4f", help="Higher is better."),
            "Stability": figure(
                format="%.2f",
                help="Adjusted Rand index when customers are drawn anew: 1 is the same segments. "
                "Judged where it could decide.",
            ),
            "Least stable": figure(
                format="%.2f",
                help="Jaccard index of the least stable segment. Below 0.6 it should not be "
                "trusted.",
            ),
            "Inertia": figure(
                format="%.2f", help="Lower is tighter; it always falls. Its bend has no vote."
            ),
            "Calinski-Harabasz": figure(format="%.1f", help="Higher is better. No vote."),
            "Davies-Bouldin": figure(format="%.3f", help="Lower is better. No vote."),
        },
    )
    st.caption(
        "Silhouette, stability and the least stable segment decide. The inertia with its elbow, "
        "Calinski-Harabasz and Davies-Bouldin are shown for those who know them; they have no vote."
    )


def _best_by(model: Model, k: int) -> str:
    said = [
        words
        for words, best in (
            ("chosen", model.k),
            ("elbow", model.elbow_k),
            ("silhouette", model.silhouette_k),
        )
        if best == k
    ]
    return ", ".join(said)
