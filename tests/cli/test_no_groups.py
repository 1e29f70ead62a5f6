"""Where the customers form no groups, that is said first, in the same words everywhere."""

import html
import re

import numpy as np
import pandas as pd
import pytest

from clienteling.segmentation.no_groups import NO_GROUPS


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(rng.normal(50, 10, size=(300, 2)), columns=["orders", "amount"])
    path = tmp_path_factory.mktemp("cloud") / "cloud.csv"
    rows.to_csv(path, index=False)
    return str(path)


def test_the_same_words_everywhere(cli, here, cloud):
    command = ("run", cloud, "--features", "orders,amount")
    warning = cli(*command, "--json").document["warning"]
    assert warning.startswith("No natural grouping: ")
    assert "segments divide one crowd into parts of" in warning
    shown = " ".join(cli(*command).out.split())
    assert f"{NO_GROUPS}. {warning}" in shown
    assert shown.index(NO_GROUPS) < shown.index("Segment Customers")
    assert shown.count("No natural grouping") == 1
    assert re.search(r"Why this many k = \d+ is proposed as a convenience only", shown)
    page = html.unescape((here / "clienteling-out/report.html").read_text(encoding="utf-8"))
    assert page.count("No natural grouping") == 1
    assert [part for part in warning.split(". ") if part.rstrip(".") not in page] == []


def test_groups_are_not_warned_of(ran):
    assert ran.document["warning"] == ""
    assert NO_GROUPS not in ran.said.out
