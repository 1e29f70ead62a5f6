"""``clienteling rfm``: from transactions to a row per customer, with RFM scores and segments."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clienteling.cli.options import (
    AsJson,
    Engine,
    Memory,
    Reading,
    Threads,
    open_source,
    with_reading,
)
from clienteling.cli.output import console, print_json, print_notes, progress_bar, say, table
from clienteling.errors import InputError, OutputError

if TYPE_CHECKING:
    from clienteling.features.rfm import RFM
    from clienteling.run import Run
    from clienteling.segmentation.rules import RulesModel

__all__ = ["rfm"]


class Duplicates(StrEnum):
    """What becomes of rows that repeat an earlier one in every column."""

    KEEP = "keep"
    DROP = "drop"


def _folder(given: Path | None) -> Path | None:
    """Refuse the next option where a folder should stand: it would be taken for its name."""
    if given is not None and str(given).startswith("-"):
        raise typer.BadParameter(f'needs a folder before "{given}"; say --behaviour DIR.')
    return given


Cuts = Annotated[
    str | None,
    typer.Option(metavar="A,B,C,D", help="Where its scores end, instead of the quintiles."),
]


@with_reading
def rfm(
    transactions: Annotated[
        str,
        typer.Argument(
            metavar="TRANSACTIONS",
            help="A file, folder or database's table with a row per line of an invoice.",
            show_default=False,
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE|FOLDER|TABLE",
            help="A .parquet or .csv file, a folder of Parquet, or a database's table by its URL.",
            show_default=False,
        ),
    ],
    customer: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column with the customer's id.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column with the date.")
    ] = None,
    amount: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column with the amount of the line.")
    ] = None,
    quantity: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Without an amount: what the price is multiplied by."),
    ] = None,
    price: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Without an amount: the price of one.")
    ] = None,
    invoice: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The invoice; without one, a day is a purchase."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="The day to count to; else the one after the last."
        ),
    ] = None,
    duplicates: Annotated[
        Duplicates, typer.Option(help="What becomes of rows that repeat an earlier one whole.")
    ] = Duplicates.KEEP,
    cancel_prefix: Annotated[
        str, typer.Option(metavar="TEXT", help="Invoices that begin with it are cancellations.")
    ] = "C",
    recency_cuts: Cuts = None,
    frequency_cuts: Cuts = None,
    monetary_cuts: Cuts = None,
    playbook: Annotated[
        str, typer.Option(metavar="FILE|NAME", help="Segments by rules of your own.")
    ] = "rfm",
    model: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the segments as a model too, for score, segment and sql."
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the segments as a page to read: report.html, say."
        ),
    ] = None,
    behaviour: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Form segments by K-means on the same measures too, and write model, offers, "
            "report and pictures there, as clienteling run does.",
            callback=_folder,
        ),
    ] = None,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    reading: Reading | None = None,
    as_json: AsJson = False,
) -> None:
    """Make customers of transactions: recency, frequency, monetary value, scores and segments.

    Columns with usual names are found by themselves. The result is whole or not there at all.
    """
    from clienteling.data.destinations import check_destination, write_to
    from clienteling.features.measures import MEASURES
    from clienteling.features.rfm import rfm as customers_of
    from clienteling.report.rules_page import write_rules_report
    from clienteling.run import run as run_all
    from clienteling.run_document import as_document
    from clienteling.run_folder import check_out, publish
    from clienteling.segmentation.rfm_model import rfm_model, with_segment
    from clienteling.segmentation.rules_playbook import load_rules_playbook

    destination = check_destination(out)
    if behaviour is not None:
        check_out(behaviour)
    _refuse_same(transactions, out, model=model, report=report)
    own = _cuts(recency=recency_cuts, frequency=frequency_cuts, monetary=monetary_cuts)
    worded = load_rules_playbook(playbook)
    with progress_bar(as_json) as progress:
        progress("Counting the transactions", 0.0)
        made = customers_of(
            open_source(transactions, engine, memory, threads, reading),
            customer=customer,
            date=date,
            amount=amount,
            quantity=quantity,
            price=price,
            invoice=invoice,
            as_of=as_of,
            duplicates=duplicates.value,
            cuts=own,
            cancel_prefix=cancel_prefix,
        )
        progress("Making the segments", 0.5)
        segments = rfm_model(made, playbook=worded)
        # Before anything is written: a table that can't be divided ends the command whole.
        found = None
        if behaviour is not None:
            measured = made.table.only("customer_id", *(each.name for each in MEASURES))
            found = run_all(
                measured, id="customer_id", roles="auto", transform="auto", progress=progress
            )
        write_to(
            destination,
            with_segment(segments, made.table),
            lambda customers: customers,
            fingerprint=hashlib.sha256(segments.to_json().encode()).hexdigest(),
            progress=lambda share: progress("Writing the customers", 0.6 + 0.4 * share),
        )
        if model is not None:
            segments.save(model)
        if report is not None:
            write_rules_report(report, segments)
        if found is not None and behaviour is not None:
            publish(found, behaviour)
    if as_json:
        document = _document(made, segments, destination.shown, model)
        if found is not None:
            document["behaviour"] = {**as_document(found), "out": str(behaviour)}
        print_json(document)
        return
    _show(made, segments, destination.shown, model)
    if found is not None and behaviour is not None:
        _show_behaviour(found, behaviour)


def _show_behaviour(found: Run, out: Path) -> None:
    console().print()
    say("Segments by behaviour, formed by K-means", style="bold")
    shown = table("Segment", "Customers", "Share", right=("Customers", "Share"))
    for each in found.model.segments:
        shown.add_row(each.name, f"{each.size:,}", f"{each.share:.1%}")
    console().print(shown)
    say(found.model.why_k, 2)
    say(f"Written to {out}; {out / 'report.html'} shows them.")


def _refuse_same(source: str, out: str, **files: Path | None) -> None:
    from clienteling.data.urls import is_url, parse_url

    same = Path(out).exists() and Path(source).exists() and Path(out).samefile(source)
    if is_url(out) and is_url(source):
        ours, theirs = parse_url(out), parse_url(source)
        same = (ours.url, ours.table) == (theirs.url, theirs.table)
    if same:
        raise OutputError(
            f"{out}: is the source itself, and the result would replace the transactions.",
            hint="Name another file with --out.",
        )
    taken = {
        Path(source).absolute(): "the source",
        Path(out).absolute(): "the file of the customers",
    }
    for option, file in files.items():
        if file is None:
            continue
        what = taken.get(file.absolute())
        if what:
            raise OutputError(
                f"{file}: is {what} itself.", hint=f"Name another file with --{option}."
            )
        if file.is_dir() or not file.absolute().parent.is_dir():
            example = "model.json" if option == "model" else "report.html"
            raise OutputError(
                f"{file}: can't be written as a file.", hint=f"Name it as --{option} {example}"
            )
        taken[file.absolute()] = f"the file of --{option}"


def _cuts(**given: str | None) -> dict[str, list[float]]:
    cuts, faults = {}, []
    for measure, said in given.items():
        if said is None:
            continue
        try:
            cuts[measure] = [float(each) for each in said.split(",")]
        except ValueError:
            faults.append(f'--{measure}-cuts is "{said}".')
    if faults:
        raise InputError(
            "The cuts are not understood.",
            faults=faults,
            hint="Write four ascending numbers: --recency-cuts 30,90,180,365",
        )
    return cuts


def _document(made: RFM, segments: RulesModel, out: str, model: Path | None) -> dict[str, Any]:
    return {
        "out": out,
        "model": str(model) if model else None,
        "customers": made.customers,
        "only_returns": made.only_returns,
        "as_of": made.as_of.isoformat(),
        "first": made.first.isoformat(),
        "last": made.last.isoformat(),
        "counts": asdict(made.counts),
        "thresholds": {key: list(cuts) for key, cuts in made.thresholds.items()},
        "segments": [each.model_dump() for each in segments.segments],
        "notes": list(made.notes),
    }


def _show(made: RFM, segments: RulesModel, out: str, model: Path | None) -> None:
    counts = made.counts
    some = made.only_returns > 0
    buyers = f", of whom {made.customers - made.only_returns:,} bought something," if some else ""
    say(
        f"{made.customers:,} customers{buyers} from {counts.kept:,} of {counts.rows:,} rows, "
        f"{made.first} to {made.last}, counted to {made.as_of}."
    )
    rows = table("Rows", "Number", right=("Number",))
    found = (
        ("Cancelled", counts.cancelled),
        ("With a negative quantity", counts.negative_quantities),
        ("Returns in all", counts.returns),
        ("Without a customer", counts.without_customer),
        ("Without a usable date", counts.unusable_dates),
        ("Without a usable amount", counts.unusable_amounts),
        ("Later than the day", counts.after),
        ("Repeated", counts.duplicates),
        ("Price of zero or below", counts.non_positive_prices),
    )
    for what, number in found:
        if number:
            rows.add_row(what, f"{number:,}")
    screen = console()
    if rows.row_count:
        screen.print(rows)
    scores = table("Score", "1", "2", "3", "4", "5", right=("1", "2", "3", "4", "5"))
    for measure, cuts in made.thresholds.items():
        scores.add_row(measure, *_bands(cuts, low_is_best=measure == "recency"))
    screen.print(scores)
    share = "Share of buyers" if some else "Share"
    shown = table(
        *("Segment", "Customers", share, "Net value", "Share of it"),
        right=("Customers", share, "Net value", "Share of it"),
    )
    for each in segments.segments:
        part = "" if each.revenue_share is None else f"{each.revenue_share:.1%}"
        shown.add_row(
            each.name, f"{each.size:,}", f"{each.share:.1%}", f"{each.revenue:,.0f}", part
        )
    screen.print(shown)
    print_notes(made.notes)
    screen.print(f"Written to {out}" + (f" and {model}" if model else ""))


def _bands(cuts: tuple[float, ...], *, low_is_best: bool) -> list[str]:
    """Return the values of each score in words, from score 1 to 5."""
    bands = [f"to {cuts[0]:,.10g}"]
    bands += [f"to {cut:,.10g}" if cut > low else "–" for low, cut in itertools.pairwise(cuts)]
    bands.append(f"above {cuts[-1]:,.10g}")
    return bands[::-1] if low_is_best else bands
