"""A campaign as the log of a policy: what was sent, with which probability, and what came of it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace

import sqlglot.expressions as exp

from clienteling.campaigns.decisions import ARMS, CHANCES
from clienteling.data.read import Source, read
from clienteling.data.sql import case, column, name, text
from clienteling.data.table import Table
from clienteling.errors import ColumnError, DataError
from clienteling.measurement.campaign import joined_outcomes

__all__ = ["Reach", "campaign_log", "reach_of"]


def campaign_log(
    decisions: Source,
    outcomes: Source,
    *,
    campaign: str,
    day: dt.date,
    last_day: dt.date | None = None,
    reward: str | None = None,
) -> tuple[Table, str]:
    """Return a campaign's decisions with what came of each, and what the outcome is called.

    All customers with a segment are in it: those who were contacted, held out, and left in peace.
    Who has none is given nothing by any policy, so nothing can be learned of them.

    Parameters
    ----------
    decisions : as a plan writes them
    outcomes : ``customer_id``, ``name``, ``value``, and ``happened_at`` where it is known
    campaign : its name
    day, last_day : the first and the last day whose outcomes count
    reward : the outcome; by default the one that came most often

    Returns
    -------
    Table
        ``customer_id``, ``segment``, ``sent``, ``propensity``, the outcome, and ``chances`` where
        the decisions have it.
    str
        The outcome.

    Raises
    ------
    ColumnError
        The decisions lack a column.
    DataError
        Nothing was left to chance, or nothing came of it: then the log can't be judged by.

    Examples
    --------
    >>> import pandas as pd
    >>> decided = {"customer_id": [1, 2], "segment": "VIPs", "arm": ["offer", "holdout"]}
    >>> decided |= {"sent": ["mail", "nothing"], "propensity": [0.9, 0.1]}
    >>> came = pd.DataFrame({"customer_id": [1], "name": "visit", "value": 1.0})
    >>> log, reward = campaign_log(
    ...     pd.DataFrame(decided), came, campaign="spring", day=dt.date(2026, 3, 1)
    ... )
    >>> reward, sorted(log.df()["visit"])
    ('visit', [0.0, 1.0])
    """
    decided = read(decisions)
    kept = ("segment", "sent", "propensity")
    lacking = [each for each in ("customer_id", *kept) if each not in decided.names]
    if lacking:
        raise ColumnError(
            f"{decided.source}: these are no decisions of a campaign.",
            faults=[f'there is no column "{each}".' for each in lacking],
        )
    least = decided.query(exp.select(exp.Min(this=column("propensity")).as_(name("least"))))
    found = least.column("least")[0].as_py()
    if found is None or found >= 1.0:
        raise DataError(
            f'{decided.source}: in the campaign "{campaign}" nothing was left to chance, so what '
            "another policy would have earned can't be told from it.",
            hint="Plan the next one with --holdout, and with --explore or --policy thompson.",
        )
    names = [reward] if reward is not None else []
    missing = exp.Is(this=column("segment"), expression=exp.null())
    without = decided.query(exp.select(exp.Count(this=exp.Star()).as_("n")).where(missing.copy()))
    n = int(without.column("n")[0].as_py())
    if n:
        known = exp.select(exp.Star()).from_(decided.subquery).where(exp.Not(this=missing))
        who = "1 customer has" if n == 1 else f"{n:,} customers have"
        decided = replace(decided, select=known, files=()).with_notes(
            f"{who} no segment, so nothing by any plan: not in the log."
        )
    more = (CHANCES,) if CHANCES in decided.names else ()
    table, kinds = joined_outcomes(
        decided, outcomes, day=day, last_day=last_day, names=names, arms=ARMS, keep=(*kept, *more)
    )
    return table, next(iter(kinds))


@dataclass(frozen=True)
class Reach:
    """Whom a policy that gives everybody one action can be judged by.

    Parameters
    ----------
    log : the decisions at which the action had a chance
    reached, customers : of how many decisions they are
    """

    log: Table
    reached: int
    customers: int

    @property
    def words(self) -> str:
        """For whom the answer holds; empty where it is everybody."""
        if self.reached == self.customers:
            return ""
        return f"the {self.reached:,} of {self.customers:,} customers who could have got it"


def reach_of(log: Table, action: str) -> Reach | None:
    """Return the decisions of a campaign at which an action had a chance.

    Rules, consents, opt-outs and caps close an offer to some, and a policy that has another one for
    them never gives it: what they would have brought with it, no log of it can say.

    Parameters
    ----------
    log : of :func:`campaign_log`
    action : an offer's id, or ``nothing``

    Returns
    -------
    Reach or None
        None where nobody could have got it, and where the decisions don't say what else could have
        been sent, as those that were made earlier.
    """
    if CHANCES not in log.names:
        return None
    key = text(f"{json.dumps(action)}: ")
    had = exp.GT(
        this=exp.StrPosition(this=column(CHANCES), substr=key), expression=exp.Literal.number(0)
    )
    one, zero = exp.Literal.number(1), exp.Literal.number(0)
    row = log.query(
        exp.select(
            exp.Count(this=exp.Star()).as_(name("row_count")),
            exp.Count(this=column(CHANCES)).as_(name("known")),
            exp.Sum(this=case([(had.copy(), one)], zero)).as_(name("reached")),
        )
    ).to_pylist()[0]
    customers, reached = int(row["row_count"]), int(row["reached"] or 0)
    if int(row["known"]) < customers or not reached:
        return None
    select = exp.select("*").from_(log.subquery).where(had)
    return Reach(replace(log, select=select, files=()), reached, customers)
