"""What the pages show: the segments of one table of customers, held in memory and never changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from clienteling.data.read import Source, read
from clienteling.data.table import Table
from clienteling.offers.catalogue import Catalogue, catalogue_for
from clienteling.offers.recommend import recommend
from clienteling.segmentation.choose_k import Choice
from clienteling.segmentation.dbscan import Comparison, compare_dbscan
from clienteling.segmentation.kmeans import Fit
from clienteling.segmentation.model import Model
from clienteling.segmentation.prepare import prepare
from clienteling.segmentation.segment import build_model, fit_segments
from clienteling.segmentation.sketch import Floats, Sketch

__all__ = ["COMPARED", "TAMED", "Opens", "Study", "compare", "study"]

#: Opens a table for as long as a context lasts.
Opens = Callable[[], AbstractContextManager[Table]]

#: What the choice of transforms is called on the page that offers it.
TAMED = "Tame columns in which a few values are very large"
#: Customers that DBSCAN is shown at most: it must answer while somebody moves a slider.
COMPARED = 2000


@dataclass(frozen=True, eq=False)
class Study:
    """The segments of one table of customers, and all that is told about them.

    It holds no connection to the engine, so visitors can share it.

    Parameters
    ----------
    name : what to call the table on the pages
    is_sample : whether it is the sample that comes with the package
    model, choice, catalogue, notes : as in :class:`clienteling.run.Run`
    sketch : the customers as weighted points
    recommended : the segment and the offers of every customer
    margins : array of shape (customers with a runner-up,), ascending, in standard deviations
    opens : opens the whole table anew, with the columns that took no part, too
    """

    name: str
    is_sample: bool
    model: Model
    choice: Choice
    catalogue: Catalogue
    notes: tuple[str, ...]
    sketch: Sketch
    recommended: pa.Table
    margins: Floats
    opens: Opens

    @property
    def customers(self) -> int:
        """How many customers the table has, with a segment or without."""
        return int(self.recommended.num_rows)


def study(
    customers: Source,
    name: str,
    *,
    features: Sequence[str] | None = None,
    categorical: Sequence[str] = (),
    transform: str | None = None,
    k: int | None = None,
    rows_are_customers: bool = False,
    is_sample: bool = False,
    opens: Opens | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Study:
    """Go the whole way from a table to offers, and keep what the pages show.

    Parameters
    ----------
    customers : any source, see :func:`clienteling.read`
    name : what to call it on the pages
    features : the columns that take part; by default those that a built-in playbook knows
    categorical : columns that take part by their levels
    transform, k, rows_are_customers : as for :func:`clienteling.segment`
    is_sample : whether it is the sample that comes with the package
    opens : opens the table anew, where ``customers`` can't be read a second time
    progress : called with what is being done and the share that is done, from 0 to 1

    Raises
    ------
    InputError
        As for :func:`clienteling.segment`.

    Examples
    --------
    >>> found = study("sample", "Mall Customers")
    >>> found.model.k, found.customers
    (5, 200)
    """
    # What clienteling.run.run does but for DBSCAN, which is shown only where it is asked for, and
    # then on few customers: on many it takes more memory than a small host has.
    prepared = prepare(
        customers,
        features,
        categorical=categorical,
        transform=transform,
        rows_are_customers=rows_are_customers,
    )
    choice = fit_segments(prepared, k, progress=progress)
    model = build_model(prepared, choice, seed=0)
    catalogue = catalogue_for(model)
    lazily = recommend(model, prepared.table, offers=catalogue)
    recommended = lazily.to_arrow()
    margins = np.sort(recommended.column("margin").drop_null().to_numpy())
    sketch = prepared.sketch
    for each in (sketch.points, sketch.weights, choice.fit.labels, margins):
        each.setflags(write=False)
    said = dict.fromkeys((*prepared.notes, *lazily.notes))
    # There is no command line here: the page has its own words for the option.
    notes = tuple(each.replace("--transform auto", f'"{TAMED}"') for each in said)
    return Study(
        name,
        is_sample,
        model,
        choice,
        catalogue,
        notes,
        sketch,
        recommended,
        margins,
        opens or (lambda: nullcontext(read(customers))),
    )


def compare(
    shown: Study, *, eps: float | None = None, min_samples: int | None = None
) -> Comparison:
    """Hold DBSCAN against the segments, on a systematic sample where there are many customers.

    Parameters
    ----------
    shown : the segments
    eps, min_samples : as for :func:`clienteling.segmentation.dbscan.compare_dbscan`
    """
    sketch, fit = shown.sketch, shown.choice.fit
    if sketch.customers > COMPARED:
        rows = sketch.rows(COMPARED)
        sketch = replace(
            sketch,
            kind="exact",
            points=sketch.points[rows],
            weights=np.ones(len(rows)),
            customers=len(rows),
            within=np.zeros_like(sketch.within),
        )
        fit = Fit(fit.centres, fit.labels[rows], fit.inertia, fit.sizes)
    return compare_dbscan(sketch, fit, eps=eps, min_samples=min_samples)
