"""A scan as a wedge scanner types it: a whole code and Enter, key by key, at the scanner's pace.

The keys are real ones: they go into the browser where those of a keyboard do, and pages cannot tell them from
these. With each goes the moment at which it was pressed, so the pace that a page sees is the scanner's own,
however slowly a busy machine brings the keys there. Nobody has to wait for that pace to pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page

from tillwright.machine.clocks import SystemClock

SCANNER_MS = 4
"""Between two keys of an ordinary scanner."""


def scan(page: Page, code: str) -> None:
    """Scan the code, whatever has the focus."""
    type_at(page, code, [SCANNER_MS] * len(code))


def type_at(page: Page, code: str, pauses_ms: Sequence[int]) -> None:
    """Type a code of digits and Enter; `pauses_ms` are those after each digit."""
    at_ms = SystemClock().now_ms()
    keyboard = page.context.new_cdp_session(page)
    for digit, pause_ms in zip(code, pauses_ms, strict=True):
        key = {"key": digit, "code": f"Digit{digit}", "windowsVirtualKeyCode": ord(digit)}
        for step in ({"type": "keyDown", "text": digit}, {"type": "keyUp"}):
            keyboard.send("Input.dispatchKeyEvent", {**key, **step, "timestamp": at_ms / 1000})
        at_ms += pause_ms
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "timestamp": at_ms / 1000}
    for step in ({"type": "keyDown", "text": "\r"}, {"type": "keyUp"}):
        keyboard.send("Input.dispatchKeyEvent", {**enter, **step})
    keyboard.detach()
