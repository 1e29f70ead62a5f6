"""The page is safe to forward and open: nothing in it runs, nothing is fetched."""

import base64
import hashlib
import re

import pytest
from bs4 import BeautifulSoup

from clienteling.report import render_report


def elements(page: str) -> set[tuple[str, tuple[str, ...]]]:
    """Return each kind of element with the names of its attributes."""
    return {
        (each.name, tuple(sorted(each.attrs)))
        for each in BeautifulSoup(page, "html.parser").find_all(True)
    }


def test_a_hostile_text_adds_no_element_and_no_attribute(mall, mall_page, hostile_page):
    known = elements(mall_page)
    known |= {("p", ("class",))}
    assert elements(hostile_page) <= known


def test_a_hostile_text_is_shown_as_it_is(hostile_page):
    soup = BeautifulSoup(hostile_page, "html.parser")
    card = soup.find(id="segment-0")
    assert card.h3.get_text() == "<script>alert(1)</script>"
    assert card.find(class_="strategy").get_text() == "{{ 7 * 7 }}{% raw %}"
    assert card.find(class_="fit").get_text() == "\"its\" <b>fit</b> & 'more'"
    assert soup.find(class_="explanation").get_text() == "</style><img src=x onerror=alert(1)>"
    assert soup.find(class_="why").get_text() == "<iframe src='x'></iframe>"
    assert soup.find(id="segment-2").h3.get_text() == '" onmouseover="alert(1)'
    assert (
        soup.find(id="summary")
        .get_text()
        .startswith(
            "There are 200 customers in <svg onload=alert(1)>?.csv. They are of five kinds, told "
            "apart by <i>income</i> and spending. The largest is <script>alert(1)</script> with 81"
        )
    )
    assert soup.title.get_text() == "Customer segments and offers: <svg onload=alert(1)>?.csv"


@pytest.mark.parametrize("which", ["mall", "hostile"])
def test_no_script_and_no_style_attribute(which, mall_page, hostile_page):
    soup = BeautifulSoup(mall_page if which == "mall" else hostile_page, "html.parser")
    assert not soup.find_all(["script", "iframe", "object", "embed", "link", "base", "form", "svg"])
    for element in soup.find_all(True):
        assert not [each for each in element.attrs if each == "style" or each.startswith("on")]


def test_nothing_is_fetched(mall, parts, pictures):
    page = render_report(**parts(mall, images=pictures))
    soup = BeautifulSoup(page, "html.parser")
    assert {each["src"].split(",")[0] for each in soup.find_all(src=True)} == {
        "data:image/png;base64"
    }
    assert all(each["href"].startswith("#") for each in soup.find_all(href=True))
    assert not re.search(r"https?:|//[a-z]|url\(|@import", re.sub(r'src="[^"]*"', "", page))


def test_the_policy_allows_the_pictures_and_this_style_sheet_alone(mall_page):
    soup = BeautifulSoup(mall_page, "html.parser")
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    digest = base64.b64encode(hashlib.sha256(soup.style.string.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    before = mall_page[: mall_page.index("Content-Security-Policy")]
    assert "<style" not in before
    assert "<img" not in before
