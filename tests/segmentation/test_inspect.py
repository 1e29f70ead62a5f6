"""The report on a table before a fit: literal figures, and the features that it proposes."""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

import clienteling as cl
from clienteling.data.copies import Copy
from clienteling.data.inspection import Extreme
from clienteling.errors import ColumnError

N = 40
PLACES = ["north", "south", "east", "west"]


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    n = np.arange(N)
    return pd.DataFrame(
        {
            "member_no": n + 5000,
            "orders": n * 7 % 23,
            "amount": [*(n[:-1] * 13 % 37 + 10.5), 9999.0],
            "amount_cents": [*((n[:-1] * 13 % 37 + 10.5) * 100), 999900.0],
            "Year_Birth": [1893, *(1950 + n[1:] * 11 % 30)],
            "country": "DE",
            "region": [PLACES[each % 4] for each in n],
            "region_code": ["NSEW"[each % 4] for each in n],
            "newsletter": n % 2,
            "visits": [None, None, *(n[2:] * 17 % 19)],
            "mail": [f"{each}@shop.example" for each in n],
            "comment": [f"a rather long remark about visit number {each % 39:03d}" for each in n],
            "joined": pd.Timestamp("2024-01-01") + pd.to_timedelta(n % 9, "D"),
            "nothing": pd.Series([None] * N, dtype="string"),
        }
    )


@pytest.fixture(scope="module")
def found(shop) -> cl.Inspection:
    return cl.inspect(shop)


def of(found: cl.Inspection, name: str):
    return next(each for each in found.columns if each.name == name)


def role(found: cl.Inspection, name: str) -> tuple[str, str]:
    part = next(each for each in found.roles if each.name == name)
    return part.role, part.reason


def test_the_figures_are_those_of_pandas(shop, found):
    assert found.rows == N
    for each in found.columns:
        values = shop[each.name].dropna()
        assert (each.present, each.missing) == (len(values), N - len(values))
        assert each.distinct == values.nunique()
        if each.kind in ("integer", "number"):
            assert (each.least, each.largest) == (values.min(), values.max())
            assert each.mean == pytest.approx(values.mean(), rel=1e-9)
            if each.distinct > 1:
                skewness = stats.skew(values.astype(float))
                assert each.skewness == pytest.approx(skewness, rel=1e-8, abs=1e-12)
    joined = of(found, "joined")
    assert (joined.kind, joined.least, joined.largest) == ("date", "2024-01-01", "2024-01-09")


def test_values_far_out_are_named(found):
    assert of(found, "amount").outliers == 1
    assert of(found, "amount").examples == (Extreme(9999.0, 1),)
    assert of(found, "Year_Birth").examples == (Extreme(1893.0, 1),)
    assert of(found, "orders").examples == ()
    assert '"amount": 1 value lies far out: 9,999.' in found.findings
    assert '"Year_Birth": 1 value lies far out: 1893.' in found.findings


def test_every_column_has_its_role_and_reason(found):
    assert [(each.name, each.role) for each in found.roles] == [
        ("member_no", "id"),
        ("orders", "feature"),
        ("amount", "feature"),
        ("amount_cents", "ignore"),
        ("Year_Birth", "profile"),
        ("country", "ignore"),
        ("region", "profile"),
        ("region_code", "ignore"),
        ("newsletter", "profile"),
        ("visits", "feature"),
        ("mail", "ignore"),
        ("comment", "ignore"),
        ("joined", "profile"),
        ("nothing", "ignore"),
    ]
    assert all(each.reason.endswith(".") for each in found.roles)
    assert role(found, "amount_cents")[1] == 'Says what "amount" says (correlation 1.000).'
    assert role(found, "region_code")[1] == 'Says what "region" says.'
    assert role(found, "mail")[1] == "Different in every row, so it names customers."
    assert role(found, "comment")[1] == "Long text."


def test_copies_are_found(found):
    assert [(each.name, each.of) for each in found.copies] == [
        ("amount_cents", "amount"),
        ("region_code", "region"),
    ]
    assert found.copies[0].r == pytest.approx(1.0, abs=1e-9)
    assert found.copies[1] == Copy("region_code", "region")
    assert found.id_like == ("member_no", "mail")


def test_numbers_that_nearly_agree_are_no_copies():
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    rows = pd.DataFrame({"x": x, "near": x + 0.03 * rng.normal(size=500), "far": x * 1.0})
    rows["far"] += 0.08 * rng.normal(size=500)
    rows["down"] = -2 * x + 7
    assert [(e.name, e.of) for e in cl.inspect(rows).copies] == [("near", "x"), ("down", "x")]
    assert cl.inspect(rows).copies[1].r == pytest.approx(-1.0, abs=1e-12)


def test_rows_and_ids_that_repeat_are_counted():
    rows = pd.DataFrame({"ID": [1, 2, 3, 3, 4], "a": [5, 5, 6, 6, 7], "b": [1, 1, 2, 2, 3]})
    found = cl.inspect(rows)
    assert (found.repeated_rows, found.repeated_but_id, found.repeated_ids) == (1, 2, 1)
    assert found.findings[:3] == [
        "1 row repeats an earlier one in all columns.",
        '2 rows repeat an earlier one in all columns but "ID".',
        '1 row has an id that stands before in "ID".',
    ]


def test_a_table_that_a_playbook_knows_keeps_its_features(mall_csv):
    found = cl.inspect(mall_csv)
    assert found.features == ["Annual Income (k$)", "Spending Score (1-100)"]
    assert role(found, "CustomerID") == ("id", "The customer's id.")
    assert role(found, "Age")[0] == "profile"
    assert found.findings == []


def test_the_playbook_rules_even_where_its_features_are_sorted_or_unique():
    n = np.arange(50)
    rows = pd.DataFrame({"CustomerID": n, "Income": n * 2, "Spending": n % 17, "Visits": n % 13})
    found = cl.inspect(rows)
    assert found.features == ["Income", "Spending"]
    assert found.copies == ()


def test_roles_can_be_overridden(shop, tmp_path):
    own = {"Year_Birth": "feature", "amount": "ignore", "mail": "id"}
    found = cl.inspect(shop, roles=own)
    assert found.features == ["orders", "Year_Birth", "visits"]
    assert found.id == "mail"
    assert role(found, "member_no") == (
        "ignore",
        "Different in every row, so it names customers.",
    )
    path = tmp_path / "roles.yaml"
    path.write_text(found.to_yaml(), encoding="utf-8")
    again = cl.inspect(shop, roles=path)
    assert [(e.name, e.role) for e in again.roles] == [(e.name, e.role) for e in found.roles]


def test_all_faults_of_the_roles_are_said_at_once(shop):
    with pytest.raises(ColumnError) as error:
        cl.inspect(shop, roles={"ordrs": "feature", "region": "feature", "amount": "featur"})
    assert error.value.faults == (
        'there is no column "ordrs". Did you mean "orders"?',
        '"region" holds text values, and features are numbers; as a category its levels take part.',
        '"amount": "featur" is no role. Did you mean "feature"?',
    )


@pytest.mark.parametrize("name", ["x", "a\nb", "Größe", "yes", "12", "a: b", '"q"', "x" * 200])
def test_any_name_survives_the_file_of_roles(name, tmp_path):
    rows = pd.DataFrame({name: range(20), "Income": range(20)})
    path = tmp_path / "roles.yaml"
    path.write_text(cl.inspect(rows, roles={name: "ignore"}).to_yaml(), encoding="utf-8")
    assert name in cl.inspect(rows, roles=path).ignored


def test_six_of_many_features_stand_for_all():
    rng = np.random.default_rng(3)
    hidden = rng.normal(size=(400, 4))
    rows = pd.DataFrame(
        {f"amount_{i}": hidden[:, i % 4] + 0.2 * rng.normal(size=400) for i in range(12)}
    )
    features = cl.inspect(rows).features
    # One of each of the four kinds; a second of a kind is left less than a tenth of its own.
    assert sorted(int(each.removeprefix("amount_")) % 4 for each in features) == [0, 1, 2, 3]


def test_nothing_but_words():
    found = cl.inspect(pa.table({"city": ["a", "b", "a"], "note": ["x", "y", "z"]}))
    assert found.features == []
    assert found.id is None


def test_numbers_that_are_not_finite_or_enormous():
    rows = pa.table({"amount": [1.0, 2.0, math.inf, math.nan, 1e300, None, 3.0, 4.0]})
    figures = cl.inspect(rows).columns[0]
    assert (figures.present, figures.missing) == (4, 4)
    assert (figures.least, figures.largest, figures.mean) == (1.0, 4.0, 2.5)


def test_a_wide_table_is_looked_at_in_part():
    rows = pa.table({f"n{i}": [1.0, 2.0, float(i)] for i in range(320)})
    found = cl.inspect(rows)
    assert len(found.columns) == 300
    assert "The first 300 of 320 columns were looked at." in found.notes
    assert "The first 60 of 300 columns of numbers were compared with each other." in found.notes


def test_the_features_by_roles_take_part_and_the_ignored_do_not(shop):
    model = cl.segment(shop, roles="auto", k=2)
    assert model.feature_names == ["orders", "amount", "visits"]
    assert model.id == "member_no"
    profiled = {figure.column for each in model.segments for figure in each.profile}
    assert profiled == {"Year_Birth", "region", "newsletter"}
    assert "By their roles, the features are orders, amount, visits." in model.notes
    assert 'Column "member_no" is the customer id, by its role.' in model.notes
    assert any(each.startswith("Left out of the profile, by their roles:") for each in model.notes)


def test_named_features_go_before_roles(shop):
    model = cl.segment(shop, ["amount_cents"], roles={"amount_cents": "ignore"}, k=2)
    assert model.feature_names == ["amount_cents"]


def test_ifood(data_folder):
    found = cl.inspect(data_folder / "ifood_customers.csv")
    assert found.id == "ID"
    assert found.ignored == ["Z_CostContact", "Z_Revenue"]
    assert found.features == [
        *("Income", "Recency", "MntFruits"),
        *("NumDealsPurchases", "NumWebPurchases", "NumCatalogPurchases"),
    ]
    assert (found.repeated_rows, found.repeated_but_id) == (0, 182)
    assert '"Income": 1 value lies far out: 666,666.' in found.findings
    assert '"Year_Birth": 3 values lie far out: 1893, 1899, 1900.' in found.findings


def test_automobile(data_folder):
    found = cl.inspect(data_folder / "automobile_customers.csv")
    assert found.id == "ID"
    assert found.features == ["Age", "Work_Experience", "Family_Size"]
    assert role(found, "Segmentation") == ("profile", "4 different words.")
    assert found.repeated_but_id == 417


def test_the_single_values_far_out_are_named(found):
    assert found.outliers == [
        '"amount": 1 value lies far out: 9,999.',
        '"amount_cents": 1 value lies far out: 999,900.',
        '"Year_Birth": 1 value lies far out: 1893.',
    ]


def test_without_features_or_a_playbook_the_proposed_ones_are_taken(shop):
    model = cl.segment(shop, k=2)
    asked = cl.segment(shop, roles="auto", k=2)
    assert model.feature_names == asked.feature_names == ["orders", "amount", "visits"]
    assert model.id == "member_no"
    assert 'amount": 1 value lies far out: 9,999.' in " ".join(model.notes)


@pytest.mark.parametrize(
    "name", ["cust_no", "CUSTOMER_KEY", "customerNr", "Account Number", "shopper_id"]
)
def test_other_usual_names_of_an_id_are_known(shop, name):
    frame = shop.rename(columns={"member_no": name})
    assert cl.inspect(frame).id == name
    assert cl.segment(frame, ["orders", "visits"], k=2).id == name


def test_words_for_missing_are_counted_as_missing(shop):
    region = [*shop["region"][:30], *["n/a", "Unknown", "unknown", "-", "?"] * 2]
    found = cl.inspect(shop.assign(region=region))
    column = of(found, "region")
    assert (column.present, column.missing, column.distinct) == (30, 10, 4)
    said = 'Column "region": 10 values such as "-" count as missing (otherwise: --as-text region).'
    assert said in found.notes
    assert role(found, "region") == ("profile", "4 different words.")
    kept = of(cl.inspect(cl.read(shop.assign(region=region), as_text=["region"])), "region")
    assert (kept.present, kept.missing, kept.distinct) == (40, 0, 9)


def test_what_keeps_a_column_from_being_numbers_is_said():
    paid = [f"{20 + each},50 €" for each in range(60)]
    visits = [str(each % 50) for each in range(60)]
    frame = pd.DataFrame(
        {
            "visits": range(60),
            "orders": [each * 7 % 23 for each in range(60)],
            "paid": [*paid[:58], "k.A. €", " €"],
            "calls": [*visits[:59], "none yet"],
            "street": [f"Example Street {each % 50}" for each in range(60)],
        }
    )
    advice = "Mend or empty them, and it can form segments."
    reasons = {each.name: each.reason for each in cl.inspect(frame).roles if each.role == "ignore"}
    assert reasons == {
        "paid": f'Nearly all are numbers, but "k.A. €", " €" are none. {advice}',
        "calls": f'Nearly all are numbers, but "none yet" is none. {advice}',
        "street": "50 different words are too many to compare.",
    }
