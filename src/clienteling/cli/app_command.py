"""``clienteling app``: the web app."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from clienteling.errors import InputError, MissingExtra

__all__ = ["app"]


def app(
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8501,
    address: Annotated[
        str, typer.Option(help="The address to listen on; localhost is this machine only.")
    ] = "localhost",
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = False,
) -> None:
    """Open the web app: customers, segments, offers, campaigns and what they brought."""
    if as_json:
        raise InputError("The web app has no JSON document.", hint="Leave --json out.")
    if any(importlib.util.find_spec(each) is None for each in ("streamlit", "altair")):
        raise MissingExtra("The web app's pages", "app")
    start = Path(__file__).resolve().parents[1] / "app" / "start.py"
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(start)),
        *("--server.port", str(port), "--server.address", address),
        *("--server.headless", "false" if browser else "true"),
        *("--browser.gatherUsageStats", "false"),
    ]
    raise typer.Exit(subprocess.call(command))
