"""Measuring from Python: by a folder and a table, or by a name and a store."""

import datetime as dt

import pandas as pd
import pytest

import clienteling as cl
from clienteling.campaigns.kept import keep_folder
from clienteling.errors import DataError, InputError
from clienteling.ledger.forget import forget
from clienteling.ledger.store import open_store
from clienteling.measurement.observed import Observed

DAY = dt.date(2026, 3, 1)


def planned(folder, holdout=0.25, name="spring", **more):
    customers = cl.read("sample")
    plan = cl.plan_campaign(
        cl.segment(customers), customers, name=name, holdout=holdout, day=DAY, **more
    )
    return plan.write(folder).out


def came(ids):
    return pd.DataFrame({"customer_id": ids, "happened_at": "2026-03-09"}).assign(
        name="response", value=1
    )


def test_without_a_holdout_it_is_said_what_was_observed(tmp_path):
    folder = planned(tmp_path / "spring", holdout=0.0)
    found = cl.measure_campaign(folder, came([1, 2, 3]))
    assert isinstance(found, Observed)
    cl.import_outcomes(tmp_path / "shop.db", folder, came([1, 2, 3]))
    assert cl.measure_campaign("spring", store=tmp_path / "shop.db") == found


def test_before_the_end_there_is_no_verdict(tmp_path):
    folder = planned(tmp_path / "spring")
    found = cl.measure_campaign(folder, came(range(1, 90)), today=dt.date(2026, 3, 10))
    assert found.verdict.code == "collecting"
    assert isinstance(found, cl.CampaignLift)


def test_nobody_waits_for_who_was_forgotten(tmp_path):
    folder = planned(tmp_path / "spring")
    with open_store(tmp_path / "shop.db", create=True) as store:
        keep_folder(store, folder)
        forget(store, 1)
        forget(store, 2)
    found = cl.measure_campaign(folder, came(range(1, 90)))
    assert found.found.experiment.customers == 198
    assert found.verdict.code != "collecting"
    said = "2 of 200 planned customers are not in the decisions any more"
    assert any(each.startswith(said) for each in found.notes)


def test_what_cannot_be_meant_is_refused(tmp_path):
    folder = planned(tmp_path / "spring")
    for given in ({}, {"outcomes": came([1]), "store": "shop.db"}):
        with pytest.raises(InputError, match="one of them"):
            cl.measure_campaign(folder, **given)
    with pytest.raises(InputError, match="is no campaign's folder"):
        cl.measure_campaign(tmp_path / "nowhere", came([1]))
    store = tmp_path / "shop.db"
    assert cl.import_outcomes(store, folder, came([1, 2, 999])).new == 2
    with pytest.raises(DataError, match='there is no campaign "sprin"'):
        cl.import_outcomes(store, "sprin", came([1]))
    other = planned(tmp_path / "other", holdout=0.5)
    with pytest.raises(DataError, match="another campaign is kept under the name"):
        cl.import_outcomes(store, other, came([1]))
