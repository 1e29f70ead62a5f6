"""``clienteling choose-k``: the evidence for each number of segments, and the choice in words."""

from __future__ import annotations

from dataclasses import asdict

from clienteling.cli.options import (
    AsJson,
    Engine,
    Features,
    Id,
    Impute,
    Memory,
    Reading,
    Roles,
    Seed,
    Source,
    Threads,
    TransformOption,
    feature_names,
    open_source,
    transforms_of,
    with_reading,
)
from clienteling.cli.output import console, print_json, print_notes, progress_bar, table
from clienteling.cli.proposed import print_proposed

__all__ = ["choose_k"]


@with_reading
def choose_k(
    source: Source,
    features: Features = None,
    roles: Roles = None,
    transform: TransformOption = None,
    impute: Impute = None,
    id: Id = None,
    seed: Seed = 0,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Show the evidence for each number of segments, and the choice in words."""
    from clienteling.segmentation.choose_k import choose_k as choose
    from clienteling.segmentation.segment import prepare

    customers = open_source(source, engine, memory, threads, reading)
    with progress_bar(as_json) as progress:
        prepared = prepare(
            customers,
            feature_names(features),
            transform=transforms_of(transform),
            id=id,
            roles=roles,
            impute=impute,
        )
        choice = choose(prepared.sketch, seed=seed, progress=progress)
    print_proposed(prepared.proposed)
    if as_json:
        print_json(
            {
                "k": choice.k,
                "why_k": choice.why,
                "elbow_k": choice.elbow_k,
                "silhouette_k": choice.silhouette_k,
                "structure": asdict(choice.structure) if choice.structure else None,
                "choose_k": [asdict(row) for row in choice.rows],
                "features": [each.name for each in prepared.features],
                "customers": prepared.usable.rows,
                "notes": list(prepared.notes),
            }
        )
        return
    screen = console()
    figures = ("Inertia", "Silhouette", "Calinski-Harabasz", "Davies-Bouldin")
    shown = table("", "k", *figures, right=("k", *figures))
    for row in choice.rows:
        shown.add_row(
            "→" if row.k == choice.k else "",
            str(row.k),
            f"{row.inertia:,.3f}",
            *(
                "" if value is None else f"{value:,.3f}"
                for value in (row.silhouette, row.calinski_harabasz, row.davies_bouldin)
            ),
        )
    screen.print(shown)
    screen.print(choice.why)
    screen.print(
        "Elbow and silhouette decide; Calinski-Harabasz (higher is better) and Davies-Bouldin "
        "(lower is better) are shown beside them and have no vote."
    )
    print_notes(prepared.notes)
