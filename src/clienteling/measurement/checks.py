"""Signs that the groups are not what a fair draw would have made: then no lift can be trusted.

The groups' sizes are held against the planned shares (sample ratio mismatch, Fabijan et al. 2019,
doi:10.1145/3292500.3330722), and so is who lacks an outcome; a column of segments that hangs
together with the offer was not known before it. A customer who stands in several rows counts
several times, and makes every interval too short.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from clienteling.errors import InputError, near_names
from clienteling.measurement.experiment import Experiment

__all__ = ["ALARM", "Check", "checks_of", "forbidding", "independent_p"]

#: Rarer than once in a thousand fair draws.
ALARM = 0.001
#: A larger part of the rows with a customer who stands before is more than a slip.
_REPEATED = 0.01


@dataclass(frozen=True)
class Check:
    """One check of the draw.

    Parameters
    ----------
    kind : ``sample_ratio``, ``repeated_ids``, ``missing_outcome``, ``segment_balance`` or
        ``known_before``
    about : the column that was looked at
    observed, expected : customers per offer; per segment and offer for ``segment_balance``. For
        ``known_before`` the means per offer, and nothing; for ``repeated_ids`` the rows whose id
        stands before, and none
    p : how often a fair draw lies so far off, by the chi-square test; 0 where ids repeat
    alarm : whether that is too rarely
    sentence : what it means
    """

    kind: str
    about: str
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    p: float
    alarm: bool
    sentence: str


def checks_of(experiment: Experiment, shares: Mapping[str, float] | None = None) -> list[Check]:
    """Return all checks: sample ratio first, repeated ids, missing outcomes, then segments.

    Parameters
    ----------
    experiment : the counted experiment
    shares : the planned share of each offer and of the control, in any unit; equal by default

    Raises
    ------
    InputError
        The shares are not those of the offers, or not above zero.
    """
    cells = experiment.cells
    planned = _planned(experiment, shares)
    sizes = np.array([cells.rows[cells.offer == i].sum() for i in range(len(cells.offers))])
    found = [_sample_ratio(experiment, sizes, planned, given=bool(shares))]
    if experiment.repeated:
        found.append(_repeated(experiment))
    for outcome, by_offer in experiment.missing.items():
        lacking = np.array([by_offer[each] for each in cells.offers], dtype=np.float64)
        if lacking.sum():
            table = np.array([lacking, sizes - lacking])
            found.append(_independent("missing_outcome", outcome, table))
    for by, levels in cells.levels.items():
        table = np.array(
            [
                [
                    cells.rows[(cells.offer == i) & cells.in_segment(by, level)].sum()
                    for level in levels
                ]
                for i in range(len(cells.offers))
            ]
        )
        if len(levels) > 1:
            found.append(_independent("segment_balance", by, table.T))
    return found


def forbidding(checks: Sequence[Check], outcome: str) -> list[Check]:
    """Return the alarms under which nothing can be concluded by an outcome, over all customers."""
    over_all = ("sample_ratio", "repeated_ids")
    return [
        each
        for each in checks
        if each.alarm
        and (each.kind in over_all or (each.kind, each.about) == ("missing_outcome", outcome))
    ]


def _planned(experiment: Experiment, shares: Mapping[str, float] | None) -> npt.NDArray[np.float64]:
    offers = experiment.cells.offers
    if not shares:
        return np.full(len(offers), 1 / len(offers))
    faults = [
        f'there is no offer "{each}". {near_names(each, offers)}'.strip()
        for each in shares
        if each not in offers
    ]
    faults += [f'"{each}" has no share.' for each in offers if each not in shares]
    faults += [
        f'the share of "{each}" is {share:g}; it must be above zero.'
        for each, share in shares.items()
        if not 0 < share < np.inf
    ]
    if faults:
        raise InputError(
            "The planned shares don't fit the offers.",
            faults=faults,
            hint="Give one for each: " + ", ".join(f'"{each}"' for each in offers) + ".",
        )
    planned = np.array([shares[each] for each in offers], dtype=np.float64)
    return np.asarray(planned / planned.sum())


def _sample_ratio(
    experiment: Experiment,
    sizes: npt.NDArray[np.float64],
    planned: npt.NDArray[np.float64],
    *,
    given: bool,
) -> Check:
    expected = planned * sizes.sum()
    p = float(stats.chisquare(sizes, expected).pvalue)
    alarm = p < ALARM
    counted = ", ".join(
        f"{each} {size:,.0f}" for each, size in zip(experiment.cells.offers, sizes, strict=True)
    )
    if alarm:
        sentence = (
            f"The groups are not of the planned sizes ({counted}): a fair draw is so far off less "
            "than once in a thousand times. Find out who is missing before you trust any lift."
        )
        if not given:
            sentence += " If unequal groups were planned, say so with --shares."
    else:
        sentence = f"The groups have the planned sizes ({counted}), as far as chance allows."
    return Check(
        "sample_ratio", experiment.offer, tuple(sizes), tuple(expected), p, alarm, sentence
    )


def _repeated(experiment: Experiment) -> Check:
    id, repeated = experiment.id or "", experiment.repeated
    alarm = repeated > _REPEATED * experiment.customers
    rows = "1 row has" if repeated == 1 else f"{repeated:,} rows have"
    said = f'{rows} a customer in "{id}" who stands in a row before; each row counts as a customer'
    if alarm:
        said += (
            ", so the intervals are too short. Give a row per customer, with the outcomes of all "
            "rows added up."
        )
    else:
        said += "."
    return Check("repeated_ids", id, (float(repeated),), (0.0,), 0.0, alarm, said)


def _independent(kind: str, about: str, table: npt.NDArray[np.float64]) -> Check:
    p, expected = independent_p(table)
    kept = _without_empty(table)
    alarm = p < ALARM
    if kind == "missing_outcome":
        fine = f'"{about}" is missing about as often in every group.'
        bad = (
            f'"{about}" is missing more often in some groups than in others, so who is left out '
            "hangs on the offer, and the lift may be off."
        )
    else:
        fine = f'The groups are alike in "{about}", as far as chance allows.'
        bad = (
            f'The groups differ in "{about}". Segments must be known before the campaign; this '
            "column looks as if the offer had changed it, or the draw was not fair."
        )
    return Check(
        kind,
        about,
        tuple(kept.ravel().tolist()),
        tuple(expected.ravel().tolist()),
        p,
        alarm,
        bad if alarm else fine,
    )


def independent_p(table: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
    """Return the p-value of rows and columns that don't hang together, and what they would hold.

    Parameters
    ----------
    table : array of shape (rows, columns) of customers; empty rows and columns are left out
    """
    kept = _without_empty(table)
    if min(kept.shape) < 2:
        return 1.0, kept
    tested = stats.chi2_contingency(kept, correction=False)
    return float(tested.pvalue), np.asarray(tested.expected_freq)


def _without_empty(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    kept = table[:, table.sum(axis=0) > 0]
    return np.asarray(kept[kept.sum(axis=1) > 0])
