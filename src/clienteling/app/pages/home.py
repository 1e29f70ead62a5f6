"""The first page: one customer's segment, offers, and the reasons."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clienteling.app.entry import entry_for
from clienteling.app.pages.parts import (
    show_heading,
    show_offers,
    show_segments_map,
    show_warning,
)
from clienteling.app.plain import label, plain
from clienteling.app.session import current_study
from clienteling.app.study import Study
from clienteling.features.categories import OTHER, Category, Value, level_word
from clienteling.features.transforms import transformed
from clienteling.report.figures import percent
from clienteling.segmentation.model import Answer
from clienteling.segmentation.model_segments import Segment
from clienteling.segmentation.places import find_places
from clienteling.segmentation.predict import values_of
from clienteling.segmentation.sketch import Floats
from clienteling.segmentation.words import explain_customer

__all__ = ["border_words", "page"]

_COLUMNS = 3

#: Up to which share of nearer customers a customer is how sure, and what to do then.
_SURENESS = (
    (0.1, "Much less sure than usual", " Either one's offers could suit this customer."),
    (1 / 3, "Less sure than usual", " Keep an eye on how this customer answers."),
    (2 / 3, "About as sure as usual", ""),
    (0.9, "Surer than usual", ""),
    (1, "Much surer than usual", ""),
)


def page() -> None:
    """Take one customer and answer at once."""
    shown = current_study()
    st.title("Which offer should this customer get?", anchor=False)
    st.markdown(
        f"The shop's {shown.customers:,} customers are divided into {_kinds(shown)}. Enter a "
        "customer of your own: the answer below follows at once."
    )
    values, beyond = _ask(shown)
    answer = shown.model.predict(values)
    if answer.segment is None:
        st.warning(plain(answer.note), icon=":material/help:")
        return
    if answer.warning:
        st.warning(
            f"{plain(answer.warning)} The answer below is a mere guess.", icon=":material/warning:"
        )
    elif beyond:
        st.info(f"{plain(' '.join(beyond))} The answer below is a guess.", icon=":material/help:")
    customer = np.array(values_of(shown.model, values), dtype=np.float64)
    words, picture = st.columns([6, 5], gap="large")
    with words:
        _show_answer(shown, answer.segment)
        _show_reasons(shown, answer.segment, answer, customer, bool(beyond))
    with picture:
        st.subheader("On the map", anchor=False)
        show_segments_map(shown, None if answer.warning else customer)
        if answer.warning:
            st.caption("This customer lies so far away that the map has no place for them.")


def _kinds(shown: Study) -> str:
    return "one kind" if shown.model.k == 1 else f"{shown.model.k} kinds"


def _ask(shown: Study) -> tuple[dict[str, Any], list[str]]:
    """Ask for each column; return the values, and which of them lie beyond all customers."""
    categories = {each.column: each for each in shown.model.categories}
    features = {each.name: each for each in shown.model.features}
    columns = shown.model.columns
    values: dict[str, Any] = {}
    beyond = []
    rows = [columns[at : at + _COLUMNS] for at in range(0, len(columns), _COLUMNS)]
    for row in rows:
        for column, place in zip(row, st.columns(len(row)), strict=True):
            if column in categories:
                values[column] = _ask_level(categories[column], place)
                continue
            feature = features[column]
            index = shown.model.features.index(feature)
            entry = entry_for(shown.sketch.points[:, index], shown.sketch.weights)
            least, most = (feature.words.figure(each, 4) for each in entry.seen)
            # The range belongs to the key: other customers have another one.
            key = f"feature {feature.name} {entry.seen}"
            # Not as the input's own default: that would come back where the field is cleared.
            st.session_state.setdefault(key, float(entry.value))
            value = place.number_input(
                label(feature.name),
                value=None,
                step=float(entry.step),
                # Half a unit may be typed where all customers have whole ones.
                format="%g" if entry.display == "%d" else entry.display,
                placeholder="unknown",
                help=f"Among the customers: {plain(least)} to {plain(most)}.",
                key=key,
                persist_state="session",
            )
            values[column] = value
            if value is not None and not entry.seen[0] <= value <= entry.seen[1]:
                beyond.append(
                    f"{feature.name} is {feature.words.figure(value, 4)}; all customers have "
                    f"{feature.range_words}."
                )
    return values, beyond


def _ask_level(category: Category, place: DeltaGenerator) -> Value:
    """Ask for a level, the most frequent one first; any new value stands for all other ones."""
    other: Value = OTHER
    while other in category.levels:
        other = f"{other} one"
    if category.kind == "integer":
        other = min(int(each) for each in category.levels) - 1
    chosen: Value = place.selectbox(
        label(category.column),
        (*category.levels, other) if category.rest else category.levels,
        format_func=lambda value: level_word(None if value == other else value),
        key=f"level {category.column} {category.levels}",
        persist_state="session",
    )
    return chosen


def _show_answer(shown: Study, segment: Segment) -> None:
    with st.container(border=True):
        show_heading(segment)
        show_warning(segment)
        st.markdown(plain(segment.description))
        st.markdown(f"**Strategy:** {plain(segment.strategy)}")
        if segment.fit:
            st.caption(plain(segment.fit))
    st.subheader("Offers, best first", anchor=False)
    show_offers(segment, shown.catalogue)


def _show_reasons(
    shown: Study, segment: Segment, answer: Answer, customer: Floats, beyond: bool
) -> None:
    st.subheader("Why?", anchor=False)
    values = transformed(customer[None], shown.sketch.transforms)
    place = explain_customer(
        [each.words for each in shown.model.features], find_places(shown.sketch, values)
    )
    st.markdown(
        f"- **This customer:** {plain(place)}.\n"
        f"- **Typical customer of {plain(segment.name)}:** {plain(segment.explanation)}.\n"
        "- **The rule:** a customer belongs to the segment whose centre, its typical (average) "
        "customer, is nearest."
    )
    st.subheader("How sure?", anchor=False)
    if answer.margin is None or answer.runner_up is None:
        st.markdown("There is only one segment, so there is no border to be near to.")
    elif beyond:
        st.markdown(
            "**A guess.** This customer lies beyond all others, so nothing tells how sure the "
            f"segment is. The next nearest segment is **{plain(answer.runner_up.name)}**."
        )
    else:
        st.markdown(border_words(shown, segment, answer.margin, answer.runner_up))


def border_words(shown: Study, segment: Segment, margin: float, runner_up: Segment) -> str:
    """Say in words and figures how near a customer is to the border, as Markdown.

    The words follow from the customer's place among all customers: what is near depends on how
    far apart these segments are.

    Parameters
    ----------
    shown : the segments, and how near their customers are
    segment : the customer's
    margin : in standard deviations
    runner_up : the segment across the border
    """
    nearer = int(np.searchsorted(shown.margins, margin))
    share = nearer / len(shown.margins)
    how, advice = next(
        (said, advice) for most, said, advice in _SURENESS if share < most or most == 1
    )
    if nearer == 0:
        place = "No customer of the table is nearer to a border."
    elif nearer == len(shown.margins):
        place = "All customers of the table are nearer to a border."
    else:
        place = f"{percent(share)} of the customers are nearer to a border."
    return (
        f"**{how}.** The next nearest segment is **{plain(runner_up.name)}**: its centre is "
        f"{margin:.2f} standard deviations farther away than that of {plain(segment.name)} "
        f"(0 would be on the border). {place}{advice}"
    )
