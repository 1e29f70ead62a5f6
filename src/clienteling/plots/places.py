"""Where names find room beside their centres: near, on their own ground, off other customers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clienteling.segmentation.sketch import Floats, Ints

__all__ = ["free_places", "straying"]

#: In points: half the size of a centre's mark, how far from it a name may be, and the steps there.
_MARK, _FAR, _STEP = 8.0, 96.0, 6.0
#: In points: half the size of a customer's mark, which a name shouldn't touch either.
_CUSTOMER = 5.0
#: What covering all customers and lying on another's ground weigh, in points of distance: where
#: there is room a name rather lies far from its centre than over one of some hundred customers.
_COVERING, _STRAYING = 60_000.0, 480.0
#: Which share of a name may lie on the ground of others, and where in it this is looked for.
_ASTRAY = 0.6
_GROUND = np.stack(np.meshgrid(np.linspace(0, 1, 7), np.linspace(0, 1, 3)), axis=-1).reshape(-1, 2)
#: Which share of all customers a name may cover at most.
_COVERED = 0.01
#: What covering all customers of other groups weighs, and which share of all a name may cover.
_TRESPASSING, _OTHERS = 120_000.0, 0.01


def free_places(
    sizes: Floats,
    centres: Floats,
    points: Floats,
    low: Floats,
    high: Floats,
    owner: Callable[[Floats], Ints],
    labels: Ints,
) -> Floats | None:
    """Return a place for each name, or None where one of them finds no room.

    Greedy, in the order of the names: of the places on a grid around the centre that are inside
    the picture and overlap neither another name nor a centre, the one that is nearest, covers few
    customers, next to none of another group, and strays little from the centre's own region.

    Parameters
    ----------
    sizes : array of shape (names, 2), width and height of each name, in points (1/72 inch)
    centres : array of shape (names, 2), in points
    points : array of shape (customers, 2), in points
    low, high : arrays of shape (2,), the corners of the picture
    owner : gives, for an array of shape (places, 2), which centre each place belongs to
    labels : array of shape (customers,), the group of each customer: the place of its name

    Returns
    -------
    array of shape (names, 2) or None
        The middle of each name.
    """
    steps = np.arange(-_FAR, _FAR + _STEP, _STEP)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    taken = [(centre - _MARK, centre + _MARK) for centre in centres]
    places = []
    for index, (size, centre) in enumerate(zip(sizes, centres, strict=True)):
        lower = centre + offsets - size / 2
        upper = lower + size
        allowed = (lower >= low).all(axis=1) & (upper <= high).all(axis=1)
        for other_lower, other_upper in taken:
            allowed &= ~((lower < other_upper) & (upper > other_lower)).all(axis=1)
        astray = straying(lower + size / 2, size, index, owner)
        allowed &= astray <= _ASTRAY
        if not allowed.any():
            return None
        near = points[None] >= lower[:, None, :] - _CUSTOMER
        under = (near & (points[None] <= upper[:, None, :] + _CUSTOMER)).all(axis=2)
        covering = under.sum(axis=1) / max(1, len(points))
        others = under[:, labels != index].sum(axis=1) / max(1, len(points))
        allowed &= (others <= _OTHERS) & (covering <= _COVERED)
        if not allowed.any():
            return None
        gap = np.hypot(*np.maximum(np.maximum(lower - centre, centre - upper), 0.0).T)
        aside = np.abs(offsets[:, 0]) / 100  # of equal places, the one in the middle
        cost = gap + aside + _COVERING * covering + _TRESPASSING * others + _STRAYING * astray
        best = int(np.where(allowed, cost, np.inf).argmin())
        places.append(centre + offsets[best])
        taken.append((lower[best] - 2.0, upper[best] + 2.0))
    return np.array(places)


def straying(middles: Floats, size: Floats, index: int, owner: Callable[[Floats], Ints]) -> Floats:
    """Return which share of a name lies on the ground of others, at each of some places.

    Parameters
    ----------
    middles : array of shape (places, 2), in points
    size : array of shape (2,), width and height of the name
    index : the name's centre
    owner : as for :func:`free_places`
    """
    ground = (middles - size / 2)[None] + _GROUND[:, None] * size
    owners = owner(ground.reshape(-1, 2)).reshape(len(_GROUND), -1)
    return np.asarray((owners != index).mean(axis=0))
