"""``clienteling run --require``: what isn't met is named, and nothing is published."""

import pandas as pd
import pytest

from clienteling.segmentation.limits import LIMITS, parse_limits


@pytest.fixture
def previous(cli, here, mall_csv):
    assert cli("run", "sample", "--out", "before").code == 0
    frame = pd.read_csv(mall_csv)
    frame.assign(**{"Annual Income (k$)": frame["Annual Income (k$)"] + 30}).to_csv(
        "richer.csv", index=False
    )
    return "before/model.json"


def test_limits_that_are_met_change_nothing(cli, here, previous):
    limits = "smallest-share=0.1,silhouette=0.5,largest-drift=0.1"
    done = cli("run", "sample", "--require", limits, "--previous", previous, "--json")
    assert done.code == 0
    assert done.document["drift"] == {"verdict": "keep", "largest_drift": 0.0}
    assert (here / "clienteling-out" / "model.json").exists()


def test_each_limit_that_is_not_met_is_named_with_its_figure(cli, here, previous):
    (here / "clienteling-out").mkdir()
    (here / "clienteling-out" / "model.json").write_text("earlier")
    limits = "smallest-share=0.2,silhouette=0.5,largest-drift=0.25"
    done = cli("run", "richer.csv", "--require", limits, "--previous", previous)
    assert done.code == 3
    assert "2 of 3 limits are not met; nothing was published." in done.err
    assert "smallest-share is 0.11 (Deal Seekers); it must be at least 0.2." in done.err
    assert "largest-drift is 1.565 (Annual Income (k$)); it must be at most 0.25." in done.err
    assert [each.name for each in (here / "clienteling-out").iterdir()] == ["model.json"]
    assert (here / "clienteling-out" / "model.json").read_text() == "earlier"


def test_as_one_json_document(cli, here):
    done = cli("run", "sample", "--require", "silhouette=0.9", "--json")
    assert done.code == 3
    assert done.document["error"]["kind"] == "LimitError"
    assert len(done.document["error"]["faults"]) == 1
    assert not (here / "clienteling-out").exists()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("smalest-share=0.1", 'Did you mean "smallest-share"?'),
        ("silhouette=much", '"silhouette" is "much", which is not a number.'),
        ("silhouette=nan", "is not a number."),
        ("silhouette=0.1,silhouette=0.2", '"silhouette" is limited twice.'),
        ("", "can't be limited."),
        ("largest-drift=0.2", "--previous MODEL"),
    ],
)
def test_what_is_not_understood_is_said_before_the_work(cli, here, given, fault):
    done = cli("run", "sample", "--require", given)
    assert done.code == 2
    assert fault in done.err
    assert not (here / "clienteling-out").exists()


def test_every_limit_can_be_set():
    assert parse_limits(",".join(f"{each}=1" for each in LIMITS)) == dict.fromkeys(LIMITS, 1.0)
    assert parse_limits(None) == {}
