"""The page in a real browser: it fits, it fetches nothing, it prints."""

import pytest

from clienteling.report import write_report

pytestmark = pytest.mark.browser
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


@pytest.fixture(scope="module")
def browser(chromium_path, playwright):
    browser = playwright.chromium.launch(executable_path=str(chromium_path), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(params=["mall", "twenty", "hostile"])
def address(request, mall, twenty, hostile_page, parts, pictures, tmp_path):
    path = tmp_path / "report.html"
    if request.param == "hostile":
        path.write_text(hostile_page, encoding="utf-8")
    else:
        found = mall if request.param == "mall" else twenty
        write_report(path, **parts(found, images=pictures))
    return path.as_uri()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_fetches_nothing(browser, address, width):
    page = browser.new_page(viewport={"width": width, "height": 844})
    fetched, said = [], []
    page.on("request", lambda each: fetched.append(each.url))
    page.on("console", lambda each: said.append(each.text))
    page.on("dialog", lambda each: said.append(each.message) or each.dismiss())
    page.goto(address)
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    broken = page.evaluate("[...document.images].filter(each => !each.naturalWidth).length")
    page.close()
    assert wide == [width, width]
    assert [each for each in fetched if not each.startswith("data:")] == [address]
    assert said == []
    assert broken == 0


def test_on_a_phone_no_table_is_cut(browser, address):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    cut = page.evaluate(
        "[...document.querySelectorAll('.scroll, .scroll tbody tr, .scroll tbody td')]"
        ".filter(each => each.scrollWidth > each.clientWidth + 1 && each.clientWidth).length"
    )
    outside = page.evaluate(
        "[...document.querySelectorAll('.scroll td, .scroll th[scope=row]')]"
        ".filter(each => each.getBoundingClientRect().right > innerWidth).length"
    )
    labels = page.evaluate(
        "[...document.querySelectorAll('#methods tbody tr:first-child td')]"
        ".map(each => getComputedStyle(each, '::before').content)"
    )
    page.close()
    assert (cut, outside) == (0, 0)
    assert labels == ['"K-means"', '"DBSCAN"']


@pytest.mark.parametrize(
    ("width", "media", "centres", "evidence"),
    [(390, "screen", False, False), (1280, "screen", True, False), (390, "print", True, True)],
)
def test_a_phone_folds_more_than_a_wide_screen_and_paper_nothing(
    browser, mall, parts, tmp_path, width, media, centres, evidence
):
    write_report(tmp_path / "report.html", **parts(mall))
    page = browser.new_page(viewport={"width": width, "height": 844}, java_script_enabled=False)
    page.goto((tmp_path / "report.html").as_uri())
    page.emulate_media(media=media)
    seen = [page.locator(each).is_visible() for each in ("#centres", "#evidence")]
    first = page.locator("#segment-0 .offers").is_visible()
    if media == "screen":
        page.locator("summary").last.click()
    opened = page.locator("#features").is_visible()
    page.close()
    assert (seen, first, opened) == ([centres, evidence], True, True)


def test_pictures_take_the_width_of_the_page(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 844})
    page.goto(address)
    widths = page.evaluate(
        "[...document.querySelectorAll('section > figure img')]"
        ".map(each => each.clientWidth / each.closest('section').clientWidth)"
    )
    page.close()
    assert all(each > 0.99 for each in widths)


@pytest.mark.parametrize(
    ("scheme", "ground"), [("light", "rgb(246, 246, 243)"), ("dark", "rgb(20, 23, 26)")]
)
def test_the_page_follows_the_reader_s_colours(browser, address, scheme, ground):
    page = browser.new_page(color_scheme=scheme)
    page.goto(address)
    colours = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('.bar span')).backgroundColor]"
    )
    page.close()
    assert colours == [ground, "rgb(0, 114, 178)"]


def test_the_page_prints_on_white_without_splitting_cards(browser, address):
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    page.emulate_media(media="print")
    seen = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('.contents')).display,"
        " getComputedStyle(document.querySelector('.card')).breakInside]"
    )
    page.close()
    assert seen == ["rgb(255, 255, 255)", "none", "avoid"]


def test_the_first_tab_stop_is_the_first_segment(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    page.close()
    assert first == "#segment-0"
