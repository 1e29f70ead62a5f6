"""The pictures of a run, embedded into the report, each with a text for those who don't see it."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from clienteling.errors import OutputError
from clienteling.report.figures import counted, statistic
from clienteling.segmentation.choose_k import Choice
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.model import Model

__all__ = ["Picture", "embed_picture", "embed_pictures"]

#: Segments and groups that a text names one by one.
_LISTED = 6
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Picture:
    """A picture inside the page.

    Parameters
    ----------
    source : a data URI
    width, height : in pixels
    alt : what the picture shows, for those who don't see it
    caption : how to read it, for all
    """

    source: str
    width: int
    height: int
    alt: str
    caption: str


def embed_pictures(
    images: Iterable[Path], model: Model, choice: Choice, comparison: Comparison
) -> dict[str, Picture]:
    """Return the pictures that the report has a place for, by their file's name.

    Raises
    ------
    OutputError
        A picture can't be read, or is no PNG.
    """
    texts = {
        "elbow_method.png": _elbow(choice),
        "kmeans_clusters.png": _segments(model),
        "dbscan_k_distance.png": _k_distance(comparison),
        "dbscan_clusters.png": _groups(comparison),
    }
    return {
        each.name: embed_picture(each, *texts[each.name]) for each in images if each.name in texts
    }


def embed_picture(path: Path, alt: str, caption: str) -> Picture:
    """Return a PNG file as a picture inside the page.

    Raises
    ------
    OutputError
        It can't be read, or is no PNG.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OutputError(
            f"{path}: the picture can't be read ({error.strerror or error})."
        ) from error
    if not content.startswith(_PNG) or len(content) < 24:
        raise OutputError(f"{path}: is not a PNG picture, so the report can't show it.")
    width, height = struct.unpack(">II", content[16:24])
    source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return Picture(source, width, height, alt, caption)


def _segments(model: Model) -> tuple[str, str]:
    labels = [each.label for each in model.features]
    if len(labels) == 1:
        what = f"A histogram of the customers by {labels[0]}, coloured by segment"
        caption = "How the customers spread along the feature, coloured by segment."
    elif len(labels) == 2:
        what = f"The customers by {labels[0]} and {labels[1]}, coloured by segment"
        caption = (
            "Where the customers lie, coloured by segment. Lines are the borders between them."
        )
    else:
        many = len(model.columns)
        by = "the levels of one column" if many == 1 else f"{many} columns"
        if not model.categories:
            by = f"{many} features"
        what = f"The customers by {by}, coloured by segment"
        caption = (
            f"Where the customers lie, coloured by segment. The picture shows the two directions "
            f"in which the {len(labels)} features differ most (principal components)."
        )
    if model.k == 1:
        return f"{what}: all are in one segment, {model.segments[0].name}.", caption
    where = "; ".join(f"{each.name}: {each.explanation}" for each in model.segments[:_LISTED])
    more = "" if model.k <= _LISTED else f"; and {model.k - _LISTED} more segments"
    return f"{what}. The {model.k} centres are marked. {where}{more}.", caption


def _elbow(choice: Choice) -> tuple[str, str]:
    caption = "Inertia and silhouette for each number of segments, with the chosen one marked."
    if len(choice.rows) < 2:
        return f"Inertia and silhouette at k = {choice.k}.", caption
    first, last = choice.rows[0], choice.rows[-1]
    elbow = f"with an elbow at {choice.elbow_k}" if choice.elbow_k else "without a clear elbow"
    said = [
        f"Two curves over the number of segments k, from {first.k} to {last.k}.",
        f"The inertia goes from {statistic(first.inertia)} to {statistic(last.inertia)}, {elbow}.",
    ]
    best = next((row for row in choice.rows if row.k == choice.silhouette_k), None)
    if best is not None:
        said.append(f"The silhouette is highest at {best.k}, with {statistic(best.silhouette)}.")
    said.append(f"The chosen k = {choice.k} is marked.")
    return " ".join(said), caption


def _k_distance(comparison: Comparison) -> tuple[str, str]:
    low, high = float(comparison.k_distance[0]), float(comparison.k_distance[-1])
    alt = (
        f"A rising curve: each customer's distance to the nearest {comparison.min_samples} "
        f"customers, themselves counted, in order, from {statistic(low)} to {statistic(high)}. "
        f"The radius eps = {statistic(comparison.eps)} is drawn in."
    )
    return alt, "Where the radius comes from: the curve's bend, or the one that was given."


def _groups(comparison: Comparison) -> tuple[str, str]:
    caption = "What DBSCAN finds: its groups in colours, the noise apart."
    if not comparison.clusters:
        alt = f"DBSCAN found no group: all {comparison.customers:,} customers are noise."
        return alt, caption
    sizes = ", ".join(f"{each:,}" for each in comparison.sizes[:_LISTED])
    more = "" if comparison.clusters <= _LISTED else " and fewer"
    groups = "group" if comparison.clusters == 1 else "groups"
    alt = (
        f"The customers coloured by the {counted(comparison.clusters)} {groups} of DBSCAN, of "
        f"{sizes}{more} customers; {comparison.noise:,} customers are noise and stand apart."
    )
    return alt, caption
