"""A campaign's folder: the plan that lies in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clienteling.campaigns.delivery import check_campaign_folder
from clienteling.errors import InputError

__all__ = ["plan_in_folder"]


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
