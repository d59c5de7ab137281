"""For the tests that kill a station at operations of every kind: the shop, the teller's process, and what
both books say. A teller (tests/crash/teller.py) is a whole station but for its pages: it is up in a moment.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.crash.selling import QUIET
from tests.crash.teller import Asked
from tillwright.demo.shop import Shop, ShopOptions, shop_tills
from tillwright.machine import sqlite
from tillwright.machine.clocks import move_clock
from tillwright.operations.guards import Request
from tillwright.operations.kinds import KINDS

TILL, CURRENCY, FLOAT_MINOR = "till-1", "EUR", 1_000_00
REPOSITORY = Path(__file__).parents[2]

_END_S = 60.0


class Died(Exception):
    """The teller's process is gone, and has not answered."""


class Teller:
    """The teller's process in a shop whose twins run; not for two threads at once. `threads`: name → the
    system's number of it, as a tracer wants it.
    """

    def __init__(self, shop: Shop, clock_file: Path) -> None:
        self.shop = shop
        self.clock_file = clock_file
        self.threads: dict[str, int] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it has recovered."""
        with (self.shop.root / "teller.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.teller", str(self.shop.station_file)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=REPOSITORY,
            )  # fmt: skip
        ready = self._hear()
        assert ready["ready"]
        self.threads = ready["threads"]

    def be_there(self) -> None:
        """Start it if it is gone."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def begin_the_log_anew(self) -> None:
        """Put the write-ahead log into the database, so that the next write begins it."""
        assert self.ask("be quiet") == {"quiet": True}
        connection = sqlite.connect(self.shop.journal_file)
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        connection.close()
        assert busy == 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def serial(self) -> str:
        """Of the device."""
        return self.shop.options.tills[0].serial

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """Have something done (what, see the teller), and hear what has come of it. Raises Died."""
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(msgspec.json.encode(Asked(do, TILL, **more)).decode() + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Died from None
        return self._hear()

    def do(self, request: Request) -> None:
        """Have an operation done."""
        told = self.ask("operate", request=request)
        assert told.get("state") == "done", f"{request.kind}: {told}"

    def _hear(self) -> dict[str, Any]:
        """The next answer."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith("\n"):
            raise Died
        answer: dict[str, Any] = json.loads(line)
        return answer

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
    tills, clock_file = shop_tills(1, currency=CURRENCY, float_minor=FLOAT_MINOR), root / "clock.json"
    move_clock(clock_file)
    shop = Shop(root, ShopOptions(**{**QUIET, "tills": tills, "clock": str(clock_file)}))
    teller = Teller(shop, clock_file)
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
    """What both books say. `documents`: uid, kind and sum of each operation's; `over_short_minor`: what has
    been booked against a device that counts wrongly; `owed_minor`: to customers; `shift`: the newest, and
    whether it is open.
    """

    documents: frozenset[tuple[str, str, int]]
    drawer_minor: int
    over_short_minor: int
    owed_minor: int
    shift: tuple[int, bool]


def journal_books(shop: Shop) -> Books:
    """By the journal: of every operation that is done, the document that there must be."""
    journal = sqlite.connect(shop.journal_file, read_only=True)
    done = journal.execute("SELECT uid, kind, total_minor FROM operation WHERE state = 'done'").fetchall()
    balances = dict(journal.execute("SELECT account, amount_minor FROM balance WHERE till = ?", (TILL,)))
    newest = "SELECT number, state = 'open' FROM shift WHERE till = ? ORDER BY number DESC LIMIT 1"
    number, is_open = journal.execute(newest, (TILL,)).fetchone()
    journal.close()
    kinds = {name: kind.device_document for name, kind in KINDS.items()}
    documents = {(uid, kinds[kind], total_minor) for uid, kind, total_minor in done if kinds[kind]}
    return Books(
        _asked(documents), balances["drawer"], balances.get("over-short", 0), balances.get("owed", 0),
        (number, bool(is_open)),
    )  # fmt: skip


def device_books(shop: Shop) -> Books:
    """By the device, if nothing is owed and all of its miscounts have been corrected."""
    device = sqlite.connect(shop.truth_file, read_only=True)
    rows = device.execute("SELECT key, kind, total_minor, shift FROM document ORDER BY number").fetchall()
    wrong_minor = device.execute("SELECT coalesce(sum(amount_minor), 0) FROM miscount").fetchone()[0]
    device.close()
    assert len({key for key, *_ in rows}) == len(rows), "the device holds one leg twice"
    documents = {(key.rpartition(".")[0], kind, total_minor) for key, kind, total_minor, _ in rows}
    cash_minor = sum(_SIGNS.get(kind, 0) * minor for _, kind, minor, _ in rows)
    _, last, _, number = [row for row in rows if row[1] in ("shift-open", "shift-close")][-1]
    return Books(_asked(documents), cash_minor + wrong_minor, -wrong_minor, 0, (number, last == "shift-open"))


def _asked(documents: set[tuple[str, str, int]]) -> frozenset[tuple[str, str, int]]:
    """All but the float, which the till has learnt of from the device."""
    asked = {one for one in documents if one[0].startswith("00000000-")}
    assert len(documents - asked) == 1, "there is more than the float that nobody has asked for"
    return frozenset(asked)
