"""Models of rules: one customer, a frame, the engine and the exported SQL give the same."""

import json

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot

import clienteling as cl
from clienteling.errors import ColumnError, DataError, DocumentError, InputError

FEATURES = ["recency", "frequency", "monetary"]
RESULT = ["segment_id", "segment", "margin", "runner_up", "note"]


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(7)
    n = 4000
    lines = pd.DataFrame(
        {
            "customer": np.minimum(rng.geometric(0.004, n), 700),
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 365, n), unit="D"),
            "amount": np.round(rng.lognormal(3, 1, n), 2),
            "order": np.arange(n),
        }
    )
    return cl.rfm(lines)


@pytest.fixture(scope="module")
def model(made) -> cl.RulesModel:
    return cl.rfm_model(made)


@pytest.fixture(scope="module")
def customers(made, model) -> pd.DataFrame:
    """The shop's customers, and some at each threshold, beside it, and without a value."""
    edges = [
        value
        for feature in model.features
        for each in feature.thresholds
        for value in (np.nextafter(each, -np.inf), each, np.nextafter(each, np.inf))
    ]
    odd = [np.nan, np.inf, -np.inf, 1e301, -1e300, 0.0, -0.0, 5e-324]
    rng = np.random.default_rng(1)
    extra = pd.DataFrame({each: rng.choice([*edges, *odd], 2000) for each in FEATURES})
    frame = pd.concat([made.table.df()[FEATURES].astype(float), extra], ignore_index=True)
    return frame.assign(customer_id=range(len(frame)))


def test_sizes_shares_and_revenue(made, model):
    scored = model.score(made.table).df()
    assert [each.id for each in model.segments] == list(range(11))
    sizes = [each.size for each in model.segments]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == made.customers - made.only_returns
    for each in model.segments:
        its = scored[scored["segment"] == each.name]
        assert len(its) == each.size
        assert (its["segment_id"] == each.id).all()
        assert each.share == len(its) / len(scored)
        assert each.revenue == pytest.approx(its["monetary"].sum())
        assert each.revenue_share == pytest.approx(its["monetary"].sum() / scored["monetary"].sum())
        for feature, mean in each.typical.items():
            assert mean == pytest.approx(its[feature].mean())
    assert sum(each.revenue_share for each in model.segments) == pytest.approx(1)


def test_scores_of_the_model_are_those_of_the_table(made, model):
    for row in made.table.to_arrow().to_pylist():
        answer = model.predict({each: row[each] for each in FEATURES})
        assert list(answer.scores.values()) == [row["r_score"], row["f_score"], row["m_score"]]


def test_one_by_one_as_all_together(model, customers):
    scored = model.score(customers).df()
    assert scored.columns.tolist() == ["customer_id", *FEATURES, *RESULT]
    assert scored["margin"].isna().all()
    assert scored["runner_up"].isna().all()
    assert scored["segment"].nunique() == 11
    for row, customer in zip(
        scored.to_dict("records"), customers[FEATURES].to_dict("records"), strict=True
    ):
        answer = model.predict(customer)
        assert (answer.margin, answer.runner_up) == (None, None)
        assert answer.note == row["note"]
        if answer.segment is None:
            assert pd.isna(row["segment"])
            assert row["note"]
        else:
            assert (row["segment_id"], row["segment"]) == (answer.segment.id, answer.segment.name)


def test_a_frame_and_a_list(model, customers):
    some = customers[FEATURES].tail(50)
    frame = model.predict(some)
    assert frame.index.tolist() == some.index.tolist()
    answers = model.predict(some.to_dict("records"))
    names = [each.segment.name if each.segment else None for each in answers]
    assert frame["segment"].astype(object).where(frame["segment"].notna(), None).tolist() == names
    assert model.predict(some.iloc[0]) == answers[0]
    with pytest.raises(InputError, match="by name"):
        model.predict([[1, 2, 3]])


def test_what_predict_refuses(model):
    with pytest.raises(ColumnError) as caught:
        model.predict({"recency": 1, "frequencies": 2})
    assert '"monetary" is missing.' in caught.value.faults
    with pytest.raises(DataError, match="must be numbers"):
        model.predict({"recency": "soon", "frequency": 2, "monetary": 3})
    assert model.predict({"recency": None, "frequency": 2, "monetary": 3}).note == (
        "recency is missing."
    )


def test_the_exported_text_gives_the_same(model, customers):
    found = duckdb.sql(model.sql("duckdb")).to_arrow_table().to_pandas()
    pd.testing.assert_frame_equal(found, model.score(customers).df())


#: Languages of their own kind, which sqlglot reads or writes but does not read back.
ONE_WAY = {"", "dax", "prql", "solr"}


@pytest.mark.parametrize("dialect", sorted(set(sqlglot.Dialect.classes) - ONE_WAY))
def test_every_dialect_can_read_its_text(model, dialect):
    (parsed,) = sqlglot.parse(model.sql(dialect), dialect=dialect)
    assert [each.alias_or_name for each in parsed.selects] == ["customer_id", *FEATURES, *RESULT]


def test_offers(model, made):
    offers = cl.recommend(model, made.table).df().set_index("segment")
    assert offers.loc["Champions", "offer_1"].iloc[0] == "First look"
    assert offers.loc["Lost", "offer_3"].isna().all()
    assert offers["offer_2"].notna().all()


# The file


@pytest.fixture
def saved(model, tmp_path):
    path = tmp_path / "model.json"
    model.save(path)
    return path


def test_saved_and_loaded(model, saved):
    assert cl.load_model(saved) == model
    assert json.loads(saved.read_text())["kind"] == "rules"
    with pytest.raises(DocumentError, match="is a model of rules") as caught:
        cl.Model.load(saved)
    assert "load_model" in caught.value.hint


def test_a_model_of_centres_is_loaded_too(tmp_path):
    fitted = cl.segment(cl.read("sample"), k=5)
    fitted.save(tmp_path / "model.json")
    assert cl.load_model(tmp_path / "model.json") == fitted


def change(path, *keys):
    """Return a function that puts another value at a place of the file."""
    document = json.loads(path.read_text())

    def to(value):
        part = document
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] = value
        path.write_text(json.dumps(document))

    return to


@pytest.mark.parametrize(
    ("keys", "value", "fault"),
    [
        (("rules", 0, "segment"), "x", 'rules[1].segment: there is no segment "x".'),
        (
            ("rules", 0, "scores"),
            {"recency": [5, 4]},
            "rules[1].scores.recency: 5 to 4 is no range of scores from 1 to 5.",
        ),
        (
            ("rules", 0, "scores"),
            {"recncy": [4, 5]},
            'rules[1].scores: "recncy" is not among the features.',
        ),
        (("segments", 1, "id"), 5, "segments[2].id: is 5; it should be 1."),
        (
            ("features", 0, "thresholds"),
            [4.0, 3.0, 5.0, 6.0],
            "features[1].thresholds: are not ascending.",
        ),
        (("features", 0, "best"), "middle", "features[1].best: should be 'low' or 'high'"),
        (("kind",), "trees", "kind: should be 'kmeans'"),
        (("extra",), 1, "extra: is not known here; remove it or mend its spelling."),
        (("rules",), [], "rules: is empty."),
    ],
)
def test_faults_of_the_file_are_said(saved, keys, value, fault):
    change(saved, *keys)(value)
    with pytest.raises(DocumentError) as caught:
        cl.load_model(saved)
    assert any(each.startswith(fault) for each in caught.value.faults), caught.value.faults


def test_rules_that_leave_a_gap_are_refused(saved):
    rules = json.loads(saved.read_text())["rules"]
    change(saved, "rules")(rules[:-1])
    with pytest.raises(DocumentError) as caught:
        cl.load_model(saved)
    assert caught.value.faults == (
        "rules: none covers the scores recency 1, frequency 1, monetary 4.",
    )


def test_a_playbook_of_other_features_is_refused(made, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "playbook: own\ntitle: Mine\n"
        "features: {recency: {label: r, best: high}, visits: {label: v, best: low}}\n"
        "segments: [{key: a, name: A, rules: [{}], description: D., strategy: S}]\n"
    )
    with pytest.raises(DocumentError) as caught:
        cl.rfm_model(made, playbook=path)
    assert caught.value.faults == (
        'features: "recency" should be best where it is low.',
        'features: "visits" is none of recency, frequency, monetary.',
    )


def test_a_playbook_of_ones_own_with_fewer_features(made, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "playbook: own\ntitle: Mine\nfeatures: {recency: {label: last visit, best: low}}\n"
        "segments:\n"
        "  - {key: here, name: Here, rules: [{recency: 3-5}], description: D., strategy: S}\n"
        "  - {key: away, name: Away, rules: [{}], description: D., strategy: S}\n"
    )
    model = cl.rfm_model(made, playbook=path)
    cut = made.thresholds["recency"][2]
    found = made.table.df()["recency"] <= cut
    assert {each.name: each.size for each in model.segments} == {
        "Here": found.sum(),
        "Away": (~found).sum(),
    }
