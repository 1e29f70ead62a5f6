"""The folder of an evaluation is written whole or not at all, and replaces nothing else."""

import json

import pytest

from clienteling.errors import OutputError
from clienteling.lift_folder import publish_lift
from clienteling.measurement.evaluate import evaluate
from tests.measurement.conftest import made_mailing


def judged(**more):
    return evaluate(made_mailing(), offer="mail", control="none", outcomes=["visit"], **more)


def test_the_folder_is_replaced_whole(tmp_path):
    found, out = judged(covariates=["earlier"]), tmp_path / "lift"
    for _ in range(2):
        written = publish_lift(found, out)
        assert [each.relative_to(out).as_posix() for each in written] == [
            "evaluation.json",
            "images/lift_1.png",
            "images/uplift_1.png",
            "report.html",
        ]
    assert [each.name for each in tmp_path.iterdir()] == ["lift"]
    document = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    assert document["verdict"] == found.verdict.sentence
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png") == 2
    assert "http" not in page.replace("http-equiv", "")


def test_what_is_not_ours_is_not_replaced(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="notes"):
        publish_lift(judged(), tmp_path)
    assert (tmp_path / "notes.txt").exists()
    with pytest.raises(OutputError, match="is a file"):
        publish_lift(judged(), tmp_path / "notes.txt")
