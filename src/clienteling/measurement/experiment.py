"""Read a finished experiment: find its columns, say all that is wrong with it, and count it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot.expressions as exp

from clienteling.data.columns import count_repeated, find_column, find_id
from clienteling.data.numbers import as_number
from clienteling.data.sql import case, column, name
from clienteling.data.table import Table
from clienteling.data.typed_column import without_missing
from clienteling.errors import ColumnError, DataError, columns_are, near_names
from clienteling.measurement.cells import Cells, collect_cells, finite, label

__all__ = ["FEWEST", "LEVELS", "Experiment", "read_experiment"]

#: An offer with fewer customers can't be judged at all.
FEWEST = 30
#: A column with more values is no column of segments, or of offers.
LEVELS = 50
_CELLS = 200_000
_ZERO, _ONE = exp.Literal.number(0), exp.Literal.number(1)


@dataclass(frozen=True)
class Experiment:
    """A randomised experiment, counted.

    Parameters
    ----------
    source : what the table is called
    offer : the column with the offer that each customer got
    control : the offer that is none
    cells : counts and sums
    missing : per outcome and offer, the customers without a value
    customers : those with an offer
    notes : what was assumed and left out, in sentences
    before : per outcome, the column of an earlier value
    id : the column of the customer's id
    repeated : rows whose id stands in a row before
    """

    source: str
    offer: str
    control: str
    cells: Cells
    missing: Mapping[str, Mapping[str, int]]
    customers: int
    notes: tuple[str, ...]
    before: Mapping[str, str]
    id: str | None
    repeated: int = 0

    @property
    def offers(self) -> tuple[str, ...]:
        """The offers without the control, in order."""
        return self.cells.offers[1:]

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes in the order in which they were named."""
        return tuple(self.cells.outcomes)


def read_experiment(
    table: Table,
    *,
    offer: str,
    control: str,
    outcomes: Sequence[str],
    segments: Sequence[str] = (),
    before: Mapping[str, str] | None = None,
    id: str | None = None,
    allow_negative: bool = False,
    one_row_each: bool = False,
    strata: str | None = None,
) -> Experiment:
    """Read a table with a row per customer: which offer each got at random, and what came of it.

    Parameters
    ----------
    table : the customers
    offer : the column with the offer
    control : the value in it that means no offer
    outcomes : columns of numbers; those of 0 and 1 only are responses, all others values
    segments : columns that were known before the campaign
    before : per outcome, a column with its like from before the campaign (CUPED)
    id : the column of the customer's id; needed for segments where rows have no order
    allow_negative : whether an outcome may lie below zero, as where returns outweigh purchases
    one_row_each : whether it is known that no id stands in two rows, so that none is looked for
    strata : a column within whose values groups can be compared; counts and sums go by it, too

    Raises
    ------
    ColumnError
        Columns are missing or not usable; all of them are named.
    DataError
        The values don't make an experiment: no control group, too few customers, text among the
        outcomes. All faults come together.

    Examples
    --------
    >>> import clienteling as cl, pandas as pd
    >>> rows = pd.DataFrame({"mail": ["yes", "no"] * 50, "spend": range(100)})
    >>> found = read_experiment(cl.read(rows), offer="mail", control="no", outcomes=["spend"])
    >>> found.offers, found.customers
    (('yes',), 100)
    """
    before = dict(before or {})
    wanted = [offer, *outcomes, *segments, *before.values(), *([id] if id else [])]
    names, notes = _find(table, wanted)
    offer, before = names[offer], {names.get(y, y): names[b] for y, b in before.items()}
    outcomes = list(dict.fromkeys(names[each] for each in outcomes))
    segments = list(dict.fromkeys(names[each] for each in segments))
    found_id = find_id(table, id)
    _check_roles(table, offer, outcomes, segments, before)
    facts = _facts(table, offer, outcomes, segments, before)
    faults = _faults(table, facts, outcomes, segments, before, allow_negative)
    wrong = len(faults)
    offers, said = _offers(table, offer, control, facts, faults)
    if not faults and (taken := next(iter(offers))) != control:
        notes.append(f'"{control}", the control, is taken to be "{taken}" in column "{offer}".')
    if faults:
        raise DataError(
            f"{table.source}: this can't be measured as it is.",
            faults=faults,
            hint=said if said and len(faults) > wrong else _hint(facts),
        )
    cells = collect_cells(
        table,
        offer=offer,
        offers=offers,
        segments=tuple(segments),
        outcomes={each: _kind(facts, f"y{i}") for i, each in enumerate(outcomes)},
        before={y: (b, _origin(facts[f"mean_b{i}"])) for i, (y, b) in enumerate(before.items())},
        id=found_id.name if found_id else None,
        strata=strata,
    )
    missing = _missing(cells)
    notes += _left_out(facts, missing, outcomes, before)
    return Experiment(
        source=table.source,
        offer=offer,
        control=cells.offers[0],
        cells=cells,
        missing=missing,
        customers=round(cells.rows.sum()),
        notes=(*table.notes, *notes),
        before=before,
        id=found_id.name if found_id else None,
        repeated=0 if one_row_each or not found_id else count_repeated(table, found_id.name)[1],
    )


def _find(table: Table, wanted: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    names, notes, faults = {}, [], []
    for each in dict.fromkeys(wanted):
        match = find_column(each, table.names)
        if match is None:
            hint = near_names(each, table.names)
            faults.append(f'there is no column "{each}".' + (f" {hint}" if hint else ""))
            continue
        names[each] = match.name
        if match.note:
            notes.append(match.note)
    if faults:
        raise ColumnError(
            f"{table.source}: columns are missing.",
            faults=faults,
            hint=columns_are(table.names),
        )
    return names, notes


def _check_roles(
    table: Table,
    offer: str,
    outcomes: Sequence[str],
    segments: Sequence[str],
    before: Mapping[str, str],
) -> None:
    faults = []
    if table[offer].kind in ("date", "other"):
        faults.append(f'"{offer}" holds {table[offer].kind} values, not names of offers.')
    for each in (*outcomes, *before.values()):
        if table[each].kind in ("date", "other"):
            faults.append(f'"{each}" holds {table[each].kind} values, not numbers.')
        elif table[each].kind == "text" and not table.engine.try_cast:
            faults.append(f'"{each}" is text, not numbers.')
    for each in outcomes:
        if each == offer:
            faults.append(f'"{each}" is the offer, so it can\'t be the outcome too.')
        if each in segments:
            faults.append(f'"{each}" is an outcome; segments must be known before the campaign.')
    if offer in segments:
        faults.append(f'"{offer}" is the offer, so it can\'t be a segment too.')
    for outcome, earlier in before.items():
        if outcome not in outcomes:
            faults.append(f'--before names "{outcome}", which is not among the outcomes.')
        if earlier in outcomes or earlier == offer:
            faults.append(f'"{earlier}" is not from before the campaign.')
    if faults:
        raise ColumnError(
            f"{table.source}: these columns can't be used like this.",
            faults=faults,
            hint="Name the offer, the outcomes, and what was known before, each with its column.",
        )


def _facts(
    table: Table,
    offer: str,
    outcomes: Sequence[str],
    segments: Sequence[str],
    before: Mapping[str, str],
) -> dict[str, Any]:
    """Count, in one query, what could stand in the way."""
    counts: list[exp.Expr] = [
        exp.Count(this=exp.Star()).as_(name("row_count")),
        exp.Count(this=column(offer)).as_(name("with_offer")),
    ]
    for i, each in enumerate([offer, *segments]):
        distinct = exp.Count(this=exp.Distinct(expressions=[column(each)]))
        counts.append(distinct.as_(name(f"distinct{i}")))

    def count_if(condition: exp.Expr, key: str) -> exp.Expr:
        return exp.Sum(this=case([(condition, _ONE.copy())], _ZERO.copy())).as_(name(key))

    for kind, columns in (("y", list(outcomes)), ("b", list(before.values()))):
        for i, each in enumerate(columns):
            value, key = as_number(table, each), f"{kind}{i}"
            null = exp.Is(this=value.copy(), expression=exp.null())
            good = finite(value)
            mean = exp.Avg(this=case([(good.copy(), value.copy())], None))
            zero_one = exp.In(this=value.copy(), expressions=[_ZERO.copy(), _ONE.copy()])
            counts += [
                count_if(null.copy(), f"null_{key}"),
                count_if(good.copy(), f"good_{key}"),
                count_if(exp.and_(good.copy(), exp.Not(this=zero_one)), f"other_{key}"),
                count_if(
                    exp.and_(good.copy(), exp.LT(this=value.copy(), expression=_ZERO.copy())),
                    f"negative_{key}",
                ),
                mean.as_(name(f"mean_{key}")),
            ]
            if table[each].kind == "text":
                said = without_missing(column(each))
                word = exp.and_(
                    null.copy(), exp.Not(this=exp.Is(this=said.copy(), expression=exp.null()))
                )
                counts += [
                    count_if(word, f"words_{key}"),
                    exp.Min(this=case([(word.copy(), said.copy())], None)).as_(name(f"word_{key}")),
                ]
    row: dict[str, Any] = table.query(exp.select(*counts)).to_pylist()[0]
    return {key: 0 if value is None and key[:4] != "word" else value for key, value in row.items()}


def _faults(
    table: Table,
    facts: Mapping[str, Any],
    outcomes: Sequence[str],
    segments: Sequence[str],
    before: Mapping[str, str],
    allow_negative: bool,
) -> list[str]:
    faults = []
    if not facts["row_count"]:
        return ["there are no rows."]
    for kind, columns in (("y", list(outcomes)), ("b", list(before.values()))):
        for i, each in enumerate(columns):
            key = f"{kind}{i}"
            words = facts.get(f"words_{key}", 0)
            if words:
                more = f", and {words - 1:,} more" if words > 1 else ""
                word = facts[f"word_{key}"]
                faults.append(f'column "{each}" must be numbers: it holds "{word}"{more}.')
            elif not facts[f"good_{key}"]:
                faults.append(f'column "{each}" is empty in all {facts["row_count"]:,} rows.')
            if kind == "y" and facts[f"negative_{key}"] and not allow_negative:
                faults.append(
                    f'column "{each}" lies below zero for {_customers(facts[f"negative_{key}"])}; '
                    "where that is right, as with returns, say --allow-negative."
                )
    combined = 1
    for i, each in enumerate(segments, start=1):
        combined *= max(facts[f"distinct{i}"], 1)
        if facts[f"distinct{i}"] > LEVELS:
            faults.append(
                f'column "{each}" has {facts[f"distinct{i}"]:,} different values; segments have '
                f"at most {LEVELS}. Put its values into bands first."
            )
    if segments and not faults and combined > _CELLS:
        faults.append(f"the segments make {combined:,} combinations; name fewer columns at once.")
    return faults


def _hint(facts: Mapping[str, Any]) -> str:
    if any(value for key, value in facts.items() if key.startswith("words_")):
        return (
            "Write an outcome as numbers, or as yes and no throughout; leave a cell empty where it "
            "is unknown."
        )
    return "Mend the table, or name other columns."


def _offers(
    table: Table, offer: str, control: str, facts: Mapping[str, Any], faults: list[str]
) -> tuple[dict[str, Any], str]:
    """Return the offers with their values, the control first; faults are added to the list."""
    if not facts["row_count"]:
        return {}, ""
    if facts["distinct0"] > LEVELS:
        faults.append(
            f'column "{offer}" has {facts["distinct0"]:,} different values; an experiment has at '
            f"most {LEVELS} offers."
        )
        return {}, ""
    counted = table.query(
        exp.select(
            column(offer).as_(name("offer")), exp.Count(this=exp.Star()).as_(name("customers"))
        )
        .where(exp.Not(this=exp.Is(this=column(offer), expression=exp.null())))
        .group_by(column(offer))
    ).to_pylist()
    known: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    for row in sorted(counted, key=lambda each: label(each["offer"])):
        known[label(row["offer"])] = row["offer"]
        sizes[label(row["offer"])] = row["customers"]
    said = f'The values of "{offer}" are: ' + ", ".join(f'"{each}"' for each in known) + "."
    match = find_column(control, list(known))
    if match is None:
        near = near_names(control, known)
        faults.append(
            f'no customer has "{control}" in column "{offer}", so there is no control group.'
            + (f" {near}" if near else "")
        )
    elif len(known) < 2:
        faults.append(f'every customer has "{control}" in column "{offer}": there is no offer.')
    few = [each for each, size in sizes.items() if size < FEWEST]
    for each in few:
        faults.append(
            f'"{each}" in column "{offer}" has {_customers(sizes[each])}; at least {FEWEST} are '
            "needed to measure anything."
        )
    if few and match is not None and match.name not in few and len(known) - len(few) > 1:
        said += " Leave the rows of those with too few out, or write their offer as the others do."
    if match is None:
        return known, said
    first = {match.name: known[match.name]}
    return {**first, **{each: value for each, value in known.items() if each not in first}}, said


def _kind(facts: Mapping[str, Any], key: str) -> tuple[bool, float]:
    binary = not facts[f"other_{key}"]
    return binary, 0.0 if binary else _origin(facts[f"mean_{key}"])


def _origin(mean: Any) -> float:
    # Few digits, so that it doesn't hang on the order in which an engine adds.
    return float(f"{float(mean):.2g}")


def _missing(cells: Cells) -> dict[str, dict[str, int]]:
    lacking = {}
    for outcome, sums in cells.outcomes.items():
        by_offer = {
            each: round(float((cells.rows - sums.n)[cells.offer == place].sum()))
            for place, each in enumerate(cells.offers)
        }
        lacking[outcome] = by_offer
    return lacking


def _left_out(
    facts: Mapping[str, Any],
    missing: Mapping[str, Mapping[str, int]],
    outcomes: Sequence[str],
    before: Mapping[str, str],
) -> list[str]:
    notes = []
    without = facts["row_count"] - facts["with_offer"]
    if without:
        notes.append(f"{_customers(without)} without an offer are left out.".capitalize())
    for each in outcomes:
        lacking = sum(missing[each].values())
        if lacking:
            notes.append(
                f'"{each}" is missing for {_customers(lacking)}, who are left out of its figures; '
                "where that means that nothing came, write 0."
            )
    for i, earlier in enumerate(before.values()):
        lacking = facts["row_count"] - facts[f"good_b{i}"]
        if lacking:
            notes.append(
                f'"{earlier}" is missing for {_customers(lacking)}, who count as average ones.'
            )
    return notes


def _customers(n: int) -> str:
    return "1 customer" if n == 1 else f"{n:,} customers"
