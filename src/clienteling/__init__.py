"""Clienteling: who your customers are, which offer each should get, and whether it paid.

>>> import clienteling as cl
>>> customers = cl.read("sample")
>>> model = cl.segment(customers)
>>> model.k
5
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clienteling.campaigns.outcome_file import import_outcomes
    from clienteling.campaigns.plan import CampaignPlan, plan_campaign
    from clienteling.data.files import sample_path
    from clienteling.data.read import read
    from clienteling.data.table import Table
    from clienteling.errors import ClientelingError, InputError
    from clienteling.features.rfm import rfm
    from clienteling.measurement.campaign import CampaignLift
    from clienteling.measurement.evaluate import Evaluation, evaluate
    from clienteling.measurement.measure import measure_campaign
    from clienteling.offers.budget import plan_budget
    from clienteling.offers.catalogue import Catalogue, load_catalogue
    from clienteling.offers.limits import Limits
    from clienteling.offers.recommend import recommend
    from clienteling.segmentation.drift import Drift, drift
    from clienteling.segmentation.inspect import Inspection, inspect
    from clienteling.segmentation.load import load_model
    from clienteling.segmentation.model import Answer, Model
    from clienteling.segmentation.model_segments import Segment
    from clienteling.segmentation.playbook import Playbook, load_playbook
    from clienteling.segmentation.refit import Refit, refit
    from clienteling.segmentation.rfm_model import rfm_model
    from clienteling.segmentation.rules import RulesModel
    from clienteling.segmentation.scoring import score
    from clienteling.segmentation.segment import segment

__version__ = "0.1.0"

#: Where each public name lives: it is imported on first use, so that the import stays light.
_HOMES = {
    "Answer": "clienteling.segmentation.model",
    "CampaignLift": "clienteling.measurement.campaign",
    "CampaignPlan": "clienteling.campaigns.plan",
    "Catalogue": "clienteling.offers.catalogue",
    "ClientelingError": "clienteling.errors",
    "Drift": "clienteling.segmentation.drift",
    "Evaluation": "clienteling.measurement.evaluate",
    "InputError": "clienteling.errors",
    "Inspection": "clienteling.segmentation.inspect",
    "Limits": "clienteling.offers.limits",
    "Model": "clienteling.segmentation.model",
    "Playbook": "clienteling.segmentation.playbook",
    "Refit": "clienteling.segmentation.refit",
    "RulesModel": "clienteling.segmentation.rules",
    "Segment": "clienteling.segmentation.model_segments",
    "Table": "clienteling.data.table",
    "drift": "clienteling.segmentation.drift",
    "evaluate": "clienteling.measurement.evaluate",
    "import_outcomes": "clienteling.campaigns.outcome_file",
    "inspect": "clienteling.segmentation.inspect",
    "load_catalogue": "clienteling.offers.catalogue",
    "load_model": "clienteling.segmentation.load",
    "load_playbook": "clienteling.segmentation.playbook",
    "measure_campaign": "clienteling.measurement.measure",
    "plan_budget": "clienteling.offers.budget",
    "plan_campaign": "clienteling.campaigns.plan",
    "read": "clienteling.data.read",
    "recommend": "clienteling.offers.recommend",
    "refit": "clienteling.segmentation.refit",
    "rfm": "clienteling.features.rfm",
    "rfm_model": "clienteling.segmentation.rfm_model",
    "sample_path": "clienteling.data.files",
    "score": "clienteling.segmentation.scoring",
    "segment": "clienteling.segmentation.segment",
}

__all__ = [
    "Answer",
    "CampaignLift",
    "CampaignPlan",
    "Catalogue",
    "ClientelingError",
    "Drift",
    "Evaluation",
    "InputError",
    "Inspection",
    "Limits",
    "Model",
    "Playbook",
    "Refit",
    "RulesModel",
    "Segment",
    "Table",
    "drift",
    "evaluate",
    "import_outcomes",
    "inspect",
    "load_catalogue",
    "load_model",
    "load_playbook",
    "measure_campaign",
    "plan_budget",
    "plan_campaign",
    "read",
    "recommend",
    "refit",
    "rfm",
    "rfm_model",
    "sample_path",
    "score",
    "segment",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'clienteling' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
