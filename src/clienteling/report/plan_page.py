"""The page of a campaign's plan: the numbers in words and tables, on one page."""

from __future__ import annotations

from pathlib import Path

from clienteling.campaigns.figures import Figures
from clienteling.campaigns.plan import CampaignPlan
from clienteling.campaigns.words import amount, plan_words, points
from clienteling.measurement.teaching import Teaching
from clienteling.offers.ladder import few_rungs
from clienteling.report.learned_section import learned_picture
from clienteling.report.pictures import embed_picture
from clienteling.report.template import fill

__all__ = ["render_plan"]


def render_plan(
    plan: CampaignPlan,
    figures: Figures,
    image: Path | None = None,
    teaching: Teaching | None = None,
    learning: Path | None = None,
) -> str:
    """Return a plan as one HTML page: no script, no other file.

    Parameters
    ----------
    plan, figures : the campaign and its numbers
    image : the picture of what other budgets would bring
    teaching : what earlier campaigns taught; shown from two of them on
    learning : the picture of it

    Examples
    --------
    >>> import clienteling as cl
    >>> from clienteling.campaigns.figures import count_decisions, figures_of
    >>> plan = cl.plan_campaign(cl.segment("sample"), "sample", name="spring", holdout=0.25)
    >>> page = render_plan(plan, figures_of(plan, count_decisions(plan.decisions())))
    >>> "Of 200 customers 200 would be contacted" in page, "<script" in page
    (True, False)
    """
    picture = None
    if image is not None and plan.ladder:
        first, last = plan.ladder[0], plan.ladder[-1]
        said = (
            f"A curve of the expected profit against the budget, from {first.profit:,.0f} at a "
            f"budget of {first.budget:,.0f} to {last.profit:,.0f} at {last.budget:,.0f}."
        )
        picture = embed_picture(image, said, "The mark is the budget of this plan.")
    return fill(
        "plan_template.html.j2",
        plan=plan,
        figures=figures,
        words=plan_words(plan, figures),
        titles={each.id: each.title for each in plan.catalogue.offers},
        texts={each.id: each.text for each in plan.catalogue.offers},
        ladder=few_rungs(plan.ladder, plan.limits.budget or 0.0),
        picture=picture,
        teaching=teaching,
        learned_picture=learned_picture(learning),
        points=points,
        amount=amount,
    )
