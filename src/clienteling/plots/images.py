"""All pictures of a run as PNG files."""

from __future__ import annotations

from pathlib import Path

from clienteling.plots.dbscan_clusters import draw_dbscan_clusters
from clienteling.plots.elbow import draw_elbow
from clienteling.plots.k_distance import draw_k_distance
from clienteling.plots.kmeans_clusters import draw_kmeans_clusters
from clienteling.plots.style import save_png
from clienteling.segmentation.dbscan import Comparison
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.model import Model
from clienteling.segmentation.sketch import Floats, Sketch

__all__ = ["draw_images"]


def draw_images(
    model: Model,
    comparison: Comparison,
    sketch: Sketch,
    fit: Fit,
    folder: str | Path,
    imputed: Floats | None = None,
) -> list[Path]:
    """Draw every picture of a run and write it as PNG.

    Parameters
    ----------
    model : the segments, with the evidence for k
    comparison : DBSCAN beside K-means, on the same customers
    sketch : the customers as weighted points
    fit : the partition of the sketch; its labels are the model's segment ids
    folder : made where it is missing
    imputed : those who have a median for a value, as for :func:`draw_kmeans_clusters`

    Returns
    -------
    list of Path
        ``elbow_method.png``, ``kmeans_clusters.png``, ``dbscan_k_distance.png`` and
        ``dbscan_clusters.png``. The same input gives the same bytes.

    Raises
    ------
    OSError
        The folder or a file can't be written.

    Examples
    --------
    >>> import tempfile
    >>> from clienteling.run import run
    >>> found = run("sample", k=5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = draw_images(
    ...         found.model, found.comparison, found.prepared.sketch, found.choice.fit, folder
    ...     )
    >>> [each.name for each in written]
    ['elbow_method.png', 'kmeans_clusters.png', 'dbscan_k_distance.png', 'dbscan_clusters.png']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "elbow_method.png": draw_elbow(model),
        "kmeans_clusters.png": draw_kmeans_clusters(model, sketch, fit, imputed),
        "dbscan_k_distance.png": draw_k_distance(comparison),
        "dbscan_clusters.png": draw_dbscan_clusters(model, comparison, sketch),
    }
    return [save_png(figure, folder / name) for name, figure in figures.items()]
