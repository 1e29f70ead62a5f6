"""Measure a campaign by its name in a store, or by its folder and a table of outcomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clienteling.campaigns.folder import decisions_of_folder, plan_in_folder
from clienteling.campaigns.holdout import Holdout
from clienteling.data.read import Source
from clienteling.errors import InputError
from clienteling.measurement.campaign import CampaignLift, measure_decisions
from clienteling.measurement.observed import Observed, observe_campaign
from clienteling.offers.catalogue import load_catalogue

if TYPE_CHECKING:
    from clienteling.ledger.store import Store

__all__ = ["measure_campaign", "measure_in"]


def measure_campaign(
    campaign: str | Path,
    outcomes: Source | None = None,
    *,
    store: str | Path | None = None,
    names: Sequence[str] = (),
    worths: Mapping[str, float] | None = None,
    margin: float | None = None,
    today: dt.date | None = None,
) -> CampaignLift | Observed:
    """Say what a campaign brought: those who were contacted against those who were held out.

    Parameters
    ----------
    campaign : its name in the store, or its folder
    outcomes : without a store, any source with ``customer_id``, ``name``, ``value`` and
        ``happened_at``
    store : with the campaign and its outcomes: a file, or the address of a PostgreSQL database
    names : the outcomes to measure by, the one to judge by first; all by default
    worths : per outcome, what one unit of it earns before the cost; a ``response`` earns what the
        catalogue says
    margin : what of each outcome in money is earned, such as 0.4
    today : judge as on this day; before the end of the campaign's last day there is no verdict

    Returns
    -------
    CampaignLift or Observed
        The lift; what was observed where nobody was held out, from which no lift is concluded.
        Both have a ``verdict`` and ``as_document()``.

    Raises
    ------
    InputError
        There are outcomes and a store, or neither; or it is no campaign's folder.
    DataError
        There is no such campaign, nothing came of it, or too few were held out.
    MissingExtra
        What it needs is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import clienteling as cl, pandas as pd
    >>> customers = cl.read("sample")
    >>> plan = cl.plan_campaign(
    ...     cl.segment(customers), customers, name="spring", holdout=0.25, day=dt.date(2026, 3, 1)
    ... )
    >>> sent = plan.decisions().df().query("arm == 'offer'")["customer_id"]
    >>> came = pd.DataFrame({"customer_id": sent[::2], "name": "response", "value": 1})
    >>> came["happened_at"] = "2026-03-09"
    >>> with tempfile.TemporaryDirectory() as aside:
    ...     folder = plan.write(f"{aside}/spring").out
    ...     found = cl.measure_campaign(folder, came)
    ...     taken = cl.import_outcomes(f"{aside}/shop.db", folder, came)
    ...     again = cl.measure_campaign("spring", store=f"{aside}/shop.db")
    >>> found.verdict.code, found.found.lift[0].estimate, taken.new
    ('paid', 0.5, 75)
    >>> again.found.lift == found.found.lift
    True
    """
    if (store is None) == (outcomes is None):
        raise InputError(
            "Outcomes come from a store or from a table: give store= or outcomes=, one of them.",
            hint='cl.measure_campaign("spring", store="shop.db"), or '
            "cl.measure_campaign(FOLDER, outcomes)",
        )
    given = {"names": names, "worths": worths, "margin": margin, "today": today}
    if store is not None:
        from clienteling.ledger.store import open_store

        with open_store(store) as opened:
            return measure_in(opened, str(campaign), **given)  # type: ignore[arg-type]
    assert outcomes is not None
    folder = Path(campaign)
    plan = plan_in_folder(folder)
    called, decided = plan["campaign"], decisions_of_folder(folder, plan)
    day, last_day = (dt.date.fromisoformat(plan[each]) for each in ("day", "last_day"))
    held = Holdout(called, plan["holdout"], plan["global_holdout"], plan["shop"])
    if not held.probability:
        return observe_campaign(
            decided, outcomes, campaign=called, day=day, last_day=last_day, names=names
        )
    offers = load_catalogue(folder / "catalogue.yaml").offers
    found = measure_decisions(
        decided,
        outcomes,
        campaign=called,
        holdout=held.probability,
        day=day,
        last_day=last_day,
        costs={each.id: each.cost for each in offers},
        values={each.id: each.value for each in offers if each.value is not None},
        titles={each.id: each.title for each in offers},
        **given,  # type: ignore[arg-type]
    )
    # All who were planned for are in a folder, but those who were forgotten: nobody waits for them.
    gone = plan["planned"] - found.found.experiment.customers
    if gone <= 0:
        return found
    one = gone == 1
    note = (
        f"{gone:,} of {plan['planned']:,} planned customers {'is' if one else 'are'} not in the "
        f"decisions any more, such as who was forgotten, and {'isn' if one else 'aren'}'t counted."
    )
    return replace(found, notes=(*found.notes, note))


def measure_in(
    store: Store,
    campaign: str,
    *,
    names: Sequence[str] = (),
    worths: Mapping[str, float] | None = None,
    margin: float | None = None,
    today: dt.date | None = None,
) -> CampaignLift | Observed:
    """Measure a campaign of an open store; see :func:`measure_campaign`."""
    from clienteling.measurement.stored import measure_stored, observe_stored

    seen = observe_stored(store, campaign, names)
    if seen is not None:
        return seen
    return measure_stored(store, campaign, names=names, worths=worths, margin=margin, today=today)
