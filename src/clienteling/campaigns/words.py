"""A plan's numbers in sentences, for the screen and the page."""

from __future__ import annotations

import math

from clienteling.campaigns.figures import Figures
from clienteling.campaigns.forecast import customers_for
from clienteling.campaigns.plan import CampaignPlan

__all__ = ["amount", "percent", "plan_words", "points", "taken_off"]

_INTERVAL = (
    "The interval has how uncertain the response rates are (what the catalogue assumes, with its "
    "weight, and outcomes so far), and chance among the customers. It doesn't have that the "
    "assumptions may be wrong."
)
#: Why a plan by each policy may lose.
_LOSS = {
    "strategy": (
        "each customer gets an open offer of their segment, whatever it brings. With --policy "
        "budget only those are contacted who are expected to bring a profit."
    ),
    "thompson": (
        "offers go to some customers to learn what they bring (exploration), and what the others "
        "are expected to bring doesn't make up for it. With --policy budget only those are "
        "contacted who are expected to bring a profit."
    ),
    "budget": "the floors ask for contacts that bring less than they cost.",
}


def plan_words(plan: CampaignPlan, figures: Figures) -> list[str]:
    """Return the plan in sentences, what matters most first.

    Parameters
    ----------
    plan, figures : the campaign and its numbers
    """
    said = [_people(figures)]
    if figures.planned:
        said.append(_money(figures))
        if figures.forecast is not None and figures.forecast.estimate < 0:
            said.append(f"So a loss is expected: {_LOSS[plan.kind]}")
        said.append(_lift(plan, figures))
    else:
        said.append("So nothing is spent, and there is nothing to measure.")
    if plan.budget is not None and (figures.planned or plan.budget.allocation.binding):
        said += plan.budget.words()[1:]
    for offer, ration in plan.rations.items():
        title = next(each.title for each in plan.catalogue.offers if each.id == offer)
        said.append(
            f'The stock of "{title}" is enough for {percent(ration.share)} of those who would get '
            "it; chance decides who, and the others get what else is open to them."
        )
    empty = round(plan.left_empty)
    if empty:
        said.append(
            f"About {empty:,} get nothing, since all that is open to them is used up by then; more "
            "stock, or a further offer that is open to them, would change that."
        )
    return said


def _money(figures: Figures) -> str:
    found, known = figures.forecast, figures.cost_known
    costs = (
        f"The contacts cost {figures.cost:,.2f}"
        if known
        else "What the contacts cost isn't known, since the catalogue says it of no offer"
    )
    if found is None:
        return (
            f"{costs}. What they bring can't be said: the catalogue has offers without a value or "
            "an assumed response."
        )
    expected = "are expected to bring" if known else "they are expected to bring"
    return (
        f"{costs}{' and ' if known else '; '}{expected} {found.estimate:,.2f} "
        f"{'after' if known else 'before'} that (95 % interval {found.low:,.2f} to "
        f"{found.high:,.2f}). {taken_off(figures)} {_INTERVAL}"
    )


def taken_off(figures: Figures) -> str:
    """Say whether the expected profit is beyond that of customers who would respond anyway.

    Parameters
    ----------
    figures : of the plan
    """
    if figures.base_rate_from == "given" and figures.base_rate is not None:
        return (
            f"That is beyond doing nothing: what {percent(figures.base_rate)} would bring without "
            "an offer is taken off."
        )
    if figures.base_rate_from == "held_out":
        return (
            "That is beyond doing nothing: what those who were held out earlier brought without an "
            "offer is taken off."
        )
    return (
        "All responses count, of customers who would have responded without an offer, too, as "
        "nobody knows yet how many do; the more they are, the less the campaign brings beyond "
        "doing nothing. Where you know their share, give --base-rate and they are taken off."
    )


def amount(cost: float, figures: Figures) -> str:
    """Return a cost for a table, or that it isn't known."""
    return f"{cost:,.2f}" if figures.cost_known else "not known"


def _people(figures: Figures) -> str:
    would = figures.planned
    said = f"Of {figures.customers:,} customers {would:,} would be contacted"
    if figures.held_out:
        said += (
            f": {figures.contacted:,} are, and {figures.held_out:,} are held out by chance, to "
            "measure by"
        )
    if figures.left:
        one = figures.left == 1
        said += f". {figures.left:,} {'gets' if one else 'get'} nothing by the plan"
    if figures.without_segment:
        who = f"{figures.without_segment:,} of them "
        if figures.without_segment == figures.left:
            who = ""
        has = "it has" if figures.without_segment == 1 and not who else "they have"
        said += f"{',' if who else ''} {who}because {has} no segment"
    return said + "."


def _lift(plan: CampaignPlan, figures: Figures) -> str:
    if not figures.held_out and plan.holdout.probability:
        return (
            "Chance held nobody out of so few, so it can't be measured what the campaign brings; "
            "raise --holdout."
        )
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
    rate = percent(figures.base_rate)
    where = {
        "given": f"where it is {rate} without an offer",
        "held_out": f"where it is {rate} without an offer, as of those who were held out earlier",
    }.get(
        figures.base_rate_from,
        f"if it is as high without an offer as is assumed with one, {rate}, to be on the safe side",
    )
    said = (
        f"The smallest lift that this size can show is {points(figures.smallest_lift)} of the "
        f"response rate, {where} (two-sided test at 5 %, found four times in five)."
    )
    if 0 < figures.base_rate < figures.smallest_lift:
        half = figures.base_rate / 2
        enough = customers_for(half, figures.contacted, figures.held_out, figures.base_rate)
        said += (
            " An offer would have to more than double the rate, which few do: most likely nothing "
            f"can be concluded from so few. About {enough:,} customers, divided in the same way, "
            f"could show {points(half)}."
        )
    return said


def percent(rate: float) -> str:
    """Return a rate in per cent, small ones with two digits.

    Examples
    --------
    >>> percent(0.1234), percent(0.0014), percent(0)
    ('12.3 %', '0.14 %', '0.0 %')
    """
    places = 1 if not 0 < rate < 0.01 else 1 - math.floor(math.log10(100 * rate))
    return f"{100 * rate:.{places}f} %"


def points(lift: float) -> str:
    """Return a difference of rates as people say it.

    Examples
    --------
    >>> points(0.0231)
    '2.3 percentage points'
    """
    return f"{100 * lift:.2g} percentage points"
