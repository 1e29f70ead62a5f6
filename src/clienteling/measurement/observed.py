"""What can be said of a campaign that held nobody out: what came of it, and no more.

Those who got it are set beside those who didn't, in its days and in as many days before. Where
they differed before already, the difference in its days is not what it brought; where they didn't,
it still may be what they were chosen by.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import sqlglot.expressions as exp
from scipy import stats

from clienteling.data.read import Source, read
from clienteling.data.sql import column, name
from clienteling.data.table import Table
from clienteling.errors import DataError
from clienteling.measurement.campaign import joined_outcomes
from clienteling.measurement.digits import decimals_within

__all__ = ["Beside", "Observed", "observe_campaign"]

#: Groups further apart before than this, in standard deviations, were other customers (Austin 2009,
#: doi:10.1002/sim.3697).
_APART = 0.1


@dataclass(frozen=True)
class Beside:
    """An outcome of those who got a campaign, beside the others.

    Parameters
    ----------
    outcome : its name
    mean, others : per customer, in the campaign's days; None where there is nobody else
    mean_before, others_before : in as many days before; None where nothing is known of them
    apart : how far the groups were apart before, in standard deviations
    mean_half, others_half, mean_before_half, others_before_half : half the width of the 95 %
        interval of each mean (Student's t)
    could_show : the smallest lift per customer that would have shown, four times in five, had a
        tenth of those who got it been held out by chance (two-sided test at 5 %)
    """

    outcome: str
    mean: float
    others: float | None
    mean_before: float | None
    others_before: float | None
    apart: float | None
    mean_half: float | None = None
    others_half: float | None = None
    mean_before_half: float | None = None
    others_before_half: float | None = None
    could_show: float | None = None

    @property
    def places(self) -> int:
        """How many decimals its means are shown with."""
        halves = (self.mean_half, self.others_half, self.mean_before_half, self.others_before_half)
        return decimals_within(halves)

    @property
    def differed(self) -> bool:
        """Whether the groups were plainly apart before."""
        return self.apart is not None and abs(self.apart) >= _APART


@dataclass(frozen=True)
class Observed:
    """A campaign without a holdout.

    Parameters
    ----------
    campaign : its name
    days : how many there are, from the day of the contacts to the last one that counts
    contacted, others : customers who got it and who didn't
    responded : outcomes that came only from those who got it: share, with its Wilson interval
    beside : each other outcome, beside that of those who didn't get it
    verdict : the sentence on top
    """

    campaign: str
    days: int
    contacted: int
    others: int
    responded: tuple[tuple[str, float, float, float], ...]
    beside: tuple[Beside, ...]
    verdict: str

    @property
    def can(self) -> tuple[str, ...]:
        """What can be said, in sentences."""
        said = [
            f"{outcome}: {100 * share:.1f} % of the {self.contacted:,} who got it (95 % interval "
            f"{100 * low:.1f} % to {100 * high:.1f} %)."
            for outcome, share, low, high in self.responded
        ]
        for each in self.beside:
            here = _mean(each.mean, each.mean_half, each.places)
            sentence = f"{each.outcome} in its {self.days} days: {here} for each who got it"
            if each.others is not None:
                there = _mean(each.others, each.others_half, each.places)
                sentence += f", {there} for each of the others"
            said.append(sentence + ".")
        return tuple(said)

    @property
    def cannot(self) -> tuple[str, ...]:
        """What can't be concluded, and why not, in sentences."""
        said = [
            "Whether it paid: what those who got it would have done without it nobody saw, since "
            "none of them were held out by chance."
        ]
        if self.responded:
            outcomes = ", ".join(outcome for outcome, *_ in self.responded)
            said.append(f"A lift on {outcomes}: it came only from those who got the campaign.")
        if not self.others:
            said.append("A comparison: everybody got it, so there is nobody to set beside them.")
        else:
            said += [_no_effect(each, self.days) for each in self.beside]
        return tuple(said)

    @property
    def next_time(self) -> tuple[str, ...]:
        """What a holdout would have shown, in sentences."""
        said = [
            f"Had a tenth of those who got it been held out by chance, a lift of {each.outcome} "
            f"by {each.could_show:,.{each.places}f} each would have shown, four times in five."
            for each in self.beside
            if each.could_show is not None
        ]
        return (*said, "clienteling campaign plan holds out a tenth unless --holdout says else.")

    def as_document(self) -> dict[str, Any]:
        """Return it as one JSON document."""
        return {
            "campaign": self.campaign,
            "days": self.days,
            "verdict": self.verdict,
            "verdict_code": "cant_tell",
            "contacted": self.contacted,
            "others": self.others,
            "responded": [
                {"outcome": outcome, "share": share, "low": low, "high": high}
                for outcome, share, low, high in self.responded
            ],
            "beside": [asdict(each) for each in self.beside],
            "can": list(self.can),
            "cannot": list(self.cannot),
            "next_time": list(self.next_time),
        }


def observe_campaign(
    decisions: Source,
    outcomes: Source,
    *,
    campaign: str,
    day: dt.date,
    last_day: dt.date,
    names: Sequence[str] = (),
) -> Observed:
    """Describe a campaign that held nobody out.

    Parameters
    ----------
    decisions : ``customer_id`` and ``arm``: ``offer`` or ``nothing``
    outcomes : ``customer_id``, ``name``, ``value``, ``happened_at``; those from before it, too
    campaign : its name
    day, last_day : the first and the last day whose outcomes count
    names : the outcomes; by default all

    Raises
    ------
    DataError
        Nobody got it, or nothing came in its days.

    Examples
    --------
    >>> import pandas as pd
    >>> decided = pd.DataFrame({"customer_id": range(200), "arm": ["offer", "nothing"] * 100})
    >>> when = [pd.Timestamp("2026-03-05"), pd.Timestamp("2026-02-20")] * 100
    >>> spent = {"customer_id": range(200), "name": "spend", "value": 5.0, "happened_at": when}
    >>> found = observe_campaign(
    ...     decided,
    ...     pd.DataFrame(spent),
    ...     campaign="spring",
    ...     day=dt.date(2026, 3, 1),
    ...     last_day=dt.date(2026, 3, 28),
    ... )
    >>> found.contacted, found.verdict[:42]
    (100, "Can't tell: nobody was held out from sprin")
    """
    decided, came = read(decisions), read(outcomes)
    arms, keep = ("offer", "nothing"), ("arm",)
    now, kinds = joined_outcomes(
        decided, came, day=day, last_day=last_day, names=names, arms=arms, keep=keep
    )
    length = (last_day - day).days + 1
    first, last = day - dt.timedelta(days=length), day - dt.timedelta(days=1)
    sizes, means, variances = _moments(now, list(kinds))
    if not sizes.get("offer"):
        raise DataError(f'{decided.source}: nobody got the campaign "{campaign}".')
    earlier: tuple[dict[Any, float], dict[Any, float]] = ({}, {})
    try:
        before, seen = joined_outcomes(
            decided, came, day=first, last_day=last, arms=arms, keep=keep
        )
        earlier = _moments(before, [each for each in seen if each in kinds])[1:]
    except DataError:
        pass  # nothing is known of the days before
    n, others = sizes["offer"], sizes.get("nothing", 0)
    responded, beside = [], []
    for outcome, once in kinds.items():
        mean, other = means["offer", outcome], means.get(("nothing", outcome))
        if once and not other:
            interval = stats.binomtest(round(mean * n), n).proportion_ci(method="wilson")
            responded.append((outcome, mean, float(interval.low), float(interval.high)))
            continue
        had, others_had = (earlier[0].get((arm, outcome)) for arm in arms)
        then = _halves(earlier[1], outcome, sizes)
        here = _halves(variances, outcome, sizes)
        shown = _could_show(variances["offer", outcome], n)
        apart = _apart(*earlier, outcome)
        beside.append(
            Beside(outcome, mean, other, had, others_had, apart, *here, *then, could_show=shown)
        )
    return Observed(
        *(campaign, length, n, others, tuple(responded), tuple(beside)),
        _verdict(campaign, n, beside, length),
    )


def _moments(
    table: Table, outcomes: Sequence[str]
) -> tuple[dict[str, int], dict[Any, float], dict[Any, float]]:
    """Return sizes by arm, and means and variances by arm and outcome: one query."""
    parts: list[exp.Expr] = [exp.Count(this=exp.Star()).as_(name("cl_n"))]
    for place, each in enumerate(outcomes):
        parts.append(exp.Avg(this=column(each)).as_(name(f"cl_mean{place}")))
        parts.append(exp.Variance(this=column(each)).as_(name(f"cl_variance{place}")))
    rows = table.query(exp.select(column("arm"), *parts).group_by(column("arm"))).to_pylist()
    sizes = {row["arm"]: int(row["cl_n"]) for row in rows}
    means, variances = {}, {}
    for row in rows:
        for place, each in enumerate(outcomes):
            means[row["arm"], each] = float(row[f"cl_mean{place}"])
            variances[row["arm"], each] = float(row[f"cl_variance{place}"] or 0.0)
    return sizes, means, variances


def _halves(
    variances: dict[Any, float], outcome: str, sizes: dict[str, int]
) -> tuple[float | None, float | None]:
    """Return half the width of the 95 % interval of each group's mean."""

    def half(arm: str) -> float | None:
        n, variance = sizes.get(arm, 0), variances.get((arm, outcome))
        if variance is None or n < 2:
            return None
        return float(stats.t.ppf(0.975, n - 1)) * math.sqrt(variance / n)

    return half("offer"), half("nothing")


def _could_show(variance: float, n: int) -> float | None:
    """Return the smallest difference of means that a holdout of a tenth shows."""
    held = n // 10
    if held < 2 or not variance:
        return None
    reach = float(stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    return reach * math.sqrt(variance / held + variance / (n - held))


def _mean(mean: float, half: float | None, places: int) -> str:
    return f"{mean:,.{places}f}" + ("" if half is None else f" ± {half:,.{places}f}")


def _no_effect(each: Beside, days: int) -> str:
    """Say why the difference of the groups is no effect."""
    assert each.others is not None
    places = each.places
    apart = each.mean - each.others
    said = (
        f"What it brought of {each.outcome}: the difference to the others, {apart:+,.{places}f} "
        "each, is no lift"
    )
    if each.mean_before is None or each.others_before is None:
        return f"{said}; of the {days} days before nothing is known to compare it with."
    already = each.mean_before - each.others_before
    but = "already" if each.differed else "by chance or not"
    return (
        f"{said}. In the {days} days before it was {already:+,.{places}f} {but}; the rest, "
        f"{apart - already:+,.{places}f}, may come from what they were chosen by, and from how "
        "such customers change by themselves."
    )


def _apart(means: dict[Any, float], variances: dict[Any, float], outcome: str) -> float | None:
    """Return the standardised difference of the groups before."""
    keys = [(arm, outcome) for arm in ("offer", "nothing")]
    if any(key not in means for key in keys):
        return None
    spread = float(np.sqrt(np.mean([variances[key] for key in keys])))
    return (means[keys[0]] - means[keys[1]]) / spread if spread else None


def _verdict(campaign: str, n: int, beside: Sequence[Beside], length: int) -> str:
    said = (
        f"Can't tell: nobody was held out from {campaign} by chance, so what its {n:,} customers "
        "would have done without it is not known."
    )
    differed = [each for each in beside if each.differed]
    if differed:
        worst = max(differed, key=lambda each: abs(each.apart or 0.0))
        said += (
            f" They were others before already: in the {length} days before it they had "
            f"{worst.mean_before:,.2f} {worst.outcome} each, those who didn't get it "
            f"{worst.others_before:,.2f}."
        )
    return said + " Plan the next one with --holdout to see what it brings."
