"""For the tests that kill a station at operations of every kind: a request of each, with all that has to go
before it done: a shift closed or counted, a device that counts wrongly, a refund that is owed.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.crash.teller import PERSON, ROLE
from tests.crash.tellers import CURRENCY, TILL, Teller
from tillwright.kernel.keys import uid_from_bytes
from tillwright.machine import sqlite
from tillwright.machine.clocks import move_clock
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Line, Tender
from tillwright.operations.rulings import Ruling

PRICE_MINOR, MISCOUNT_MINOR = 500, 32

_numbers = itertools.count(1)
_QUICK = 20
"""So many times as fast the shop's clock goes while nobody is to know of a refund."""
_LOOK_S = 0.02
_LOOKS = 500
_TRIES = 5


def _request(kind: str, content: Content) -> Request:
    uid = uid_from_bytes(next(_numbers).to_bytes(16, "big"))
    return Request(uid, TILL, kind, PERSON, content, (), ROLE)


def _cash(amount_minor: int = PRICE_MINOR) -> tuple[Tender, ...]:
    return (Tender("cash", amount_minor),)


# ── sales, and what takes them back ─────────────────────────────────────────────────────────────────────────


def cash_sale(_teller: Teller) -> Request:
    lines = (Line("TEA", "Tea", 1_000, PRICE_MINOR),)
    return _request("cash-sale", Content(CURRENCY, PRICE_MINOR, lines, _cash()))


def refund(teller: Teller) -> Request:
    return _request("refund", _taken_back(teller, "defective"))


def void(teller: Teller) -> Request:
    return _request("void", _taken_back(teller, "mistake"))


def _taken_back(teller: Teller, reason: str) -> Content:
    sale = cash_sale(teller)
    teller.do(sale)
    lines = (Line("TEA", "Tea", 1_000, PRICE_MINOR, None, 1),)
    return Content(CURRENCY, PRICE_MINOR, lines, _cash(), parent=sale.uid, reason=reason)


def cash_in(_teller: Teller) -> Request:
    return _request("cash-in", Content(CURRENCY, PRICE_MINOR, (), _cash(), reason="change"))


def cash_out(_teller: Teller) -> Request:
    return _request("cash-out", Content(CURRENCY, PRICE_MINOR, (), _cash(), reason="bank"))


# ── shifts ──────────────────────────────────────────────────────────────────────────────────────────────────


def shift_open(teller: Teller) -> Request:
    """In a till whose shift has just been closed."""
    teller.do(shift_close(teller))
    return next_shift(teller)


def next_shift(teller: Teller) -> Request:
    """Opens the next shift of a till that has none open."""
    number = teller.ask("release")["last_shift"] + 1
    return _request("shift-open", Content(CURRENCY, 0, (), (), shift=number))


def shift_close(teller: Teller) -> Request:
    """In a till whose cash has been counted blind."""
    counted = teller.ask("count", denominations={PRICE_MINOR: 3})
    content = Content(CURRENCY, 0, (), (), shift=counted["shift"], count=counted["count"])
    return _request("shift-close", content)


# ── what has no leg ─────────────────────────────────────────────────────────────────────────────────────────


def correction(teller: Teller) -> Request:
    """In a till that is held, of which the device has counted wrongly."""
    teller.shop.order(teller.serial, "miscount", {"amount_minor": MISCOUNT_MINOR})
    held = teller.ask("hold")
    content = Content(
        CURRENCY, held["difference_minor"], (), (), reason="unexplained", after=held["device_number"]
    )
    return _request("correction", content)


def payout(teller: Teller) -> Request:
    """Of a refund that the device has registered and nobody knew of, and whose money was not handed out."""
    owed = refund(teller)
    _arm(teller, {"fault": "commit_drop_answer", "next": 1, "only": ["register"]})
    teller.ask("only begin", request=owed)
    document = _document_of(teller, owed.uid)
    _arm(teller, {"fault": "refuse_connections", "always": True})
    with _quick(teller):
        teller.ask("until red", request=owed)
    _rule_owed(teller, owed, document)
    _arm(teller, {"off": True})
    with _quick(teller):  # it connects again after a while
        teller.ask("be quiet")
    return _request("payout", Content(CURRENCY, PRICE_MINOR, (), _cash(), parent=owed.uid))


def _arm(teller: Teller, fault: dict[str, Any]) -> None:
    teller.shop.order(teller.serial, "faults", fault)


@contextmanager
def _quick(teller: Teller) -> Iterator[None]:
    """Time passes quickly in the shop meanwhile."""
    move_clock(teller.clock_file, rate=_QUICK)
    try:
        yield
    finally:
        move_clock(teller.clock_file, rate=1)


def _rule_owed(teller: Teller, owed: Request, document: dict[str, Any]) -> None:
    """A person rules, and looks again if the device has been asked once more meanwhile."""
    told: dict[str, Any] = {}
    for _ in range(_TRIES):
        red = teller.ask("until red", request=owed)
        assert red["state"] == "red", red
        ruling = Ruling(owed.uid, 1, red["version"], True, "owed", PERSON, "", "cash-was-counted", **document)
        told = teller.ask("rule", ruling=ruling)
        if told.get("fault") != "till.ruling-stale":
            break
    assert (told.get("state"), told.get("owed")) == ("done", True), told


def _document_of(teller: Teller, uid: str) -> dict[str, Any]:
    """What a person reads off the device's document, once there is one."""
    query = "SELECT number, at_ms, unique_number FROM document WHERE key LIKE ? || '.%'"
    device, pause = sqlite.connect(teller.shop.truth_file, read_only=True), threading.Event()
    try:
        for _ in range(_LOOKS):
            row = device.execute(query, (uid,)).fetchone()
            if row is not None:
                return dict(zip(("document_number", "registered_ms", "unique_number"), row, strict=True))
            pause.wait(_LOOK_S)
    finally:
        device.close()
    raise AssertionError("the device has not registered the refund")


ASKED: dict[str, Callable[[Teller], Request]] = {
    "cash-sale": cash_sale,
    "refund": refund,
    "void": void,
    "cash-in": cash_in,
    "cash-out": cash_out,
    "shift-open": shift_open,
    "shift-close": shift_close,
    "payout": payout,
    "correction": correction,
}
"""Kind → a request that nobody has made yet, in a till with an open shift that nothing holds."""


def next_request(teller: Teller, kind: str) -> Request:
    """A request of this kind for the till as it is after whatever has happened. What is written from now on
    is written at the end of the journal's log, and nothing is written until something is asked.

    The log goes into the database, and the next one begins with an ordinary sale: from then on it only grows,
    for much longer than what is asked here.
    """
    if not teller.ask("release")["shift"]:
        teller.do(next_shift(teller))
    teller.begin_the_log_anew()
    teller.do(cash_sale(teller))
    request = ASKED[kind](teller)
    assert teller.ask("be quiet") == {"quiet": True}
    return request
