"""The store that a server of our own was started with, where there is one.

``clienteling app --store`` gives it by the environment, so that the password of a database stands
in no list of processes. Campaigns that are recorded lie in a folder beside it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from clienteling.data.urls import is_url

__all__ = ["CAMPAIGNS", "STORE", "StorePlace", "store_place"]

#: The environment's variables for the store, and for the folder of its campaigns.
STORE, CAMPAIGNS = "CLIENTELING_STORE", "CLIENTELING_CAMPAIGNS"
_FOLDER = "campaigns"


@dataclass(frozen=True)
class StorePlace:
    """Where the store is.

    Parameters
    ----------
    address : a file, or the address of a PostgreSQL database
    campaigns : the folder in which campaigns are written
    """

    address: str
    campaigns: Path


def store_place() -> StorePlace | None:
    """Return where the store is; None where the app was started without one.

    Without a folder for campaigns they lie in ``campaigns`` beside a store that is a file, and in
    that of the place where the app was started beside a database.
    """
    address = os.environ.get(STORE, "").strip()
    if not address:
        return None
    given = os.environ.get(CAMPAIGNS, "").strip()
    beside = Path(_FOLDER) if is_url(address) else Path(address).parent / _FOLDER
    return StorePlace(address, Path(given) if given else beside)
