"""Go on where a process ended while it wrote a campaign's folder.

A folder is written aside, the campaign is recorded in the store, and then the folder is moved to
its place. Where the process ends between the last two, the store has counted what lies aside.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from clienteling.campaigns.delivery import check_campaign_folder
from clienteling.campaigns.digest import digest_of
from clienteling.campaigns.places_aside import is_taken, is_whole, places_aside
from clienteling.data.read import read
from clienteling.ledger.campaigns import campaigns
from clienteling.ledger.store import Store

__all__ = ["finish_recorded"]


def finish_recorded(store: Store, campaign: str, folder: Path, table: str | None = None) -> bool:
    """Move a campaign's folder to its place, where it was recorded and not moved any more.

    Parameters
    ----------
    store : in which it may be recorded
    campaign : its name
    folder : its place, as an absolute path
    table : the address of its decisions, as it is kept, where they lie in a table

    Returns
    -------
    bool
        Whether there was something to move.
    """
    if is_taken(folder):
        return False
    meant = next((each for each in campaigns(store) if each.id == campaign), None)
    if meant is None or meant.decisions != (table or str(folder / "decisions")):
        return False
    for aside in places_aside(folder):
        made = aside / "made"
        if is_whole(aside) and _digest(made, table) == meant.digest:
            made.replace(folder)  # an empty folder gives way
            shutil.rmtree(aside, ignore_errors=True)
            return True
    return False


def _digest(made: Path, table: str | None) -> str | None:
    decisions = made / "decisions"
    if table is not None:  # which was there before the campaign was recorded
        document = check_campaign_folder(made) or {}
        return str(document["digest"]) if document.get("decisions") == table else None
    return digest_of(read(str(decisions))) if list(decisions.glob("*.parquet")) else None
