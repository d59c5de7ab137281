"""What the till's page weighs, how many requests it needs, and the server's time for it and a press.

Bytes are those on the wire, compressed as a browser asks for them. The server's time is what it says itself
in `Server-Timing`; a press puts a good into the basket, which includes one durable commit.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from tillwright.demo.people import PEOPLE
from tillwright.demo.shop import Shop, put_together, shop_tills

_TIMES = 60
_ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_VERSION = re.compile(r'name="uid" value="([^"]*)"><input type="hidden" name="version" value="([^"]*)"')


def measure(folder: Path) -> dict[str, object]:
    """Start a shop, sign in, look at the selling page, press."""
    shop = put_together(folder / "pages", shop_tills(1))
    try:
        shop.start()
        with httpx.Client(base_url=shop.url, follow_redirects=True, timeout=20) as browser:
            _sign_in(browser, shop)
            return _figures(browser)
    finally:
        shop.stop()


def _sign_in(browser: httpx.Client, shop: Shop) -> None:
    person = PEOPLE[0]
    page = browser.get("/sign-in")
    form = {"till": shop.options.tills[0].id, "number": str(person.number), "pin": person.pin, "next": "/"}
    answer = browser.post("/sign-in", data={**form, "csrfmiddlewaretoken": _found(_TOKEN, page.text)})
    if answer.url.path != "/":
        raise RuntimeError(f"signing in led to {answer.url.path}")


def _figures(browser: httpx.Client) -> dict[str, object]:
    page = browser.get("/")
    html_bytes = _wire_bytes(page)
    assets = sorted({match[1] for match in _ASSET.finditer(page.text)})
    asset_bytes = sum(_wire_bytes(browser.get(asset)) for asset in assets)
    page_ms = [_server_ms(browser.get("/")) for _ in range(_TIMES)]
    press_ms = [_server_ms(_press(browser, page.text)) for _ in range(_TIMES)]
    return {
        "page_bytes": html_bytes,
        "assets_bytes": asset_bytes,
        "requests": 1 + len(assets),
        "page_server_ms_median": round(statistics.median(page_ms), 1),
        "press_server_ms_median": round(statistics.median(press_ms), 1),
        "press_server_ms_p95": sorted(press_ms)[int(_TIMES * 0.95)],
    }


def _press(browser: httpx.Client, page: str) -> httpx.Response:
    """One more piece of a good; the basket's version is read again each time, as a page would know it."""
    token = _found(_TOKEN, page)
    uid, version = _VERSION.findall(browser.get("/").text)[0]
    form = {"code": "1001", "uid": uid, "version": version}
    answer = browser.post("/basket/add", data=form, headers={"X-CSRFToken": token, "HX-Request": "true"})
    if answer.status_code != 200:
        raise RuntimeError(f"a press was answered with {answer.status_code}")
    return answer


def _wire_bytes(answer: httpx.Response) -> int:
    answer.raise_for_status()
    return answer.num_bytes_downloaded


def _server_ms(answer: httpx.Response) -> float:
    return float(answer.headers["Server-Timing"].partition("dur=")[2])


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise RuntimeError("the page is not the one that is measured")
    return found[1]


def sentences(report: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    yield (
        f"The till's page: {report['page_bytes']:,} bytes, with all that belongs to it "
        f"{report['page_bytes'] + report['assets_bytes']:,} bytes in {report['requests']} requests."
    )
    yield f"The server needs {report['page_server_ms_median']} ms for it."
    yield (
        f"A press (a good into the basket, durable): {report['press_server_ms_median']} ms, "
        f"95th percentile {report['press_server_ms_p95']} ms."
    )
