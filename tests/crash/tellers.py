"""For the tests that kill a station at operations of every kind: the shop, the teller's process, and what is
asked of it. A teller (tests/crash/teller.py) is a whole station but for its pages, so it is up in a moment.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.crash.selling import QUIET
from tillwright.demo.shop import Shop, ShopOptions, shop_tills
from tillwright.kernel.keys import uid_from_bytes
from tillwright.machine import sqlite
from tillwright.operations.guards import Request
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Content, Line, Tender

TILL, CURRENCY, FLOAT_MINOR = "till-1", "EUR", 1_000_00
REPOSITORY = Path(__file__).parents[2]
PRICE_MINOR = 500

_numbers = itertools.count(1)
_END_S = 10.0


class Died(Exception):
    """The teller's process is gone, and has not answered."""


def _shift_open() -> Request:
    content = Content(CURRENCY, 0, (), (), shift=1)
    return Request(uid_from_bytes(next(_numbers).to_bytes(16, "big")), TILL, "shift-open", "program", content)


class Teller:
    """The teller's process in a shop whose twins run; not for two threads at once."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._process: subprocess.Popen[str] | None = None
        self._opened = False

    def start(self) -> None:
        """Start it, and wait until it has recovered."""
        with (self.shop.root / "teller.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.teller", str(self.shop.station_file)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=REPOSITORY,
            )  # fmt: skip
        assert self._hear() == {"ready": True}
        if not self._opened:
            self._opened = True
            self.do(_shift_open())

    def be_there(self) -> None:
        """Start it if it is gone."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def begin_the_log_anew(self) -> None:
        """Put the write-ahead log into the database, and begin the next one with an ordinary sale: from then
        on it only grows, for much longer than one operation.
        """
        connection = sqlite.connect(self.shop.journal_file)
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        connection.close()
        assert busy == 0
        self.do(cash_sale(self))
        assert self.ask(None) == {"quiet": True}

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def ask(self, request: Request | None) -> dict[str, Any]:
        """Have an operation begun; how it stands when it has ended. None: when all is quiet. Raises Died."""
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(msgspec.json.encode(request).decode() + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Died from None
        return self._hear()

    def do(self, request: Request) -> None:
        """The same, for what must be done."""
        told = self.ask(request)
        assert told.get("state") == "done", f"{request.kind}: {told}"

    def _hear(self) -> dict[str, Any]:
        """The next answer; what stands between is its log."""
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise Died

    def ended(self) -> int:
        """Wait until it is gone; its exit code."""
        assert self._process is not None
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        return self._process.wait(_END_S)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self.ended()


@contextmanager
def teller_at_work(root: Path) -> Iterator[Teller]:
    """A shop of one till: the twins' process and the teller's."""
    options = {**QUIET, "tills": shop_tills(1, currency=CURRENCY, float_minor=FLOAT_MINOR)}
    shop = Shop(root, ShopOptions(**options))
    teller = Teller(shop)
    try:
        shop.seed()
        shop.start_twins()
        shop.put_floats()
        teller.start()
        yield teller
    finally:
        teller.kill()
        shop.stop()


# ── both books ──────────────────────────────────────────────────────────────────────────────────────────────

_SIGNS = {"sale": 1, "deposit": 1, "refund": -1, "annulment": -1, "withdrawal": -1}


@dataclass(frozen=True, slots=True)
class Books:
    """What both books say: kind of document and sum by leg, the sum in the drawer."""

    documents: frozenset[tuple[str, str, int]]
    drawer_minor: int


def journal_books(shop: Shop) -> Books:
    """By the journal: of every operation that is done, the document that there must be."""
    journal = sqlite.connect(shop.journal_file, read_only=True)
    done = journal.execute("SELECT uid, kind, total_minor FROM operation WHERE state = 'done'").fetchall()
    drawer = "SELECT amount_minor FROM balance WHERE till = ? AND account = 'drawer'"
    drawer_minor = journal.execute(drawer, (TILL,)).fetchone()[0]
    journal.close()
    kinds = {name: kind.device_document for name, kind in KINDS.items()}
    documents = {(uid, kinds[kind], total_minor) for uid, kind, total_minor in done if kinds[kind]}
    return Books(_asked(documents), drawer_minor)


def device_books(shop: Shop) -> Books:
    """By the device."""
    device = sqlite.connect(shop.truth_file, read_only=True)
    rows = device.execute("SELECT key, kind, total_minor FROM document").fetchall()
    device.close()
    assert len({key for key, _, _ in rows}) == len(rows), "the device holds one leg twice"
    documents = {(key.rpartition(".")[0], kind, total_minor) for key, kind, total_minor in rows}
    return Books(_asked(documents), sum(_SIGNS.get(kind, 0) * minor for _, kind, minor in rows))


def _asked(documents: set[tuple[str, str, int]]) -> frozenset[tuple[str, str, int]]:
    """All but the float, which the till has learnt of from the device."""
    asked = {one for one in documents if one[0].startswith("00000000-")}
    assert len(documents - asked) == 1, "there is more than the float that nobody has asked for"
    return frozenset(asked)


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────


def _request(kind: str, content: Content) -> Request:
    uid = uid_from_bytes((1_000_000 + next(_numbers)).to_bytes(16, "big"))
    return Request(uid, TILL, kind, "7", content, (), "administrator")


def _cash(amount_minor: int = PRICE_MINOR) -> tuple[Tender, ...]:
    return (Tender("cash", amount_minor),)


def cash_sale(_teller: Teller) -> Request:
    lines = (Line("TEA", "Tea", 1_000, PRICE_MINOR),)
    return _request("cash-sale", Content(CURRENCY, PRICE_MINOR, lines, _cash()))


def refund(teller: Teller) -> Request:
    sale = cash_sale(teller)
    teller.do(sale)
    lines = (Line("TEA", "Tea", 1_000, PRICE_MINOR, None, 1),)
    return _request(
        "refund", Content(CURRENCY, PRICE_MINOR, lines, _cash(), parent=sale.uid, reason="defective")
    )


def void(teller: Teller) -> Request:
    sale = cash_sale(teller)
    teller.do(sale)
    lines = (Line("TEA", "Tea", 1_000, PRICE_MINOR, None, 1),)
    return _request("void", Content(CURRENCY, PRICE_MINOR, lines, _cash(), parent=sale.uid, reason="mistake"))


def cash_in(_teller: Teller) -> Request:
    return _request("cash-in", Content(CURRENCY, PRICE_MINOR, (), _cash(), reason="change"))


def cash_out(_teller: Teller) -> Request:
    return _request("cash-out", Content(CURRENCY, PRICE_MINOR, (), _cash(), reason="bank"))


ASKED: dict[str, Callable[[Teller], Request]] = {
    "cash-sale": cash_sale,
    "refund": refund,
    "void": void,
    "cash-in": cash_in,
    "cash-out": cash_out,
}
"""Kind → a request that nobody has made yet, with all that has to go before it done."""
