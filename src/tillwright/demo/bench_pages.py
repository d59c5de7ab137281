"""What the till's pages weigh, how many requests they need, and the server's time for each and for a press.

Bytes are those on the wire, compressed as a browser asks for them. The server's time is what it says itself
in `Server-Timing`; a press puts a good into the basket, which includes one durable commit.
"""

from __future__ import annotations

import json
import re
import statistics
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tillwright.demo.careful_till import CarefulTill
from tillwright.demo.people import PEOPLE
from tillwright.demo.shop import Shop, put_together, shop_tills

_TIMES = 60
_TIMES_OF_OTHERS = 15
_RED_WITHIN_S = 30.0
_PAGES = {
    "operations": "/operations",
    "operation": "/operations/{sold}",
    "receipt": "/operations/{sold}/receipt",
    "refund": "/operations/{sold}/refund",
    "void": "/operations/{sold}/void",
    "parked": "/parked",
    "cash in": "/cash/in",
    "cash out": "/cash/out",
    "get data": "/data",
    "undelivered": "/undelivered",
    "shift report": "/shift/report",
    "shifts": "/shifts",
    "shift close": "/shift/close",
    "settings": "/settings",
    "correction": "/settings/correction",
    "people": "/settings/people",
}
"""Name of a page → where it is; `sold` is an operation that is done."""
_ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_VERSION = re.compile(r'name="uid" value="([^"]*)"><input type="hidden" name="version" value="([^"]*)"')


def measure(folder: Path) -> dict[str, object]:
    """Start a shop, sign in, look at the selling page, press; then at every other page, also at the walk of a
    red operation at the second till.
    """
    shop = put_together(folder / "pages", shop_tills(2))
    try:
        shop.start()
        first, second = (till.id for till in shop.options.tills)
        with _browser(shop, first) as browser:
            figures = _figures(browser)
        sold, red = _sell(shop, first), _sell_red(shop, second)
        with _browser(shop, first, role="administrator") as browser:
            others = {name: _page(browser, path.format(sold=sold)) for name, path in _PAGES.items()}
        with _browser(shop, second, role="senior") as browser:
            others["settle"] = _page(browser, f"/operations/{red}/settle")
        return {**figures, "pages": others}
    finally:
        shop.stop()


@contextmanager
def _browser(shop: Shop, till: str, role: str = "cashier") -> Iterator[httpx.Client]:
    """A browser at this till, signed in as the first person of this role."""
    person = next(person for person in PEOPLE if person.role == role)
    with httpx.Client(base_url=shop.url, follow_redirects=True, timeout=20) as browser:
        page = browser.get("/sign-in")
        form = {"till": till, "number": str(person.number), "pin": person.pin, "next": "/"}
        answer = browser.post("/sign-in", data={**form, "csrfmiddlewaretoken": _found(_TOKEN, page.text)})
        if answer.url.path != "/":
            raise RuntimeError(f"signing in led to {answer.url.path}")
        yield browser


# ── operations to look at ───────────────────────────────────────────────────────────────────────────────────


def _sale() -> dict[str, Any]:
    return {
        "uid": str(uuid.uuid4()),
        "kind": "cash-sale",
        "currency": "EUR",
        "lines": [{"goods": "1001", "quantity_milli": 2000, "total_minor": 378}],
        "tenders": [{"kind": "cash", "amount_minor": 500}],
    }


def _sell(shop: Shop, till: str) -> str:
    """A sale that is done; its uid."""
    told = CarefulTill(shop.url, shop.tokens[till], threading.Event()).sell(_sale())
    return str(told["uid"])


def _sell_red(shop: Shop, till: str) -> str:
    """A sale of which nobody knows, because the device is silent; its uid."""
    serial = next(one.serial for one in shop.options.tills if one.id == till)
    shop.order(serial, "faults", {"fault": "silent", "always": True, "only": ["register", "inquire"]})
    careful, sale = CarefulTill(shop.url, shop.tokens[till], threading.Event()), _sale()
    told: dict[str, Any] = {}
    for _ in range(int(_RED_WITHIN_S)):
        _, told = careful.call("POST", "/api/v1/operations", json.dumps(sale).encode())
        if told.get("state") == "red":
            return str(sale["uid"])
        threading.Event().wait(1.0)
    raise RuntimeError(f"a sale at a silent device has not turned red: {told}")


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────


def _page(browser: httpx.Client, path: str) -> dict[str, object]:
    """Weight, requests and server time of one page, all of it fetched anew."""
    page = browser.get(path)
    if page.url.path != path:
        raise RuntimeError(f"{path} led to {page.url.path}")
    assets = sorted({match[1] for match in _ASSET.finditer(page.text)})
    times = [_server_ms(browser.get(path)) for _ in range(_TIMES_OF_OTHERS)]
    return {
        "bytes": _wire_bytes(page),
        "assets_bytes": sum(_wire_bytes(browser.get(asset)) for asset in assets),
        "requests": 1 + len(assets),
        "server_ms_median": round(statistics.median(times), 1),
        "server_ms_max": round(max(times), 1),
    }


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
    for name, page in report["pages"].items():
        yield (
            f"{name:>14}: {page['bytes']:>7,} bytes, with all {page['bytes'] + page['assets_bytes']:>8,} in "
            f"{page['requests']} requests; server {page['server_ms_median']} ms, at most "
            f"{page['server_ms_max']} ms"
        )
