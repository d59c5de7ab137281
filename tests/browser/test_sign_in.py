"""Signing in, in a real browser: by touch, by keyboard, with a scanner; in every language, theme and size."""

from itertools import product

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scans import type_at
from tests.browser.windows import LANGUAGES, SIZES, THEMES, Look, Open, Window
from tillwright.demo.people import PEOPLE

pytestmark = pytest.mark.browser

PERSON = PEOPLE[0]
LOOKS = [Look(*values) for values in product(LANGUAGES, THEMES, SIZES)]


def overflow(window: Window) -> int:
    """By how many pixels a page is wider than its window (a phone's window grows with the page; its size does
    not).
    """
    wide: int = window.page.evaluate("document.documentElement.scrollWidth")
    return wide - SIZES[window.look.size][0]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_page_fits_and_can_be_pressed(window: Open, look: Look) -> None:
    open_window = window(look)
    page = open_window.page
    page.goto("/sign-in")
    open_window.keep("sign-in")
    assert overflow(open_window) <= 0
    primary = page.locator("[data-primary]").bounding_box()
    assert primary
    assert primary["height"] >= 64
    assert primary["y"] + primary["height"] <= SIZES[look.size][1]
    for press in page.locator("button:visible, .choice .button:visible").all():
        box = press.bounding_box()
        assert box
        assert box["height"] >= 48
        assert box["width"] >= 44


@pytest.mark.parametrize("look", [Look(), Look("ru", "dark", "phone")], ids=str)
def test_by_touch(window: Open, look: Look) -> None:
    page = window(look).page
    page.goto("/sign-in")
    page.locator(".choice label").first.click()
    for digit in str(PERSON.number):
        page.locator(f"[data-digit='{digit}']").click()
    page.locator("#pin").click()
    for digit in PERSON.pin:
        page.locator(f"[data-digit='{digit}']").click()
    page.locator("[data-primary]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert PERSON.name in page.locator(".strip").inner_text()


def test_what_is_missing_is_asked_for_and_then_it_goes_on(window: Open) -> None:
    page = window().page
    page.goto("/sign-in")
    page.fill("#number", str(PERSON.number))
    page.fill("#pin", PERSON.pin)
    page.keyboard.press("Enter")
    expect(page.locator("[data-till-help]")).to_be_visible()
    expect(page.locator("[data-primary]")).not_to_have_attribute("aria-busy", "true")
    page.locator(".choice label").first.click()
    page.locator("[data-primary]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_by_keyboard(window: Open) -> None:
    page = window().page
    page.goto("/sign-in")
    page.locator("input[name=till]").first.check(force=True)
    page.locator("#number").focus()
    page.keyboard.type(str(PERSON.number), delay=60)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "pin"
    page.keyboard.type(PERSON.pin, delay=60)
    assert page.locator("kbd:visible").count() >= 1
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_what_is_missing_is_asked_for_before_anything_is_sent(window: Open) -> None:
    page = window().page
    page.goto("/sign-in")
    page.fill("#number", str(PERSON.number))
    page.fill("#pin", PERSON.pin)
    page.locator("[data-primary]").click()
    assert page.locator("#till-help").is_visible()
    assert page.locator("#pin").input_value() == PERSON.pin


@pytest.mark.parametrize(
    "look", [Look("vi", "dark", "phone"), Look("zh-hans", "contrast", "till"), Look("ru")], ids=str
)
def test_a_refusal_is_seen_at_once(window: Open, look: Look) -> None:
    open_window = window(look)
    page = open_window.page
    page.goto("/sign-in")
    page.locator(".choice label").first.click()
    page.fill("#number", "77")
    page.fill("#pin", "0000")
    page.locator("[data-primary]").click()
    notice = page.locator(".notice")
    notice.wait_for()
    open_window.keep("sign-in-refused")
    box = notice.bounding_box()
    pad = page.locator("[data-pad]").bounding_box()
    assert box
    assert pad
    assert look.size == "till" or box["y"] + box["height"] <= pad["y"]
    assert page.evaluate("document.activeElement.id") == "pin"
    field = page.locator("#pin").bounding_box()
    assert field
    assert look.size == "till" or field["y"] + field["height"] <= pad["y"]


def test_a_press_is_answered_within_a_tenth_of_a_second(window: Open) -> None:
    """The page's own answer, not the server's: pressed means seen to be pressed."""
    page = window().page
    page.goto("/sign-in")
    taken_ms = page.evaluate(
        """() => new Promise((resolve) => {
          const button = document.querySelector("[data-digit='1']");
          const field = document.querySelector("#number");
          field.focus();
          const began = performance.now();
          field.addEventListener("input", () => resolve(performance.now() - began));
          button.click();
        })"""
    )
    assert taken_ms < 100
    assert page.locator("#number").input_value() == "1"


CODE = "2000000010014"
EVENLY = {f"{pause_ms} ms": [pause_ms] * len(CODE) for pause_ms in (1, 10, 35, 90, 200)}
HICCUP = [4, 4, 4, 120, *[4] * (len(CODE) - 4)]


def sign_in_with_a_listener(page: Page) -> None:
    """The page with 7 in its first field, which keeps what it takes for a scan and whether keys were real."""
    page.goto("/sign-in")
    page.evaluate(
        """() => {
          document.addEventListener("till:scan", (event) => { window.scanned = event.detail.code; });
          document.addEventListener("keydown", (event) => { window.trusted = event.isTrusted; }, true);
        }"""
    )
    page.fill("#number", "7")
    page.locator("#number").focus()


@pytest.mark.parametrize("pauses_ms", [*list(EVENLY.values())[:3], HICCUP], ids=[*list(EVENLY)[:3], "hiccup"])
def test_a_scan_is_taken_out_of_the_field_that_had_the_focus(window: Open, pauses_ms: list[int]) -> None:
    page = window().page
    sign_in_with_a_listener(page)
    type_at(page, CODE, pauses_ms)
    assert page.evaluate("[window.scanned, window.trusted]") == [CODE, True]
    assert page.locator("#number").input_value() == "7"
    assert "/sign-in" in page.url


@pytest.mark.parametrize("pauses_ms", list(EVENLY.values())[3:], ids=list(EVENLY)[3:])
def test_what_a_person_types_is_no_scan(window: Open, pauses_ms: list[int]) -> None:
    """However fast the keys come in: it is the pace at which they were pressed that counts."""
    page = window().page
    sign_in_with_a_listener(page)
    page.locator("#number").evaluate("field => { field.maxLength = 99; field.form.onsubmit = () => false; }")
    type_at(page, CODE, pauses_ms)
    assert page.evaluate("window.scanned || ''") == ""
    assert page.locator("#number").input_value() == "7" + CODE


def test_signed_in_elsewhere_is_said(window: Open) -> None:
    first, second = window(), window()
    first.sign_in(PERSON.number, PERSON.pin)
    second.sign_in(PERSON.number, PERSON.pin)
    first.page.goto("/")
    assert "people.signed-in-elsewhere" in first.page.locator("#told").inner_text()
    first.keep("signed-in-elsewhere")


@pytest.mark.parametrize("look", [Look(), Look("vi", "dark", "phone"), Look("ru", "contrast")], ids=str)
def test_nothing_hinders_those_who_cannot_see_it(window: Open, look: Look) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for address in ("/sign-in", "/styleguide", "/nowhere"):
        open_window = window(look)
        if address == "/nowhere":
            open_window.sign_in(PERSON.number, PERSON.pin)
        open_window.page.goto(address)
        open_window.keep(address.strip("/"))
        found = Axe().run(open_window.page)
        assert found.violations_count == 0, found.generate_report()
        assert overflow(open_window) <= 0
