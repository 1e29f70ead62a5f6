"""What several test files need: the sample, larger public data, a browser.

A test that lacks something optional is skipped and says what to install. Where the environment
variable CLIENTELING_REQUIRE lists it ("browser,data"), the test fails instead.
"""

import gc
import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_finish() -> None:
    """Keep what was collected out of every later collection of garbage: it stays anyway."""
    gc.freeze()


def lacking(what: str, remedy: str) -> None:
    """Skip the test, or fail it where CLIENTELING_REQUIRE lists what it lacks."""
    required = os.environ.get("CLIENTELING_REQUIRE", "").replace(",", " ").split()
    if what in required:
        pytest.fail(f"CLIENTELING_REQUIRE lists {what!r}, but it is missing: {remedy}")
    pytest.skip(remedy)


@pytest.fixture(scope="session")
def mall_csv() -> Path:
    return ROOT / "Mall_Customers.csv"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder with the larger public data sets."""
    named = os.environ.get("CLIENTELING_DATA")
    if not named:
        lacking("data", "set CLIENTELING_DATA to the folder with the public data sets")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"CLIENTELING_DATA names {named!r}, which is not a folder")
    return folder


@pytest.fixture(scope="session")
def spark_ready() -> None:
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        lacking(
            "spark",
            "install Java 17 (Debian: apt-get install openjdk-17-jre-headless) and "
            '"clienteling[spark]"',
        )


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    """Return Playwright, started once a process: a second start in it is refused."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with sync_api.sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        lacking("browser", "install Chromium (Debian, Ubuntu: apt-get install chromium)")
    return Path(found)
