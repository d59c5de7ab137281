"""The approval dialog in a real browser: by touch, by keyboard, in every language; wrong PINs, old grants."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from tests.browser.windows import LANGUAGES, SIZES, Look, Open, Window
from tests.processes import running_shop
from tillwright.demo.people import PEOPLE
from tillwright.demo.shop import Shop

pytestmark = pytest.mark.browser

CASHIER, OTHER, SENIOR = PEOPLE[0], PEOPLE[1], PEOPLE[4]
LANGUAGES_IN_THEMES = (
    ("en", "light"),
    ("vi", "dark"),
    ("ru", "contrast"),
    ("zh-hans", "light"),
    ("ru", "dark"),
)
LOOKS = [Look(language, theme, size) for (language, theme), size in product(LANGUAGES_IN_THEMES, SIZES)]


@pytest.fixture(scope="module")
def module_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop for trying out: its style guide has a form that needs an approval."""
    with running_shop(tmp_path_factory.mktemp("shop"), demo=True) as running:
        yield running


def at_the_form(window: Window) -> Page:
    """A page with a form that needs an approval; a cashier has signed in."""
    window.sign_in(CASHIER.number, CASHIER.pin)
    window.page.context.add_cookies(
        [{"name": "language", "value": window.look.language, "url": window.page.url}]
    )
    window.page.goto("/styleguide")
    return window.page


def grant(page: Page) -> str:
    return page.locator("[data-grant]").input_value()


def pad(page: Page, digits: str) -> None:
    for digit in digits:
        page.locator(f"dialog[open] [data-digit='{digit}']").click()


def has_gone_on(page: Page) -> str:
    """The form was sent: the grant that it brought."""
    page.wait_for_url(lambda url: "approval=" in url)
    return page.url.partition("approval=")[2]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_it_fits_and_can_be_pressed(window: Open, look: Look) -> None:
    from axe_playwright_python.sync_playwright import Axe

    open_window = window(look)
    page = at_the_form(open_window)
    page.locator("[data-guide-approve]").click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    open_window.keep("approval")
    box = dialog.bounding_box()
    width, height = SIZES[look.size]
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["height"] <= height
    for press in dialog.locator("button:visible").all():
        found = press.bounding_box()
        assert found
        assert found["height"] >= 48
        assert found["width"] >= 44
        assert found["y"] + found["height"] <= height
    assert dialog.evaluate("one => one.scrollWidth <= one.clientWidth")
    primary = dialog.locator("[data-primary]").bounding_box()
    assert primary
    assert primary["height"] >= 64
    found = Axe().run(page, context="dialog[open]")
    assert found.violations_count == 0, found.generate_report()
    page.locator("dialog[open] [data-shuts]").click()


@pytest.mark.parametrize("look", [Look(), Look("ru", "dark", "phone")], ids=str)
def test_by_touch(window: Open, look: Look) -> None:
    page = at_the_form(window(look))
    page.locator("[data-guide-approve]").click()
    pad(page, str(SENIOR.number))
    page.locator("dialog[open] input[name=pin]").click()
    pad(page, SENIOR.pin)
    page.locator("dialog[open] [data-primary]").click()
    assert len(has_gone_on(page)) >= 20


def test_by_keyboard(window: Open) -> None:
    page = at_the_form(window())
    page.locator("[data-guide-approve]").focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    assert page.evaluate("document.activeElement.name") == "number"
    page.keyboard.type(str(SENIOR.number), delay=60)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "pin"
    page.keyboard.type(SENIOR.pin, delay=60)
    page.keyboard.press("Enter")
    has_gone_on(page)


def test_escape_goes_back_and_leaves_nothing(window: Open) -> None:
    page = at_the_form(window())
    page.locator("[data-guide-approve]").click()
    page.fill("dialog[open] input[name=number]", str(SENIOR.number))
    page.fill("dialog[open] input[name=pin]", SENIOR.pin)
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="hidden")
    assert page.locator("[data-approval] input[name=pin]").input_value() == ""
    assert grant(page) == ""
    assert "approval=" not in page.url
    assert page.evaluate("document.activeElement.hasAttribute('data-guide-approve')")


@pytest.mark.parametrize("look", [Look(), Look("vi", "dark", "phone"), Look("zh-hans", "contrast")], ids=str)
def test_a_refusal_is_said_inside_and_the_pin_typed_anew(window: Open, look: Look) -> None:
    open_window = window(look)
    page = at_the_form(open_window)
    page.locator("[data-guide-approve]").click()
    page.fill("dialog[open] input[name=number]", str(OTHER.number))
    page.fill("dialog[open] input[name=pin]", OTHER.pin)
    page.locator("dialog[open] [data-primary]").click()
    notice = page.locator("dialog[open] .notice")
    notice.wait_for()
    open_window.keep("approval-refused")
    assert "people.senior-needed" in notice.inner_text()
    expect(page.locator("dialog[open] input[name=pin]")).to_be_focused()
    assert page.locator("dialog[open] input[name=pin]").input_value() == ""
    box, height = notice.bounding_box(), SIZES[look.size][1]
    assert box
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= height
    page.fill("dialog[open] input[name=number]", str(SENIOR.number))
    page.fill("dialog[open] input[name=pin]", SENIOR.pin)
    page.locator("dialog[open] [data-primary]").click()
    has_gone_on(page)


def test_a_grant_that_is_too_old_is_thrown_away_and_asked_for_again(window: Open) -> None:
    page = at_the_form(window())
    page.evaluate(
        """() => {
          document.addEventListener("submit", (event) => event.preventDefault());
          const detail = {approval: "given", name: "Ruth", lasts_ms: 1};
          const form = document.querySelector("[data-approval-form]");
          form.dispatchEvent(new CustomEvent("till:approved", {bubbles: true, detail}));
        }"""
    )
    page.locator("[data-over]").wait_for()
    assert grant(page) == ""
    page.locator("[data-guide-approve]").click()
    assert page.locator("dialog[open]").is_visible()


def test_the_first_session_sees_at_once_that_it_was_replaced(window: Open) -> None:
    first, second = window(), window()
    first.sign_in(CASHIER.number, CASHIER.pin)
    second.sign_in(CASHIER.number, CASHIER.pin)
    first.page.wait_for_url(lambda url: "/sign-in" in url, timeout=40_000)
    assert "people.signed-in-elsewhere" in first.page.locator("#told").inner_text()
    assert set(first.complaints) <= {"[object Event]"}  # the library's own word for a stream that ends
    first.complaints.clear()


def test_languages_are_all_there() -> None:
    assert {look.language for look in LOOKS} == set(LANGUAGES)
