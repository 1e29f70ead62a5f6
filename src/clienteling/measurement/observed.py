"""What can be said of a campaign that held nobody out: what came of it, and no more.

Those who got it are set beside those who didn't, in its days and in as many days before. Where
they differed before already, the difference in its days is not what it brought; where they didn't,
it still may be what they were chosen by.
"""

from __future__ import annotations

import datetime as dt
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

__all__ = ["Beside", "Observed", "observe_campaign"]


@dataclass(frozen=True)
class Beside:
    """An outcome of those who got a campaign, beside the others.

    Parameters
    ----------
    outcome : its name
    mean, others : per customer, in the campaign's days
    mean_before, others_before : in as many days before; None where nothing is known of them
    apart : how far the groups were apart before, in standard deviations
    """

    outcome: str
    mean: float
    others: float
    mean_before: float | None
    others_before: float | None
    apart: float | None


@dataclass(frozen=True)
class Observed:
    """A campaign without a holdout.

    Parameters
    ----------
    campaign : its name
    contacted, others : customers who got it and who didn't
    responded : outcomes that came only from those who got it: share, with its Wilson interval
    beside : each other outcome, beside that of those who didn't get it
    verdict : the sentence on top
    """

    campaign: str
    contacted: int
    others: int
    responded: tuple[tuple[str, float, float, float], ...]
    beside: tuple[Beside, ...]
    verdict: str

    def as_document(self) -> dict[str, Any]:
        """Return it as one JSON document."""
        return {
            "campaign": self.campaign,
            "verdict": self.verdict,
            "verdict_code": "cant_tell",
            "contacted": self.contacted,
            "others": self.others,
            "responded": [
                {"outcome": outcome, "share": share, "low": low, "high": high}
                for outcome, share, low, high in self.responded
            ],
            "beside": [asdict(each) for each in self.beside],
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
    sizes, means, _ = _moments(now, list(kinds))
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
        mean, other = means["offer", outcome], means.get(("nothing", outcome), 0.0)
        if once and not other:
            interval = stats.binomtest(round(mean * n), n).proportion_ci(method="wilson")
            responded.append((outcome, mean, float(interval.low), float(interval.high)))
            continue
        had, others_had = (earlier[0].get((arm, outcome)) for arm in arms)
        beside.append(Beside(outcome, mean, other, had, others_had, _apart(*earlier, outcome)))
    return Observed(
        campaign, n, others, tuple(responded), tuple(beside), _verdict(campaign, n, beside, length)
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
    differed = [each for each in beside if each.apart is not None and abs(each.apart) >= 0.1]
    if differed:
        worst = max(differed, key=lambda each: abs(each.apart or 0.0))
        said += (
            f" They were others before already: in the {length} days before it they had "
            f"{worst.mean_before:,.2f} {worst.outcome} each, those who didn't get it "
            f"{worst.others_before:,.2f}."
        )
    return said + " Plan the next one with --holdout to see what it brings."
