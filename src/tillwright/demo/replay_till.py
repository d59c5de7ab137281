"""One till of the replay, with the customers and the people in front of it: sells baskets, takes some back,
opens and closes its shift each day, counts the drawer blind.

What lies in the drawer is known here from the customers' side alone: the float, what they have paid, what
they were given back. A count is made of that, never of what the till says.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tillwright.demo.baskets import Basket, digest
from tillwright.demo.careful_till import CarefulTill, Refused, Stuck, says_nothing
from tillwright.demo.replay_people import Cases, Person
from tillwright.kernel.keys import uid_from_bytes
from tillwright.kernel.rules import PackRules

CURRENCY = "EUR"
FLOAT_MINOR = 500_00
ATTEMPTS_MAX = 20
"""So often a basket is rung up anew after an operation that certainly has not happened."""
BACK_IN = 24
"""Of so many baskets one comes back whole, one in part, and one is voided."""
_TRIES = 400


@dataclass(slots=True)
class Sold:
    """What became of one intent of a customer: the uids it was rung up under, and how the last one ended.

    `kind`: cash-sale, refund or void; `total_minor`: what the customer paid, or was to get back.
    """

    basket: Basket
    kind: str = "cash-sale"
    total_minor: int = 0
    uids: list[str] = field(default_factory=list)
    state: str = "never begun"

    @property
    def name(self) -> str:
        """What it is called in a report."""
        return f"{self.basket.id}" if self.kind == "cash-sale" else f"{self.kind} of {self.basket.id}"


@dataclass(slots=True)
class Till:
    """A till at work; for one thread."""

    name: str
    serial: str
    careful: CarefulTill
    person: Person
    rules: PackRules
    seed: int
    drawer_minor: int = FLOAT_MINOR
    sold: list[Sold] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """what people at the till would complain of"""

    # ── selling ──

    def sell(self, basket: Basket, case: Cases | None) -> Sold:
        """Sell it; where there is a case, so that it turns red and has to be ruled."""
        sold = Sold(basket, "cash-sale", basket.total_minor)
        self.sold.append(sold)
        self._carry_out(sold, lambda uid: sale_of(basket, uid), "", case)
        if sold.state == "done":
            self.drawer_minor += basket.total_minor
        return sold

    def take_back(self, sold: Sold, case: Cases | None) -> None:
        """Take it back, if this is one of those that come back."""
        draw = digest(sold.basket.id, "back")[0] % BACK_IN
        if sold.state != "done" or draw > 2:
            return
        kind = "void" if draw == 2 else "refund"
        lines = _lines_back(sold.basket, whole=draw != 1)
        back = Sold(sold.basket, kind, sum(line["total_minor"] for line in lines))
        self.sold.append(back)
        parent = sold.uids[-1]
        self._carry_out(back, lambda uid: return_of(uid, kind, parent, lines), kind, case)
        if back.state == "done":
            self.drawer_minor -= back.total_minor
            self._must_not_exceed(back, parent, lines)
        if case is Cases.OWED and self.person.owes(back.uids[-1]):
            self._pay_out(back)

    def _must_not_exceed(self, back: Sold, parent: str, lines: list[dict[str, Any]]) -> None:
        """The same once more is more than the sale: it must be refused."""
        uid = self._uid(back, "again", 0)
        try:
            told = self.careful.carry_out(return_of(uid, "refund", parent, lines), "refund")
        except (Refused, Stuck) as refused:
            self.counts["refused: " + str(refused).split(":")[0]] += 1
        else:
            if told["state"] == "done":
                self.wrong.append(f"{back.name} could be done twice")

    def _pay_out(self, back: Sold) -> None:
        """Hand out what is owed."""
        uid = self._uid(back, "payout", 0)
        request = {**_cash(uid, "payout", back.total_minor), "parent": back.uids[-1]}
        state = str(self.careful.carry_out(request, "payout")["state"])
        self.counts[f"payouts {state}"] += 1
        if state != "done":
            self.wrong.append(f"the payout of {back.name} is {state}")

    def _carry_out(self, sold: Sold, request_of: Any, purpose: str, case: Cases | None) -> None:
        for attempt in range(ATTEMPTS_MAX):
            uid = self._uid(sold, "uid", attempt)
            sold.uids.append(uid)
            try:
                request = request_of(uid)
                if case is not None and attempt == 0:
                    self.person.make_red_and_rule(request, purpose, case)
                sold.state = str(self.careful.carry_out(request, purpose)["state"])
            except Refused as refused:
                sold.state = f"refused by the station: {refused}"
                break
            except Stuck:
                sold.state = "stuck"
                break
            if sold.state == "done":
                break

    def _uid(self, sold: Sold, what: str, attempt: int) -> str:
        kind = "" if sold.kind == "cash-sale" else f" {sold.kind}"
        return uid_from_bytes(digest(sold.basket.id, f"{what}{kind} {self.seed} {attempt}"))

    # ── shifts ──

    def open_shift(self) -> None:
        """Open the day's shift, with a float in the drawer."""
        if not self.rules.shifts:
            return
        for attempt in range(ATTEMPTS_MAX):
            told = self._look()
            if told["shift"] is not None:
                break
            number = int(told["last_shift"]) + 1
            request = _shift(self._shift_uid("open", number, attempt), "shift-open", number)
            if self._moves(request) == "done":
                self.counts["shifts opened"] += 1
        if not self.drawer_minor:
            self._move("cash-in", FLOAT_MINOR, "float")

    def close_shift(self) -> None:
        """Count blind, withdraw what is above the float (all, where the pack says so), close."""
        if not self.rules.shifts:
            return
        told = self._look()
        if told["shift"] is None:
            self.wrong.append(f"{self.name} has no shift to close")
            return
        number = int(told["shift"])
        count = self._count_blind(number)
        left_minor = 0 if self.rules.withdraw_before_close else FLOAT_MINOR
        self._move("cash-out", max(0, self.drawer_minor - left_minor), "bank")
        for attempt in range(ATTEMPTS_MAX):
            request = {**_shift(self._shift_uid("close", number, attempt), "shift-close", number)}
            if self._moves({**request, "count": count}) == "done":
                self.counts["shifts closed"] += 1
                return
        self.wrong.append(f"shift {number} of {self.name} does not close")

    def _shift_uid(self, what: str, number: int, attempt: int) -> str:
        return uid_from_bytes(digest(number, f"{what} {self.name} {self.seed} {attempt}"))

    def _moves(self, request: Mapping[str, Any]) -> str:
        return str(self.careful.carry_out(request, str(request["kind"]))["state"])

    def _move(self, kind: str, amount_minor: int, reason: str) -> None:
        """Put money in, or take it out."""
        sign = 1 if kind == "cash-in" else -1
        for attempt in range(ATTEMPTS_MAX if amount_minor else 0):
            chance = digest(self.counts[kind], f"{kind} {self.name} {self.seed} {attempt}")
            request = {**_cash(uid_from_bytes(chance), kind, amount_minor), "reason": reason}
            if self._moves(request) == "done":
                self.counts[kind] += 1
                self.drawer_minor += sign * amount_minor
                return
        if amount_minor:
            self.wrong.append(f"{kind} of {amount_minor} at {self.name} does not succeed")

    # ── counting ──

    def _count_blind(self, shift: int) -> str:
        """Count what is in the drawer; the count's uid."""
        before = len(self._counts_of(shift))
        self._insist("/api/v1/till/count/open", {})
        self._peek()
        pieces = [{"value_minor": value, "count": many} for value, many in self._denominations() if many]
        stored: dict[str, Any] = {}
        for _ in range(_TRIES):
            status, told = self.careful.call(
                "POST", "/api/v1/till/count", json.dumps({"denominations": pieces}).encode()
            )
            if status == 201:
                stored = told
                break
            counts = self._counts_of(shift)
            if len(counts) > before:
                stored = counts[-1]
                break
            self._pause()
        if stored.get("difference_minor") != 0:
            self.wrong.append(
                f"{self.name}, shift {shift}: counted {self.drawer_minor}, expected "
                f"{stored.get('expected_minor')}"
            )
        return str(stored.get("uid", ""))

    def _peek(self) -> None:
        """While it is counted nobody is told what should be there."""
        for path, names in (
            ("/api/v1/till", ("drawer_minor",)),
            ("/api/v1/till/cash", ("drawer_minor", "book_minor", "device_minor", "shift_minor")),
        ):
            status, told = self.careful.call("GET", path)
            if status == 200 and any(told.get(name) is not None for name in names):
                self.wrong.append(f"{path} tells what should be in the drawer of {self.name}")

    def _denominations(self) -> list[tuple[int, int]]:
        left, found = self.drawer_minor, []
        currency = self.rules.currency(CURRENCY)
        for value in currency.denominations_minor if currency is not None else ():
            many, left = divmod(left, value)
            found.append((value, many))
        return found

    def _counts_of(self, shift: int) -> list[dict[str, Any]]:
        for _ in range(_TRIES):
            status, told = self.careful.call("GET", f"/api/v1/shifts/{shift}")
            if status == 200:
                return sorted(told["counts"], key=lambda count: int(count["at_ms"]))
            self._pause()
        raise Stuck(self.name)

    # ── calls ──

    def _look(self) -> dict[str, Any]:
        for _ in range(_TRIES):
            status, told = self.careful.call("GET", "/api/v1/till")
            if status == 200 and told["open"] is None:
                return told
            self._pause()
        raise Stuck(self.name)

    def _insist(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        for _ in range(_TRIES):
            status, told = self.careful.call("POST", path, json.dumps(body).encode())
            if 200 <= status < 300:
                return told
            if not says_nothing(status, told) and told.get("code") != "till.operation-open":
                raise Refused(f"{status} {told.get('code')}: {told.get('detail')}")
            self._pause()
        raise Stuck(path)

    def _pause(self) -> None:
        if self.careful.stop.is_set():
            raise Stuck(self.name)
        self.careful.pause()


# ── requests ────────────────────────────────────────────────────────────────────────────────────────────────


def sale_of(basket: Basket, uid: str) -> dict[str, Any]:
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


def return_of(uid: str, kind: str, parent: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """A refund or a void as the API takes it."""
    total_minor = sum(line["total_minor"] for line in lines)
    return {
        **_cash(uid, kind, total_minor),
        "parent": parent,
        "lines": lines,
        "reason": "not-wanted" if kind == "refund" else "mistake",
    }


def _lines_back(basket: Basket, *, whole: bool) -> list[dict[str, Any]]:
    """All lines; or the dearest one that was a quantity of something."""
    lines: list[dict[str, Any]] = [
        {
            "goods": line.goods,
            "quantity_milli": line.quantity_milli,
            "total_minor": line.total_minor,
            "of": number,
        }
        for number, line in enumerate(basket.lines, start=1)
    ]
    some = [line for line in lines if line["quantity_milli"] > 0 and line["total_minor"] > 0]
    return lines if whole or not some else [max(some, key=lambda line: int(line["total_minor"]))]


def _cash(uid: str, kind: str, total_minor: int) -> dict[str, Any]:
    return {
        "uid": uid,
        "kind": kind,
        "currency": CURRENCY,
        "total_minor": total_minor,
        "tenders": [{"kind": "cash", "amount_minor": total_minor}],
    }


def _shift(uid: str, kind: str, number: int) -> dict[str, Any]:
    return {"uid": uid, "kind": kind, "currency": CURRENCY, "total_minor": 0, "shift": number}
