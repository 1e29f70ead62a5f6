"""The web app as a visitor sees it: in a real Chromium, on a wide screen and on a phone's."""

import csv
import datetime as dt
import io
import re
import zipfile

import pytest

import clienteling as cl
from clienteling.cli import main

pytestmark = pytest.mark.browser

WIDTHS = [pytest.param(1280, id="desktop"), pytest.param(390, id="phone")]
PAGES = [
    ("", "Which offer should this customer get?", "One customer"),
    ("segments", "The segments", "Segments"),
    ("how-many", "How many segments, and why?", "How many"),
    ("compare", "K-means and DBSCAN", "K-means and DBSCAN"),
    ("your-customers", "Your customers", "Your customers"),
    ("plan-a-campaign", "Plan a campaign", "Plan a campaign"),
    ("did-it-pay", "Did it pay?", "Did it pay?"),
]
OWN = b"Member No;Salary; Score ;Town\nA1;15;81;=cmd\nA2;;50;x\nA3;137;18;y\n"


def settled(page) -> None:
    """Wait until the page has been drawn to its end."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def put(page, title: str, name: str, content: bytes) -> None:
    """Drop a file where the page asks for the one of this title.

    While a page changes, what it asked for before can still be there.
    """
    asked = page.get_by_test_id("stFileUploader").filter(has_text=title)
    asked.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("path", "heading", "title"), PAGES, ids=[each[2] for each in PAGES])
def test_every_page_opens(visit, path, heading, title, width) -> None:
    page = visit(path, width=width, dark=width == 390)
    page.get_by_role("heading", name=heading, exact=True).wait_for()
    settled(page)
    charts = page.get_by_test_id("stVegaLiteChart")
    for index in range(charts.count()):
        charts.nth(index).locator("canvas, svg").first.wait_for()
    assert page.title() == f"{title} – Clienteling"
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    sizes = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(each => each.scrollWidth - each.clientWidth)"
    )
    assert sizes == [0, 0], "the page is wider than the screen"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_customer_is_entered_by_keyboard_and_the_offers_appear(visit, width) -> None:
    page = visit("", width=width)
    page.get_by_role("spinbutton", name="Annual Income (k$)").fill("15")
    page.keyboard.press("Tab")
    page.get_by_role("spinbutton", name="Spending Score (1-100)").fill("81")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Deal Seekers").wait_for()
    answer = page.get_by_test_id("stMain")
    for words in (
        "Flash sales, coupons and bundle offers",
        "1. 48-hour flash sale",
        "2. Coupon booklet",
        "3. Three for two bundle",
        "They buy on the spot when the price is right",
        "Surer than usual",
        "1.55 standard deviations",
    ):
        answer.get_by_text(words, exact=False).first.wait_for()
    page.get_by_role("spinbutton", name="Annual Income (k$)").fill("137")
    page.keyboard.press("Enter")
    page.get_by_role("spinbutton", name="Spending Score (1-100)").fill("18")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Potential Customers").wait_for()
    answer.get_by_text("1. 20 % off your next visit").wait_for()


def test_the_menu_leads_to_every_page_and_keeps_the_customer(visit) -> None:
    page = visit("")
    page.get_by_role("spinbutton", name="Annual Income (k$)").fill("15")
    page.keyboard.press("Enter")
    page.get_by_text("income 15 k$").wait_for()
    for _, heading, title in [*PAGES[1:], PAGES[0]]:
        page.get_by_role("link", name=title, exact=True).first.click()
        page.get_by_role("heading", name=heading, exact=True).wait_for()
    page.get_by_text("income 15 k$").wait_for()


def test_a_number_far_away_leaves_no_answer_to_an_earlier_one(visit) -> None:
    page = visit("")
    income = page.get_by_role("spinbutton", name="Annual Income (k$)")
    income.fill("15")
    page.keyboard.press("Enter")
    page.get_by_text("income 15 k$").wait_for()
    income.fill("58000")
    page.keyboard.press("Enter")
    page.get_by_text("That is far outside").wait_for()
    assert page.get_by_text("income 15 k$,").count() == 0


def test_on_a_phone_the_pages_are_linked_in_the_page(visit) -> None:
    page = visit("", width=390)
    for _, _, title in PAGES:
        link = page.get_by_test_id("stPageLink").filter(has_text=title).first
        link.wait_for()
        place = link.bounding_box()
        # In sight at once, whole, without any button.
        assert place["y"] + place["height"] < 300
        assert 0 <= place["x"] < place["x"] + place["width"] <= 390
    page.get_by_test_id("stPageLink").filter(has_text="How many").first.click()
    page.get_by_role("heading", name="How many segments, and why?", exact=True).wait_for()


def test_dbscan_follows_the_keyboard(visit) -> None:
    page = visit("compare")
    page.get_by_text("Three groups, one of which holds 125 of 200 customers").wait_for()
    page.get_by_role("spinbutton", name="min_samples: neighbours that make a crowd").fill("5")
    page.keyboard.press("Enter")
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(7):
        slider.press("ArrowLeft")
    page.get_by_role("heading", name="DBSCAN: 7 groups, 35 noise").wait_for()
    assert float(slider.input_value()) == 0.3
    metric = page.get_by_test_id("stMetric").filter(has_text=re.compile("Noise, of 200"))
    assert "35" in metric.inner_text()


def test_a_file_comes_back_scored(visit) -> None:
    page = visit("your-customers")
    put(page, "File of your customers", "own <b>*.csv", OWN)
    page.get_by_text("2 of 3 customers have a segment and offers.").wait_for()
    page.get_by_text("customer A2: Annual Income (k$) is missing.").wait_for()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download all with segment and offers").click()
    content = begun.value.path().read_bytes()
    assert begun.value.suggested_filename == "recommendations.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["segment"] for row in rows] == ["Deal Seekers", "", "Potential Customers"]
    assert rows[0]["offer_1"] == "48-hour flash sale"
    assert rows[2]["offer_1"] == "20 % off your next visit"


def test_a_bad_file_gets_a_message_and_no_traceback(visit) -> None:
    page = visit("your-customers")
    put(page, "File of your customers", "own.csv", b"Income,Score\n15,much\n")
    page.get_by_text('row 1, column "Score": "much" is not a number.').wait_for()
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_campaign_is_planned_and_taken_along(visit, width) -> None:
    page = visit("plan-a-campaign", width=width)
    page.get_by_role("textbox", name="Name").fill("spring")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_text("Of 200 customers 200 would be contacted").wait_for()
    settled(page)
    with page.expect_download() as begun:
        page.get_by_role("button", name="Keep the campaign").click()
    assert begun.value.suggested_filename == "spring.zip"
    with zipfile.ZipFile(begun.value.path()) as kept:
        assert "spring/decisions/part-00000.parquet" in kept.namelist()
    with page.expect_download() as begun:
        page.get_by_role("button", name="All decisions (CSV)").click()
    rows = list(csv.DictReader(begun.value.path().read_text("utf-8-sig").splitlines()))
    assert len(rows) == 200
    assert {each["arm"] for each in rows} == {"offer", "holdout"}
    wider = page.evaluate(
        "(each => each.scrollWidth - each.clientWidth)"
        "(document.querySelector('[data-testid=stMain]'))"
    )
    assert wider == 0


def test_a_campaign_that_was_kept_goes_into_a_store_by_the_command(
    visit, tmp_path, monkeypatch
) -> None:
    page = visit("plan-a-campaign")
    page.get_by_role("textbox", name="Name").fill("kept")
    page.keyboard.press("Tab")
    settled(page)
    page.get_by_role("spinbutton", name="Held out, in %").fill("40")
    page.keyboard.press("Tab")
    settled(page)
    page.get_by_role("combobox", name="Columns for the lists to send by").click()
    page.get_by_role("option", name="Age").click()
    page.keyboard.press("Escape")
    settled(page)
    page.get_by_role("button", name="Plan it").click()
    page.get_by_text("Of 200 customers 200 would be contacted").wait_for()
    settled(page)
    with page.expect_download() as begun:
        page.get_by_role("button", name="Keep the campaign").click()
    with zipfile.ZipFile(begun.value.path()) as kept:
        kept.extractall(tmp_path)
    folder = tmp_path / "kept"
    lists = [cl.read(str(each)) for each in sorted((folder / "mail").glob("*.csv"))]
    assert all(each.names[-1] == "Age" for each in lists)
    sent = [id for each in lists for id in each.df()["customer_id"]]
    assert len(sent) == 120
    monkeypatch.chdir(tmp_path)
    today = dt.datetime.now(dt.UTC).date()
    rows = "".join(f"{each},{today}\n" for each in sent[::3])
    (tmp_path / "outcomes.csv").write_text(f"customer_id,happened_at\n{rows}")
    # As docs/campaigns.md has it: the store is made, and the campaign goes into it.
    with pytest.raises(SystemExit) as ended:
        main(["campaign", "import", "kept", "outcomes.csv", "--store", "shop.db"])
    assert ended.value.code == 0
    found = cl.measure_campaign("kept", store="shop.db")
    assert found.verdict.code == "collecting"
    assert found.found.lift[0].mean == pytest.approx(40 / 120)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_campaign_is_recorded_in_a_store_and_its_outcomes_taken_in(
    visit_with_store, width
) -> None:
    name = f"spring-{width}"
    page = visit_with_store("plan-a-campaign", width=width)
    page.get_by_text("Store: shop.db, with").wait_for()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("spinbutton", name="Held out, in %").fill("25")
    page.keyboard.press("Tab")
    page.get_by_text("What is expected to earn most, within a budget").wait_for()
    page.get_by_role("button", name="Plan it").click()
    page.get_by_text("This is a draft.").wait_for()
    page.get_by_role("button", name="Record it in the store").click()
    page.get_by_text(f"{name} is recorded in the store.").wait_for()
    settled(page)
    with page.expect_download() as begun:
        page.get_by_role("button", name="All decisions (CSV)").click()
    rows = list(csv.DictReader(begun.value.path().read_text("utf-8-sig").splitlines()))
    assert {each["arm"] for each in rows} == {"offer", "holdout"}
    wide = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{wide}.scrollWidth - {wide}.clientWidth") == 0
    today = dt.datetime.now(dt.UTC).date()
    hits = [each["customer_id"] for each in rows if each["arm"] == "offer"][::3]
    content = "customer_id,happened_at\n" + "".join(f"{each},{today}\n" for each in hits)
    if width == 390:
        page.get_by_test_id("stPageLink").filter(has_text="Did it pay?").first.click()
    else:
        page.get_by_role("link", name="Did it pay?", exact=True).first.click()
    page.get_by_text("A campaign of the store").wait_for()
    settled(page)
    put(page, "What came of it", "came.csv", content.encode())
    page.get_by_text("came.csv").first.wait_for()
    settled(page)
    page.get_by_role("button", name="Did it pay?").click()
    page.get_by_text(f"{len(hits)} outcomes were taken in.").wait_for()
    page.get_by_text("still collecting").first.wait_for()
    settled(page)
    assert page.evaluate(f"{wide}.scrollWidth - {wide}.clientWidth") == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_an_experiment_gets_its_verdict(visit, width) -> None:
    rows = [
        f"{'Blue' if n % 2 else 'No mail'},{int(n % 10 in (1, 3, 5))},{n % 3}" for n in range(900)
    ]
    page = visit("did-it-pay", width=width)
    page.get_by_text("An experiment in a file of my own").click()
    content = "mail,visit,store\n" + "\n".join(rows)
    page.get_by_text("The file of the experiment").wait_for()
    put(page, "The file of the experiment", "mine.csv", content.encode())
    # The outcome is plain by its name, so it is chosen already.
    page.get_by_text("visit", exact=True).first.wait_for()
    settled(page)
    page.get_by_role("button", name="Did it pay?").click()
    page.get_by_text(": Blue brought +60.00 visit per 100 customers").first.wait_for()
    page.get_by_role("heading", name="What can't be concluded").wait_for()
    settled(page)
    with page.expect_download() as begun:
        page.get_by_role("button", name="The report (HTML)").click()
    assert ": Blue brought" in begun.value.path().read_text(encoding="utf-8")
    wider = page.evaluate(
        "(each => each.scrollWidth - each.clientWidth)"
        "(document.querySelector('[data-testid=stMain]'))"
    )
    assert wider == 0


def test_no_figure_has_to_be_pushed_sideways_on_a_phone(visit) -> None:
    page = visit("how-many", width=390)
    page.get_by_role("heading", name="All the figures").wait_for()
    settled(page)
    tables = page.locator("table:visible").filter(has_text="k")
    page.get_by_role("columnheader", name="Inertia").wait_for()
    assert tables.count() == 2
    for index in range(2):
        place = tables.nth(index).bounding_box()
        assert 0 <= place["x"] < place["x"] + place["width"] <= 390
    assert "None" not in page.get_by_test_id("stMain").inner_text()


def test_own_segments_are_shown_everywhere_until_going_back(visit) -> None:
    rows = "\n".join(f"{n},{10 * (n % 3) + n % 5 / 10}" for n in range(60))
    page = visit("your-customers")
    put(page, "File of your customers", "visits.csv", f"id,visits\n{rows}".encode())
    # The words stand in a hint below, too: where the columns are others.
    page.get_by_test_id("stRadioGroup").get_by_text("Find new segments in this file").click()
    # The one column that can form segments is chosen already.
    page.get_by_role("button", name="visits", exact=True).wait_for()
    page.get_by_role("button", name="Find the segments").click()
    page.get_by_text("These are the segments of visits.csv (60 customers)").wait_for()
    page.get_by_text("Three segments were found in visits.csv").wait_for()
    page.get_by_test_id("stPageLink").filter(has_text="Segments").first.click()
    page.get_by_text("The 60 customers are divided into segments").wait_for()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download these 20 customers").first.click()
    assert len(begun.value.path().read_text(encoding="utf-8-sig").splitlines()) == 21
    # What a campaign brought has nothing to do with them.
    page.get_by_test_id("stPageLink").filter(has_text="Did it pay?").first.click()
    page.get_by_text("What was it?").wait_for()
    page.get_by_text("These are the segments of").wait_for(state="detached")
    page.get_by_test_id("stPageLink").filter(has_text="Segments").first.click()
    page.get_by_role("button", name="Back to the sample").click()
    page.get_by_text("The 200 customers are divided into segments").wait_for()


def test_on_a_phone_the_segments_come_before_the_evidence(visit) -> None:
    """What is told of a segment is folded, and opens where it is asked for."""
    page = visit("segments", width=390)
    page.get_by_role("heading", name="Deal Seekers").wait_for()
    settled(page)
    height = page.get_by_test_id("stMain").evaluate("each => each.scrollHeight")
    assert height < 6_000
    assert not page.get_by_text("Rule of thumb:").first.is_visible()
    page.get_by_text("An example, and in figures").first.click()
    page.get_by_text("Rule of thumb:").first.wait_for()
    page.get_by_text("Offers: Season opening offer, and 2 more").click()
    page.get_by_text("1. Season opening offer").first.wait_for()
