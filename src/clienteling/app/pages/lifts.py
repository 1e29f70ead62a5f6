"""An evaluation as a page shows it: verdict, lifts with intervals, and what it doesn't say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from clienteling.app.page_words import on_page
from clienteling.app.pages.parts import show_error
from clienteling.app.paid import Paid, Seen
from clienteling.app.plain import plain
from clienteling.measurement.digits import lift_places
from clienteling.measurement.evaluate import Evaluation
from clienteling.measurement.lift import Lift
from clienteling.measurement.made_segments import MadeSegments
from clienteling.measurement.profit import BreakEven, Profit, fewer_words, sent_to_all
from clienteling.measurement.teaching import Teaching
from clienteling.measurement.terms import terms_of
from clienteling.report.figures import percent
from clienteling.report.learned_section import rate_places

__all__ = ["not_concluded", "show_answer"]

_SHOWN = 60


def show_answer(answer: Paid | Seen) -> None:
    """Show what a campaign brought, or what was observed of it, the verdict first."""
    if isinstance(answer, Paid):
        _show_paid(answer)
    else:
        _show_seen(answer)


def _show_seen(answer: Seen) -> None:
    seen = answer.found
    st.divider()
    _show_taken(answer)
    st.info(f"**{plain(on_page(seen.verdict))}**", icon=":material/help:")
    for title, sentences in (
        ("What can be said", seen.can),
        ("What can't be concluded", seen.cannot),
        ("To know it the next time", seen.next_time),
    ):
        st.subheader(title, anchor=False)
        st.markdown("\n".join(f"- {plain(on_page(each))}" for each in sentences))
    for name, alt in (("responded", "Who responded"), ("beside", "Those who got it and others")):
        data = answer.files.get(f"images/{name}.png")
        if data is not None:
            st.columns(2)[0].image(data, alt=f"{alt}; the figures stand in the sentences.")
    _offer_downloads(answer)


def _show_taken(answer: Paid | Seen) -> None:
    # First of all, as the answer is by those outcomes alone that were taken in.
    if answer.refused is not None:
        show_error(answer.refused)
    if answer.taken:
        st.caption(plain(answer.taken))


def _show_paid(paid: Paid) -> None:
    found = paid.found
    st.divider()
    box, icon = {
        "paid": (st.success, ":material/check_circle:"),
        "did_not_pay": (st.error, ":material/cancel:"),
        "collecting": (st.info, ":material/hourglass_top:"),
    }.get(found.verdict.code, (st.info, ":material/help:"))
    _show_taken(paid)
    box(f"**{plain(on_page(found.verdict.sentence))}**", icon=icon)
    for each in filter(None, (on_page(found.verdict.judged_by), found.when)):
        st.caption(plain(each))
    for check in found.checks:
        # The verdict says the alarm that forbids it.
        if check.alarm and check.sentence[1:] not in found.verdict.sentence:
            st.warning(plain(on_page(check.sentence)), icon=":material/warning:")
    if found.made is not None:
        _show_made(found.made)
    for place, outcome in enumerate(found.experiment.outcomes, start=1):
        _show_outcome(paid, outcome, place)
    if paid.by_offer:
        st.subheader("Each offer, against those held out from it", anchor=False)
        st.markdown("\n".join(f"- {plain(each)}" for each in paid.by_offer))
    if found.profit:
        _show_profit(found)
    if paid.teaching is not None and len(paid.teaching.rounds) > 1:
        _show_learned(paid.teaching, paid.files.get("images/learning.png"))
    st.subheader("Would one offer for all have done as well?", anchor=False)
    if found.verdict.code == "collecting":
        st.markdown("So far, and nothing to act on before the end:")
    elif any(each.alarm for each in found.checks):
        st.markdown("After the alarm above, this is nothing to act on:")
    for sentence in found.answer:
        st.markdown(plain(on_page(sentence)))
    st.subheader("What can't be concluded", anchor=False)
    st.markdown("\n".join(f"- {plain(each)}" for each in not_concluded(found)))
    with st.expander("What was checked and assumed", icon=":material/info:"):
        said = [each.sentence for each in found.checks if not each.alarm] + list(found.notes)
        st.markdown("\n".join(f"- {plain(on_page(each))}" for each in said))
    terms = terms_of(found)
    if terms:
        with st.expander("How these are computed", icon=":material/calculate:"):
            st.markdown("\n".join(f"- **{plain(term)}**: {plain(what)}" for term, what in terms))
    _offer_downloads(paid)


def _show_made(made: MadeSegments) -> None:
    st.subheader("The segments that were made", anchor=False)
    for sentence in made.sentences:
        st.markdown(plain(on_page(sentence)))
    if made.warning:
        st.warning(plain(on_page(made.warning)), icon=":material/warning:")
    st.markdown(
        "\n".join(
            f"- **{plain(each.name)}** ({each.size:,}, {percent(each.share)}): "
            f"{plain(each.explanation)}"
            for each in made.model.segments
        )
    )


def _show_outcome(paid: Paid, outcome: str, place: int) -> None:
    found = paid.found
    lifts = [each for each in found.lift if each.outcome == outcome]
    st.subheader(f"Lift on {plain(outcome)}", anchor=False)
    overall = [each for each in lifts if each.by is None]
    inside = [each for each in lifts if each.by is not None]
    words, picture = st.columns(2, gap="large")
    with words:
        st.caption(
            f"Per customer, against {plain(found.experiment.control)}, with the 95 % interval"
            + ("; p is adjusted for the number of offers." if len(overall) > 1 else ".")
        )
        _show_lifts(overall)
        clear = [each for each in found.differences if each.outcome == outcome and each.clear]
        for difference in clear:
            st.markdown(plain(difference.sentence))
    with picture:
        for name, alt in (("lift", f"The lift on {outcome}"), ("uplift", "The uplift curves")):
            data = paid.files.get(f"images/{name}_{place}.png")
            if data is not None:
                st.image(data, alt=f"{alt}; the figures stand in the tables.")
    for by in found.experiment.cells.levels:
        st.caption(f"By {plain(by)}; p is adjusted for all offers and segments.")
        _show_lifts([each for each in inside if each.by == by])


def _show_lifts(lifts: Sequence[Lift]) -> None:
    several = len({each.offer for each in lifts}) > 1
    rows = []
    places = lift_places(lifts)
    for each in lifts[:_SHOWN]:
        # One column for both, so that the table is as narrow as a phone.
        names = [each.segment or "", each.offer] if each.by is not None else [each.offer]
        called = names if several or each.by is None else names[:1]
        rows.append(
            {
                "": plain(", ".join(called)),
                "Customers": f"{each.customers:,}",
                "Lift": f"{each.estimate:+z,.{places}f}",
                "95 % interval": _interval(each, places),
                "p": _p(each.p_adjusted),
            }
        )
    st.table(pd.DataFrame(rows).set_index(""))
    if len(lifts) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {len(lifts)}; the downloads have all.")


def _show_profit(found: Evaluation) -> None:
    st.subheader("Profit after costs", anchor=False)
    overall = [each for each in found.profit if each.by is None]
    worth = {
        each.outcome: "what its offer brings" if each.worth is None else f"{each.worth:g}"
        for each in overall
    }
    st.caption(
        "Per customer that got the offer, and over all of them. "
        + "; ".join(f"one unit of {plain(each)} earns {worth[each]}" for each in worth)
        + "."
    )
    places = lift_places(overall)
    rows = [
        {
            "": plain(f"{each.offer}, by {each.outcome}"),
            "Profit": f"{each.estimate:+z,.{places}f}",
            "95 % interval": _interval(each, places),
            "Total": f"{each.total:,.2f}",
        }
        for each in overall
    ]
    st.table(pd.DataFrame(rows).set_index(""))
    if found.break_even:
        _show_break_even(found.break_even)


def _show_break_even(evens: Sequence[BreakEven]) -> None:
    st.caption(
        "Up to which cost of a contact sending to all pays; at a higher one, sending to none is "
        "better."
    )
    shown = sent_to_all(evens)
    places = lift_places(shown)
    rows = [
        {
            "": plain(f"{each.offer}, by {each.outcome}"),
            "Pays up to": f"{each.all_to:z,.{places}f}" if each.all_to > 0 else "at no cost",
            "95 % interval": _interval(each, places),
        }
        for each in shown
    ]
    st.table(pd.DataFrame(rows).set_index(""))
    for sentence in fewer_words(evens):
        st.markdown(plain(sentence))


def _show_learned(teaching: Teaching, picture: bytes | None) -> None:
    st.subheader("What was learned so far", anchor=False)
    st.markdown(plain(teaching.lessons.sentence))
    if picture is not None:
        st.columns(2)[0].image(picture, alt="What was learned; the figures stand in the tables.")
    rows = teaching.rows
    places = rate_places(rows)
    for segment in dict.fromkeys(each.segment for each in rows):
        st.caption(f"{plain(segment)}: the response rate that is believed.")
        shown = [
            {
                "": "Held out" if each.share is None else plain(each.title),
                "Contacts": f"{each.contacts:,}",
                "Responses": f"{each.responses:,}",
                "Rate": f"{100 * each.mean:.{places}f} %",
                "95 % interval": f"{100 * each.low:.{places}f} to {100 * each.high:.{places}f} %",
            }
            for each in rows
            if each.segment == segment
        ]
        st.table(pd.DataFrame(shown).set_index(""))


def not_concluded(found: Evaluation) -> list[str]:
    """Say what a visitor might read into the figures, and what they don't show.

    Parameters
    ----------
    found : the evaluation
    """
    said = []
    if found.verdict.code in ("cant_tell", "collecting"):
        said.append("Whether it paid; why not, the sentence on top says.")
    for outcome in found.experiment.outcomes:
        lifts = [each for each in found.lift if each.outcome == outcome]
        few = list(dict.fromkeys(e.segment for e in lifts if e.by is not None and not e.enough))
        if few:
            named = ", ".join(f"“{each}”" for each in few[:5])
            more = f" and {len(few) - 5} more" if len(few) > 5 else ""
            said.append(f"Of {outcome} in {named}{more}: too few customers to say anything.")
        chance = [each for each in lifts if each.by is not None and each.enough and not each.clear]
        if chance:
            said.append(
                f"That {outcome} was lifted in {len(chance)} of the "
                f"{len([e for e in lifts if e.by is not None])} groups by segment: there it may be "
                "chance."
            )
        compared = [each for each in found.differences if each.outcome == outcome]
        if any(not each.clear for each in compared):
            elsewhere = " elsewhere" if any(each.clear for each in compared) else ""
            said.append(f"That the lift on {outcome} differs between segments{elsewhere}.")
    if not any(each.by for each in found.lift):
        said.append("Whether it works better for some customers than for others.")
    if not found.profit:
        said.append("Whether it earned more than it cost: no cost and value was given.")
    said.append("What the same offer brings at another time, or to customers who took no part.")
    return said


def _interval(each: Lift | Profit | BreakEven, places: int) -> str:
    if each.low is None or each.high is None:
        return "too few"
    return f"{each.low:z,.{places}f} to {each.high:z,.{places}f}"


def _p(p: float | None) -> str:
    return "–" if p is None else "<\N{NO-BREAK SPACE}0.001" if p < 0.001 else f"{p:.3f}"


def _offer_downloads(paid: Paid | Seen) -> None:
    with st.container(horizontal=True):
        for title, path, kind in (
            ("The report (HTML)", "report.html", "text/html"),
            ("All figures (JSON)", "evaluation.json", "application/json"),
        ):
            st.download_button(
                title,
                partial(paid.files.__getitem__, path),
                path,
                kind,
                on_click="ignore",
                icon=":material/download:",
            )
