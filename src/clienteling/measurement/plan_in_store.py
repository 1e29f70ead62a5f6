"""Plan a campaign by what a store knows of the customers, and by what earlier campaigns taught."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlglot.expressions as exp

from clienteling.campaigns.plan import CampaignPlan, plan_campaign, policy_kind
from clienteling.campaigns.recorded import known_in, limits_left
from clienteling.data.columns import find_id
from clienteling.data.read import Source
from clienteling.data.sql import column
from clienteling.data.table import Table
from clienteling.ledger.store import Store
from clienteling.measurement.lessons import lessons_of
from clienteling.measurement.teaching import Teaching
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.limits import Limits
from clienteling.segmentation.load import AnyModel

__all__ = ["plan_in_store"]


def plan_in_store(
    store: Store,
    model: AnyModel,
    customers: Table,
    catalogue: Catalogue,
    *,
    name: str,
    day: dt.date,
    policy: str | None = None,
    limits: Limits | None = None,
    id: str | None = None,
    contacts: Sequence[Source] = (),
    worths: Mapping[str, float] | None = None,
    **settings: Any,
) -> tuple[CampaignPlan, Teaching | None]:
    """Plan a campaign, with the contacts, opt-outs, consents and stock that a store has counted.

    Nothing is recorded; :func:`clienteling.campaigns.delivery.deliver` does that.

    Parameters
    ----------
    store : the store
    model, customers, catalogue, name, day, policy, limits, id, contacts : as for
        :func:`clienteling.plan_campaign`; the store's contacts come on top
    worths : per outcome of earlier campaigns, what one unit of it earned
    settings : more of those of :func:`clienteling.plan_campaign`

    Returns
    -------
    tuple
        The plan, and what earlier campaigns taught; None where the policy doesn't learn.

    Raises
    ------
    InputError
        As for :func:`clienteling.plan_campaign`.
    SourceError
        The store, or the decisions of an earlier campaign, can't be read: then nobody can say who
        may be contacted.

    Examples
    --------
    >>> import tempfile
    >>> import clienteling as cl
    >>> from clienteling.ledger.consents import opt_out
    >>> from clienteling.ledger.store import open_store
    >>> customers, day = cl.read("sample"), dt.date(2026, 3, 1)
    >>> model, offers = cl.segment(customers), cl.load_catalogue("income-spending")
    >>> with tempfile.TemporaryDirectory() as aside:
    ...     with open_store(f"{aside}/shop.db", create=True) as store:
    ...         _ = opt_out(store, 7, source="by letter")
    ...         plan, _ = plan_in_store(store, model, customers, offers, name="spring", day=day)
    >>> decided = plan.decisions().df().set_index("customer_id")["arm"]
    >>> decided[7], (decided == "nothing").sum()
    ('nothing', np.int64(1))
    """
    known = known_in(store, customers, catalogue, name, id)
    kept_to = limits_left(limits or Limits(), known.stock)
    teaching = None
    learned: dict[str, Any] = {}
    if policy_kind(policy, kept_to) != "strategy":
        # Of a campaign that runs until then, the outcomes of today are not all there are.
        before = min(day, dt.date.today())
        lessons = lessons_of(store, model, catalogue, before=before, but=name, worths=worths)
        teaching = Teaching(lessons, catalogue, {each.id: each.name for each in model.segments})
        learned = {"learned": lessons.learned}
    plan = plan_campaign(
        model,
        customers,
        catalogue,
        name=name,
        day=day,
        policy=policy,
        limits=kept_to,
        id=id,
        contacts=[*contacts, *known.contacts],
        opted_out=known.opted_out,
        consents=known.consents,
        **learned,
        **settings,
    )
    plan = replace(plan, notes=(*plan.notes, *_in_peace(customers, id, known.opted_out)))
    # The store's own are counted once more when the plan is recorded.
    plan = replace(plan, contacts=tuple(contacts))
    if teaching is not None:
        said = (teaching.lessons.sentence, *teaching.lessons.notes)
        plan = replace(plan, notes=(*plan.notes, *said))
    return plan, teaching


def _in_peace(customers: Table, id: str | None, out: Table | None) -> list[str]:
    """Say how many of the customers must not be contacted at all."""
    found = find_id(customers, id)
    if out is None or found is None:
        return []
    ids = exp.Subquery(this=exp.select(column("customer_id")).from_(out.subquery))
    counted = exp.select(exp.Count(this=exp.Star()).as_("n"))
    counted = counted.where(exp.In(this=column(found.name), query=ids))
    n = int(customers.query(counted).column("n")[0].as_py())
    if not n:
        return []
    who = "1 customer opted out or was" if n == 1 else f"{n:,} customers opted out or were"
    return [f"{who} forgotten, and {'gets' if n == 1 else 'get'} nothing."]
