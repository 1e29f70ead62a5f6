import datetime as dt
import io
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import clienteling as cl
from clienteling.app import campaign_file
from clienteling.app.campaign_file import packed, unpacked
from clienteling.app.planning import Wishes, catalogue_of, columns_to_carry, plan, priced
from clienteling.app.uploads import Upload, fit_upload
from clienteling.campaigns.delivery import check_campaign_folder
from clienteling.errors import DocumentError, InputError, SourceError
from clienteling.offers.offer import ContactPolicy

DAY = dt.date(2026, 3, 1)
PRICED = {"cost": 2.0, "value": 40.0, "response": 0.1}


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_campaign_is_planned_as_on_the_command_line(sample, temporary) -> None:
    made = plan(sample.model, sample.opens, sample.catalogue, Wishes("spring", DAY, holdout=0.25))
    other = cl.plan_campaign(sample.model, "sample", name="spring", holdout=0.25, day=DAY)
    wanted = other.decisions().df().sort_values("customer_id", ignore_index=True)
    got = pq.read_table(io.BytesIO(made.decisions("parquet"))).to_pandas()
    pd.testing.assert_frame_equal(got.sort_values("customer_id", ignore_index=True), wanted)
    assert (made.figures.contacted, made.figures.held_out) == (150, 50)
    assert made.words[0].startswith("Of 200 customers 200 would be contacted")
    assert made.titles["welcome-discount"] == "20 % off your next visit"
    assert [each for each in temporary.rglob("*") if each.is_file()] == []


def test_what_is_kept_is_the_folder_of_the_command_line(sample, tmp_path) -> None:
    made = plan(sample.model, sample.opens, sample.catalogue, Wishes("spring", DAY))
    folder = unpacked(made.folder, "spring.zip", tmp_path)
    document = check_campaign_folder(folder)
    assert document is not None
    assert (document["campaign"], document["customers"]) == ("spring", 200)
    assert cl.Model.load(folder / "model.json") == sample.model
    assert cl.load_catalogue(folder / "catalogue.yaml").fingerprint == sample.catalogue.fingerprint


def test_what_mail_tools_need_is_carried_and_stands_nowhere_else(sample) -> None:
    assert columns_to_carry(sample.opens)[:2] == ("Gender", "Age")
    wishes = Wishes("spring", DAY, carry=("Age",))
    made = plan(sample.model, sample.opens, sample.catalogue, wishes)
    listed = pd.read_csv(io.BytesIO(made.file("mail/email.csv"))).set_index("customer_id")
    ages = cl.read("sample").df().set_index("CustomerID")["Age"]
    assert listed["Age"].equals(ages[listed.index].rename_axis("customer_id"))
    assert "Age" not in pq.read_table(io.BytesIO(made.decisions("parquet"))).column_names
    with pytest.raises(InputError, match='"Aeg"'):
        plan(sample.model, sample.opens, sample.catalogue, replace(wishes, carry=("Aeg",)))


def test_chance_earlier_contacts_and_the_global_holdout_are_the_command_lines(sample) -> None:
    offers = sample.catalogue.model_copy(
        update={"contact_policy": ContactPolicy(contacts=1, days=30)}
    )
    before = b"customer_id,offer,day\n1,gold-rewards,2026-02-20\n2,gold-rewards,2026-02-20\n"
    wishes = Wishes(
        "spring", DAY, explore=0.4, global_holdout=0.1, earlier=Upload("before.csv", before)
    )
    got = plan(sample.model, sample.opens, offers, wishes).decisions("parquet")
    got = pq.read_table(io.BytesIO(got)).to_pandas().sort_values("customer_id", ignore_index=True)
    contacts = pd.DataFrame(
        {"customer_id": [1, 2], "offer": "gold-rewards", "day": dt.date(2026, 2, 20)}
    )
    other = cl.plan_campaign(
        *(sample.model, "sample", offers),
        **{"name": "spring", "day": DAY, "explore": 0.4, "global_holdout": 0.1},
        contacts=[contacts],
    )
    wanted = other.decisions().df().sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(got, wanted)
    assert list(got["arm"][:2]) == ["nothing", "nothing"]
    bad = replace(wishes, earlier=Upload("before.csv", b"who,what\n1,2\n"))
    with pytest.raises(InputError, match=r"before\.csv"):
        plan(sample.model, sample.opens, offers, bad)


def test_a_cost_that_nobody_typed_in_is_not_known(sample) -> None:
    rows = [{"title": each.title, "cost": None} for each in sample.catalogue.offers]
    unknown = priced(sample.catalogue, rows)
    wishes = Wishes("spring", DAY)
    made = plan(sample.model, sample.opens, unknown, wishes)
    assert not made.figures.cost_known
    free = priced(sample.catalogue, [{"cost": 0.0}] * len(rows))
    assert plan(sample.model, sample.opens, free, wishes).figures.cost_known


def test_a_budget_is_kept_and_its_picture_drawn(sample) -> None:
    pytest.importorskip("matplotlib", reason="pip install matplotlib")
    offers = priced(sample.catalogue, [PRICED] * len(sample.catalogue.offers))
    wishes = Wishes("spring", DAY, policy="budget", budget=100.0, base_rate=0.02)
    made = plan(sample.model, sample.opens, offers, wishes)
    assert made.figures.cost == 100.0
    assert made.figures.forecast is not None
    assert made.figures.base_rate == 0.02
    assert made.file("images/profit_by_budget.png").startswith(b"\x89PNG")


def test_formulas_in_the_lists_are_neutralised() -> None:
    rows = "\n".join(f"=A{n},{10 * (n % 3) + n % 5 / 10}" for n in range(60))
    own = fit_upload(Upload("own.csv", f"id,visits\n{rows}\n".encode()), ["visits"])
    made = plan(own.model, own.opens, own.catalogue, Wishes("spring", DAY, holdout=0.0))
    for content in (made.decisions("csv"), made.file(f"mail/{made.files('mail')[0]}")):
        lines = content.decode("utf-8-sig").splitlines()[1:]
        assert lines
        assert all(each.startswith("'=A") for each in lines)


@pytest.mark.parametrize(
    ("wishes", "said", "hint"),
    [
        (Wishes("a b", DAY), "can't be the name of a campaign", "such as spring-2026."),
        (Wishes("spring", DAY, policy="budget"), "the offers don't say what they bring", "Give"),
        (Wishes("spring", DAY, days=0), "can't be planned like this", ""),
    ],
)
def test_bad_wishes_are_answered_without_options(sample, wishes, said, hint) -> None:
    with pytest.raises(InputError) as caught:
        plan(sample.model, sample.opens, sample.catalogue, wishes)
    assert said in str(caught.value)
    assert hint in caught.value.hint
    assert "--" not in str(caught.value)


def test_an_unchanged_table_leaves_the_offers_what_they_are(sample) -> None:
    rows = [{"title": each.title, "cost": each.cost} for each in sample.catalogue.offers]
    assert priced(sample.catalogue, rows).fingerprint == sample.catalogue.fingerprint


def test_offers_that_can_not_be_meant_are_named(sample) -> None:
    rows = [{"response": 1.5, "title": " "}, {"cost": -1.0}] + [{}] * 13
    with pytest.raises(DocumentError) as caught:
        priced(sample.catalogue, rows)
    said = "\n".join(caught.value.faults)
    for part in ("offers[1] (preview-evening)", "response", "title", "offers[2] (gold-rewards)"):
        assert part in said


def test_a_catalogue_with_faults_is_called_by_its_own_name(sample, temporary) -> None:
    with pytest.raises(DocumentError) as caught:
        catalogue_of(b"catalogue: own\noffers:\n  - id: x\n", "my offers.yaml", sample.model)
    assert caught.value.message.startswith("my offers.yaml")
    assert len(caught.value.faults) > 1
    assert str(temporary) not in str(caught.value)


def test_a_file_that_is_no_campaign_is_refused(sample, tmp_path) -> None:
    def zipped(**files: bytes) -> bytes:
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w") as made:
            for name, data in files.items():
                made.writestr(name, data)
        return into.getvalue()

    for place, (data, said) in enumerate(
        [
            (b"PK\x03\x04 cut", "mine.zip: is no ZIP file that can be read."),
            (b"", "mine.zip: is no ZIP file that can be read."),
            (zipped(), "it has no plan.json, no model.json, no catalogue.yaml, no decisions."),
            (
                zipped(**{"a/plan.json": b"{}"}),
                "it has no model.json, no catalogue.yaml, no decisions.",
            ),
        ]
    ):
        into = tmp_path / str(place)
        into.mkdir()
        with pytest.raises(SourceError) as caught:
            unpacked(data, "mine.zip", into)
        assert said in caught.value.message
        assert "Give the file that you kept" in caught.value.hint


def test_nothing_is_written_outside_of_the_folder(tmp_path, monkeypatch) -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as made:
        for name in ("../plan.json", "/plan.json", "a/b/model.json", "x\\..\\..\\plan.json"):
            made.writestr(name, b"{}")
        made.writestr("decisions/part-00000.parquet", b"x" * 2000)
    inside = tmp_path / "in"
    inside.mkdir()
    with pytest.raises(SourceError):
        unpacked(into.getvalue(), "mine.zip", inside)
    assert [each for each in tmp_path.rglob("*.json") if inside not in each.parents] == []
    monkeypatch.setattr(campaign_file, "MOST_BYTES", 1000)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(SourceError, match="too large"):
        unpacked(into.getvalue(), "mine.zip", other)


def test_a_folder_comes_back_as_it_was(tmp_path) -> None:
    folder = tmp_path / "spring"
    (folder / "decisions").mkdir(parents=True)
    for name in ("plan.json", "model.json", "catalogue.yaml", "decisions/part-00000.parquet"):
        (folder / name).write_bytes(name.encode())
    into = tmp_path / "into"
    into.mkdir()
    back = unpacked(packed(folder), "spring.zip", into)
    for each in folder.rglob("*.*"):
        assert (back / each.relative_to(folder)).read_bytes() == each.read_bytes()
