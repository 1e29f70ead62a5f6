"""``clienteling drift``: whether a saved model still fits."""

from __future__ import annotations

from dataclasses import asdict

from clienteling.cli.options import (
    AsJson,
    Engine,
    Memory,
    ModelFile,
    Reading,
    Source,
    Threads,
    open_source,
    with_reading,
)
from clienteling.cli.output import console, print_json, print_notes, say, table

__all__ = ["drift"]


@with_reading
def drift(
    model: ModelFile,
    source: Source,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Hold a saved model against new customers, and say: keep, watch or refit."""
    from clienteling.segmentation.drift import drift as measure
    from clienteling.segmentation.load import load_model
    from clienteling.segmentation.missing_again import words_as_missing

    loaded = load_model(model)
    customers = open_source(source, engine, memory, threads, reading)
    found = measure(loaded, customers)
    notes = [*customers.notes, *words_as_missing(loaded, customers)]
    if as_json:
        shifts = [{**asdict(each), "verdict": each.verdict} for each in found.features]
        print_json(
            {
                "verdict": found.verdict,
                "why": found.why,
                "customers": found.customers,
                "scored": found.usable,
                "largest_drift": found.largest,
                "features": shifts,
                "segments": {**asdict(found.segments), "verdict": found.segments.verdict},
                "error_then": found.error_then,
                "error_now": found.error_now,
                "far": found.far,
                "error_near": found.error_near,
                "notes": notes,
            }
        )
        return
    say(found.why, style="bold")
    shown = table(
        "Spread of", "PSI", "By chance up to", "Verdict", right=("PSI", "By chance up to")
    )
    for each in (*found.features, found.segments):
        shown.add_row(each.what, f"{each.psi:.3f}", f"{each.chance:.3f}", each.verdict)
    console().print(shown)
    shares = table("Segment", "At the fit", "Now", right=("At the fit", "Now"))
    names = [each.name for each in loaded.segments]
    for row in zip(names, found.segments.then, found.segments.now, strict=True):
        shares.add_row(row[0], f"{row[1]:.1%}", f"{row[2]:.1%}")
    console().print(shares)
    say(
        "PSI: population stability index. Below 0.1 nothing to speak of has changed, above 0.25 "
        "much has; what chance alone can bring about raises both limits.",
        2,
    )
    print_notes(notes)
