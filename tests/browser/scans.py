"""A scan as a wedge scanner types it: a whole code and Enter at once, at the pace of the page itself.

The keys are made inside the page, because the pace of keys that come one by one from outside the browser
says something of the machine and not of a scanner. What a key would type is typed, unless it was taken.
"""

from __future__ import annotations

from playwright.sync_api import Page

_SCAN = """(code) => {
  const target = () => document.activeElement || document.body;
  const press = (key) => target().dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const key of code) if (press(key)) document.execCommand("insertText", false, key);
  return !press("Enter");
}"""


def scan(page: Page, code: str) -> None:
    """Scan the code, whatever has the focus."""
    taken = page.evaluate(_SCAN, code)
    assert taken, "the page has not taken these keys for a scan"
