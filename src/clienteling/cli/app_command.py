"""``clienteling app``: the web app."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from clienteling.cli.store_option import StorePlace, say_if_new
from clienteling.errors import InputError, MissingExtra

__all__ = ["app"]

#: The largest upload, in megabytes: the pages hold the whole table in memory.
_UPLOAD = 50


def app(
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8501,
    address: Annotated[
        str, typer.Option(help="The address to listen on; localhost is this machine only.")
    ] = "localhost",
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")
    ] = True,
    store: StorePlace = None,
    campaigns: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="With a store, where campaigns are written; else the folder campaigns beside it.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = False,
) -> None:
    """Open the web app: customers, segments, offers, campaigns and what they brought."""
    if as_json:
        raise InputError("The web app has no JSON document.", hint="Leave --json out.")
    if any(importlib.util.find_spec(each) is None for each in ("streamlit", "altair")):
        raise MissingExtra("The web app's pages", "app")
    environment = _with_store(store, campaigns)
    # As .streamlit/config.toml says, which Streamlit reads in the project's folder alone.
    environment.setdefault("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", str(_UPLOAD))
    start = Path(__file__).resolve().parents[1] / "app" / "start.py"
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(start)),
        *("--server.port", str(port), "--server.address", address),
        *("--server.headless", "false" if browser else "true"),
        *("--browser.gatherUsageStats", "false"),
        # Until the pages have told their names, Streamlit would list the files beside start.py.
        *("--client.showSidebarNavigation", "false"),
    ]
    if os.name == "posix":
        # In this process's place, so that a signal to it is one to the server.
        sys.stdout.flush()
        os.execve(sys.executable, command, environment)
    raise typer.Exit(subprocess.call(command, env=environment))


def _with_store(store: str | None, campaigns: Path | None) -> dict[str, str]:
    """Return the environment of the server; a store that can't be opened is said here."""
    environment = dict(os.environ)
    if store is None:
        if campaigns is not None:
            raise InputError(
                "Campaigns are written where a store records them.", hint="Add --store shop.db."
            )
        return environment
    from clienteling.ledger.store import open_store
    from clienteling.ledger.store_place import CAMPAIGNS, STORE

    say_if_new(open_store(store, create=True)).close()
    environment[STORE] = store
    environment[CAMPAIGNS] = str(campaigns) if campaigns is not None else ""
    return environment
