"""model.json: the same model comes back; what is damaged, newer or no model is refused."""

import json
import math
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clienteling as cl
from clienteling.errors import DocumentError, OutputError

HINT = "Restore the file, or fit the model anew with: clienteling run"


@pytest.fixture
def change(mall, tmp_path):
    """Return a function that changes the saved model and loads it."""

    def change(edit) -> cl.Model:
        content = json.loads(mall.to_json())
        edit(content)
        path = tmp_path / "model.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return cl.Model.load(path)

    return change


def faults(change, edit) -> tuple[str, ...]:
    with pytest.raises(DocumentError, match="the model has faults") as caught:
        change(edit)
    assert caught.value.hint == HINT
    return caught.value.faults


def test_it_comes_back_equal(mall, tmp_path):
    path = tmp_path / "model.json"
    mall.save(path)
    loaded = cl.Model.load(str(path))
    assert loaded == mall
    assert loaded.to_json() == mall.to_json() == path.read_text(encoding="utf-8")
    assert loaded.centres.tobytes() == mall.centres.tobytes()


@pytest.mark.parametrize("k", [1, 20])
def test_other_sizes_come_back_equal(mall_frame, k):
    model = cl.segment(mall_frame, k=k)
    assert cl.Model.model_validate_json(model.to_json()) == model


def test_it_is_text_that_people_and_git_can_read(mall):
    text = mall.to_json()
    assert text.endswith("}\n")
    assert text.count("\n") > 100
    assert '"name": "Deal Seekers"' in text
    assert "\\u" not in text
    content = json.loads(text)
    assert list(content)[:4] == ["schema_version", "kind", "playbook", "features"]
    assert content["schema_version"] == 1
    assert content["provenance"].keys() == {
        *("source", "rows", "usable", "date", "seed", "versions"),
    }
    assert content["provenance"]["source"] == "Mall_Customers.csv"
    assert set(content["provenance"]["versions"]) == {
        *("clienteling", "duckdb", "numpy", "scikit-learn"),
    }


def test_saving_replaces_the_file_whole_and_leaves_nothing_else(mall, tmp_path):
    path = tmp_path / "model.json"
    path.write_text("earlier")
    mall.save(path)
    assert cl.Model.load(path) == mall
    assert [each.name for each in tmp_path.iterdir()] == ["model.json"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o444


@pytest.mark.parametrize("where", ["no/model.json", "."])
def test_a_place_that_cant_be_written(mall, tmp_path, where):
    with pytest.raises(OutputError, match="can't be written"):
        mall.save(tmp_path / where)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 0.9999))
def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path_factory, mall, share):
    text = mall.to_json().rstrip()
    path = tmp_path_factory.mktemp("cut") / "model.json"
    path.write_text(text[: int(len(text) * share)], encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        cl.Model.load(path)
    assert caught.value.message.startswith(
        f"{path}: is not a whole model file; its JSON breaks off or is damaged at line "
    )
    assert caught.value.hint == "Copy the file again, or fit the model anew with: clienteling run"


def test_a_newer_schema_is_refused(change):
    with pytest.raises(DocumentError) as caught:
        change(lambda model: model.update(schema_version=2, something_new=1))
    assert caught.value.message.endswith(
        "model.json: has schema version 2; this program reads up to 1."
    )
    assert caught.value.hint == "Update it with: pip install --upgrade clienteling"


@pytest.mark.parametrize("version", [0, -1, "1", None, 1.5, [1]])
def test_no_such_schema(change, version):
    (fault,) = faults(change, lambda model: model.update(schema_version=version))
    assert fault == f"schema_version: should be 1 (found {version!r})."


@pytest.mark.parametrize("text", ["{}", "[]", "3", '"model"', "null", '{"k": 5}'])
def test_json_that_is_no_model(tmp_path, text):
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(DocumentError) as caught:
        cl.Model.load(path)
    assert caught.value.message == (
        f"{path}: is JSON, but not a model file; it has no schema_version."
    )


def test_other_files_are_no_model(tmp_path, mall_csv):
    with pytest.raises(DocumentError, match="is not a whole model file"):
        cl.Model.load(mall_csv)
    with pytest.raises(DocumentError, match="there is no such model file"):
        cl.Model.load(tmp_path / "model.json")
    with pytest.raises(DocumentError, match="is a folder, not a model file"):
        cl.Model.load(tmp_path)
    binary = tmp_path / "model.pkl"
    binary.write_bytes(b"\x80\x04\x95")
    with pytest.raises(DocumentError, match="is not a model; it is not UTF-8 text"):
        cl.Model.load(binary)
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000)
    with pytest.raises(DocumentError, match="is nested too deeply"):
        cl.Model.load(deep)


def test_a_centre_made_text(change):
    def edit(model):
        model["segments"][1]["centre"][0] = "0.98"

    assert faults(change, edit) == ("segments[2].centre[1]: should be a number (found '0.98').",)


def test_several_faults_are_named_at_once(change):
    def edit(model):
        model["segments"][0]["centre"] = "far"
        model["segments"][4]["size"] = -1
        model["features"][1]["scale"] = 0
        model["segments"][2].pop("name")
        model["extra"] = True

    assert set(faults(change, edit)) == {
        "features[2].scale: should be above 0 (found 0).",
        "segments[1].centre: should be a list (found 'far').",
        "segments[3].name: is missing.",
        "segments[5].size: should be at least 0 (found -1).",
        "extra: is not known here; remove it or mend its spelling.",
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite(change, value):
    def edit(model):
        model["inertia"] = value
        model["features"][0]["mean"] = value
        model["segments"][0]["centre"][1] = value

    assert faults(change, edit) == (
        f"features[1].mean: should be a finite number (found {value}).",
        f"segments[1].centre[2]: should be a finite number (found {value}).",
        f"inertia: should be a finite number (found {value}).",
    )


def test_a_centre_whose_square_overflows(change):
    def edit(model):
        model["segments"][0]["centre"][1] = 1e200

    assert faults(change, edit) == (
        "segments[1].centre[2]: should be at most 1,000,000,000 (found 1e+200).",
    )


def test_ids_out_of_order(change):
    def edit(model):
        model["segments"][0], model["segments"][1] = model["segments"][1], model["segments"][0]

    assert faults(change, edit) == (
        "segments: the ids are 1, 0, 2, 3, 4; they should ascend from 0, without gaps but for "
        "those of the retired.",
    )


def test_centres_of_another_length(change):
    def edit(model):
        model["segments"][3]["centre"].append(0.5)

    assert faults(change, edit) == ("segments[4].centre: has 3 numbers for 2 features.",)


def test_names_that_stand_twice(change):
    def edit(model):
        model["segments"][3]["name"] = model["segments"][0]["name"]
        model["features"][1]["name"] = model["features"][0]["name"]

    assert faults(change, edit) == (
        'segments: the name "Average Customers" stands more than once.',
        'features: the name "Annual Income (k$)" stands more than once.',
    )


def test_without_segments_or_features(change):
    found = faults(change, lambda model: model.update(segments=[], features=[]))
    assert [fault.split(":")[0] for fault in found] == ["features", "segments"]


def test_a_model_with_older_optional_parts_missing_loads(change, mall):
    def edit(model):
        for part in ("choose_k", "structure", "notes", "elbow_k", "silhouette_k"):
            model.pop(part)

    loaded = change(edit)
    assert loaded.segments == mall.segments
    assert loaded.structure is None


def test_the_mark_of_a_windows_editor_is_read_over(mall, tmp_path):
    path = tmp_path / "model.json"
    path.write_text(mall.to_json().replace("\n", "\r\n"), encoding="utf-8-sig", newline="")
    assert cl.Model.load(path) == mall


def test_a_model_cant_be_changed_by_accident(mall):
    with pytest.raises(ValueError, match="frozen"):
        mall.inertia = 0.0


def test_segments_in_their_own_units(mall):
    (income, spending) = mall.centre_of(mall.segments[4]).items()
    assert income == ("Annual Income (k$)", pytest.approx(25.727, abs=1e-3))
    assert spending == ("Spending Score (1-100)", pytest.approx(79.364, abs=1e-3))
    assert mall.centres_in_units[4].tolist() == [income[1], spending[1]]
