"""A campaign's folder: the plan that lies in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clienteling.campaigns.delivery import check_campaign_folder
from clienteling.errors import InputError

__all__ = ["decisions_of_folder", "plan_in_folder"]


def plan_in_folder(folder: str | Path) -> dict[str, Any]:
    """Return what stands in the ``plan.json`` of a campaign's folder.

    Raises
    ------
    InputError
        It is no campaign's folder.
    """
    plan = check_campaign_folder(folder) if Path(folder).is_dir() else None
    if plan is None:
        raise InputError(
            f"{folder}: is no campaign's folder.",
            hint="Give the folder that clienteling campaign plan wrote, or the store.",
        )
    return plan


def decisions_of_folder(folder: str | Path, plan: Mapping[str, Any]) -> str:
    """Return where a campaign's decisions are: in its folder, or the address of a table.

    Parameters
    ----------
    folder : of the campaign
    plan : what stands in its ``plan.json``
    """
    own = Path(folder) / "decisions"
    # What lies in the folder comes first: an address is only followed where there is nothing.
    return str(own) if own.is_dir() else str(plan.get("decisions") or own)
