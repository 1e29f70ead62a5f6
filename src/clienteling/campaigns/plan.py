"""Plan a campaign: who gets what by which policy, within all limits, and who is held out."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot.expressions as exp

from clienteling.campaigns.decisions import CHANCES, decisions
from clienteling.campaigns.history import with_history
from clienteling.campaigns.holdout import Holdout
from clienteling.campaigns.stock import Known, Ration, left_empty, rations_of, shares_in_turn
from clienteling.data.columns import find_column, find_columns, find_id, is_taken
from clienteling.data.read import Source, read
from clienteling.data.sql import column
from clienteling.data.table import Table
from clienteling.errors import DocumentError, InputError
from clienteling.offers.assignment import Share
from clienteling.offers.budget import BudgetPlan, plan_budget, refuse_repeated
from clienteling.offers.catalogue import Catalogue, catalogue_for, offer_notes
from clienteling.offers.cells import Cell, Cells, count_cells, find_cells
from clienteling.offers.experience import Learned
from clienteling.offers.ladder import Rung, budget_ladder
from clienteling.offers.limits import Limits, check_limits
from clienteling.offers.policies.decision import Policy
from clienteling.offers.policies.strategy import Strategy
from clienteling.offers.policies.thompson import Thompson
from clienteling.segmentation.load import AnyModel

if TYPE_CHECKING:
    from clienteling.campaigns.delivery import Delivered

__all__ = [
    "POLICIES",
    "CampaignPlan",
    "check_name",
    "draw_salt",
    "model_fingerprint",
    "plan_campaign",
    "policy_kind",
]

POLICIES = ("strategy", "thompson", "budget")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: Columns of the decisions beside the features.
_OWN = {"arm", "offer", "sent", "propensity", CHANCES}


@dataclass(frozen=True)
class CampaignPlan:
    """Who gets what in a campaign. Nothing is written, and nothing goes out, before that is asked.

    Parameters
    ----------
    name : of the campaign; each name draws anew
    day, last_day : of the contacts, and the last one whose outcomes count
    kind : of the policy: ``strategy``, ``thompson`` or ``budget``
    model, catalogue : that it was planned with
    policy : decides for single customers by the same plan
    holdout : who is held out
    limits : that were kept to
    learned : the outcomes that it was planned with
    customers : the table that was given
    id : the column with the customer's id, where it was named
    cells : each customer's cell
    shares : what the customers of each cell get
    rations : of the offers whose stock is too small for all who would get them
    budget : the plan under a budget, where there is one
    notes : what was assumed
    cells_of : gives the cells of some of the customers
    contacts : so far, as they were given: a store's own not among them
    left_empty : about how many get nothing, since all that is open to them is used up
    base_rate : the share that responds without an offer, where it was given
    """

    name: str
    day: dt.date
    last_day: dt.date
    kind: str
    model: AnyModel
    catalogue: Catalogue
    policy: Policy
    holdout: Holdout
    limits: Limits
    learned: Learned
    customers: Table
    id: str | None
    cells: Cells
    shares: tuple[Share, ...]
    rations: Mapping[str, Ration]
    budget: BudgetPlan | None
    notes: tuple[str, ...]
    cells_of: Callable[[Table], Cells]
    contacts: tuple[Source, ...] = ()
    left_empty: float = 0.0
    base_rate: float | None = None

    @cached_property
    def ladder(self) -> list[Rung]:
        """What other budgets would bring; empty without a budget."""
        return budget_ladder(self.budget, self.catalogue) if self.budget is not None else []

    @property
    def salt(self) -> str:
        """Of the hash by which offers are drawn."""
        return draw_salt(self.name)

    def decisions(self, some: Table | None = None) -> Table:
        """Return the decision for every customer, lazily.

        Parameters
        ----------
        some : only these of the customers; by default all

        Returns
        -------
        Table
            See :func:`clienteling.campaigns.decisions.decisions`.
        """
        cells = self.cells if some is None else self.cells_of(some)
        segments = {each.id: each.name for each in self.model.segments}
        return decisions(
            cells,
            self.shares,
            self.policy,
            self.name,
            self.salt,
            self.holdout,
            segments,
        )

    def write(self, out: str | Path, *, csv: bool = False, carry: Sequence[str] = ()) -> Delivered:
        """Write the campaign's folder: see :func:`clienteling.campaigns.delivery.deliver`."""
        from clienteling.campaigns.delivery import deliver

        return deliver(self, out, csv=csv, carry=carry)


def draw_salt(campaign: str) -> str:
    """Return the salt of the hash by which a campaign draws offers."""
    return f"offer:{campaign}:"


def model_fingerprint(model: AnyModel) -> str:
    """Return a digest of a model's text."""
    return hashlib.sha256(model.to_json().encode()).hexdigest()[:16]


def plan_campaign(
    model: AnyModel,
    customers: Source,
    offers: str | Catalogue | None = None,
    *,
    name: str,
    policy: str | None = None,
    holdout: float = 0.1,
    global_holdout: float = 0.0,
    explore: float = 0.0,
    limits: Limits | None = None,
    learned: Learned | None = None,
    base_rate: float | None = None,
    day: dt.date | None = None,
    days: int = 28,
    id: str | None = None,
    shop: str = "shop",
    contacts: Sequence[Source] = (),
    opted_out: Source | None = None,
    consents: Source | None = None,
    seed: int = 0,
) -> CampaignPlan:
    """Plan who gets what, and who is held out.

    Parameters
    ----------
    model : the segments
    customers : any source with an id, a row per customer
    offers : the catalogue; by default the built-in one of the model's playbook
    name : of the campaign
    policy : ``strategy``, ``thompson`` or ``budget``; by default ``budget`` where there are
        limits, else ``strategy``
    holdout : the share of those who would be contacted that is not, to measure the campaign
    global_holdout : the share of all customers whom no campaign of the shop contacts
    explore : the share whose offer is drawn by chance, with ``strategy``; the least probability of
        each offer, with ``thompson``
    limits : budget, channels, contacts, floors; the stock of the catalogue counts in any case
    learned : the outcomes so far
    base_rate : the share that responds without an offer, where it is known; else what those who
        were held out so far did counts, and before anybody was, nobody
    day : of the contacts; by default today
    days : outcomes of so many days count, the day of the contacts among them
    id : the column with the customer's id
    shop : its name, from which the global holdout is drawn
    contacts, opted_out, consents : see :func:`clienteling.campaigns.history.with_history`
    seed : of the Monte Carlo of ``thompson``

    Raises
    ------
    InputError
        The name, a share or a limit can't be meant, or they don't go together.
    DocumentError
        A rule doesn't go with the columns, or no offer is open to anybody.

    Examples
    --------
    >>> import clienteling as cl
    >>> customers = cl.read("sample")
    >>> plan = plan_campaign(cl.segment(customers), customers, name="spring", holdout=0.25)
    >>> plan.decisions().df()["arm"].value_counts().to_dict()
    {'offer': 150, 'holdout': 50}
    """
    check_name(name)
    limits = limits or Limits()
    kind = policy_kind(policy, limits)
    _check_policy(kind, limits, explore, days)
    if base_rate is not None and not 0 <= base_rate < 1:
        raise InputError(f"The base rate is {base_rate:g}; it must be from 0 to below 1.")
    held = Holdout(name, holdout, global_holdout, shop)
    catalogue = catalogue_for(model, offers)
    check_limits(limits, catalogue, {each.id: each.name for each in model.segments})
    table, day = read(customers), day or dt.date.today()
    refuse_repeated(table, id)
    keep, left_out = _features(model, catalogue, table)

    def joined(some: Table) -> tuple[Table, dict[str, Any]]:
        known = with_history(
            some, catalogue, day, id=id, contacts=contacts, opted_out=opted_out, consents=consents
        )
        conditions = {"also": known.also, "consents": known.consents, "out": known.out}
        return known.customers, conditions

    all_joined = joined(table)  # once: what lies elsewhere may have to be brought there

    def cells_of(some: Table) -> Cells:
        rows, conditions = all_joined if some is table else joined(some)
        order, most = _order(made, chosen)
        return find_cells(
            model, rows, catalogue, id=id, day=day, offers=order, most=most, keep=keep, **conditions
        )

    made: BudgetPlan | None = None
    chosen: Policy | None = None
    if kind == "budget":
        rows, conditions = all_joined
        contacted = _without(rows, held, id)
        made = plan_budget(
            model, contacted, catalogue, limits, learned=learned, base_rate=base_rate,
            salt=draw_salt(name), id=id, day=day, **conditions,
        )  # fmt: skip
        chosen = made.policy
    elif kind == "thompson":
        chosen = Thompson(
            catalogue,
            model.segments,
            learned,
            floor=explore or None,
            seed=seed,
            base_rate=base_rate,
        )
    else:
        chosen = Strategy(catalogue, model.segments, explore)
    cells = cells_of(table)
    counted = count_cells(cells)
    if made is None or any(made.policy.useful.values()):
        _refuse_no_offer(catalogue, counted, table, day)
        if made is None or made.kept is None:  # else each cell has only the best of what is open
            left_out += _for_nobody(catalogue, cells, counted)
    else:
        left_out.append("No offer is expected to bring more than its cost, so nobody gets one.")
    rations: dict[str, Ration] = {}
    known: Known = {}
    if kind != "budget":
        stock = _stock(catalogue, limits)
        rations = rations_of(cells, counted, chosen, draw_salt(name), stock, held, name, known)
    shares = shares_in_turn(chosen, counted, rations, catalogue, known)
    return CampaignPlan(
        name=name,
        day=day,
        last_day=day + dt.timedelta(days=days - 1),
        kind=kind,
        model=model,
        catalogue=catalogue,
        policy=chosen,
        holdout=held,
        limits=limits,
        learned=dict(learned or {}),
        customers=table,
        id=id,
        cells=cells,
        shares=tuple(shares),
        rations=rations,
        budget=made,
        notes=(*cells.table.notes, *left_out, *offer_notes(model, catalogue, day)),
        cells_of=cells_of,
        contacts=tuple(contacts),
        left_empty=left_empty(counted, rations),
        base_rate=base_rate,
    )


def policy_kind(policy: str | None, limits: Limits) -> str:
    """Return the policy that is meant: where none is named, a limit asks for ``budget``."""
    return policy or ("strategy" if _only_stock(limits) else "budget")


def _only_stock(limits: Limits) -> bool:
    return limits == Limits(stock=limits.stock, left=limits.left)


def check_name(name: str) -> None:
    """Refuse a campaign's name that can't be a file's name or a key.

    Raises
    ------
    InputError
        With what would be right.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f'"{name}" can\'t be the name of a campaign.',
            hint="Take up to 64 letters without accents, digits, points, hyphens and underscores, "
            "such as --name spring-2026.",
        )


def _check_policy(kind: str, limits: Limits, explore: float, days: int) -> None:
    faults = []
    if kind not in POLICIES:
        faults.append(f'there is no policy "{kind}"; there are {", ".join(POLICIES)}.')
    if kind in ("strategy", "thompson") and not _only_stock(limits):
        faults.append(
            f"the policy {kind} keeps to stock, caps and rules, but to no budget, number of "
            "contacts, channel or floor; the policy budget does."
        )
    if not 1 <= days <= 3660:
        faults.append(f"outcomes of {days} days can't be waited for; it must be 1 to 3,660.")
    if not 0 <= explore <= 1:
        faults.append(f"the share to explore is {explore:g}; it must be from 0 to 1.")
    elif explore and kind == "budget":
        faults.append(
            "the policy budget takes what brings most and draws nothing by chance; to explore, "
            "take strategy or thompson."
        )
    if faults:
        raise InputError("The campaign can't be planned like this.", faults=faults)


def _order(
    made: BudgetPlan | None, chosen: Policy | None
) -> tuple[Mapping[int, Sequence[str]] | None, int | None]:
    """Return what makes the cells of all customers those of the plan."""
    if made is None:
        return None, None
    return made.policy.useful, made.kept


def _without(rows: Table, held: Holdout, id: str | None) -> Table:
    """Return the customers who are not held out: only they take up budget and stock."""
    found = find_id(rows, id)
    condition = held.condition(column(found.name)) if found is not None else None
    if condition is None:
        return rows
    select = exp.select("*").from_(rows.subquery).where(exp.not_(condition))
    return replace(rows, select=select, files=())


def _stock(catalogue: Catalogue, limits: Limits) -> dict[str, int]:
    stock = {each.id: limits.stock_of(each) for each in catalogue.offers}
    return {offer: most for offer, most in stock.items() if most is not None}


def _features(model: AnyModel, catalogue: Catalogue, table: Table) -> tuple[list[str], list[str]]:
    """Return what is kept with each decision: the model's features and the rules' columns."""
    rules = [each.eligibility for each in catalogue.offers if each.eligibility is not None]
    rules += [catalogue.opt_outs] if catalogue.opt_outs is not None else []
    rules += list(catalogue.consents.values())
    sources = {each.name for each in find_columns(table, model.columns, model.aliases)}
    found = [find_column(e.column or "", table.names) for rule in rules for e in rule.conditions]
    more = dict.fromkeys(each.name for each in found if each is not None)
    taken = [e for e in more if (e.lower() in _OWN or is_taken(e)) and e not in sources]
    kept = [e for e in more if e not in taken and e not in sources]
    said = [
        f'"{each}" is called like a column of the decisions, so it is not kept with them.'
        for each in taken
    ]
    return [*model.columns, *(e for e in kept if e not in model.columns)], said


def _for_nobody(catalogue: Catalogue, cells: Cells, counted: Sequence[Cell]) -> list[str]:
    open = {offer for each in counted for offer in each.open}
    asked = {offer for offers in cells.bits.values() for offer in offers}
    return [
        f"offers[{place}] ({each.id}): no customer is eligible; clienteling offers check says why."
        for place, each in enumerate(catalogue.offers, 1)
        if each.id in asked - open
    ]


def _refuse_no_offer(
    catalogue: Catalogue, counted: Sequence[Cell], table: Table, day: dt.date
) -> None:
    if any(each.open for each in counted):
        return
    late = [
        f'"{e.title}" goes out {e.days_words}.' for e in catalogue.offers if not e.is_valid(day)
    ]
    raise DocumentError(
        f"{catalogue.catalogue}: no offer is open to any customer of {table.source} on {day}.",
        faults=late,
        hint="clienteling offers check CATALOGUE SOURCE --model MODEL counts whom each rule lets "
        "through.",
    )
