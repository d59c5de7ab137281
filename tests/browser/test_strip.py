"""The strip in a real browser: it follows by itself, and says in words when it cannot."""

import pytest

from tests.browser.windows import Look, Open
from tillwright.demo.people import PEOPLE

pytestmark = pytest.mark.browser

PERSON = PEOPLE[0]


def test_a_stream_that_does_not_come_back_is_said_and_comes_back(window: Open) -> None:
    open_window = window()
    page = open_window.page
    page.route("**/live", lambda route: route.fulfill(status=503, body=""))
    open_window.sign_in(PERSON.number, PERSON.pin)
    lost = page.locator(".strip .lost")
    lost.wait_for(state="visible", timeout=30_000)
    assert len(lost.inner_text()) > 10
    open_window.keep("strip-lost")
    page.unroute("**/live")
    lost.wait_for(state="hidden", timeout=30_000)
    assert page.locator(".strip .party").count() >= 1
    told = ("sseError", "status of 503", "[object Event]")  # the last is how htmx logs the first
    assert [text for text in open_window.complaints if not any(one in text for one in told)] == []
    open_window.complaints.clear()


@pytest.mark.parametrize("look", [Look("ru", "dark", "phone"), Look("vi")], ids=str)
def test_the_menu_changes_language_and_theme_where_one_is(window: Open, look: Look) -> None:
    open_window = window(look)
    page = open_window.page
    open_window.sign_in(PERSON.number, PERSON.pin)
    page.locator("[data-menu] summary").click()
    open_window.keep("menu")
    box = page.locator("[data-menu] .sheet").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]  # type: ignore[index]  # it has one
    page.locator("[data-menu] button[value='zh-hans']").click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.locator("[data-menu] summary").click()
    page.locator("[data-menu] button[value='contrast']").click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("data-theme") == "contrast"
    page.locator("[data-menu] summary").click()
    page.keyboard.press("Escape")
    assert page.locator("[data-menu] .sheet").is_hidden()


def test_sounds_can_be_muted_and_stay_so(window: Open) -> None:
    open_window = window()
    page = open_window.page
    open_window.sign_in(PERSON.number, PERSON.pin)
    page.locator("[data-menu] summary").click()
    button = page.locator("[data-mute]")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    page.reload()
    assert button.get_attribute("aria-pressed") == "false"
