"""Windows of the browser at a shop, each looked at in a language, a theme and a size; none may complain.

With `--screenshots FOLDER` what a window shows can be kept as a picture, named for how it was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.processes import module_shop

__all__ = ["module_shop", "window"]

LANGUAGES = ("en", "vi", "ru", "zh-hans")
THEMES = ("light", "dark", "contrast")
SIZES = {"till": (1024, 768), "phone": (390, 844)}


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    language: str = "en"
    theme: str = "light"
    size: str = "till"

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.size}"


@dataclass
class Window:
    """A browser window at a station, and what it complained of."""

    page: Page
    context: BrowserContext
    look: Look
    complaints: list[str]
    folder: Path | None

    def keep(self, name: str) -> None:
        """Keep a picture of the page, if pictures are wanted."""
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(self.folder / f"{name}-{self.look}.png"))

    def sign_in(self, number: int, pin: str) -> None:
        """Sign in at the first till, by keyboard."""
        self.page.goto("/sign-in")
        if self.page.locator("input[name=till]").count():
            self.page.locator("input[name=till]").first.check(force=True)
        self.page.fill("#number", str(number))
        self.page.fill("#pin", pin)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)


Open = Callable[..., Window]


@pytest.fixture
def window(chromium: Browser, module_shop: Any, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens windows: `window()` or `window(Look("vi", "dark", "phone"))`; none may have complained at the
    end.
    """
    opened: list[Window] = []
    wanted = request.config.getoption("--screenshots", default=None)

    def open_window(look: Look = Look()) -> Window:
        width, height = SIZES[look.size]
        touch = look.size == "phone"
        context = chromium.new_context(
            base_url=module_shop.url,
            viewport={"width": width, "height": height},
            has_touch=touch,
            is_mobile=touch,
            reduced_motion="reduce",
        )
        cookies = {"language": look.language, "theme": look.theme}
        context.add_cookies([{"name": n, "value": v, "url": module_shop.url} for n, v in cookies.items()])
        window = Window(context.new_page(), context, look, [], Path(wanted) if wanted else None)
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.on("console", lambda message: _listen(window, message))
        opened.append(window)
        return window

    yield open_window
    for one in opened:
        one.context.close()
    assert [text for one in opened for text in one.complaints] == []


def _listen(window: Window, message: ConsoleMessage) -> None:
    refused = "the server responded with a status of 4" in message.text
    if message.type in ("error", "warning") and not refused:
        window.complaints.append(message.text)
