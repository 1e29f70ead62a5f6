"""Eligibility: the SQL and the Python give the same answer, nulls included."""

import datetime as dt
import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clienteling as cl
from clienteling.errors import DocumentError
from clienteling.offers.catalogue import Catalogue
from clienteling.offers.eligibility import (
    check_columns,
    condition,
    open_conditions,
    why_not,
    with_flags,
)
from clienteling.offers.offer import Offer
from clienteling.offers.rules import Rule, fits

ROWS = [
    (1, 10, 1.5, "Bonn", True, dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 23, 59)),
    (2, None, None, None, None, None, None),
    (3, 0, math.nan, "", False, dt.date(2030, 12, 31), dt.datetime(2024, 1, 2, 0, 0)),
    (4, -5, math.inf, "bonn", True, dt.date(2024, 1, 2), dt.datetime(1999, 5, 5, 5, 5)),
    (5, 2**53 + 1, -math.inf, "O'Hara; --", False, dt.date(1970, 1, 1), None),
    (6, -(2**63), 1e301, "Köln", None, None, dt.datetime(2024, 1, 1, 0, 0)),
    (7, 18, -0.0, "18", True, dt.date(2024, 1, 1), None),
]
NAMES = ["id", "whole", "real", "City (home)", "member", "since", "seen"]
KINDS_IN_ARROW = [
    *(pa.int64(), pa.int64(), pa.float64(), pa.string(), pa.bool_()),
    *(pa.date32(), pa.timestamp("us")),
]
TABLE = pa.table(
    {
        each: pa.array(values, kind)
        for each, values, kind in zip(
            NAMES,
            zip(*ROWS, strict=True),
            KINDS_IN_ARROW,
            strict=True,
        )
    }
)  # fmt: skip
CUSTOMERS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]

numbers = st.sampled_from([-5, 0, 1, 1.5, 10, 18, 2**53, -(2**63), True, False])
texts = st.sampled_from(["Bonn", "bonn", "", "O'Hara; --", "Köln", "18", "x"])
days = st.sampled_from([dt.date(2024, 1, 1), dt.date(2024, 1, 2), dt.date(1970, 1, 1)])
KINDS = {
    "whole": (numbers, True),
    "real": (numbers, True),
    "City (home)": (texts, False),
    "member": (st.booleans(), False),
    "since": (days, True),
    "seen": (days, True),
}


@st.composite
def conditions(draw):
    column = draw(st.sampled_from(list(KINDS)))
    values, ordered = KINDS[column]
    operators = ["=", "!=", "in", "not in", "is missing", "is not missing"]
    operator = draw(st.sampled_from([*operators, *(["<", "<=", ">", ">="] if ordered else [])]))
    value = None
    if operator in ("in", "not in"):
        if column in ("whole", "real"):
            values = st.sampled_from([-5, 0, 1.5, 10, 18])
        value = draw(st.lists(values, min_size=1, max_size=3))
    elif "missing" not in operator:
        value = draw(values)
        if operator in ("<", "<=", ">", ">=") and isinstance(value, bool):
            value = int(value)
    return {"column": column, "operator": operator, "value": value}


rules = st.recursive(
    conditions(),
    lambda parts: st.builds(
        lambda kind, within: {kind: within},
        st.sampled_from(["all", "any"]),
        st.lists(parts, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


def test_all_rules_that_do_not_go_with_the_columns_are_named_at_once():
    def offer(id, **rule):
        eligibility = Rule(operator="=", value=1, **rule)
        words = {"title": id, "text": "x", "segments": ("a",), "reason": "r"}
        return Offer(id=id, **words, eligibility=eligibility)

    offers = (
        offer("one", column="whoel"),
        offer("two", column="rael"),
        offer("three", column="id"),
    )
    with pytest.raises(DocumentError) as caught:
        open_conditions(Catalogue(catalogue="mine", offers=offers), cl.read(TABLE))
    assert caught.value.faults == (
        'offer "one": there is no column "whoel". Did you mean "whole"?',
        'offer "two": there is no column "rael". Did you mean "real"?',
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, min_size=5, max_size=12))
def test_sql_and_python_agree(given):
    table = cl.read(TABLE)
    made = [Rule.model_validate(each) for each in given]
    for each in made:
        assert check_columns(each, table) == []
    flagged, flags = with_flags(table, {str(i): condition(r, table) for i, r in enumerate(made)})
    rows = flagged.df().sort_values("id")
    for index, rule in enumerate(made):
        found = rows[flags[str(index)]].tolist()
        assert found == [int(fits(rule, each)) for each in CUSTOMERS], rule.words


def test_what_does_not_go_with_a_column_is_said():
    table = cl.read(TABLE)

    def said(column, operator, value=None):
        return check_columns(Rule(column=column, operator=operator, value=value), table)

    assert said("Whle", "=", 1) == ['there is no column "Whle". Did you mean "whole"?']
    assert said("city", "=", "Bonn") == []
    assert said("whole", "=", "18") == [
        '"whole = "18"" compares a text with the column "whole", which holds numbers; compare it '
        "with a number, without quotes."
    ]
    assert said("City (home)", "=", 18) == [
        '"City (home) = 18" compares a number with the column "City (home)", which holds text; '
        "compare it with a text, in quotes."
    ]
    assert said("member", "=", 1)[0].endswith("yes or no; compare it with true or false.")
    assert said("since", ">", 2024)[0].endswith("days; compare it with a day, such as 2026-03-31.")


def offer(id="x", **more):
    return Offer(id=id, title=id.upper(), text="x", segments=("premium",), reason="r.", **more)


MEMBER = Rule(column="member", operator="=", value=True)
OUT = Rule(column="whole", operator="<", value=0)


def test_consent_and_opt_out_close_an_offer():
    catalogue = Catalogue(
        catalogue="mine",
        offers=(
            offer("free"),
            offer("members", consent="mail"),
            offer("nobody", consent="phone"),
        ),
        opt_outs=OUT,
        consents={"mail": MEMBER},
    )
    table = cl.read(TABLE)
    flagged, flags = with_flags(table, open_conditions(catalogue, table))
    rows = flagged.df().sort_values("id").set_index("id")
    open_to = {key: rows.index[rows[flag] == 1].tolist() for key, flag in flags.items()}
    assert open_to == {"free": [1, 2, 3, 5, 7], "members": [1, 7], "nobody": []}
    day = dt.date(2026, 1, 1)
    for each in catalogue.offers:
        alone = [c["id"] for c in CUSTOMERS if not why_not(each, catalogue, c, day)]
        assert alone == open_to[each.id]
    given = why_not(catalogue.offers[2], catalogue, CUSTOMERS[0], day, consents=["phone"])
    assert given == ""
    assert why_not(catalogue.offers[2], catalogue, CUSTOMERS[0], day) == (
        'It needs the consent "phone".'
    )
    assert why_not(catalogue.offers[0], catalogue, CUSTOMERS[3], day) == (
        "The customer is not to be contacted: whole < 0."
    )


def test_an_offer_goes_out_on_its_days_only():
    spring = offer(valid_from=dt.date(2026, 3, 1), valid_until=dt.date(2026, 3, 31))
    catalogue = Catalogue(catalogue="mine", offers=(spring,))
    for day, open_ in [("02-28", False), ("03-01", True), ("03-31", True), ("04-01", False)]:
        said = why_not(spring, catalogue, {}, dt.date.fromisoformat(f"2026-{day}"))
        assert said == ("" if open_ else "It goes out from 2026-03-01 until 2026-03-31.")


def test_a_rule_that_does_not_go_with_the_table_stops_the_recommendation(mall_csv):
    model = cl.segment(str(mall_csv), k=5)
    ruled = offer(eligibility=Rule(column="Aeg", operator=">", value=1))
    catalogue = Catalogue(catalogue="mine", offers=(ruled,))
    with pytest.raises(DocumentError, match='there is no column "Aeg"'):
        cl.recommend(model, str(mall_csv), offers=catalogue)
