"""A fault that was planted, found and mended before a real browser: by keyboard, and by touch on a phone.

The control device is unplugged in earnest; the station notices by itself, does what it can alone, and asks a
person for the rest. Whether it is mended, it finds out by looking.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.cashiers import PHONE, Cashier, open_till, street
from tillwright.demo.shop import Shop

__all__ = ["street"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 30_000
DO_NOW = ".step-card .step-title"


@pytest.fixture
def at_keyboard(chromium: Browser, street: Shop) -> Iterator[Cashier]:
    """A cashier at till 1 who uses the keyboard."""
    cashier = open_till(chromium, street, "till-1")
    yield cashier
    cashier.well()
    cashier.context.close()
    assert cashier.wrong == []


@pytest.fixture
def at_fresh_till(chromium: Browser, street: Shop) -> Iterator[Cashier]:
    """A cashier at a till whose device no other test unplugs: nothing has been tried there before."""
    cashier = open_till(chromium, street, "till-3")
    yield cashier
    cashier.well()
    cashier.context.close()
    assert cashier.wrong == []


def _unplugged(cashier: Cashier) -> None:
    """The device is gone, and the strip says so."""
    cashier.order("plug", plugged=False)
    cashier.go("/")
    cashier.page.wait_for_selector(".strip a.party-sick", timeout=PATIENCE_MS)


def _mended(cashier: Cashier) -> None:
    cashier.page.wait_for_selector(".case[data-state=mended]", timeout=PATIENCE_MS)
    assert "Mended" in (cashier.page.locator("#step-title").text_content() or "")


def test_one_press_from_the_strip_and_enter_when_it_is_done(at_fresh_till: Cashier) -> None:
    page = at_fresh_till.page
    _unplugged(at_fresh_till)
    page.wait_for_function(
        "async () => (await (await fetch('/diagnoses')).text()).includes('case-row-open')",
        timeout=PATIENCE_MS,
    )
    page.locator(".strip a.party-sick").click()
    page.wait_for_selector(f"{DO_NOW}, form[action='/diagnoses/start']", timeout=PATIENCE_MS)
    if page.locator("form[action='/diagnoses/start']").count():
        page.locator("[data-primary]").click()  # the open one was another till's: this one is begun by hand
    page.wait_for_selector(DO_NOW, timeout=PATIENCE_MS)
    assert "Do not" in (page.locator(".never").text_content() or "")
    assert Axe().run(page).violations_count == 0
    with page.expect_response(lambda answer: answer.url.endswith("/done")):
        page.keyboard.press("Enter")
    at_fresh_till.order("plug", plugged=True)  # not before: the station notices that by itself
    _mended(at_fresh_till)
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("F7")
    page.wait_for_url("**/record")
    assert "Done: Switch the control device on" in (page.locator(".happened").text_content() or "")


def test_it_is_mended_by_itself_when_the_cable_is_back(at_keyboard: Cashier) -> None:
    page = at_keyboard.page
    _unplugged(at_keyboard)
    at_keyboard.go("/settings")
    page.locator("#parties .find-cause").first.click()
    page.wait_for_url("**/diagnoses/*")
    page.wait_for_selector(DO_NOW, timeout=PATIENCE_MS)
    at_keyboard.order("plug", plugged=True)
    _mended(at_keyboard)
    assert page.locator(".case[data-state=mended]").count() == 1


def test_by_touch_on_a_phone_with_a_wrong_remedy_first(chromium: Browser, street: Shop) -> None:
    cashier = open_till(chromium, street, "till-2", PHONE, has_touch=True, is_mobile=True)
    page = cashier.page
    _unplugged(cashier)
    cashier.go("/diagnoses/start?code=fiscal.sko-disconnected&till=till-2")
    if page.locator("form[action='/diagnoses/start']").count():
        page.locator("[data-primary]").tap()
    page.wait_for_selector(DO_NOW, timeout=PATIENCE_MS)
    first = page.locator(DO_NOW).text_content()
    page.locator(".case-actions .button-primary").tap()
    page.wait_for_selector(".result-still:right-of(:text('Switch'))", timeout=PATIENCE_MS)
    page.wait_for_function(
        "(before) => ![null, undefined, before].includes(document.querySelector('.step-title')?.textContent)",
        arg=first,
        timeout=PATIENCE_MS,
    )
    assert Axe().run(page).violations_count == 0
    cashier.order("plug", plugged=True)
    _mended(cashier)
    cashier.context.close()
    assert cashier.wrong == []


def test_words_lead_to_the_fault_by_keyboard(at_keyboard: Cashier) -> None:
    page = at_keyboard.page
    at_keyboard.go("/")
    page.keyboard.press("F1")
    expect(page.locator("#menu-dialog")).to_be_visible()
    page.keyboard.press("?")
    page.wait_for_url("**/faults")
    expect(page.locator("#said")).to_be_focused()
    page.keyboard.type("may in het giay", delay=60)
    page.keyboard.press("Enter")
    page.wait_for_selector(".case-press", timeout=2 * PATIENCE_MS)  # the first search builds the index
    assert Axe().run(page).violations_count == 0
    page.locator("h1").click()
    page.keyboard.press("1")
    page.wait_for_url("**/diagnoses/*")
    assert "printer.paper" in (page.locator(".case-foot").text_content() or "")
