"""What several pictures are drawn from, and a way to find what was drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from clienteling.data.read import Source
from clienteling.run import run
from clienteling.segmentation.choose_k import choice_of
from clienteling.segmentation.dbscan import Comparison, compare_dbscan
from clienteling.segmentation.kmeans import Fit, fit_kmeans
from clienteling.segmentation.model import Model
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.segment import build_model
from clienteling.segmentation.sketch import Sketch

FEATURES = {
    1: ["Age"],
    2: ["Annual Income (k$)", "Spending Score (1-100)"],
    3: ["Annual Income (k$)", "Spending Score (1-100)", "Age"],
}


@dataclass(frozen=True)
class Drawable:
    """What the pictures are drawn from."""

    model: Model
    comparison: Comparison
    sketch: Sketch
    fit: Fit


def made_of(customers: Source, features: list[str], k: int) -> Drawable:
    """Return the partition at k, without the evidence for other k."""
    prepared = prepare(customers, features)
    sketch = prepared.sketch
    fit = fit_kmeans(sketch.standardised(), sketch.weights, k, seed=0)
    model = build_model(prepared, choice_of(sketch, fit), seed=0)
    return Drawable(model, compare_dbscan(sketch, fit), sketch, fit)


@pytest.fixture(scope="session")
def sample() -> Drawable:
    found = run("sample")
    return Drawable(found.model, found.comparison, found.prepared.sketch, found.choice.fit)


@pytest.fixture(scope="session")
def drawable(mall_csv: Path) -> Callable[[int, int], Drawable]:
    """Return a function of the number of features and segments."""
    return cache(lambda features, k: made_of(mall_csv, FEATURES[features], k))


@pytest.fixture(scope="session")
def crowd() -> Drawable:
    """Return more customers than are drawn, three of whom spend very much more than the others."""
    number = np.arange(3300)
    spent = 100.0 + number % 41
    spent[:3] = 9000.0, 9100.0, 9200.0
    table = pd.DataFrame({"visits": (number % 47).astype(float), "spent": spent})
    return made_of(table, ["visits", "spent"], 2)


@pytest.fixture(scope="session")
def drawn() -> Callable[[Figure, str], list[Artist]]:
    """Return a function that finds the artists of a figure by their gid."""

    def found(figure: Figure, gid: str) -> list[Artist]:
        return [each for each in figure.findobj() if each.get_gid() == gid]

    return found
