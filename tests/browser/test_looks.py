"""Every page of the till and the switchboard, looked at: nothing sticks out, nothing hinders anybody, in any
language, theme and size. With `--screenshots FOLDER` in all of them, kept as a contact sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.cashiers import Cashier
from tests.browser.windows import LANGUAGES, SIZES, THEMES, Look
from tillwright.demo.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FEW = [Look(), Look("ru", "dark", "phone"), Look("vi", "contrast"), Look("zh-hans", "light", "phone")]
ALL = [Look(*values) for values in product(LANGUAGES, THEMES, SIZES)]
PEOPLE_AT = {"till-1": 9, "till-2": 7, "till-3": 8, "till-4": 10}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "look" in metafunc.fixturenames:
        looks = ALL if metafunc.config.getoption("--screenshots", default=None) else FEW
        metafunc.parametrize("look", looks, ids=str)


OFFICE = {
    "data-large": "/data",
    "undelivered": "/undelivered",
    "shifts": "/shifts",
    "x-report": "/shift/report",
    "close-begin": "/shift/close",
    "settings": "/settings",
}


@dataclass
class Stage:
    """A shop in which every page has something to show: page → (till, address)."""

    cashiers: dict[str, Cashier]
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)

    def show(self, name: str, till: str, address: str | None = None) -> None:
        url = self.cashiers[till].page.url
        self.pages[name] = (till, address or url[len(self.cashiers[till].shop.url) :])


@pytest.fixture(scope="module")
def stage(chromium: Browser, street: Shop) -> Iterator[Stage]:
    cashiers = {till: _signed_in(chromium, street, till, number) for till, number in PEOPLE_AT.items()}
    stage = Stage(cashiers)
    _play(stage)
    yield stage
    for cashier in cashiers.values():
        cashier.well()
        cashier.context.close()


def _signed_in(browser: Browser, shop: Shop, till: str, number: int) -> Cashier:
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    cashier = Cashier(shop, context, context.new_page(), till)
    cashier.sign_in(number)
    cashier.look()
    return cashier


def _play(stage: Stage) -> None:
    """A short day at four tills."""
    first, second, third, fourth = stage.cashiers.values()
    first.sell("5")
    first.until("done")
    stage.show("operation-done", "till-1")
    stage.show("receipt", "till-1", stage.pages["operation-done"][1] + "/receipt")
    first.order("faults", fault="commit_drop_answer", next=1)
    first.sell()
    first.until("done")
    stage.show("operation-found", "till-1")
    stage.show("operations", "till-1", "/operations")
    stage.show("sale", "till-1", "/")
    stage.show("pay", "till-1", "/pay")
    first.go("/")
    first.press_goods(0, 1, 2, 5, 0)
    _put_aside(first)
    stage.show("parked", "till-1", "/parked")
    stage.show("operations-to-take-back", "till-1", "/operations?for=refund")
    stage.show("take-back", "till-1", stage.pages["operation-done"][1] + "/refund")
    stage.show("void", "till-1", stage.pages["operation-done"][1] + "/void")
    stage.show("cash-in", "till-1", "/cash/in")
    stage.show("cash-out", "till-4", "/cash/out")

    second.order("faults", fault="silent", always=True)
    second.sell()
    second.until("red", 30_000)
    stage.show("operation-red", "till-2")
    stage.show("operations-red", "till-2", "/operations")
    stage.show("sale-blocked", "till-2", "/")

    third.order("plug", plugged=False)
    third.sell()
    third.page.wait_for_selector("[data-left]", timeout=20_000)
    third.page.keyboard.press("F8")
    third.page.locator("#give-up-dialog .button-stop").click()
    third.until("refused")
    stage.show("operation-refused", "till-3")

    fourth.go("/")
    fourth.page.keyboard.type("television", delay=60)
    fourth.page.wait_for_timeout(400)
    fourth.page.keyboard.press("Enter")
    fourth.page.wait_for_selector(".line")
    fourth.page.click("[data-how-many]")
    fourth.page.fill("#quantity-dialog [name=quantity]", "20")
    fourth.page.keyboard.press("Enter")
    fourth.page.wait_for_selector(".line-how:has-text('20')")
    fourth.take()
    fourth.until("done")
    stage.show("operation-large", "till-4")
    fourth.go("/")
    fourth.press_goods(0, 1)
    stage.show("pay-large", "till-4", "/pay")
    stage.show("switchboard", "till-1", "/switchboard/?till=till-2&open=SKO-1002")
    stage.show("cabinet-operator", "till-1", "/switchboard/operator?till=till-1")
    stage.show("cabinet-licensing", "till-1", "/switchboard/licensing")
    stage.show("settle", "till-2", stage.pages["operation-red"][1] + "/settle")
    for name, address in OFFICE.items():
        stage.show(name, "till-4", address)


def _put_aside(cashier: Cashier) -> None:
    """Two baskets are parked, one of them with discounts; a third is open with discounts."""
    page = cashier.page
    for note in ("Mrs Smith, back in five minutes", ""):
        page.wait_for_timeout(400)
        page.evaluate("document.querySelector('[data-opens=park-dialog]').click()")
        page.fill("#park-dialog [name=note]", note)
        page.click("#park-dialog [data-primary]")
        page.wait_for_selector("#basket a[href='/parked']")
        cashier.press_goods(2, 0)
        page.wait_for_timeout(400)
        page.evaluate("document.querySelector('[data-opens=discount-dialog]').click()")
        page.click("[data-quick='10']")
        page.wait_for_selector(".line-off")
        page.evaluate("document.querySelector('[data-opens=discount-dialog]').click()")
        page.check("#discount-dialog input[value=basket]", force=True)
        page.click("[data-quick='5']")
        page.wait_for_selector(".basket-off")


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
    for name, (till, address) in stage.pages.items():
        page = _open(chromium, stage.cashiers[till], look)
        page.goto(stage.cashiers[till].shop.url + address)
        page.wait_for_timeout(50)
        wrong += [f"{name}: {what}" for what in _problems(page, look)]
        if folder is not None:
            _keep(page, folder, name, look)
        page.context.close()
    assert wrong == []


def _open(browser: Browser, cashier: Cashier, look: Look) -> Page:
    """A window with this look, in the cashier's own session."""
    width, height = SIZES[look.size]
    touch = look.size == "phone"
    state: Any = cashier.context.storage_state()
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch,
        reduced_motion="reduce", storage_state=state,
    )  # fmt: skip
    cookies = {"language": look.language, "theme": look.theme}
    context.add_cookies([{"name": k, "value": v, "url": cashier.shop.url} for k, v in cookies.items()])
    return context.new_page()


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
