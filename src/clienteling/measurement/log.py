"""A log of decisions (context, action, reward, propensity), counted by context and action.

The log as a contract is that of Open Bandit (Saito et al. 2021, arXiv 2008.07146): a row per
decision, with the probability with which the action was drawn. Within a context, any other
policy gives an action one probability, so sums over 1/propensity are all that is needed of the
rows, and they come from one query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlglot.expressions as exp

from clienteling.data.columns import find_columns, find_id
from clienteling.data.numbers import as_number
from clienteling.data.sql import case, chain, column, name
from clienteling.data.table import Table
from clienteling.errors import ColumnError, DataError
from clienteling.measurement.cells import finite, label
from clienteling.measurement.folds import FOLDS, fold_number, hashed_for_folds

__all__ = ["DecisionLog", "read_log", "shares_of_log"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
#: More cells than this don't say much any more, each by itself.
_CELLS = 200_000
_ONE, _ZERO = exp.Literal.number(1), exp.Literal.number(0)

#: What is summed, with p the propensity and r the reward.
_SUMS = ("n", "r", "rr", "v", "vv", "vr", "vvr", "vvrr", "vrr", "most")


@dataclass(frozen=True)
class DecisionLog:
    """Sums of a log: an array of contexts × actions × folds for each.

    Parameters
    ----------
    contexts, actions : their labels
    n, r, rr : decisions, rewards, squared rewards
    v, vv : 1/p and its square
    vr, vvr, vvrr, vrr : r/p, r/p², r²/p² and r²/p
    most : the largest 1/p
    folds : the number of folds; 1 where decisions can't be told apart
    least, largest : of the rewards
    source : what the log is called
    notes : what was assumed and left out
    """

    contexts: tuple[str, ...]
    actions: tuple[str, ...]
    n: Floats
    r: Floats
    rr: Floats
    v: Floats
    vv: Floats
    vr: Floats
    vvr: Floats
    vvrr: Floats
    vrr: Floats
    most: Floats
    folds: int
    least: float = 0.0
    largest: float = 1.0
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def decisions(self) -> int:
        """How many decisions the log holds."""
        return round(float(self.n.sum()))

    @property
    def binary(self) -> bool:
        """Whether every reward is 0 or 1."""
        return self.least >= 0 and self.largest <= 1 and float((self.rr - self.r).sum()) == 0

    @classmethod
    def of_arrays(
        cls,
        action: npt.ArrayLike,
        reward: npt.ArrayLike,
        propensity: npt.ArrayLike,
        *,
        context: npt.ArrayLike | None = None,
        fold: npt.ArrayLike | None = None,
        actions: int | None = None,
        contexts: int | None = None,
    ) -> DecisionLog:
        """Return the log of decisions that lie in arrays.

        Parameters
        ----------
        action, context : whole numbers from 0, an entry per decision
        reward : what came of it
        propensity : the probability with which the action was drawn, above 0 to 1
        fold : 0 to 3; by default dealt out in turn
        actions, contexts : how many there are; by default the largest that occurs

        Raises
        ------
        ValueError
            A propensity is not above 0 and at most 1.

        Examples
        --------
        >>> log = DecisionLog.of_arrays([0, 1, 0], [1, 0, 0], [0.5, 0.5, 0.5])
        >>> log.decisions, log.actions
        (3, ('0', '1'))
        """
        a = np.asarray(action, dtype=np.int64)
        r = np.asarray(reward, dtype=np.float64)
        p = np.asarray(propensity, dtype=np.float64)
        if not ((p > 0) & (p <= 1)).all():
            raise ValueError("a propensity must be above 0 and at most 1")
        c = np.zeros_like(a) if context is None else np.asarray(context, dtype=np.int64)
        f = np.arange(len(a)) % FOLDS if fold is None else np.asarray(fold, dtype=np.int64)
        shape = (
            contexts or int(c.max(initial=0)) + 1,
            actions or int(a.max(initial=0)) + 1,
            FOLDS,
        )
        place = np.ravel_multi_index((c, a, f), shape)
        v = 1 / p

        def added(values: Floats) -> Floats:
            total = np.bincount(place, weights=values, minlength=int(np.prod(shape)))
            return np.asarray(total.reshape(shape))

        most = np.zeros(int(np.prod(shape)))
        np.maximum.at(most, place, v)
        return cls(
            contexts=tuple(map(str, range(shape[0]))),
            actions=tuple(map(str, range(shape[1]))),
            n=added(np.ones_like(v)),
            r=added(r),
            rr=added(r * r),
            v=added(v),
            vv=added(v * v),
            vr=added(v * r),
            vvr=added(v * v * r),
            vvrr=added((v * r) ** 2),
            vrr=added(v * r * r),
            most=most.reshape(shape),
            folds=FOLDS,
            least=float(r.min(initial=0.0)),
            largest=float(r.max(initial=0.0)),
        )


def read_log(
    table: Table,
    *,
    action: str,
    reward: str,
    propensity: str,
    context: Sequence[str] = (),
    id: str | None = None,
    actions: Sequence[str] = (),
) -> DecisionLog:
    """Count and sum a log in its engine.

    Parameters
    ----------
    table : a row per decision
    action, reward, propensity : its columns
    context : columns with what the policies knew when they decided; few values each
    id : what tells decisions apart, for the folds; else the row's number
    actions : actions that must have a place, whether they occur or not

    Raises
    ------
    ColumnError
        Columns are missing or hold no numbers.
    DataError
        Propensities are not above 0 and at most 1, rewards are no numbers; all faults together.
    """
    found = find_columns(table, [action, reward, propensity, *context])
    action, reward, propensity, *context = (each.name for each in found)
    notes = [each.note for each in found if each.note]
    _check(table, action, reward, propensity)
    found_id = find_id(table, id) if id else None
    hashed = hashed_for_folds(table, found_id.name if found_id else None, needed=False)
    taken = [
        column(action).as_(name("action")),
        *(column(each).as_(name(f"c{i}")) for i, each in enumerate(context)),
        as_number(table, reward).as_(name("r")),
        as_number(table, propensity).as_(name("p")),
    ]
    if hashed is not None:
        taken.append(hashed.as_(name("hash")))
    r = column("r")
    v = exp.Paren(this=exp.Div(this=exp.Literal.number("1.0"), expression=column("p")))
    products: dict[str, exp.Expr] = {
        "n": _ONE,
        "r": r,
        "rr": exp.Mul(this=r, expression=r),
        "v": v,
        "vv": exp.Mul(this=v, expression=v),
        "vr": exp.Mul(this=v, expression=r),
        "vvr": exp.Mul(this=exp.Mul(this=v, expression=v), expression=r),
        "vvrr": exp.Mul(
            this=exp.Mul(this=v, expression=r), expression=exp.Mul(this=v, expression=r)
        ),
        "vrr": exp.Mul(this=exp.Mul(this=v, expression=r), expression=r),
    }
    keys = ["action", *(f"c{i}" for i in range(len(context)))]
    dealt = exp.select(*(column(each) for each in keys), column("r"), column("p"))
    if hashed is not None:
        dealt = dealt.select(fold_number(column("hash")).as_(name("fold")))
        keys.append("fold")
    grouped = (
        exp.select(
            *(column(each) for each in keys),
            *(exp.Sum(this=each.copy()).as_(name(f"sum_{key}")) for key, each in products.items()),
            exp.Max(this=v.copy()).as_(name("sum_most")),
            exp.Min(this=column("r")).as_(name("least")),
            exp.Max(this=column("r")).as_(name("largest")),
        )
        .where(exp.and_(finite(column("r")), _present(column("action")), _present(column("p"))))
        .group_by(*(column(each) for each in keys))
        .limit(_CELLS + 1)
    )
    rows = table.engine.query(
        chain(table.subquery, ("taken", exp.select(*taken)), ("dealt", dealt), ("cells", grouped))
    ).to_pydict()
    if len(rows["action"]) > _CELLS:
        raise DataError(
            f"{table.source}: the contexts and actions make more than {_CELLS:,} combinations.",
            hint="Put contexts into bands, or name fewer of them.",
        )
    log = _log(rows, len(context), actions, hashed is not None, table.source)
    left_out = len(table) - log.decisions
    if left_out:
        notes.append(
            f"{left_out:,} of {left_out + log.decisions:,} decisions are left out: their action, "
            "reward or propensity is missing."
        )
    if hashed is None:
        notes.append(
            "The rows have no order and no id, so there is no doubly robust estimate; name what "
            "tells them apart with --id."
        )
    return replace(log, notes=(*table.notes, *notes))


def shares_of_log(
    table: Table, *, action: str, context: Sequence[str] = (), reward: str | None = None
) -> tuple[dict[tuple[str, str], float], int, float | None]:
    """Return how a policy decided by its own log: the share of each action in each context.

    Parameters
    ----------
    table : a row per decision of that policy
    action, context : as for :func:`read_log`
    reward : where the log has one

    Returns
    -------
    shares : by context and action; 1 in all in each context
    decisions : how many the shares are counted from
    reward : the mean reward in that log, or None
    """
    found = find_columns(table, [action, *context])
    action, *context = (each.name for each in found)
    keys = [column(action), *(column(each) for each in context)]
    sums: list[exp.Expr] = [exp.Count(this=exp.Star()).as_(name("decisions"))]
    if reward is not None and reward in table.names:
        sums.append(exp.Sum(this=as_number(table, reward)).as_(name("rewards")))
    rows = table.query(
        exp.select(*(each.as_(name(f"k{i}")) for i, each in enumerate(keys)), *sums)
        .where(_present(column(action)))
        .group_by(*keys)
    ).to_pylist()
    counts: dict[tuple[str, str], float] = {}
    totals: dict[str, float] = {}
    for row in rows:
        place = _context([row[f"k{i}"] for i in range(1, len(keys))])
        key = (place, label(row["k0"]))
        counts[key] = counts.get(key, 0.0) + row["decisions"]
        totals[place] = totals.get(place, 0.0) + row["decisions"]
    decisions = round(sum(totals.values()))
    mean = None
    if len(sums) > 1 and decisions:
        mean = sum(row["rewards"] or 0.0 for row in rows) / decisions
    return {key: n / totals[key[0]] for key, n in counts.items()}, decisions, mean


def _present(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value, expression=exp.null()))


def _context(values: Sequence[Any]) -> str:
    return ", ".join(label(each) for each in values) or "all"


def _check(table: Table, action: str, reward: str, propensity: str) -> None:
    wrong = [
        f'"{each}" holds {table[each].kind} values, not numbers.'
        for each in (reward, propensity)
        if table[each].kind in ("date", "other")
        or (table[each].kind == "text" and not table.engine.try_cast)
    ]
    if table[action].kind in ("date", "other"):
        wrong.append(f'"{action}" holds {table[action].kind} values, not names of actions.')
    if wrong:
        raise ColumnError(
            f"{table.source}: these columns can't be used like this.",
            faults=wrong,
            hint="Name the action, the reward and the propensity, each with its column.",
        )
    p, r = as_number(table, propensity), as_number(table, reward)

    def count(condition: exp.Expr, key: str) -> exp.Expr:
        return exp.Sum(this=case([(condition, _ONE.copy())], _ZERO.copy())).as_(name(key))

    row = table.query(
        exp.select(
            count(exp.LTE(this=p.copy(), expression=_ZERO.copy()), "low"),
            count(exp.GT(this=p.copy(), expression=_ONE.copy()), "high"),
            count(exp.and_(finite(r), finite(p), _present(column(action))), "usable"),
            exp.Count(this=exp.Star()).as_(name("row_count")),
        )
    ).to_pylist()[0]
    faults = []
    if row["low"]:
        faults.append(
            f'"{propensity}" is zero or below for {row["low"]:,} decisions: what was drawn had a '
            "chance above zero."
        )
    if row["high"]:
        faults.append(
            f'"{propensity}" is above 1 for {row["high"]:,} decisions: it must be a probability, '
            "not in percent."
        )
    if not row["usable"]:
        faults.append(
            f"none of the {row['row_count']:,} rows has an action, a numeric reward and a "
            "propensity."
        )
    if faults:
        raise DataError(f"{table.source}: this is no log that can be judged by.", faults=faults)


def _log(
    rows: Mapping[str, list[Any]],
    columns: int,
    actions: Sequence[str],
    dealt: bool,
    source: str,
) -> DecisionLog:
    said = [label(each) for each in rows["action"]]
    places = [_context([rows[f"c{i}"][row] for i in range(columns)]) for row in range(len(said))]
    all_actions = tuple(sorted({*said, *actions}, key=_by_number))
    contexts = tuple(sorted(set(places), key=_by_number))
    fold = np.array(rows["fold"] if dealt else [0] * len(said), dtype=np.int64)
    shape = (len(contexts), len(all_actions), FOLDS if dealt else 1)
    c = np.array([contexts.index(each) for each in places], dtype=np.int64)
    a = np.array([all_actions.index(each) for each in said], dtype=np.int64)
    sums: dict[str, Any] = {}
    for key in _SUMS:
        total = np.zeros(shape)
        values = np.array(rows[f"sum_{key}"], dtype=np.float64)
        if key == "most":
            np.maximum.at(total, (c, a, fold), values)
        else:
            np.add.at(total, (c, a, fold), values)
        sums[key] = total
    least, largest = float(min(rows["least"])), float(max(rows["largest"]))
    return DecisionLog(
        contexts,
        all_actions,
        **sums,
        folds=shape[2],
        least=least,
        largest=largest,
        source=source,
    )


def _by_number(value: str) -> tuple[int, float, str]:
    try:
        return (0, float(value), value)
    except ValueError:
        return (1, 0.0, value)
