"""Cashiers before a real browser, each at a till of a shop of real processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from tillwright.demo.people import PEOPLE
from tillwright.demo.shop import Shop, ShopOptions, ShopTill

__all__ = ["PHONE", "TILL", "Cashier", "cashier", "go", "open_till", "street"]

TILL = (1024, 768)
PHONE = (390, 844)
PATIENCE_MS = 40_000
TILLS = (
    ShopTill("till-1", "Till 1", "EUR", "SKO-1001", 1_000_00),
    ShopTill("till-2", "Till 2", "EUR", "SKO-1002", 1_000_00),
    ShopTill("till-3", "Till 3", "EUR", "SKO-1003", 1_000_00),
    ShopTill("till-4", "Till 4", "VND", "SKO-1004", 10_000_000),
)


def go(page: Page, address: str) -> None:
    """To this page. The one that is left may be renewing itself, and then the browser drops one of both."""
    try:
        page.goto(address)
    except Error as aborted:
        if "ERR_ABORTED" not in str(aborted) and "interrupted" not in str(aborted):
            raise
        page.goto(address)


@dataclass
class Cashier:
    """A cashier before a browser: what they can do, in short words. `wrong`: its complaints."""

    shop: Shop
    context: BrowserContext
    page: Page
    till: str
    wrong: list[str] = field(default_factory=list)

    @property
    def serial(self) -> str:
        """The device of this till."""
        return next(one.serial for one in self.shop.options.tills if one.id == self.till)

    def go(self, address: str) -> None:
        """Open a page of the shop."""
        go(self.page, self.shop.url + address)

    def sign_in(self, number: int = 9) -> None:
        pin = next(one.pin for one in PEOPLE if one.number == number)
        self.go("/sign-in")
        self.page.locator(f"input[name=till][value={self.till}]").check(force=True)
        self.page.fill("#number", str(number))
        self.page.fill("#pin", pin)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.shop.url + "/")

    def look(self, language: str = "en", theme: str = "light") -> None:
        """Have the next pages in this language and theme."""
        cookies = {"language": language, "theme": theme}
        self.context.add_cookies([{"name": k, "value": v, "url": self.shop.url} for k, v in cookies.items()])

    def press_goods(self, *numbers: int) -> None:
        for number in numbers:
            self.page.locator(".tile[hx-post]").nth(number).click()
        self.page.wait_for_selector("[data-pay]")

    def take(self, received: str = "") -> None:
        """From the selling page to the operation's page."""
        self.page.click("[data-pay]")
        self.page.wait_for_url("**/pay")
        self.page.fill("[name=received]", received)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/operations/*")

    def sell(self, received: str = "") -> None:
        self.go("/")
        self.press_goods(0)
        self.take(received)

    def until(self, state: str, patience_ms: int = PATIENCE_MS) -> None:
        """Wait until the page, by itself, shows this state."""
        self.page.wait_for_selector(f".operation[data-state={state}]", timeout=patience_ms)

    def order(self, what: str, **order: Any) -> None:
        self.shop.order(self.serial, what, order)

    def well(self) -> None:
        self.order("faults", off=True)
        self.order("plug", plugged=True)

    def documents(self) -> list[dict[str, Any]]:
        """The sales that the device really holds."""
        return [one for one in self.shop.truth(self.serial)["documents"] if one["kind"] == "sale"]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop for trying out with four tills, one of them in dong; shared by the tests of one file."""
    shop = Shop(tmp_path_factory.mktemp("shop"), ShopOptions(tills=TILLS, demo=True))
    try:
        shop.seed()
        shop.start()
        yield shop
    finally:
        shop.stop()


def open_till(
    browser: Browser,
    shop: Shop,
    till: str,
    size: tuple[int, int] = TILL,
    *,
    number: int = 9,
    **options: Any,
) -> Cashier:
    """A signed-in cashier; what the browser complains of is collected."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    cashier = Cashier(shop, context, context.new_page(), till)
    cashier.page.on("pageerror", lambda error: cashier.wrong.append(f"script: {error}"))
    cashier.page.on("console", lambda said: _listen(cashier, said))
    cashier.sign_in(number)
    return cashier


def _listen(cashier: Cashier, said: ConsoleMessage) -> None:
    if "Content Security" in said.text or "status of 5" in said.text:
        cashier.wrong.append(said.text)


@pytest.fixture
def cashier(chromium: Browser, street: Shop) -> Iterator[Cashier]:
    """A cashier at till 1, with a device that is well."""
    cashier = open_till(chromium, street, "till-1")
    cashier.well()
    yield cashier
    cashier.context.close()
    assert cashier.wrong == []
