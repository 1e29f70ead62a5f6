"""``clienteling choose-k``: the evidence for each number of segments, and the choice in words."""

from __future__ import annotations

from dataclasses import asdict

from clienteling.cli.options import (
    AsJson,
    Categorical,
    Engine,
    Features,
    Id,
    Impute,
    Memory,
    Reading,
    Roles,
    RowsAreCustomers,
    Seed,
    Source,
    Threads,
    TransformOption,
    feature_names,
    open_source,
    transforms_of,
    with_reading,
)
from clienteling.cli.output import (
    console,
    print_json,
    print_notes,
    progress_bar,
    say,
    say_careful,
    table,
)
from clienteling.cli.proposed import print_proposed, unsaid

__all__ = ["choose_k"]


@with_reading
def choose_k(
    source: Source,
    features: Features = None,
    categorical: Categorical = None,
    roles: Roles = None,
    transform: TransformOption = None,
    impute: Impute = None,
    id: Id = None,
    rows_are_customers: RowsAreCustomers = False,
    seed: Seed = 0,
    engine: Engine = None,
    memory: Memory = None,
    threads: Threads = None,
    as_json: AsJson = False,
    reading: Reading | None = None,
) -> None:
    """Show the evidence for each number of segments, and the choice in words."""
    from clienteling.segmentation.choose_k import choose_k as choose
    from clienteling.segmentation.model_segments import UNSTABLE
    from clienteling.segmentation.prepare import prepare

    customers = open_source(source, engine, memory, threads, reading)
    with progress_bar(as_json) as progress:
        prepared = prepare(
            customers,
            feature_names(features),
            categorical=feature_names(categorical) or (),
            transform=transforms_of(transform),
            id=id,
            roles=roles,
            impute=impute,
            rows_are_customers=rows_are_customers,
        )
        print_proposed(prepared.proposed, source)
        choice = choose(prepared.sketch, seed=seed, every=True, progress=progress)
    if as_json:
        print_json(
            {
                "k": choice.k,
                "why_k": choice.why,
                "elbow_k": choice.elbow_k,
                "silhouette_k": choice.silhouette_k,
                "structure": asdict(choice.structure) if choice.structure else None,
                "stability": asdict(choice.stability) if choice.stability else None,
                "choose_k": [asdict(row) for row in choice.rows],
                "features": [each.name for each in prepared.features],
                "customers": prepared.usable.rows,
                "notes": list(prepared.notes),
            }
        )
        return
    screen = console()
    say_careful(prepared.careful)
    figures = ("Silhouette", "Stability", "Least", "Inertia", "Calinski-H.", "Davies-B.")
    shown = table("", "k", *figures, "", right=("k", *figures))
    shown.padding = (0, 0)  # so that the mark of what is unstable finds room in 80 letters
    for row in choice.rows:
        shown.add_row(
            "→" if row.k == choice.k else "",
            str(row.k),
            *(
                "" if value is None else f"{value:,.3f}"
                for value in (
                    row.silhouette,
                    row.stability,
                    row.least_jaccard,
                    row.inertia,
                    row.calinski_harabasz,
                    row.davies_bouldin,
                )
            ),
            "unstable" if row.least_jaccard is not None and row.least_jaccard < UNSTABLE else "",
        )
    screen.print(shown)
    say(choice.why)
    say(
        "Silhouette, stability and least decide. Silhouette: how well the segments are told apart; "
        "1 is clearly, 0 not at all. Stability: how well the division agrees with what comes "
        "out when customers are drawn anew; 1 is the same segments, 0 no more than chance. Least: "
        "how far the least stable segment overlaps with the nearest one that comes out; 1 is the "
        "same customers, below 0.6 it should not be trusted."
    )
    say(
        "Inertia, whose bend is the elbow, Calinski-Harabasz (higher is better) and Davies-Bouldin "
        "(lower is better) have no vote."
    )
    print_notes(unsaid(prepared.notes, prepared))
