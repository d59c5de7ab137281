"""Settings, People, in a real browser: it fits, it can be pressed, and nothing hinders anybody."""

from __future__ import annotations

import pytest

from tests.browser.windows import SIZES, Look, Open
from tillwright.demo.people import PEOPLE

pytestmark = pytest.mark.browser

ADMINISTRATOR = PEOPLE[-1]
LOOKS = [Look(), Look("ru", "dark", "phone"), Look("vi", "contrast", "phone"), Look("zh-hans", "dark")]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_fit_and_hinder_nobody(window: Open, look: Look) -> None:
    from axe_playwright_python.sync_playwright import Axe

    open_window = window(look)
    page = open_window.page
    open_window.sign_in(ADMINISTRATOR.number, ADMINISTRATOR.pin)
    page.context.add_cookies([{"name": "language", "value": look.language, "url": page.url}])
    for address in ("/settings/people", "/settings/people/new", "/settings/people/50"):
        answer = page.goto(address)
        assert answer
        assert answer.status == 200
        open_window.keep(address.strip("/").replace("/", "-"))
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.size][0]
        for press in page.locator("main button:visible, main .button:visible").all():
            box = press.bounding_box()
            assert box
            assert box["height"] >= 48


def test_somebody_comes_and_goes(window: Open) -> None:
    page = window().page
    page.goto("/sign-in")
    page.locator("input[name=till]").first.check(force=True)
    page.fill("#number", str(ADMINISTRATOR.number))
    page.fill("#pin", ADMINISTRATOR.pin)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.locator("[data-menu] summary").click()
    page.locator("[data-menu] a[href='/settings/people']").click()
    page.locator("[data-primary]").click()
    page.fill("#name", "Mai")
    page.fill("#number", "12")
    page.fill("#pin", "4711")
    page.locator(".role-choice label").nth(1).click()
    page.locator("[data-primary]").click()
    page.locator(".people a", has_text="Mai").click()
    page.locator("[data-opens='switch-off']").click()
    page.locator("dialog[open] .button-stop").click()
    page.locator(".notice-green").wait_for()
    page.goto("/settings/people")
    assert page.locator(".people-off", has_text="Mai").count() == 1
