"""Every page of the till and the switchboard, looked at: nothing sticks out, nothing hinders anybody, in any
language, theme and size. With `--screenshots FOLDER` in all of them, kept as a contact sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser.cashiers import Cashier, go, street
from tests.browser.stage import Shown, Stage, stage_of
from tests.browser.windows import LANGUAGES, SIZES, THEMES, Look
from tillwright.demo.shop import Shop

__all__ = ["street"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FEW = [Look(), Look("ru", "dark", "phone"), Look("vi", "contrast"), Look("zh-hans", "light", "phone")]
ALL = [Look(*values) for values in product(LANGUAGES, THEMES, SIZES)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "look" in metafunc.fixturenames:
        looks = ALL if metafunc.config.getoption("--screenshots", default=None) else FEW
        metafunc.parametrize("look", looks, ids=str)


@pytest.fixture(scope="module")
def stage(chromium: Browser, street: Shop) -> Iterator[Stage]:
    set_up = stage_of(chromium, street)
    yield set_up
    set_up.leave()


def _sticks_out(page: Page, width: int) -> str:
    """What is wider than the window, if anything is."""
    found = page.evaluate(
        """(width) => [...document.querySelectorAll("body *")]
          .filter((one) => one.getBoundingClientRect().right > width + 1 && one.checkVisibility())
          .filter((one) => !one.closest("svg, .aside, pre, [popover], .sheet"))
          .map((one) => one.tagName + "." + one.className).slice(0, 3).join(", ")""",
        width,
    )
    return str(found)


def _labels_leave_their_drawing(page: Page) -> list[str]:
    """Texts of the picture that the browser draws beyond the drawing's edges or over their plate's."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("svg.picture")].filter((one) => one.checkVisibility())
              .flatMap((svg) => [...svg.querySelectorAll("text")].filter((text) => {
                const box = text.getBBox();
                const inside = text.classList.contains("pic-plate-text") ? 8 : 0;
                return box.x < 0 || box.x + box.width > svg.viewBox.baseVal.width - inside;
              }).map((text) => text.textContent))"""
        )
    )


def _small(page: Page) -> list[str]:
    """Presses that are lower than a finger needs."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("button, a.button, summary.button")]
              .filter((one) => one.checkVisibility() && !one.closest(".aside") && !one.matches(".aside"))
              .filter((one) => one.getBoundingClientRect().height < 47.5)
              .map((one) => one.textContent.trim().slice(0, 40))"""
        )
    )


def test_every_page_in_this_look(
    chromium: Browser, stage: Stage, look: Look, request: pytest.FixtureRequest
) -> None:
    folder: Path | None = request.config.getoption("--screenshots", default=None)
    wrong: list[str] = []
    windows = {who: _window(chromium, one, look) for who, one in stage.people.items()}
    pages = {who: window.new_page() for who, window in windows.items()}
    for name, shown in stage.pages.items():
        page = pages[shown.who]
        _open(page, stage, shown, look)
        wrong += [f"{name}: {what}" for what in _problems(page, look)]
        if folder is not None:
            _keep(page, folder, name, look)
    for window in windows.values():
        window.close()
    assert wrong == []


def _window(browser: Browser, cashier: Cashier, look: Look) -> BrowserContext:
    """Windows with this look, in the cashier's own session."""
    width, height = SIZES[look.size]
    touch = look.size == "phone"
    state: Any = cashier.context.storage_state()
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch,
        reduced_motion="reduce", storage_state=state,
    )  # fmt: skip
    cookies = {"language": look.language, "theme": look.theme}
    context.add_cookies([{"name": k, "value": v, "url": cashier.shop.url} for k, v in cookies.items()])
    return context


def _open(page: Page, stage: Stage, shown: Shown, look: Look) -> None:
    """The page as it is now, or as it was when it was kept; then what is pressed on it."""
    address = stage.shop.url + shown.address
    kept = shown.kept.get((look.language, look.theme))
    page.unroute_all()
    if kept is not None:
        page.route("**/*", lambda route: _answer(route, kept))
    go(page, address)
    for press in shown.press:
        page.locator(press).first.click()
    page.wait_for_timeout(50)


ASKS = ("xhr", "fetch", "eventsource")


def _answer(route: Route, kept: str) -> None:
    """Nothing has happened since the page was kept, whatever it asks."""
    if route.request.resource_type == "document":
        route.fulfill(body=kept, content_type="text/html; charset=utf-8")
    elif route.request.resource_type in ASKS:
        route.fulfill(status=204)
    else:
        route.continue_()


def _problems(page: Page, look: Look) -> Iterator[str]:
    wide = _sticks_out(page, SIZES[look.size][0])
    if wide:
        yield f"sticks out: {wide}"
    for label in _labels_leave_their_drawing(page):
        yield f"label leaves the drawing: {label}"
    for press in _small(page):
        yield f"too small to press: {press}"
    if look in FEW:
        found = Axe().run(page)
        if found.violations_count:
            yield found.generate_report()


# ── the contact sheet ──


def _keep(page: Page, folder: Path, name: str, look: Look) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"{name}-{look}.png"))
    if name.startswith(("operation-", "switchboard")):
        page.screenshot(path=str(folder / f"{name}-{look}-whole.png"), full_page=True)
    _write_sheet(folder)


def _write_sheet(folder: Path) -> None:
    """One page with all pictures, for looking at them beside each other."""
    pictures = sorted(one.name for one in folder.glob("*.png") if not one.stem.endswith("-whole"))
    figures = "".join(
        f'<figure><a href="{escape(one)}"><img loading="lazy" src="{escape(one)}" alt=""></a>'
        f"<figcaption>{escape(one[:-4])}</figcaption></figure>"
        for one in pictures
    )
    style = "body{font:14px sans-serif;display:flex;flex-wrap:wrap;gap:12px}img{height:360px}figure{margin:0}"
    html = f"<!doctype html><meta charset=utf-8><title>Contact sheet</title><style>{style}</style>{figures}"
    (folder / "index.html").write_text(html, encoding="utf-8")
