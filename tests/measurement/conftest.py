"""Customers of a made-up experiment."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def mailing() -> pd.DataFrame:
    return made_mailing()


def made_mailing() -> pd.DataFrame:
    """Return 6,000 customers: the red mail works for regulars only, the blue one for all."""
    rng = np.random.default_rng(7)
    n = 6_000
    mail = rng.choice(["red", "blue", "none"], n)
    regular = rng.choice(["yes", "no"], n)
    rate = 0.10 + 0.08 * (mail == "blue") + 0.16 * ((mail == "red") & (regular == "yes"))
    earlier = rng.gamma(2.0, 20.0, n)
    visit = (rng.random(n) < rate).astype(int)
    spend = np.round(visit * rng.gamma(2.0, 10.0, n) + 0.5 * earlier, 2)
    return pd.DataFrame(
        {
            "customer_id": range(n),
            "mail": mail,
            "regular": regular,
            "earlier": earlier,
            "visit": visit,
            "spend": spend,
        }
    )
