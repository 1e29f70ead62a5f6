"""Scoring in the engine: the columns of the contract, the notes, and the SQL text elsewhere."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlglot
import sqlglot.expressions as exp

import clienteling as cl
from clienteling.errors import ColumnError, DataError, InputError

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


def test_the_columns_and_their_types(mall, mall_csv):
    scored = mall.score(str(mall_csv))
    expected = ["customer_id", *FEATURES, "segment_id", "segment", "margin", "runner_up", "note"]
    assert scored.names == expected
    table = scored.to_arrow()
    assert table.column_names == expected
    kinds = [str(field.type) for field in table.schema]
    assert kinds == ["int64", "int64", "int64", "int32", "string", "double", "string", "string"]
    assert [each.kind for each in scored.columns] == [
        *("integer", "integer", "integer"),
        *("integer", "text", "number", "text", "text"),
    ]


def test_every_customer_in_the_order_of_the_source(mall, mall_frame):
    scored = mall.score(mall_frame).df()
    assert scored["customer_id"].tolist() == mall_frame["CustomerID"].tolist()
    assert scored[FEATURES].equals(mall_frame[FEATURES])
    assert (scored["note"] == "").all()
    names = {each.id: each.name for each in mall.segments}
    assert scored["segment"].tolist() == [names[each] for each in scored["segment_id"]]
    assert (scored["segment"] != scored["runner_up"]).all()
    assert (scored["margin"] > 0).all()


def test_margins_against_brute_force(mall, mall_frame, mall_values):
    z = (mall_values - mall.mean) / mall.scale
    distances = np.sort(np.linalg.norm(z[:, None] - mall.centres, axis=2), axis=1)
    margins = mall.score(mall_frame).df()["margin"]
    assert margins.to_numpy() == pytest.approx(distances[:, 1] - distances[:, 0], abs=1e-12)


@pytest.mark.parametrize("k", [1, 2, 20])
def test_one_by_one_as_all_together(mall_frame, k):
    """The numpy path and the engine give the same bits."""
    model = cl.segment(mall_frame, k=k)
    scored = model.score(mall_frame).df()
    for row, customer in zip(
        scored.to_dict("records"), mall_frame[FEATURES].to_dict("records"), strict=True
    ):
        answer = model.predict(customer)
        assert row["segment_id"] == answer.segment.id
        assert row["segment"] == answer.segment.name
        if k == 1:
            assert pd.isna(row["margin"])
            assert pd.isna(row["runner_up"])
        else:
            assert row["margin"] == answer.margin
            assert row["runner_up"] == answer.runner_up.name


def test_unusable_values_have_no_segment_and_a_note(mall):
    table = pa.table(
        {
            "id": [1, 2, 3, 4, 5],
            FEATURES[0]: pa.array([15.0, None, float("inf"), float("nan"), 1e301]),
            FEATURES[1]: pa.array([81.0, None, None, 1.0, -float("inf")]),
        }
    )
    rows = mall.score(table).to_arrow().to_pylist()
    assert [row["segment"] for row in rows] == ["Deal Seekers", None, None, None, None]
    assert [row["segment_id"] for row in rows[1:]] == [None] * 4
    assert [row["margin"] for row in rows[1:]] == [None] * 4
    assert [row["runner_up"] for row in rows[1:]] == [None] * 4
    first, second = FEATURES
    assert [row["note"] for row in rows] == [
        "",
        f"{first} is missing. {second} is missing.",
        f"{first} is not a finite number. {second} is missing.",
        f"{first} is missing.",
        f"{first} is not a finite number. {second} is not a finite number.",
    ]


def test_without_an_id_the_rows_are_numbered(mall, mall_frame):
    scored = mall.score(mall_frame[FEATURES])
    assert scored.df()["customer_id"].tolist() == list(range(1, 201))
    assert scored.notes == (
        "No column was recognised as the customer id: the rows are numbered from 1.",
    )


def test_the_id_can_be_named_and_may_be_any_text(mall, mall_frame):
    frame = mall_frame.assign(Kunde=[f"=k{number:03}" for number in range(200)])
    scored = mall.score(frame, id="Kunde")
    assert scored.df()["customer_id"].tolist() == frame["Kunde"].tolist()
    assert scored.notes == ()
    with pytest.raises(ColumnError, match=r'there is no column "Kunden"\. Did you mean "Kunde"'):
        mall.score(frame, id="Kunden")


def test_a_missing_feature_is_refused_with_near_names(mall, mall_frame):
    frame = mall_frame.rename(columns={FEATURES[1]: "Spending Scores 2024"})
    with pytest.raises(ColumnError) as caught:
        mall.score(frame)
    assert caught.value.faults == (
        'there is no column "Spending Score (1-100)". Did you mean "Spending Scores 2024"?',
    )


def test_text_among_the_numbers_is_refused(mall):
    frame = pd.DataFrame({"Income": ["15", "x"], "Score": [1, 2]})
    with pytest.raises(DataError, match='row 2, column "Income": "x" is not a number'):
        mall.score(frame)


def test_nothing_is_computed_before_it_is_asked_for(mall, mall_frame):
    scored = mall.score(mall_frame)
    assert scored.sql().startswith("WITH ")
    assert len(scored.head(3)) == 3


@pytest.mark.parametrize(
    "feature", ["segment", "Segment_ID", "margin", "runner_up", "note", "customer_id", "offer_2"]
)
def test_a_feature_called_like_a_column_of_the_result_is_refused(blobs, feature):
    with pytest.raises(ColumnError) as caught:
        cl.segment(blobs(2).rename(columns={"x0": feature}), [feature, "x1"], k=2)
    assert caught.value.faults == (f'a feature can\'t be called "{feature}".',)


def test_odd_names_of_features(blobs):
    names = [
        'a"b',
        "a'b",
        "a;--",
        "a.b",
        "a\nb",
        "ä",
        "名",
        "select",
        "a,b",
        "=1+1",
        "(k$)",
        "x" * 200,
    ]
    frame = blobs(2, features=len(names)).set_axis(names, axis=1)
    model = cl.segment(frame, names, k=2)
    assert [each.size for each in model.segments] == [40, 40]
    scored = model.score(frame)
    assert scored.names[1:13] == names
    pd.testing.assert_frame_equal(scored.df()[names], frame)


def test_numbered_columns_and_a_single_name(blobs):
    frame = blobs(2).set_axis([0, 1], axis=1)
    assert cl.segment(frame, [0, 1], k=2).feature_names == ["0", "1"]
    assert cl.segment(blobs(2), "x0", k=2).feature_names == ["x0"]


# The SQL text, as it is given to a warehouse.


def test_the_text_runs_as_it_is_and_gives_the_same(mall, mall_frame):
    customers = mall_frame  # noqa: F841
    found = duckdb.sql(mall.sql("duckdb")).df()
    expected = mall.score(mall_frame).df()
    pd.testing.assert_frame_equal(found, expected)


def test_the_table_and_the_id_can_be_named(mall, mall_frame):
    from clienteling.segmentation.scoring import scoring_sql

    connection = duckdb.connect()
    connection.register("frame", mall_frame)
    connection.execute('CREATE SCHEMA shop; CREATE TABLE shop."my customers" AS FROM frame')
    text = scoring_sql(mall, "duckdb", 'shop."my customers"', "CustomerID")
    found = connection.sql(text).df()
    pd.testing.assert_frame_equal(found, mall.score(mall_frame).df())


@pytest.mark.parametrize(
    "dialect", ["snowflake", "bigquery", "databricks", "postgres", "spark", "redshift", "trino"]
)
def test_every_dialect_can_read_its_text(mall, dialect):
    (parsed,) = sqlglot.parse(mall.sql(dialect), dialect=dialect)
    assert [each.alias_or_name for each in parsed.selects] == [
        *("customer_id", *FEATURES, "segment_id", "segment", "margin", "runner_up", "note")
    ]


@pytest.mark.parametrize(
    ("dialect", "near"), [("Snowflake", "snowflake"), ("big-query", "bigquery"), ("", "")]
)
def test_no_such_dialect(mall, dialect, near):
    with pytest.raises(InputError, match=f'There is no dialect "{dialect}"') as caught:
        mall.sql(dialect)
    assert near in caught.value.hint
    assert "The dialects are: athena, bigquery, " in caught.value.hint


@pytest.mark.parametrize("table", ["numbers", "scored", "nearest", "customers", "cl_numbers"])
def test_a_table_may_be_called_like_a_step(mall, mall_frame, table, tmp_path):
    path = tmp_path / "shop.db"
    with duckdb.connect(str(path)) as connection:
        connection.register("frame", mall_frame)
        connection.execute(f"CREATE TABLE {table} AS FROM frame")
    found = cl.score(mall, f"duckdb:///{path}?table={table}").df()
    pd.testing.assert_frame_equal(found, mall.score(mall_frame).df())


def test_what_is_scored_can_be_scored_again(mall, mall_frame):
    once = mall.score(mall_frame)
    thrice = mall.score(mall.score(once))
    pd.testing.assert_frame_equal(thrice.df(), once.df())
    # sqlglot lifts the inner steps beside the outer ones for Spark: their names must differ.
    text = sqlglot.parse_one(thrice.sql("spark"), dialect="spark")
    names = [each.alias for each in text.find_all(exp.CTE)]
    assert len(set(names)) == len(names) > 10
