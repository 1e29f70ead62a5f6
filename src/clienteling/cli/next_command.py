"""The command that comes after a run, filled in with what that was given."""

from __future__ import annotations

import csv
import io
import shlex
from pathlib import Path

from clienteling.cli.options import Reading

__all__ = ["plan_command"]


def plan_command(
    source: str,
    out: Path,
    *,
    offers: str | None = None,
    id: str | None = None,
    engine: str | None = None,
    reading: Reading | None = None,
) -> str:
    """Return the command that plans a campaign for the customers of a run.

    Parameters
    ----------
    source, offers, id, engine, reading : as the run was given them; a password is left out
    out : the folder of its result

    Examples
    --------
    >>> plan_command("my shop.csv", Path("found"), id="key")
    "clienteling campaign plan found/model.json 'my shop.csv' --name spring --holdout 0.5 --id key"
    """
    parts = ["clienteling campaign plan", shlex.quote((out / "model.json").as_posix())]
    parts += [shlex.quote(_without_password(source)), "--name spring --holdout 0.5"]
    given = [("--offers", offers), ("--id", id), ("--engine", engine), *_read(reading or {})]
    parts += [f"{option} {shlex.quote(value)}" for option, value in given if value]
    return " ".join(parts)


def _without_password(source: str) -> str:
    from clienteling.data.urls import is_url, without_password

    return without_password(source) if is_url(source) else source


def _read(reading: Reading) -> list[tuple[str, str]]:
    """Return the options that say how a source is read, each as it would be typed."""
    options: list[tuple[str, str]] = []
    for name, value in reading.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, dict):
            options += [
                (option, f"{k}={','.join(f'{v:g}' for v in vs)}") for k, vs in value.items()
            ]
        elif name == "as_text":
            options.append((option, _comma_separated(value)))
        elif isinstance(value, tuple):
            options += [(option, each) for each in value]
        elif value is not None:
            options.append((option, str(value)))
    return options


def _comma_separated(names: tuple[str, ...]) -> str:
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow(names)
    return row.getvalue()
