"""``clienteling run``: the whole way from a table to offers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clienteling.cli.next_command import plan_command
from clienteling.cli.options import (
    AsJson,
    Categorical,
    Engine,
    Features,
    Id,
    Impute,
    K,
    Memory,
    Offers,
    Playbook,
    Reading,
    Require,
    Roles,
    RowsAreCustomers,
    Seed,
    Source,
    Threads,
    TransformOption,
    feature_names,
    number_of_segments,
    open_source,
    transforms_of,
    with_reading,
)
from clienteling.cli.output import (
    console,
    decimals,
    print_json,
    print_notes,
    progress_bar,
    say,
    say_careful,
    table,
)
from clienteling.cli.proposed import print_proposed, unsaid
from clienteling.errors import InputError

if TYPE_CHECKING:
    from clienteling.offers.reach import Reach
    from clienteling.run import Run
    from clienteling.segmentation.model import Model
    from clienteling.segmentation.model_features import Feature

__all__ = ["run"]

_SHOWN = 5
#: Features in the table of segments: more make it too wide for a screen.
_FEATURES = 4
#: What the columns before them take: name, number and share.
_NAME = 40
#: Columns that took no part, of which it is said how they go with the segments.
_ASSOCIATED = 5


@with_reading
def run(
    source: Source,
    features: Features = None,
    categorical: Categorical = None,
    roles: Roles = None,
    transform: TransformOption = None,
    impute: Impute = None,
    k: K = "auto",
    playbook: Playbook = None,
    offers: Offers = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the result.")] = Path(
        "clienteling-out"
    ),
    csv: Annotated[
        bool | None,
        typer.Option(
            "--csv/--no-csv",
            help="Write the recommendations as CSV too; by default up to a million customers.",
            show_default=False,
        ),
    ] = None,
    require: Require = None,
    previous: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="The earlier model.json, for largest-drift."),
    ] = None,
    id: Id = None,
    rows_are_customers: RowsAreCustomers = False,
    seed: Seed = 0,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Go the whole way: segments, names, strategies, offers, pictures and a report.

    Writes model.json, segments.csv, recommendations.parquet and .csv, report.html and images/
    into the output folder, at the end and whole.
    """
    number = number_of_segments(k)
    from clienteling.run import run as run_all
    from clienteling.run_document import as_document
    from clienteling.run_folder import check_out, publish
    from clienteling.segmentation.drift import drift
    from clienteling.segmentation.limits import check_limits, parse_limits
    from clienteling.segmentation.load import load_model

    limits = parse_limits(require)
    if "largest-drift" in limits and previous is None:
        raise InputError(
            "largest-drift is measured against an earlier model, and none is named.",
            hint="Name its file with --previous MODEL.",
        )
    earlier = load_model(previous) if previous is not None else None
    check_out(out)
    customers = open_source(source, engine, memory, threads, reading)
    with progress_bar(as_json) as progress:
        found = run_all(
            customers,
            feature_names(features),
            categorical=feature_names(categorical) or (),
            k=number,
            transform=transforms_of(transform),
            playbook=playbook,
            offers=offers,
            id=id,
            roles=roles,
            impute=impute,
            rows_are_customers=rows_are_customers,
            seed=seed,
            progress=progress,
            ready=lambda prepared: print_proposed(prepared.proposed, source),
        )
        against = drift(earlier, customers) if earlier is not None else None
        check_limits(limits, found.model, against)
        progress("Writing", 1.0)
        written = publish(found, out, csv=csv)
    if as_json:
        document = {**as_document(found), "out": str(out)}
        if against is not None:
            document["drift"] = {"verdict": against.verdict, "largest_drift": against.largest}
        print_json(document)
        return
    _print(found, out, written)
    console().print("\nNext: a campaign that shows whether the offers pay", style="bold")
    say("It gives half of those whom it would reach nothing, drawn by chance, to compare with:", 2)
    # Whole on its line, however long it is, so that it can be copied.
    said = plan_command(source, out, offers=offers, id=id, engine=engine, reading=reading)
    console().print(f"  {said}", soft_wrap=True)


def _telling(model: Model, width: int) -> list[Feature]:
    """Return the features that fit on a screen: those in which the segments lie farthest apart.

    By them the segments are named, where no playbook names them.

    Parameters
    ----------
    model : the segments
    width : of the screen, in letters
    """
    apart = abs(model.centres).max(axis=0).tolist()
    order = sorted(range(len(apart)), key=lambda index: -apart[index])[:_FEATURES]
    room = width - _NAME
    taken: list[int] = []
    for index in order:
        room -= len(model.features[index].words.heading) + 3
        if room < 0 and taken:
            break
        taken.append(index)
    return [model.features[index] for index in sorted(taken)]


def _print_offers(reached: Reach) -> None:
    for sent in reached.sent:
        only = reached.how_many(sent)
        said = f"{sent.rank}. {sent.offer.title}. {sent.reason}"
        say(f"{said} ({only})" if only else said, 4)
    for closed in reached.closed:
        say(f'Nobody of this segment gets "{closed.offer.title}": {closed.why}.', 4)
    if reached.sent and reached.without:
        say(reached.without_words, 4)
    if not reached.sent:
        say("Nobody of this segment gets an offer.", 4, style="bold")


def _print(found: Run, out: Path, written: list[Path]) -> None:
    from clienteling.offers.reach import same_for_all
    from clienteling.report.figures import column_heading
    from clienteling.segmentation.no_groups import NO_GROUPS, no_groups, why_beside_warning

    screen, model = console(), found.model
    many = f"{found.prepared.usable.usable:,} customers"
    kinds = "1 segment" if model.k == 1 else f"{model.k} segments"
    screen.print(f"\n{many} in {kinds}", style="bold")
    say_careful(found.prepared.careful)
    warned = no_groups(model)
    if warned:
        say(f"{NO_GROUPS}.", 2, style="bold")
        for sentence in warned:
            say(sentence, 2)
    features = _telling(model, screen.width)
    heads = [each.words.heading for each in features]
    shown = table("Segment", "Customers", "Share", *heads, right=("Customers", "Share", *heads))
    centres = [model.centre_of(each) for each in model.segments]
    places = {each.name: decimals([centre[each.name] for centre in centres]) for each in features}
    for row, centre in zip(model.segments, centres, strict=True):
        shown.add_row(
            f"{row.name} (unstable)" if row.is_unstable else row.name,
            f"{row.size:,}",
            f"{row.share:.1%}",
            *(_figure(each, centre[each.name], places[each.name]) for each in features),
        )
    if model.k > 1:
        overall = dict(zip(model.feature_names, model.overall.tolist(), strict=True))
        shown.add_section()
        shown.add_row(
            "All customers",
            f"{found.prepared.usable.usable:,}",
            "100%",
            *(_figure(each, overall[each.name], places[each.name]) for each in features),
        )
    screen.print(shown)
    if len(model.features) > len(features):
        those = "feature that tells" if len(features) == 1 else "features that tell"
        say(
            f"The {those} the segments apart the most; all {len(model.features)} are in "
            "segments.csv.",
            2,
        )
    screen.print("Who they are and what to offer", style="bold")
    same = same_for_all(model.segments, found.reach)
    warnings: set[str] = set()
    for each in model.segments:
        say(f"{each.name}: {each.explanation}.", 2)
        if each.fit:
            say(each.fit, 4)
        if each.typical:
            say(f"For example: {model.typical_words(each)}.", 4)
        if each.rule:
            say(f"Rule of thumb: {each.rule.sentence}.", 4)
        if each.warning:
            kind = each.warning.partition(":")[0]
            as_said = f"{kind}, as said above (overlap {each.stability:.2f} of 1)."
            say(as_said if kind in warnings else each.warning, 4, style="bold")
            warnings.add(kind)
        if not same:
            say(f"Strategy: {each.strategy}.", 4)
            _print_offers(found.reach[each.id])
    if same:
        any_one = model.segments[0]
        say("All segments alike:", 2)
        say(f"Strategy: {any_one.strategy}.", 4)
        _print_offers(found.reach[any_one.id])
    if model.associations:
        screen.print("\nWhat else goes with the segments", style="bold")
        say(
            "Columns that took no part, and how strongly they go with the segments; 0 is not at "
            "all, 1 is wholly:",
            2,
        )
        for other in model.associations[:_ASSOCIATED]:
            measured = f"{other.measure} {other.value:.2f}"
            say(f"{column_heading(other.column)}: {other.words} ({measured})", 4)
    screen.print("\nWhy this many", style="bold")
    say(why_beside_warning(model), 2)
    screen.print("\nDBSCAN, for comparison only", style="bold")
    comparison = found.comparison
    say(f"eps {comparison.eps:.3f}, min_samples {comparison.min_samples}: {comparison.verdict}", 2)
    screen.print("\nThe first customers", style="bold")
    first = table("Customer", "Segment", "First offer", "Margin", right=("Margin",))
    for customer in found.recommended.first(_SHOWN):
        margin = customer["margin"]
        first.add_row(
            str(customer["customer_id"]),
            customer["segment"] or "–",
            customer["offer_1"] or customer["note"] or "–",
            "–" if margin is None else f"{margin:.2f}",
        )
    screen.print(first)
    if model.k > 1:
        say(
            "Margin: how much farther the next nearest segment is than their own, in standard "
            "deviations; 0 is on the border.",
            2,
        )
    if not any(each.suffix == ".png" for each in written):
        screen.print('No pictures were drawn; for those: pip install "clienteling[plots]"')
    print_notes(unsaid(found.notes, found.prepared))
    screen.print(f"\nWritten to {out}", style="bold")
    base = out.resolve()
    for path in written:
        screen.print(f"  {path.relative_to(base)}")


def _figure(feature: Feature, value: float, places: int) -> str:
    return feature.words.number(value) if feature.level else f"{value:,.{places}f}"
