"""The replay itself: real baskets, through the real API, at stores whose devices and processes misbehave.

All stores stand in one station process with two tills each. That is harder for it than a station a store:
one writer serves all tills at once, and each kill strikes up to eight sales in the middle.

The shop lives in the data's own time. Its clock is a file; each day begins at the time of its first basket,
when nothing is in progress, and passes fast enough that a minute's question takes seconds. Within the day
each till sells its baskets in their order, all tills at once.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tillwright.demo.baskets import Basket, BasketPlan, digest
from tillwright.demo.careful_till import CarefulTill, Refused, Stuck
from tillwright.demo.shop import Shop, ShopOptions, ShopTill
from tillwright.demo.trouble import Done, Profile, Trouble
from tillwright.kernel.keys import uid_from_bytes
from tillwright.machine.clocks import FileClock, move_clock

CURRENCY = "EUR"
FLOAT_MINOR = 500_00
RATE = 20
"""Seconds of the shop in one real second: a question of a minute takes three seconds, an answer that is
waited for for three seconds 150 ms, which is still many times what a device needs.
"""
CLOCK_FILE = "clock.json"
ATTEMPTS_MAX = 20
"""So often a basket is rung up anew after an operation that certainly has not happened."""

_SETTLE_S = 90.0
_LOOK_S = 0.2


@dataclass(slots=True)
class Sold:
    """What became of one basket: the uids it was rung up under, and how the last one ended."""

    basket: Basket
    uids: list[str] = field(default_factory=list)
    state: str = "never begun"


@dataclass(slots=True)
class Replayed:
    """All that is known on the customers' side of the counter."""

    plan: BasketPlan
    sold: list[Sold] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    trouble: Done = field(default_factory=Done)
    unsettled: list[str] = field(default_factory=list)


def open_shop(folder: Path, plan: BasketPlan) -> Shop:
    """The stores' shop in an empty folder, its clock at the first basket's time."""
    tills = tuple(
        ShopTill(till, till, CURRENCY, f"SKO-{till.removeprefix('store-')}", FLOAT_MINOR)
        for till in plan.tills
    )
    options = ShopOptions(tills=tills, name="Complete Journey", open_goods=True, clock=CLOCK_FILE)
    shop = Shop(folder, options)
    reach(folder / CLOCK_FILE, plan.baskets[0].at_ms)
    return shop


def reach(clock_file: Path, at_ms: int) -> None:
    """Set the clock forward to this time, if it is not past it, and let it run fast."""
    ahead_ms = at_ms - FileClock(clock_file).now_ms()
    fresh = not clock_file.exists()
    move_clock(clock_file, advance_ms=ahead_ms if fresh else max(0, ahead_ms), rate=RATE)


class Replay:
    """One replay in a shop that is not started yet. `progress` is called after each basket."""

    def __init__(
        self, shop: Shop, plan: BasketPlan, profile: Profile, seed: int, progress: Callable[[], None]
    ) -> None:
        self.shop = shop
        self.plan = plan
        self.seed = seed
        self.progress = progress
        self.replayed = Replayed(plan)
        self._stop = threading.Event()
        # Chance of trouble, which must come again with the same seed; no secret hangs on it.
        chance = Random(f"trouble {seed}")  # nosec B311
        self._trouble = Trouble(shop, profile, len(plan.baskets), chance, self._stop)
        self._tills = {till: CarefulTill(shop.url, shop.tokens[till], self._stop) for till in plan.tills}

    def run(self) -> Replayed:
        """Sell everything, calm down, wait until all has ended. Raises NotReady; the shop is stopped after
        it, however it ends.
        """
        try:
            self.shop.seed()
            self.shop.start()
            self._wait_until_settled()
            self._trouble.start()
            with ThreadPoolExecutor(len(self._tills)) as pool:
                self._all_days(pool)
            self._trouble.calm_down()
            self.replayed.unsettled = self._wait_until_settled()
        finally:
            self._stop.set()
            self.shop.stop()
            self._trouble.close()
            for till in self._tills.values():
                till.hang_up()
        return self._summed_up()

    def _summed_up(self) -> Replayed:
        replayed = self.replayed
        replayed.trouble = self._trouble.done
        for till in self._tills.values():
            counts = till.counts
            replayed.calls.update(
                {"calls": counts.calls, "unanswered": counts.failures, "continued": counts.continues}
            )
        return replayed

    # ── selling ──

    def _all_days(self, pool: ThreadPoolExecutor) -> None:
        for _, baskets in self.plan.days():
            reach(self.shop.root / CLOCK_FILE, baskets[0].at_ms)
            by_till: dict[str, list[Basket]] = defaultdict(list)
            for basket in baskets:
                by_till[basket.till].append(basket)
            days = [pool.submit(self._day_of, till, mine) for till, mine in sorted(by_till.items())]
            for day in days:
                day.result()
            self._trouble.keep_up()

    def _day_of(self, till: str, baskets: Sequence[Basket]) -> None:
        for basket in baskets:
            if not self._stop.is_set():
                self.replayed.sold.append(self._sell(till, basket))
                self.progress()

    def _sell(self, till: str, basket: Basket) -> Sold:
        sold = Sold(basket)
        self._trouble.sale_begins()
        for attempt in range(ATTEMPTS_MAX):
            uid = uid_from_bytes(digest(basket.id, f"uid {self.seed} {attempt}"))
            sold.uids.append(uid)
            try:
                sold.state = str(self._tills[till].sell(request_of(basket, uid))["state"])
            except Refused as refused:
                sold.state = f"refused by the station: {refused}"
                break
            except Stuck:
                sold.state = "stuck"
                break
            if sold.state == "done":
                break
        return sold

    # ── the end ──

    def _wait_until_settled(self) -> list[str]:
        """Wait until every till has nothing open or red, and holds all that its device has; those that do
        not come to that.
        """
        waiting = list(self.plan.tills)
        for _ in range(int(_SETTLE_S / _LOOK_S)):
            waiting = [till for till in waiting if not self._settled(till)]
            if not waiting:
                break
            threading.Event().wait(_LOOK_S)
        return waiting

    def _settled(self, till: str) -> bool:
        status, told = self._tills[till].call("GET", "/api/v1/till")
        if status != 200 or told["open"] is not None or told["reds"]:
            return False
        device: dict[str, Any] = told["control"]
        truth = self.shop.truth(f"SKO-{till.removeprefix('store-')}")
        return bool(device["state"] == "ready" and device["last_number"] == truth["last_number"])


def request_of(basket: Basket, uid: str) -> dict[str, Any]:
    """The sale as the API takes it."""
    return {
        "uid": uid,
        "kind": "cash-sale",
        "currency": CURRENCY,
        "total_minor": basket.total_minor,
        "lines": [
            {
                "goods": line.goods,
                "name": line.name,
                "quantity_milli": line.quantity_milli,
                "total_minor": line.total_minor,
            }
            for line in basket.lines
        ],
        "tenders": [{"kind": "cash", "amount_minor": basket.tendered_minor}],
    }


def not_done(sold: Iterable[Sold]) -> list[Sold]:
    """The baskets whose customers have not been told that they are sold."""
    return [one for one in sold if one.state != "done"]
