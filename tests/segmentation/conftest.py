"""What the tests of the segments share: the mall's model, its customers, and made-up tables."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

import clienteling as cl
from clienteling.segmentation.prepare import Prepared, prepare

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    """Keep scikit-learn's threads from waiting for each other beside other test processes."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def mall_frame(mall_csv) -> pd.DataFrame:
    return pd.read_csv(mall_csv)


@pytest.fixture(scope="session")
def mall_values(mall_frame) -> np.ndarray:
    """Return income and spending score, as an array of shape (200, 2)."""
    return mall_frame[FEATURES].to_numpy(dtype=float)


@pytest.fixture(scope="session")
def mall_prepared(mall_csv) -> Prepared:
    return prepare(str(mall_csv))


@pytest.fixture(scope="session")
def mall(mall_csv) -> cl.Model:
    return cl.segment(str(mall_csv))


@pytest.fixture(scope="session")
def blobs() -> Callable[..., pd.DataFrame]:
    """Return a function that makes well separated round groups."""

    def blobs(
        groups: int, *, each: int = 40, features: int = 2, apart: float = 12.0, seed: int = 0
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        places = rng.permutation(groups * features)[: groups * features].reshape(groups, features)
        rows = np.repeat(places * apart, each, axis=0) + rng.normal(size=(groups * each, features))
        return pd.DataFrame(rows, columns=[f"x{index}" for index in range(features)])

    return blobs
