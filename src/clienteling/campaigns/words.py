"""A plan's numbers in sentences, for the screen and the page."""

from __future__ import annotations

from clienteling.campaigns.figures import Figures
from clienteling.campaigns.plan import CampaignPlan

__all__ = ["plan_words", "points"]

_INTERVAL = (
    "The interval has how uncertain the response rates are (what the catalogue assumes, with its "
    "weight, and outcomes so far), and chance among the customers. It doesn't have that the "
    "assumptions may be wrong."
)


def plan_words(plan: CampaignPlan, figures: Figures) -> list[str]:
    """Return the plan in sentences, what matters most first.

    Parameters
    ----------
    plan, figures : the campaign and its numbers
    """
    said = [_people(figures)]
    found = figures.forecast
    if found is None:
        said.append(
            f"The contacts cost {figures.cost:,.2f}. What they bring can't be said: the catalogue "
            "has offers without a value or an assumed response."
        )
    else:
        said.append(
            f"The contacts cost {figures.cost:,.2f} and are expected to bring "
            f"{found.estimate:,.2f} after that, beyond doing nothing (95 % interval "
            f"{found.low:,.2f} to {found.high:,.2f}). {_INTERVAL}"
        )
    said.append(_lift(figures))
    if plan.budget is not None:
        said += plan.budget.words()[1:]
    for offer, ration in plan.rations.items():
        title = next(each.title for each in plan.catalogue.offers if each.id == offer)
        said.append(
            f'The stock of "{title}" is enough for {ration.share:.1%} of those who would get it, '
            "and chance decides who."
        )
    return said


def _people(figures: Figures) -> str:
    would = figures.planned
    said = f"Of {figures.customers:,} customers {would:,} would be contacted"
    if figures.held_out:
        said += (
            f": {figures.contacted:,} are, and {figures.held_out:,} are held out by chance, to "
            "measure by"
        )
    if figures.left:
        said += f". {figures.left:,} get nothing by the plan"
    if figures.without_segment:
        said += f", {figures.without_segment:,} of them because they have no segment"
    return said + "."


def _lift(figures: Figures) -> str:
    if not figures.held_out:
        return (
            "Nobody is held out, so it can't be measured what the campaign brings; give --holdout."
        )
    if figures.base_rate is None:
        return (
            "How small a lift this can show hangs on the response rate without an offer; give "
            "--base-rate."
        )
    if figures.smallest_lift is None:
        return "With so few customers no lift can be shown at all."
    return (
        f"The smallest lift that this size can show is {points(figures.smallest_lift)} of the "
        f"response rate, where it is {figures.base_rate:.1%} without an offer (two-sided test at "
        "5 %, found four times in five)."
    )


def points(lift: float) -> str:
    """Return a difference of rates as people say it.

    Examples
    --------
    >>> points(0.0231)
    '2.3 percentage points'
    """
    return f"{100 * lift:.2g} percentage points"
