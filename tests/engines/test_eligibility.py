"""One rule, every engine: the customers that it lets through are the same."""

import pytest

from clienteling.offers.eligibility import condition, with_flags
from clienteling.offers.rules import Rule, fits
from tests.engines.conftest import ENGINES, hostile_rows

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"
RULES = [
    {"column": INCOME, "operator": ">", "value": 60},
    {"column": INCOME, "operator": "is missing"},
    {"column": SCORE, "operator": "not in", "value": [0, 60, 61]},
    {
        "all": [
            {"column": "CustomerID", "operator": ">=", "value": 100},
            {
                "any": [
                    {"column": INCOME, "operator": "!=", "value": 30},
                    {"column": SCORE, "operator": "<=", "value": -0.5},
                ]
            },
        ]
    },
    {"column": "note", "operator": "in", "value": ["it's", 'a "b" \\ c', "%"]},
    {"column": "note", "operator": "!=", "value": "it's"},
]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_lets_the_same_customers_through(engine, opener):
    rows = hostile_rows(2_000)
    notes = (["it's", None, 'a "b" \\ c', "", "%"] * len(rows))[: len(rows)]
    rows = rows.append_column("note", [notes])
    table = opener(engine)(rows)
    rules = [Rule.model_validate(each) for each in RULES]
    flagged, flags = with_flags(table, {str(i): condition(r, table) for i, r in enumerate(rules)})
    found = flagged.to_arrow().sort_by("CustomerID")
    customers = rows.to_pylist()
    for index, rule in enumerate(rules):
        expected = [int(fits(rule, each)) for each in customers]
        assert found.column(flags[str(index)]).to_pylist() == expected, rule.words
        assert 0 < sum(expected) < len(expected)
