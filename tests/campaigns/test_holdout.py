"""The holdout: a share of the customers, the same in Python and in the engine."""

import numpy as np
import pandas as pd
import pytest
import sqlglot.expressions as exp

import clienteling as cl
from clienteling.campaigns.holdout import Holdout
from clienteling.data.sql import column
from clienteling.errors import InputError


def held_in_engine(holdout, ids):
    table = cl.read(pd.DataFrame({"customer_id": ids}))
    query = exp.select("customer_id").where(holdout.condition(column("customer_id")))
    return set(table.query(query)["customer_id"].to_pylist())


@pytest.mark.parametrize("ids", [range(20_000), [f"ü-{i}" for i in range(20_000)]])
def test_the_engine_holds_out_whom_python_does(ids):
    holdout = Holdout("spring", 0.1, 0.05)
    expected = {each for each in ids if holdout.holds(each)}
    assert held_in_engine(holdout, list(ids)) == expected
    assert len(expected) / len(ids) == pytest.approx(holdout.probability, abs=0.01)


def test_each_campaign_draws_anew_and_the_shop_always_the_same():
    ids = range(20_000)
    spring, summer = Holdout("spring", 0.1, 0.05), Holdout("summer", 0.1, 0.05)
    both = np.mean([spring.holds(each) and summer.holds(each) for each in ids])
    # The twentieth in both; of the others a hundredth by chance.
    assert both == pytest.approx(0.05 + 0.95 * 0.1 * 0.1, abs=0.006)
    everywhere = {each for each in ids if Holdout("x", 0.0, 0.05).holds(each)}
    assert everywhere == {each for each in ids if Holdout("y", 0.0, 0.05).holds(each)}
    assert everywhere != {each for each in ids if Holdout("x", 0.0, 0.05, "other").holds(each)}


def test_without_a_share_nobody_is_held_out():
    assert Holdout("spring").condition(column("customer_id")) is None
    assert not any(Holdout("spring").holds(each) for each in range(1000))


def test_shares_that_are_none():
    with pytest.raises(InputError) as caught:
        Holdout("spring", 1.0, float("nan"))
    assert caught.value.faults == (
        "the share that is held out is 1; it must be from 0 to below 1.",
        "the share that every campaign holds out is nan; it must be from 0 to below 1.",
    )
