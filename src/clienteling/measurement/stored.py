"""Measure a campaign of a store: its decisions, of its batch and in real time, and the outcomes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clienteling.campaigns.holdout import Holdout
from clienteling.data.read import read
from clienteling.errors import DataError
from clienteling.ledger.campaigns import Campaign
from clienteling.ledger.campaigns import campaign as campaign_of
from clienteling.ledger.documents import document
from clienteling.ledger.outcomes import outcomes_of
from clienteling.ledger.store import Store
from clienteling.ledger.sums import forgotten_sums
from clienteling.measurement.campaign import CampaignLift, measure_decisions
from clienteling.measurement.campaign_log import campaign_log
from clienteling.measurement.decided import decided_in
from clienteling.measurement.observed import Observed, observe_campaign
from clienteling.offers.catalogue import Catalogue

if TYPE_CHECKING:
    from clienteling.data.table import Table

__all__ = ["all_forgotten", "log_of", "measure_stored", "observe_stored"]


def observe_stored(store: Store, campaign: str, names: Sequence[str] = ()) -> Observed | None:
    """Describe a campaign of a store that held nobody out; None where somebody was.

    That is one that ran without a plan, or one that was planned without a holdout.

    Raises
    ------
    DataError
        There is no such campaign, or nothing came of it yet.
    SourceError
        Its decisions can't be read.
    """
    meant = campaign_of(store, campaign)
    if meant.holdout or meant.global_holdout:
        return None
    meant, decided = _decided(store, campaign)
    return observe_campaign(
        decided,
        _outcomes(store, campaign),
        campaign=campaign,
        day=meant.day,
        last_day=meant.last_day or meant.day,
        names=names,
    )


def _decided(store: Store, campaign: str) -> tuple[Campaign, Table]:
    meant = campaign_of(store, campaign)
    decided = decided_in(store, meant)
    if decided is None:
        raise DataError(
            f'{store.shown}: in the campaign "{campaign}" nothing was decided, by a batch or in '
            "real time.",
            hint="clienteling campaign plan --store makes the decisions of a batch.",
        )
    return meant, decided


def _outcomes(store: Store, campaign: str) -> Table:
    came = outcomes_of(store, campaign)
    if not came.num_rows:
        raise DataError(
            f'{store.shown}: there are no outcomes of the campaign "{campaign}" yet.',
            hint=f"clienteling campaign import {campaign} FILE --store {store.shown} takes them "
            "in.",
        )
    # What is said of them names the campaign and the store, not a table that nobody has seen.
    return replace(read(came), source=f'the outcomes of "{campaign}" in {store.shown}')


def measure_stored(
    store: Store,
    campaign: str,
    *,
    names: Sequence[str] = (),
    worths: Mapping[str, float] | None = None,
    margin: float | None = None,
    today: dt.date | None = None,
) -> CampaignLift:
    """Measure a campaign of a store by those whom it held out.

    Parameters
    ----------
    store : with the campaign and its outcomes
    campaign : its name
    names, worths, margin, today : see
        :func:`clienteling.measurement.campaign.measure_decisions`

    Raises
    ------
    DataError
        There is no such campaign, it has no outcomes yet, or it held nobody out.
    SourceError
        Its decisions can't be read.
    """
    meant, decided = _decided(store, campaign)
    came = _outcomes(store, campaign)
    catalogue = Catalogue.model_validate(json.loads(document(store, meant.catalogue_fingerprint)))
    held = Holdout(meant.id, meant.holdout, meant.global_holdout)
    return measure_decisions(
        decided,
        came,
        campaign=meant.id,
        holdout=held.probability,
        day=meant.day,
        last_day=meant.last_day,
        today=today,
        planned=meant.planned_size,
        names=names,
        costs={each.id: each.cost for each in catalogue.offers},
        worths=worths,
        values={e.id: e.value for e in catalogue.offers if e.value is not None},
        titles={each.id: each.title for each in catalogue.offers},
        margin=margin,
        forgotten=all_forgotten(store, campaign),
    )


def log_of(store: Store, campaign: str, reward: str | None = None) -> tuple[Table, str]:
    """Return a campaign of a store as a log; see :func:`.campaign_log.campaign_log`.

    Raises
    ------
    DataError
        There is no such campaign, nothing was decided or left to chance, or nothing came of it.
    SourceError
        Its decisions can't be read.
    """
    meant, decided = _decided(store, campaign)
    log, earned = campaign_log(
        decided,
        _outcomes(store, campaign),
        campaign=campaign,
        day=meant.day,
        last_day=meant.last_day,
        reward=reward,
    )
    gone = [e for e in all_forgotten(store, campaign) if not e["name"]]
    if gone:
        n = sum(each["customers"] for each in gone)
        who = "1 customer who was" if n == 1 else f"{n:,} customers who were"
        log = log.with_notes(f"{who} forgotten: not in the log.")
    return log, earned


def all_forgotten(store: Store, campaign: str) -> list[dict[str, Any]]:
    """Return the sums of those who were forgotten, of the batch and of real time together."""
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for real_time in (False, True):
        for row in forgotten_sums(store, campaign, real_time=real_time).to_pylist():
            key = tuple(row[each] for each in ("segment_id", "arm", "offer", "name"))
            own = groups.setdefault(key, {**row, "customers": 0, "total": 0.0, "squares": 0.0})
            for each in ("customers", "total", "squares"):
                own[each] += row[each]
    return list(groups.values())
