"""How many segments there are, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from clienteling.app.charts.curves import evidence_curve
from clienteling.app.charts.look import look
from clienteling.app.pages.parts import show_no_groups
from clienteling.app.plain import plain
from clienteling.app.session import current_study, is_dark
from clienteling.app.study import Study
from clienteling.segmentation.model import Evidence, Model
from clienteling.segmentation.no_groups import why_beside_warning

__all__ = ["page"]

#: What stands where there is no figure.
_NONE = "\N{EN DASH}"


def page() -> None:
    """Show the evidence for the number of segments."""
    shown = current_study()
    model = shown.model
    st.title("How many segments, and why?", anchor=False)
    said, structure = why_beside_warning(model), shown.choice.structure
    if structure is not None and structure.natural:
        # It is said below, where it is explained.
        said = said.replace(structure.words, "")
    st.info(plain(said), icon=":material/lightbulb:")
    st.markdown(
        "Nobody tells the method how many kinds of customers there are. It divides them into two, "
        "into three, and so on. Two things decide which number is taken: how well the segments "
        "are told apart (the silhouette), and whether they are found again when customers are "
        "drawn anew (the stability). The elbow stands beside them and has no vote."
    )
    st.markdown(
        "To have another number, give it as **Number of segments** on the page *Your customers*, "
        "where new segments are found."
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
            + " It decides nothing: where it is at the number chosen, it agrees with it."
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
    st.markdown("Silhouette, stability and the least stable segment decide. Higher is better.")
    _show_figures(
        model,
        {
            "Here is": lambda each: _marks(model, each.k),
            "Silhouette": lambda each: _figure(each.silhouette, 4),
            "Stability": lambda each: _figure(each.stability, 2),
            "Least stable": lambda each: _figure(each.least_jaccard, 2),
        },
    )
    st.caption(
        "Stability: how well the division agrees with what comes out when customers are drawn "
        "anew; 1 is the same segments, 0 no more than chance. Least stable: how far the segment "
        "that is found again least overlaps with the one that comes out in its place; below 0.6 "
        f"it should not be trusted. {_NONE}: not computed, because no figure at this number could "
        "have changed the choice."
    )
    st.markdown("The others have no vote, as the elbow has none; many know them and look for them.")
    _show_figures(
        model,
        {
            "Inertia": lambda each: f"{each.inertia:,.2f}",
            "Calinski-Harabasz": lambda each: _figure(each.calinski_harabasz, 1),
            "Davies-Bouldin": lambda each: _figure(each.davies_bouldin, 3),
        },
    )
    st.caption(
        "Inertia always falls, and where its curve bends is the elbow. Calinski-Harabasz: higher "
        "is better. Davies-Bouldin: lower is better."
    )


def _show_figures(model: Model, columns: Mapping[str, Callable[[Evidence], str]]) -> None:
    # A plain table breaks its lines on a phone, where a grid would have to be pushed sideways.
    st.table(
        pd.DataFrame(
            [
                {"k": str(each.k), **{name: figure(each) for name, figure in columns.items()}}
                for each in model.choose_k
            ]
        ).set_index("k")
    )


def _figure(value: float | None, digits: int) -> str:
    return _NONE if value is None else f"{value:,.{digits}f}"


def _marks(model: Model, k: int) -> str:
    said = [
        words
        for words, place in (
            ("the choice", model.k),
            ("the elbow", model.elbow_k),
            ("the highest silhouette", model.silhouette_k),
        )
        if place == k
    ]
    return ", ".join(said)
