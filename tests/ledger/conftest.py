"""Stores that a test body runs on: SQLite always, PostgreSQL where there is a server."""

import datetime as dt
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clienteling.ledger.campaigns import Campaign
from clienteling.ledger.store import Store, open_store
from tests.engines.conftest import postgres_url  # noqa: F401

_NUMBERS = itertools.count(1)
DAY = dt.date(2026, 3, 1)
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a new store is to be made."""
    if request.param == "sqlite":
        return str(tmp_path / "shop.db")
    return str(request.getfixturevalue("postgres_place"))


@pytest.fixture
def postgres_place(postgres_url: str) -> Iterator[str]:  # noqa: F811
    """Return the address of a schema of the test's own."""
    import psycopg

    schema = f"ledger_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    yield f"{postgres_url}?options=-csearch_path%3D{schema}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    with open_store(place, create=True) as opened:
        yield opened


def spring(**more: object) -> Campaign:
    """Return a campaign, with what a test wants different."""
    plain = {
        "id": "spring",
        "created_at": dt.datetime(2026, 2, 20, tzinfo=dt.UTC),
        "day": DAY,
        "policy": "strategy",
        "salt": "spring:",
        "holdout": 0.1,
        "global_holdout": 0.02,
        "plan": {"policy": {"kind": "strategy", "explore": 0.0}},
        "model_fingerprint": "5d41402a",
        "catalogue_fingerprint": "7d793037",
        "catalogue": "general",
        "customers": 200,
        "counts": {"offer": {"wine": 150}, "holdout": {"wine": 20}, "nothing": {"nothing": 30}},
        "cost": 375.0,
        "profit": (10.0, 75.5, 140.25),
        "features": ("Age", "Income"),
    }
    return Campaign(**{**plain, **more})  # type: ignore[arg-type]
