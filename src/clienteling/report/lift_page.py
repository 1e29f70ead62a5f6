"""The report on a finished experiment: one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clienteling.measurement.digits import lift_places
from clienteling.measurement.evaluate import Evaluation
from clienteling.measurement.profit import fewer_words, sent_to_all
from clienteling.measurement.teaching import Teaching
from clienteling.measurement.terms import terms_of
from clienteling.report.learned_section import learned_picture
from clienteling.report.pictures import Picture, embed_picture
from clienteling.report.template import fill

__all__ = ["render_lift"]

_LIFT = "Each lift with its 95 % interval; a hollow mark may be chance."
_UPLIFT = (
    "How much of the lift is had by sending to a share of the customers, the most responsive "
    "first. Above the straight line, the order is better than chance."
)


def render_lift(
    found: Evaluation,
    images: Sequence[Path] = (),
    by_offer: Sequence[str] = (),
    teaching: Teaching | None = None,
) -> str:
    """Return the report as one HTML page: no script, no other file.

    Parameters
    ----------
    found : the evaluated experiment
    images : PNG files ``lift_1.png``, ``uplift_1.png`` and so on, by the outcome's place from 1,
        and ``learning.png``; others are left out
    by_offer : what each offer of a campaign brought, in sentences
    teaching : what the campaigns of the store taught; shown from two of them on

    Raises
    ------
    OutputError
        A picture can't be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from clienteling.measurement.evaluate import evaluate
    >>> rows = pd.DataFrame({"mail": ["yes", "no"] * 500, "visit": [1, 0, 0, 0] * 250})
    >>> page = render_lift(evaluate(rows, offer="mail", control="no", outcomes=["visit"]))
    >>> ": yes brought" in page, "<script" in page
    (True, False)
    """
    return fill(
        "lift_template.html.j2",
        found=found,
        fewer_words=fewer_words,
        sent_to_all=sent_to_all,
        terms_of=terms_of,
        pictures=_pictures(found, images),
        by_offer=by_offer,
        teaching=teaching,
        learned_picture=learned_picture(
            next((each for each in images if each.name == "learning.png"), None)
        ),
    )


def _pictures(found: Evaluation, images: Sequence[Path]) -> dict[str, list[Picture]]:
    paths = {each.name: each for each in images}
    shown: dict[str, list[Picture]] = {}
    for i, outcome in enumerate(found.experiment.outcomes, start=1):
        for name, words, caption in (
            (f"lift_{i}.png", _lift_words, _LIFT),
            (f"uplift_{i}.png", _uplift_words, _UPLIFT),
        ):
            if name in paths:
                picture = embed_picture(paths[name], words(found, outcome), caption)
                shown.setdefault(outcome, []).append(picture)
    return shown


def _lift_words(found: Evaluation, outcome: str) -> str:
    overall = [each for each in found.lift if each.by is None and each.outcome == outcome]
    places = lift_places(overall)
    said = "; ".join(
        f"{each.offer} {each.estimate:+z,.{places}f}"
        + ("" if each.low is None else f" ({each.low:z,.{places}f} to {each.high:z,.{places}f})")
        for each in overall
    )
    inside = len([each for each in found.lift if each.by and each.outcome == outcome])
    more = f" Below, the same in segments, {inside} lifts in all." if inside else ""
    return f"The lift on {outcome} as marks with intervals. Over all customers: {said}.{more}"


def _uplift_words(found: Evaluation, outcome: str) -> str:
    curves = [each for each in found.qini if each.outcome == outcome]
    said = "; ".join(
        f"{each.offer}: {each.gain[len(each.gain) // 2]:+.4g} by sending to half, "
        f"{each.gain[-1]:+.4g} to all"
        for each in curves
    )
    return f"Curves of the lift on {outcome} against the share of customers. {said}."
