"""The page can be read by a screen reader, by keyboard, and with weak eyes."""

import re
from importlib import resources
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from clienteling.report import render_report


@pytest.fixture(params=["mall", "twenty"])
def soup(request, mall, twenty, parts, pictures) -> BeautifulSoup:
    found = mall if request.param == "mall" else twenty
    return BeautifulSoup(render_report(**parts(found, images=pictures)), "html.parser")


def test_language_and_title(soup):
    assert soup.html["lang"] == "en"
    assert soup.title.get_text() == "Customer segments and offers: Mall_Customers.csv"


def test_headings_come_in_order(soup):
    levels = [int(each.name[1]) for each in soup.find_all(re.compile(r"^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_header_cell_says_what_it_heads(soup):
    assert {each.get("scope") for each in soup.find_all("th")} == {"col", "row", "colgroup"}


def test_every_picture_says_what_it_shows(soup):
    alts = [each["alt"] for each in soup.find_all("img")]
    assert len(alts) == 4
    assert all(len(each) > 60 for each in alts)


def test_ids_are_unique_and_every_reference_has_its_target(soup):
    ids = [each["id"] for each in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    targets = {each["href"].removeprefix("#") for each in soup.find_all("a")}
    targets |= {each["aria-labelledby"] for each in soup.find_all(attrs={"aria-labelledby": True})}
    assert targets <= set(ids)


def test_what_scrolls_can_be_reached_by_keyboard(soup):
    boxes = soup.find_all(class_="scroll")
    assert len(boxes) == 6
    assert {(each["tabindex"], each["role"]) for each in boxes} == {("0", "region")}


def test_the_order_of_focus_is_that_of_the_page(soup):
    assert {each["tabindex"] for each in soup.find_all(tabindex=True)} == {"0"}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    linear = []
    for index in (1, 3, 5):
        value = int(colour[index : index + 2], 16) / 255
        linear.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_texts_stand_out_from_their_ground(scheme):
    sheet = (resources.files("clienteling.report") / "style.css").read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[scheme]
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    pairs = [(text, ground) for text in ("text", "soft") for ground in ("page", "card", "mark")]
    pairs += [("link", "page"), ("link", "card"), ("warn-text", "warn-page")]
    faint = {pair: contrast(colour[pair[0]], colour[pair[1]]) for pair in pairs}
    assert all(each >= 4.5 for each in faint.values()), faint
    assert contrast(colour["warn-line"], colour["page"]) >= 3
