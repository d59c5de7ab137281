"""Sales through HTTP: real processes, real sockets, the device's twin with a durable store of its own."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from tillwright.demo.shop import Shop, ShopOptions, shop_tills

_WARM_UP = 25


@dataclass(frozen=True, slots=True)
class ThroughHttp:
    """Sales a second over all tills, and the 95th percentile of one sale, in ms."""

    per_s: float
    p95_ms: float
    sales: int


def sell_through_api(folder: Path, *, tills: int, sales: int, only_devices: bool = False) -> ThroughHttp:
    """Each till sells one after the other, all tills at once; a sale is timed from the request to its end.
    `only_devices`: nothing is printed, and nothing delivered to an operator.
    """
    shop = Shop(folder, ShopOptions(tills=shop_tills(tills), open_goods=True, only_devices=only_devices))
    shop.seed()
    try:
        shop.start()
        for till in shop.tokens:
            _sell(shop, till, _WARM_UP)
        begun = time.perf_counter()
        times = _all_tills(shop, sales // tills)
        took = time.perf_counter() - begun
    finally:
        shop.stop()
    times.sort()
    return ThroughHttp(len(times) / took, times[int(len(times) * 0.95)], len(times))


def _all_tills(shop: Shop, sales: int) -> list[float]:
    times: list[float] = []
    lock = threading.Lock()

    def work(till: str) -> None:
        mine = _sell(shop, till, sales)
        with lock:
            times.extend(mine)

    threads = [threading.Thread(target=work, args=(till,)) for till in shop.tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(times) != sales * len(threads):
        raise RuntimeError("a till has failed; see station.log in the shop's folder")
    return times


def _sell(shop: Shop, till: str, sales: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", shop.ports["pages"], timeout=30)
    headers = {
        "Authorization": f"Bearer {shop.tokens[till]}",
        "Content-Type": "application/json",
        "Prefer": "wait=20",
    }
    times = []
    for _ in range(sales):
        body = json.dumps(_body())
        begun = time.perf_counter()
        connection.request("POST", "/api/v1/operations", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status != 201 or json.loads(text)["state"] != "done":
            raise RuntimeError(f"{answer.status}: {text[:500]!r}")
    connection.close()
    return times


def _body() -> dict[str, object]:
    lines = [
        {"goods": "1001", "name": "Milk 3.2 % 1 l", "quantity_milli": 2000, "total_minor": 378},
        {"goods": "1002", "name": "Bread, rye", "quantity_milli": 1000, "total_minor": 190},
    ]
    tenders = [{"kind": "cash", "amount_minor": 568}]
    return {
        "uid": str(uuid.uuid4()),
        "kind": "cash-sale",
        "currency": "EUR",
        "lines": lines,
        "tenders": tenders,
    }
