"""Every customer gets their segment's offers: the columns of the contract, ranks and reasons."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest

import clienteling as cl
from clienteling.offers.catalogue import Catalogue, Offer, load_catalogue
from clienteling.offers.ranking import offers_of
from clienteling.offers.recommend import count_segments, with_reason

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
COLUMNS = [
    *("customer_id", *FEATURES, "segment_id", "segment", "margin", "runner_up"),
    *("offer_1", "offer_2", "offer_3", "note"),
]


@pytest.fixture(scope="module")
def mall(mall_csv):
    return cl.segment(str(mall_csv), k=5)


@pytest.fixture(scope="module")
def recommended(mall, mall_csv):
    return cl.recommend(mall, str(mall_csv))


def offer(id: str, *segments: str, priority: int = 1) -> Offer:
    return Offer(
        id=id, title=id.upper(), text="x", segments=segments, reason=f"{id}.", priority=priority
    )


def test_the_columns_and_their_types(recommended):
    table = recommended.to_arrow()
    assert table.column_names == recommended.names == COLUMNS
    assert [str(field.type) for field in table.schema] == [
        *("int64", "int64", "int64", "int32", "string", "double", "string"),
        *("string", "string", "string", "string"),
    ]


def test_each_of_the_200_gets_the_three_offers_of_their_segment(recommended, mall, mall_csv):
    rows = recommended.df()
    assert rows["customer_id"].tolist() == pd.read_csv(mall_csv)["CustomerID"].tolist()
    titles = {
        "Premium Customers": [
            "Private preview evening", "Gold loyalty rewards", "Luxury selection"],
        "Potential Customers": [
            "20 % off your next visit", "Free trial of our premium service", "Get-to-know tour"],
        "Deal Seekers": ["48-hour flash sale", "Coupon booklet", "Three for two bundle"],
        "Low-Value Customers": [
            "Monthly newsletter", "Birthday greeting", "Clearance reminder"],
        "Average Customers": [
            "Season opening offer", "Picked for you", "Double points at weekends"],
    }  # fmt: skip
    for name, own in rows.groupby("segment"):
        found = own[["offer_1", "offer_2", "offer_3"]].drop_duplicates().to_numpy().tolist()
        assert found == [titles[name]]
    assert rows["segment"].value_counts().to_dict() == {
        each.name: each.size for each in mall.segments
    }


def test_it_starts_from_the_scores(recommended, mall, mall_csv):
    scored = mall.score(str(mall_csv)).df()
    pd.testing.assert_frame_equal(recommended.df()[list(scored.columns)], scored)


def test_each_offer_has_its_reason_and_rank(mall):
    catalogue = load_catalogue("income-spending")
    for segment in mall.segments:
        ranked = offers_of(segment, catalogue)
        assert [each.rank for each in ranked] == [1, 2, 3]
        assert [each.offer.priority for each in ranked] == [1, 2, 3]
        assert all(each.reason == each.offer.reason for each in ranked)


def test_at_most_three_offers_and_gaps_are_null(mall, mall_csv):
    catalogue = Catalogue(
        catalogue="mine",
        offers=(
            *(offer(f"p{number}", "premium", priority=5 - number) for number in range(5)),
            offer("one", "average"),
        ),
    )
    rows = cl.recommend(mall, str(mall_csv), offers=catalogue).df()
    columns = ["offer_1", "offer_2", "offer_3"]
    by_segment = rows.groupby("segment")[columns].first()
    assert by_segment.loc["Premium Customers"].tolist() == ["P4", "P3", "P2"]
    assert by_segment.loc["Average Customers", "offer_1"] == "ONE"
    assert rows.loc[rows["segment"] == "Average Customers", columns[1:]].isna().all().all()
    assert rows.loc[rows["segment"] == "Deal Seekers", columns].isna().all().all()


def test_equal_priorities_keep_the_order_of_the_file(mall):
    catalogue = Catalogue(
        catalogue="mine", offers=tuple(offer(id, "premium") for id in ("c", "a", "b"))
    )
    premium = next(each for each in mall.segments if each.key == "premium")
    assert [each.offer.id for each in offers_of(premium, catalogue)] == ["c", "a", "b"]


def test_no_segment_no_offer_but_a_note(mall):
    table = pa.table({"id": [1, 2], FEATURES[0]: [15.0, None], FEATURES[1]: [81.0, 81.0]})
    rows = cl.recommend(mall, table).to_arrow().to_pylist()
    assert rows[0]["offer_1"] == "48-hour flash sale"
    assert [rows[1][f"offer_{rank}"] for rank in (1, 2, 3)] == [None, None, None]
    assert rows[1]["note"] == "Annual Income (k$) is missing."


def test_without_any_offer_the_columns_are_still_text(mall, mall_csv):
    catalogue = Catalogue(catalogue="mine", offers=(offer("x", "nobody"),))
    own_playbook = mall.model_copy(update={"playbook": "gym"})
    table = cl.recommend(own_playbook, str(mall_csv), offers=catalogue).to_arrow()
    assert table.column_names == COLUMNS
    assert all(str(table.schema.field(f"offer_{rank}").type) == "string" for rank in (1, 2, 3))
    assert table.column("offer_1").null_count == 200


def test_titles_with_quotes_come_through(mall, mall_csv):
    odd = "Buy \"1\", it's 'free'; --"
    catalogue = Catalogue(
        catalogue="mine",
        offers=(offer("x", "premium").model_copy(update={"title": odd}),),
    )
    rows = cl.recommend(mall, str(mall_csv), offers=catalogue).df()
    assert rows["offer_1"].dropna().unique().tolist() == [odd]


def test_the_reason_for_people(recommended, mall):
    catalogue = load_catalogue("income-spending")
    rows = with_reason(recommended, mall, catalogue).df()
    assert list(rows.columns) == [*COLUMNS, "reason"]
    first = rows[rows["customer_id"] == 2].iloc[0]
    assert first["reason"] == (
        "Deal Seekers (income 26 k$, below 88 % of customers; spending 79, above 85 %): They buy "
        "on the spot when the price is right, and a short sale makes it right."
    )
    assert rows["reason"].str.len().gt(20).all()


def test_customers_are_counted_by_segment(recommended, mall):
    assert count_segments(recommended) == {each.name: each.size for each in mall.segments}
    table = pa.table({"id": [1, 2], FEATURES[0]: [15.0, None], FEATURES[1]: [81.0, 81.0]})
    assert count_segments(cl.recommend(mall, table)) == {"Deal Seekers": 1, None: 1}


@pytest.mark.parametrize("k", [1, 20])
def test_every_k_has_offers_for_all(mall_csv, k):
    model = cl.segment(str(mall_csv), k=k)
    rows = cl.recommend(model, str(mall_csv)).df()
    assert rows[["offer_1", "offer_2", "offer_3"]].notna().all().all()


def test_any_features_have_offers_for_all():
    frame = pd.DataFrame({"visits": [1, 2, 8, 9, 4], "basket": [5, 6, 1, 2, 9]})
    model = cl.segment(frame, ["visits", "basket"], k=3)
    rows = cl.recommend(model, frame).df()
    assert rows[["offer_1", "offer_2", "offer_3"]].notna().all().all()


RULES = {
    "over_30": {"column": "Age", "operator": ">=", "value": 30},
    "women": {"column": "Gender", "operator": "=", "value": "Female"},
}


def ruled(id: str, rule: str | None, priority: int, **more) -> Offer:
    made = offer(id, "premium", "average", priority=priority).model_dump()
    eligibility = RULES[rule] if rule else None
    return Offer.model_validate({**made, "eligibility": eligibility, **more})


def test_the_next_offer_takes_the_place_of_one_that_is_not_open(mall, mall_csv):
    catalogue = Catalogue(
        catalogue="mine",
        offers=(
            ruled("a", "over_30", 1, exclusive_group="g"),
            ruled("b", "women", 2, exclusive_group="g"),
            ruled("c", "women", 3),
        ),
    )
    rows = cl.recommend(mall, str(mall_csv), offers=catalogue).df()
    people = pd.read_csv(mall_csv)
    both = rows.merge(people[["CustomerID", "Age", "Gender"]], left_on="customer_id",
                      right_on="CustomerID")  # fmt: skip
    assert len(both) == 200
    meant = both["segment"].isin(["Premium Customers", "Average Customers"])
    for row in both[meant].itertuples():
        over, woman = row.Age >= 30, row.Gender == "Female"
        wanted = ["A"] if over else ["B"] if woman else []
        wanted += ["C"] if woman else []
        found = [row.offer_1, row.offer_2, row.offer_3]
        assert [each for each in found if isinstance(each, str)] == wanted
        assert (row.note == "") == bool(wanted)
    nobody = both[meant & both["offer_1"].isna()]
    assert len(nobody) > 0
    assert set(nobody["note"]) == {"None of the segment's offers is open to this customer."}
    assert both.loc[~meant, "offer_1"].isna().all()
    assert (both.loc[~meant, "note"] == "").all()
    said = with_reason(cl.recommend(mall, str(mall_csv), offers=catalogue), mall, catalogue).df()
    assert said.loc[rows["offer_1"] == "B", "reason"].str.endswith(": b.").all()


def test_an_offer_that_does_not_go_out_today_is_left_out_and_said(mall, mall_csv):
    over = ruled("a", None, 1, valid_until="2026-03-31")
    catalogue = Catalogue(catalogue="mine", offers=(over, ruled("b", None, 2)))
    for day, first in [(dt.date(2026, 3, 31), "A"), (dt.date(2026, 4, 1), "B")]:
        table = cl.recommend(mall, str(mall_csv), offers=catalogue, day=day)
        assert table.df()["offer_1"].dropna().unique().tolist() == [first]
        said = 'Left out by their dates on 2026-04-01: "A" (until 2026-03-31).'
        assert (said in table.notes) == (first == "B")


def test_the_whole_run_respects_rules(mall_csv, tmp_path):
    from clienteling.run import run
    from clienteling.run_folder import publish

    catalogue = Catalogue(catalogue="mine", offers=(ruled("a", "over_30", 1), ruled("b", None, 2)))
    found = run(str(mall_csv), offers=catalogue, k=5)
    publish(found, tmp_path / "out")
    rows = pd.read_csv(tmp_path / "out" / "recommendations.csv")
    young = pd.read_csv(mall_csv)["Age"] < 30
    meant = rows["segment"].isin(["Premium Customers", "Average Customers"])
    assert (rows.loc[young & meant, "offer_1"] == "B").all()
    assert (rows.loc[~young & meant, "offer_1"] == "A").all()
