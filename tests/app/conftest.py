"""Studies without a browser, the app without a server, and the app in a real browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from clienteling.app.session import sample_study
from clienteling.app.study import Study
from clienteling.data.read import read
from clienteling.offers.catalogue import catalogue_for
from clienteling.offers.recommend import recommend
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.segment import build_model, fit_segments

ROOT = Path(__file__).parents[2]
#: Starting a server or a page on a busy machine.
PATIENCE = 60_000


@pytest.fixture(scope="session")
def sample() -> Study:
    """Return the study that the app keeps, so that a test process computes it once."""
    return sample_study()


@pytest.fixture(scope="session")
def study_of() -> Callable[[pd.DataFrame, int], Study]:
    """Return a way to make a study with a given number of segments of any frame."""

    def made(frame: pd.DataFrame, k: int) -> Study:
        prepared = prepare(read(frame), list(frame.columns))
        choice = fit_segments(prepared, k)
        model = build_model(prepared, choice, 0)
        catalogue = catalogue_for(model)
        rows = recommend(model, prepared.table, offers=catalogue).to_arrow()
        margins = np.sort(rows.column("margin").drop_null().to_numpy())
        return Study(
            *("own", False, model, choice, catalogue, (), prepared.sketch, rows, margins),
            opens=lambda: nullcontext(read(frame)),
        )

    return made


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run ``streamlit run app.py`` as a visitor of the repository does, on a free loopback port."""
    with _serving({}) as url:
        yield url


@pytest.fixture(scope="session")
def store_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the same with a store of its own."""
    place = tmp_path_factory.mktemp("store") / "shop.db"
    with _serving({"CLIENTELING_STORE": str(place)}) as url:
        yield url


@contextmanager
def _serving(more: Mapping[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    ours = ("STREAMLIT", "CLIENTELING_STORE")
    kept = {key: e for key, e in os.environ.items() if not any(each in key for each in ours)}
    environment = {**kept, **more}
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(running, f"{url}/_stcore/health")
        yield url
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait_for(running: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        assert running.poll() is None, "the server ended before it answered"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.read() == b"ok"
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")


@pytest.fixture(scope="session")
def browser(chromium_path: Path, playwright: Any) -> Iterator[Any]:
    """Run Chromium, through Playwright, and return a context to open pages in."""
    running = playwright.chromium.launch(
        executable_path=chromium_path,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    )
    # One context, so that its cache holds the app's scripts; each page is another visitor.
    context = running.new_context()
    context.set_default_timeout(PATIENCE)
    yield context
    running.close()


@pytest.fixture
def visit(server: str, browser: Any) -> Iterator[Callable[..., Any]]:
    """Return a way to open a page, as a new visitor.

    Afterwards it is checked that the page asked nobody but our own server, and had no error.
    """
    yield from _visits(server, browser)


@pytest.fixture
def visit_with_store(store_server: str, browser: Any) -> Iterator[Callable[..., Any]]:
    """Return the same for an app that was started with a store."""
    yield from _visits(store_server, browser)


def _visits(server: str, browser: Any) -> Iterator[Callable[..., Any]]:
    pages: list[Any] = []
    elsewhere: list[str] = []
    errors: list[str] = []

    def opened(path: str, *, width: int = 1280, dark: bool = False) -> Any:
        page = browser.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("request", lambda request: _note_elsewhere(request.url, server, elsewhere))
        page.on("console", lambda message: _note_error(message, errors))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server}/{path}")
        return page

    yield opened
    for page in pages:
        page.close()
    assert elsewhere == []
    assert errors == []


def _note_elsewhere(url: str, server: str, elsewhere: list[str]) -> None:
    if not url.startswith((f"{server}/", "data:", f"blob:{server}/")):
        elsewhere.append(url)


def _note_error(message: Any, errors: list[str]) -> None:
    # Streamlit looks for its server below the page's address first, and finds it at the root.
    if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
        errors.append(message.text)
