"""``clienteling sql``: the scoring as a query for a warehouse."""

from __future__ import annotations

from typing import Annotated

import typer

from clienteling.cli.options import AsJson, ModelFile
from clienteling.cli.output import print_json

__all__ = ["sql"]


def sql(
    model: ModelFile,
    dialect: Annotated[
        str, typer.Option(help="duckdb, snowflake, bigquery, databricks, postgres, spark, …")
    ] = "duckdb",
    table: Annotated[str, typer.Option(help="The table with the customers.")] = "customers",
    id: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="COLUMN", help="Its column with the customer's id; else the model's."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the scoring as a SQL query that a warehouse can run as it is."""
    from clienteling.segmentation.load import load_model
    from clienteling.segmentation.scoring import scoring_sql

    text = scoring_sql(load_model(model), dialect, table, id)
    if as_json:
        print_json({"dialect": dialect, "sql": text})
    else:
        typer.echo(text)
