"""The plane that customers are drawn in: their two features, or two principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clienteling.segmentation.model import Model
from clienteling.segmentation.sketch import Floats, Sketch

__all__ = ["Plane", "plane_of"]

#: A side of the picture ends early where otherwise this share of it would hold next to nobody.
_FAR = 0.5
_TAIL = 0.005
_MARGIN = 0.06


@dataclass(frozen=True)
class Plane:
    """A plane of two axes, and the part of it that is drawn.

    Parameters
    ----------
    labels : what the axes are
    offset : array of shape (2,)
    directions : array of shape (features, 2)
    low, high : arrays of shape (2,), the corners of what is drawn
    outside : customers beyond these corners
    exact : whether the axes are the features themselves, so that distances and borders in the
        plane are the true ones (but for the scales of the axes)
    """

    labels: tuple[str, str]
    offset: Floats
    directions: Floats
    low: Floats
    high: Floats
    outside: int
    exact: bool

    def place(self, standardised: Floats) -> Floats:
        """Return the places of customers in the plane.

        Parameters
        ----------
        standardised : array of shape (customers, features)

        Returns
        -------
        array of shape (customers, 2)
        """
        return np.asarray(standardised @ self.directions + self.offset, dtype=np.float64)


def plane_of(model: Model, sketch: Sketch) -> Plane:
    """Return the plane to draw customers in.

    Two features are the axes themselves, in their own units. Of three or more, the axes are the
    first two principal components of the standardised features (Jolliffe 2002).

    Parameters
    ----------
    model : with at least two features
    sketch : the customers as weighted points
    """
    standardised = (sketch.points - model.mean) / model.scale
    exact = len(model.features) == 2
    if exact:
        labels = (model.axis_names[0], model.axis_names[1])
        offset, directions = model.mean, np.diag(model.scale)
    else:
        labels, directions = _principal_components(standardised, sketch.weights)
        offset = np.zeros(2)
    places = standardised @ directions + offset
    low, high = _view(places, sketch.weights, model.centres @ directions + offset)
    beyond = ((places < low) | (places > high)).any(axis=1)
    outside = int(sketch.weights[beyond].sum())
    return Plane(labels, offset, directions, low, high, outside, exact)


def _principal_components(standardised: Floats, weights: Floats) -> tuple[tuple[str, str], Floats]:
    covariance = np.cov(standardised, rowvar=False, aweights=weights, ddof=0)
    variances, vectors = np.linalg.eigh(covariance)
    first_two = vectors[:, ::-1][:, :2]
    shares = variances[::-1][:2] / variances.sum()
    # An eigenvector has no sign of its own: the largest loading is made positive.
    largest = np.abs(first_two).argmax(axis=0)
    first_two = first_two * np.sign(first_two[largest, [0, 1]])
    first, second = (
        f"Component {number}, {share * 100:.0f} % of variance"
        for number, share in enumerate(shares, start=1)
    )
    return (first, second), first_two


def _view(places: Floats, weights: Floats, centres: Floats) -> tuple[Floats, Floats]:
    """Return the corners of what is drawn: everybody, but for a few who are far away."""
    low, high = places.min(axis=0), places.max(axis=0)
    for axis in range(places.shape[1]):
        values = places[:, axis]
        order = np.argsort(values, kind="stable")
        below = np.cumsum(weights[order]) / weights.sum()
        near = values[order][np.searchsorted(below, [_TAIL, 1 - _TAIL])]
        margin = 0.1 * (near[1] - near[0])
        ends = (
            min(near[0] - margin, centres[:, axis].min()),
            max(near[1] + margin, centres[:, axis].max()),
        )
        if ends[0] - low[axis] > _FAR * (high[axis] - low[axis]):
            low[axis] = ends[0]
        if high[axis] - ends[1] > _FAR * (high[axis] - low[axis]):
            high[axis] = ends[1]
    margin = _MARGIN * (high - low)
    return low - margin, high + margin
