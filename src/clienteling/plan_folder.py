"""The page and the pictures of a campaign's plan, beside its decisions."""

from __future__ import annotations

from pathlib import Path

from clienteling.campaigns.figures import Figures
from clienteling.campaigns.plan import CampaignPlan
from clienteling.errors import MissingExtra
from clienteling.measurement.teaching import Teaching
from clienteling.offers.ladder import Rung
from clienteling.report.learned_section import draw_teaching
from clienteling.report.plan_page import render_plan

__all__ = ["decorate_plan"]


def decorate_plan(
    plan: CampaignPlan, figures: Figures, folder: Path, teaching: Teaching | None = None
) -> None:
    """Write ``report.html`` and, in ``images/``, what there is to draw.

    ``profit_by_budget.png`` is drawn where there is a budget, ``learning.png`` where there were at
    least two rounds to learn from. Without matplotlib there is no picture.

    Parameters
    ----------
    plan, figures : the campaign and its numbers
    folder : of the campaign
    teaching : what the earlier campaigns taught
    """
    image = _draw(plan.ladder, plan.limits.budget, folder) if plan.ladder else None
    learning = draw_teaching(teaching, folder / "images")
    page = render_plan(plan, figures, image, teaching, learning)
    (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")


def _draw(ladder: list[Rung], budget: float | None, folder: Path) -> Path | None:
    try:
        from clienteling.plots import draw_profit_by_budget
    except MissingExtra:
        return None
    from clienteling.plots.style import save_png

    (folder / "images").mkdir(exist_ok=True)
    figure = draw_profit_by_budget(ladder, budget or 0.0)
    return save_png(figure, folder / "images" / "profit_by_budget.png")
