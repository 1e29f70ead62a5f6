"""``clienteling compare``: K-means and DBSCAN side by side."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clienteling.cli.options import (
    AsJson,
    Categorical,
    Engine,
    Features,
    Id,
    Impute,
    K,
    Memory,
    Reading,
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
    print_json,
    print_notes,
    progress_bar,
    say_careful,
    table,
)
from clienteling.cli.proposed import print_proposed, unsaid

__all__ = ["compare"]


@with_reading
def compare(
    source: Source,
    features: Features = None,
    categorical: Categorical = None,
    roles: Roles = None,
    transform: TransformOption = None,
    impute: Impute = None,
    k: K = "auto",
    eps: Annotated[
        float | None,
        typer.Option(help="DBSCAN's radius, in standard deviations; by default the knee."),
    ] = None,
    min_samples: Annotated[
        int | None,
        typer.Option(help="Customers that make a dense place; by default twice the features."),
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
    """Hold K-means and DBSCAN side by side. No offer ever comes from DBSCAN."""
    number = number_of_segments(k)
    from clienteling.segmentation.dbscan import check_settings, compare_dbscan
    from clienteling.segmentation.prepare import prepare
    from clienteling.segmentation.segment import fit_segments

    check_settings(eps, min_samples)
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
        choice = fit_segments(prepared, number, seed=seed, progress=progress)
        found = compare_dbscan(prepared.sketch, choice.fit, eps=eps, min_samples=min_samples)
    row = next(each for each in choice.rows if each.k == choice.k)
    dbscan = {
        "eps": found.eps,
        "min_samples": found.min_samples,
        "clusters": found.clusters,
        "noise": found.noise,
        "silhouette": found.silhouette,
        "agreement": found.agreement,
        "verdict": found.verdict,
        "sizes": list(found.sizes),
        "customers": found.customers,
        "sweep": [asdict(each) for each in found.sweep],
    }
    if as_json:
        kmeans = {
            "k": choice.k,
            "inertia": row.inertia,
            "silhouette": row.silhouette,
            "sizes": choice.fit.sizes.tolist(),
        }
        print_json({"kmeans": kmeans, "dbscan": dbscan, "notes": list(prepared.notes)})
        return
    screen = console()
    say_careful(prepared.careful)
    sides = table("", "K-means", "DBSCAN", right=("K-means", "DBSCAN"))
    sides.add_row("Groups", str(choice.k), str(found.clusters))
    sides.add_row("In no group", "0", f"{found.noise:,}")
    sides.add_row("Largest group", f"{choice.fit.sizes[0]:,}", f"{max(found.sizes, default=0):,}")
    sides.add_row("Silhouette", _figure(row.silhouette), f"{_figure(found.silhouette)}")
    screen.print(sides)
    screen.print(
        f"Agreement (1 is the same groups, 0 chance; noise as a group): {found.agreement:.3f}"
    )
    screen.print(
        f"DBSCAN with eps {found.eps:.3f} and min_samples {found.min_samples}: {found.verdict}"
    )
    screen.print("\nHow DBSCAN's answer moves with eps", style="bold")
    figures = ("eps", "Groups", "In no group", "Largest group", "Silhouette")
    moving = table(*figures, right=figures)
    for each in found.sweep:
        moving.add_row(
            f"{each.eps:.3f}",
            str(each.clusters),
            f"{each.noise:,}",
            f"{each.largest:,}",
            _figure(each.silhouette),
        )
    screen.print(moving)
    screen.print("DBSCAN's silhouette leaves the noise out. The offers come from K-means.")
    print_notes(unsaid(prepared.notes, prepared))


def _figure(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.3f}"
