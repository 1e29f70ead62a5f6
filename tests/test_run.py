"""The whole way as a library call, and the folder that it leaves behind."""

import pytest

import clienteling as cl
from clienteling.errors import InputError, OutputError
from clienteling.run import run
from clienteling.run_document import as_document, segment_rows
from clienteling.run_folder import check_out, publish


@pytest.fixture(scope="module")
def found(mall_csv):
    return run(str(mall_csv), k=5)


def test_nothing_is_written(found, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("sample", k=2)
    assert list(tmp_path.iterdir()) == []


def test_what_it_finds(found):
    assert found.model.k == 5
    assert found.comparison.customers == 200
    assert found.catalogue.catalogue == "income-spending"
    assert len(found.recommended) == 200
    assert found.notes == ('Column "CustomerID" is taken as the customer id.',)


def test_settings_of_dbscan_are_handed_on(mall_csv):
    comparison = run(str(mall_csv), k=5, eps=0.3, min_samples=5).comparison
    assert (comparison.clusters, comparison.noise) == (7, 35)


def test_a_fault_in_the_offers_is_said_before_the_work(tmp_path):
    path = tmp_path / "offers.yaml"
    path.write_text("catalogue: x")
    with pytest.raises(InputError, match="the catalogue has faults"):
        run("nosuch.csv", offers=path)


def test_the_document_is_plain(found):
    def plain(value: object) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(each) for key, each in value.items())
        if isinstance(value, list | tuple):
            return all(map(plain, value))
        return value is None or type(value) in (str, int, float, bool)

    assert plain(as_document(found))


def test_a_row_per_segment(found):
    rows = segment_rows(found.model, found.reach)
    assert [row["name"] for row in rows] == [each.name for each in found.model.segments]
    assert rows[4]["offer_1"] == "48-hour flash sale"
    assert rows[4]["profile"].startswith(
        "Age 25.3 on average (23.1 to 27.5; all customers 38.9; Hedges' g -1.16, -1.61 to -0.70); "
    )
    assert rows[4]["typical"] == "income 28 k$, spending 82"
    assert rows[4]["rule"].startswith("income up to 38 k$ and spending above 50: catches 95")
    assert rows[4]["apart"].startswith("income 26 k$ (all customers 61, -1.3 standard deviations)")


def test_publish_makes_the_folders_above(found, tmp_path):
    out = tmp_path / "a" / "b" / "out"
    written = publish(found, out, csv=False)
    assert written == sorted(each for each in out.rglob("*") if each.is_file())
    assert (out / "model.json") in written
    assert not (out / "recommendations.csv").exists()
    assert [each.name for each in out.parent.iterdir()] == ["out"]
    assert cl.Model.load(out / "model.json") == found.model


@pytest.mark.parametrize("out", ["out", "a/b/out", "earlier"])
def test_looking_at_the_place_changes_nothing(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "earlier").mkdir()
    (tmp_path / "earlier" / "model.json").write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    check_out(tmp_path / out)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_of_ones_own_is_refused_with_the_names(tmp_path):
    for name in "abcdefg":
        (tmp_path / name).write_text("")
    with pytest.raises(OutputError) as caught:
        check_out(tmp_path)
    assert "(a, b, c, d, e, …)" in caught.value.message


def test_what_a_file_manager_left_is_nobodys_own(tmp_path):
    (tmp_path / "images").mkdir()
    for name in (".DS_Store", "images/.DS_Store", "Thumbs.db", "model.json"):
        (tmp_path / name).write_text("")
    check_out(tmp_path)
