"""The replay itself: real baskets, through the real API, at stores whose devices and processes misbehave.

All stores stand in one station process with two tills each. That is harder for it than a station a store:
one writer serves all tills at once, and each kill strikes up to eight operations in the middle. The first
device of each store delivers to the operator itself, the second leaves that to its till.

The shop lives in the data's own time. Its clock is a file; each day begins at the time of its first basket,
when nothing is in progress, and passes fast enough that a minute's question takes seconds. Within the day
each till opens its shift, sells its baskets in their order, takes some of them back, and closes, all tills at
once. Now and then a device is made to keep silent, until a person rules from the operator's cabinet.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tillwright.demo.baskets import Basket, BasketPlan
from tillwright.demo.careful_till import CarefulTill, Refused, Stuck
from tillwright.demo.replay_people import Cases, Person, Ruled
from tillwright.demo.replay_till import CURRENCY, FLOAT_MINOR, Sold, Till
from tillwright.demo.shop import Shop, ShopOptions, ShopTill
from tillwright.demo.trouble import Done, Profile, Trouble
from tillwright.machine.clocks import FileClock, move_clock

RATE = 20
"""Seconds of the shop in one real second: a question of a minute takes three seconds, an answer that is
waited for for three seconds 150 ms, which is still many times what a device needs.
"""
CLOCK_FILE = "clock.json"
LEAST_RULED = 20
"""So many red operations are ruled at least, where there are baskets enough for that."""

_SETTLE_S = 180.0
_LOOK_S = 0.2


def ruled_wanted(baskets: int) -> int:
    """How many red operations have to be ruled among so many baskets."""
    return min(LEAST_RULED, baskets // 10)


@dataclass(slots=True)
class Replayed:
    """All that is known on the customers' side of the counter."""

    plan: BasketPlan
    sold: list[Sold] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    trouble: Done = field(default_factory=Done)
    unsettled: list[str] = field(default_factory=list)
    ruled: Ruled = field(default_factory=Ruled)
    counts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


def open_shop(folder: Path, plan: BasketPlan) -> Shop:
    """The stores' shop in an empty folder, its clock at the first basket's time."""
    tills = tuple(
        ShopTill(till, till, CURRENCY, serial_of(till), FLOAT_MINOR, uplink=till.endswith("-1"))
        for till in plan.tills
    )
    options = ShopOptions(
        tills=tills, name="Complete Journey", open_goods=True, clock=CLOCK_FILE, open_shifts=False
    )
    shop = Shop(folder, options)
    reach(folder / CLOCK_FILE, plan.baskets[0].at_ms)
    return shop


def serial_of(till: str) -> str:
    """The serial of a till's device."""
    return f"SKO-{till.removeprefix('store-')}"


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
        self._cases = _CasePlan(len(plan.baskets), self.replayed.ruled)
        self._tills = {till: self._till(till) for till in plan.tills}

    def _till(self, name: str) -> Till:
        careful = CarefulTill(self.shop.url, self.shop.tokens[name], self._stop)
        serial, calm = serial_of(name), self._trouble.arm_device
        person = Person(self.shop, name, serial, careful, self.replayed.ruled, calm)
        return Till(name, serial, careful, person, self.shop.options.rules, self.seed)

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
                till.careful.hang_up()
        return self._summed_up()

    def _summed_up(self) -> Replayed:
        replayed = self.replayed
        replayed.trouble = self._trouble.done
        for till in self._tills.values():
            counts = till.careful.counts
            replayed.calls.update(
                {"calls": counts.calls, "unanswered": counts.failures, "continued": counts.continues}
            )
            replayed.counts.update(till.counts)
            replayed.sold += till.sold
            replayed.complaints += till.wrong
        return replayed

    # ── selling ──

    def _all_days(self, pool: ThreadPoolExecutor) -> None:
        for _, baskets in self.plan.days():
            reach(self.shop.root / CLOCK_FILE, baskets[0].at_ms)
            by_till: dict[str, list[Basket]] = defaultdict(list)
            for basket in baskets:
                by_till[basket.till].append(basket)
            days = [pool.submit(self._day_of, self._tills[till], by_till[till]) for till in sorted(by_till)]
            for day in days:
                day.result()
            self._trouble.keep_up()

    def _day_of(self, till: Till, baskets: Sequence[Basket]) -> None:
        try:
            till.open_shift()
            for basket in baskets:
                if not self._stop.is_set():
                    self._trouble.sale_begins()
                    self._serve(till, basket)
                    self.progress()
            till.close_shift()
        except (Refused, Stuck) as error:
            till.wrong.append(f"{till.name}: {type(error).__name__} {error}")

    def _serve(self, till: Till, basket: Basket) -> None:
        away = self._trouble.operator_away
        sold = till.sell(basket, None if away else self._cases.next_sale(till.name))
        till.take_back(sold, None if away else self._cases.next_return(till.name))

    # ── the end ──

    def _wait_until_settled(self) -> list[str]:
        """Wait until every till has nothing open or red, and holds all that its device has, the operator has
        it too, and every ruling was checked; those that do not come to that.
        """
        waiting = list(self.plan.tills)
        for _ in range(int(_SETTLE_S / _LOOK_S)):
            waiting = [till for till in waiting if not self._settled(self._tills[till])]
            if not waiting:
                break
            threading.Event().wait(_LOOK_S)
        return waiting

    def _settled(self, till: Till) -> bool:
        status, told = till.careful.call("GET", "/api/v1/till")
        if status != 200 or told["open"] is not None or told["reds"]:
            return False
        last_number = self.shop.truth(till.serial)["last_number"]
        device = told["control"]
        if device["state"] != "ready" or device["last_number"] != last_number:
            return False
        delivered = self.shop.operator_now()["last_numbers"].get(till.serial, 0) == last_number
        return delivered and told["undelivered_count"] == 0 and not self._unchecked(till)

    def _unchecked(self, till: Till) -> bool:
        own = {uid for sold in till.sold for uid in sold.uids}
        return any(till.person.unchecked(uid) for uid in self.replayed.ruled.rulings if uid in own)


class _CasePlan:
    """Which operation is to be ruled in which way: every few of each till, until there are enough."""

    def __init__(self, baskets: int, ruled: Ruled) -> None:
        self._ruled = ruled
        self._every = max(1, min(8, baskets // 80))
        each = -(-ruled_wanted(baskets) // 4) + 1
        self._wanted = {
            Cases.HAPPENED: 2 * each, Cases.REGISTER_NOW: each, Cases.RETURNED: each, Cases.OWED: 2,
        }  # fmt: skip
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def next_sale(self, till: str) -> Cases | None:
        """The case of the next sale; only a device with a line of its own delivers what it keeps silent
        about.
        """
        with self._lock:
            self._seen[till] += 1
            if self._seen[till] % self._every:
                return None
        ways = (Cases.REGISTER_NOW, Cases.RETURNED)
        return self._most_wanted((Cases.HAPPENED, *ways) if till.endswith("-1") else ways)

    def next_return(self, till: str) -> Cases | None:
        """The case of the next operation that takes something back."""
        return self._most_wanted((Cases.OWED,)) if till.endswith("-1") else None

    def _most_wanted(self, ways: Iterable[Cases]) -> Cases | None:
        with self._ruled.lock:
            left = {case: self._wanted[case] - self._ruled.count(case) for case in ways}
        case = max(left, key=lambda one: left[one])
        return case if left[case] > 0 else None


def not_done(sold: Iterable[Sold]) -> list[Sold]:
    """The baskets whose customers have not been told that they are sold."""
    return [one for one in sold if one.state != "done"]
