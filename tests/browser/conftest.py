"""A real browser before real processes: Chromium of this machine, a shop in a folder that goes.

`windows` opens a page in any language, theme and size; `cashiers` sells at a till. With
`--screenshots FOLDER` what was looked at is kept as pictures.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.cashiers import cashier, street
from tests.browser.windows import module_shop, window

__all__ = ["cashier", "module_shop", "street", "window"]

expect.set_options(timeout=30_000)
"""What a page is to show may take as long as a busy machine needs."""

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--screenshots FOLDER`: keep what the browser showed."""
    parser.addoption("--screenshots", type=Path, default=None, help="folder for pictures of every page")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, started once a file and gone after it: while it runs, its event loop is in this thread,
    and Django refuses to touch a database beside one.
    """
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()
