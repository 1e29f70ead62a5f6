"""The pictures: how k was chosen, the segments, DBSCAN beside them, budgets, lift, learning.

Each ``draw_*`` returns a :class:`matplotlib.figure.Figure`; :func:`draw_images` writes all of them
as PNG files. They are made without matplotlib's global state (pyplot), so they can be drawn in
several threads at once. matplotlib loads on first use of one of these names; where it is not
installed, :class:`~clienteling.errors.MissingExtra` says how to install it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from clienteling.errors import MissingExtra

if TYPE_CHECKING:
    from clienteling.plots.dbscan_clusters import draw_dbscan_clusters
    from clienteling.plots.elbow import draw_elbow
    from clienteling.plots.images import draw_images
    from clienteling.plots.k_distance import draw_k_distance
    from clienteling.plots.kmeans_clusters import draw_kmeans_clusters
    from clienteling.plots.learning import draw_learning
    from clienteling.plots.lift import draw_lift
    from clienteling.plots.observed import draw_beside, draw_responded
    from clienteling.plots.profit_by_budget import draw_profit_by_budget
    from clienteling.plots.uplift import draw_uplift

_HOMES = {
    "draw_beside": "clienteling.plots.observed",
    "draw_dbscan_clusters": "clienteling.plots.dbscan_clusters",
    "draw_elbow": "clienteling.plots.elbow",
    "draw_images": "clienteling.plots.images",
    "draw_k_distance": "clienteling.plots.k_distance",
    "draw_kmeans_clusters": "clienteling.plots.kmeans_clusters",
    "draw_learning": "clienteling.plots.learning",
    "draw_lift": "clienteling.plots.lift",
    "draw_profit_by_budget": "clienteling.plots.profit_by_budget",
    "draw_responded": "clienteling.plots.observed",
    "draw_uplift": "clienteling.plots.uplift",
}

__all__ = [
    "draw_beside",
    "draw_dbscan_clusters",
    "draw_elbow",
    "draw_images",
    "draw_k_distance",
    "draw_kmeans_clusters",
    "draw_learning",
    "draw_lift",
    "draw_profit_by_budget",
    "draw_responded",
    "draw_uplift",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'clienteling.plots' has no attribute {name!r}")
    try:
        importlib.import_module("matplotlib")
    except ModuleNotFoundError as error:
        raise MissingExtra("Pictures", "plots") from error
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
