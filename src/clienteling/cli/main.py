"""The entry point: commands in, exit codes out.

0 done; 1 a fault of the program; 2 the input or the usage is wrong; 3 done, but a required limit
is not met. Heavy parts are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Any

import typer

from clienteling.cli import (
    app_command,
    campaign_command,
    choose_k_command,
    compare_command,
    documents_command,
    drift_command,
    forget_command,
    inspect_command,
    offers_command,
    refit_command,
    rfm_command,
    run_command,
    score_command,
    segment_command,
    sql_command,
)
from clienteling.cli.output import print_error, print_json
from clienteling.errors import ClientelingError, InputError, LimitError

__all__ = ["build", "main"]


def build() -> typer.Typer:
    """Return the command line with all its commands."""
    app = typer.Typer(
        name="clienteling",
        help="Who your customers are, and which offer each should get.",
        epilog='Start with: clienteling run sample. "sample" is the built-in Mall Customers data.',
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_version)
    app.command("run")(run_command.run)
    app.command("inspect")(inspect_command.inspect)
    app.command("choose-k")(choose_k_command.choose_k)
    app.command("compare")(compare_command.compare)
    app.command("rfm")(rfm_command.rfm)
    app.command("segment")(segment_command.segment)
    app.command("score")(score_command.score)
    app.command("drift")(drift_command.drift)
    app.command("refit")(refit_command.refit)
    app.command("sql")(sql_command.sql)
    app.command("playbook")(documents_command.playbook)
    offers = typer.Typer(help="The catalogue of offers.", no_args_is_help=True)
    offers.command("write")(documents_command.write_offers)
    offers.command("check")(offers_command.check)
    app.add_typer(offers, name="offers")
    app.add_typer(campaign_command.build_campaign(), name="campaign")
    app.command("forget")(forget_command.forget)
    app.command("app")(app_command.app)
    return app


def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        from clienteling import __version__

        typer.echo(f"clienteling {__version__}")
        raise typer.Exit


def _reader_went_away() -> int:
    """Be silent from here on: the reader has enough, as `| head` does. All files are written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]
    return 0


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    # The process ends with the command: nobody needs to look for garbage in what then goes anyway,
    # which takes a fifth of a second.
    atexit.register(gc.freeze)
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    try:
        code = build()(args=given, prog_name="clienteling", standalone_mode=False)
    except InputError as error:
        code = print_error(error, as_json=as_json, code=2)
    except LimitError as error:
        code = print_error(error, as_json=as_json, code=3)
    except ClientelingError as error:
        code = print_error(error, as_json=as_json, code=1)
    except BrokenPipeError:
        code = _reader_went_away()
    except SystemExit as end:
        # The command line's own answer to a broken pipe: it wraps the streams and ends with 1.
        if type(sys.stdout).__name__ != "PacifyFlushWrapper":
            raise end
        code = _reader_went_away()
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        code = 130
    except Exception as error:
        if not hasattr(error, "exit_code"):
            raise
        # click's own: a wrong option, an argument that is missing, an abort.
        if hasattr(error, "show"):
            if as_json:
                usage: Any = error
                said = {"kind": "UsageError", "message": usage.format_message()}
                print_json({"error": {**said, "faults": [], "hint": ""}})
            error.show()
        code = error.exit_code
    sys.exit(code if isinstance(code, int) else 0)
