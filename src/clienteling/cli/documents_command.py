"""``clienteling playbook`` and ``clienteling offers write``: the built-in words, to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clienteling.cli.options import AsJson
from clienteling.cli.output import print_json
from clienteling.errors import OutputError

__all__ = ["playbook", "write_offers"]

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A built-in one: income-spending, general or rfm.")
]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The file to write; else it is printed.")
]


def playbook(name: Name = "income-spending", out: Out = None, as_json: AsJson = False) -> None:
    """Write out a built-in playbook: segment names, descriptions and strategies, as YAML."""
    from clienteling.segmentation.playbook import playbook_text
    from clienteling.segmentation.rules_playbook import built_in_rules, rules_text

    text = rules_text(name) if name in built_in_rules() else playbook_text(name)
    _write(text, out, as_json)


def write_offers(name: Name = "income-spending", out: Out = None, as_json: AsJson = False) -> None:
    """Write out a built-in catalogue of offers, as YAML."""
    from clienteling.offers.catalogue import catalogue_text

    _write(catalogue_text(name), out, as_json)


def _write(text: str, out: Path | None, as_json: bool) -> None:
    if out is not None:
        try:
            # A file of somebody's own words is never written over.
            with out.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError as error:
            raise OutputError(
                f"{out}: is there already.", hint="Name another file, or move that one away."
            ) from error
        except OSError as error:
            raise OutputError(f"{out}: can't be written ({error.strerror}).") from error
    if as_json:
        print_json({"out": str(out) if out else None, "text": text})
    else:
        typer.echo(f"Written to {out}" if out else text, nl=out is not None)
