"""Trouble for a shop at work: devices that misbehave, and processes that are killed at random moments.

Faults are armed through the twins' control endpoint, with a rate each, and again and again as one-shots in
turn, so that none is left to luck. The operator misbehaves too, and is out of reach for a good part of the
time, so that documents pile up. Processes die by SIGKILL: the station's worker alone, or the station with its
server, or the twins. Between two kills the shop comes up again, so that each one strikes work.

A device that delivers to the operator itself is never put back to an old backup here: a document that it has
delivered and then forgotten, before its till has read it, nobody could hand back to it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from tillwright.demo.processes import NotReady, wait_until_ready
from tillwright.demo.shop import Shop
from tillwright.parties.faulting import FAULTS

OPERATOR = "operator"
BACKUP = "restored_backup"
_READY_S = 60.0
_LOOK_S = 0.05
_OUTAGE = ("operator away", "operator back")
_SPARED = 20
"""So many sales at the end see no kill, in a short replay too: time enough for what was red to be ruled."""
_LATEST_S = 0.06
"""A kill comes up to so long after the sale that it waited for has begun."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How much trouble. `rates`: fault → the order that arms it. `kills`: how often the station is killed in
    so many sales, but at least `least_kills` times; likewise the twins.
    """

    name: str
    rates: Mapping[str, Mapping[str, Any]]
    one_shots: bool = False
    sales_a_kill: int = 0
    least_kills: int = 0
    sales_a_twins_kill: int = 0
    operator_rates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outage: tuple[float, float] = (0.35, 0.6)
    """from which to which part of the sales the operator is out of reach"""

    def kills(self, sales: int) -> int:
        """How often the station is killed in so many sales."""
        return max(self.least_kills, sales // self.sales_a_kill) if self.sales_a_kill else 0

    def twins_kills(self, sales: int) -> int:
        """How often the twins are."""
        return max(2, sales // self.sales_a_twins_kill) if self.sales_a_twins_kill else 0


CALM = Profile(
    "calm",
    {
        "refuse_connections": {"probability": 0.05},
        "silent": {"probability": 0.002},
        "answer_late": {"probability": 0.003},
        "answer_twice": {"probability": 0.005},
        "commit_drop_answer": {"probability": 0.005},
        "drop_request_close": {"probability": 0.002},
        "slow_bytes": {"probability": 0.005},
    },
    operator_rates={"commit_drop_answer": {"probability": 0.01}, "silent": {"probability": 0.005}},
)
ROUGH = Profile(
    "rough",
    {
        "refuse_connections": {"probability": 0.2},
        "silent": {"probability": 0.01},
        "deliver_late": {"probability": 0.01},
        "answer_late": {"probability": 0.01},
        "answer_twice": {"probability": 0.02},
        "garbage": {"probability": 0.01},
        "commit_drop_answer": {"probability": 0.02},
        "drop_request_close": {"probability": 0.01},
        "slow_bytes": {"probability": 0.01},
        "crash": {"probability": 0.005},
        "clock_off": {"probability": 0.003},
        "restored_backup": {"probability": 0.005},
    },
    one_shots=True,
    sales_a_kill=100,
    least_kills=12,
    sales_a_twins_kill=400,
    operator_rates={
        "refuse_connections": {"probability": 0.1},
        "silent": {"probability": 0.02},
        "deliver_late": {"probability": 0.01},
        "answer_late": {"probability": 0.02},
        "answer_twice": {"probability": 0.02},
        "garbage": {"probability": 0.02},
        "commit_drop_answer": {"probability": 0.03},
        "drop_request_close": {"probability": 0.02},
        "slow_bytes": {"probability": 0.02},
        "crash": {"probability": 0.005},
    },
)
PROFILES = {profile.name: profile for profile in (CALM, ROUGH)}


@dataclass(slots=True)
class Done:
    """What has really been done to the shop."""

    station_kills: int = 0
    twins_kills: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    operator_struck: Counter[str] = field(default_factory=Counter)
    undelivered_most: int = 0
    """documents that the operator lacked at the end of its absence"""


class Trouble(threading.Thread):
    """Makes trouble as sales go by: `sale_begins` is called for each, `calm_down` at the end."""

    def __init__(
        self, shop: Shop, profile: Profile, sales: int, chance: Random, failed: threading.Event
    ) -> None:
        """`failed` is set when trouble cannot be made any more: then the tills need not wait either."""
        super().__init__(name="trouble", daemon=True)
        self._failed = failed
        self.shop = shop
        self.profile = profile
        self.done = Done()
        self.error: Exception | None = None
        self._chance = chance
        self._begun = 0
        self._wake = threading.Condition()
        self._ending = self._finished = self._closed = False
        self._worked_off = 0
        self._plan = self._make_plan(sales)
        self._shots = 0
        self.operator_away = False

    def _make_plan(self, sales: int) -> list[tuple[int, str]]:
        """(after how many sales, what), in order."""
        profile, chance = self.profile, self._chance
        kills = ["kill"] * profile.kills(sales) + ["twins"] * profile.twins_kills(sales)
        # A kill comes early enough for the shop to come up again in front of more sales.
        spared = max(sales // 20, _SPARED)
        plan = [(1 + chance.randrange(max(1, sales - spared)), what) for what in kills]
        steps = 4 * len(FAULTS) if profile.one_shots else 0
        plan += [(1 + sales * step // steps, "shoot") for step in range(steps)]
        plan += [(1 + int(sales * part), what) for part, what in zip(profile.outage, _OUTAGE, strict=True)]
        return sorted(plan)

    # ── called by the tills ──

    def sale_begins(self) -> None:
        """One more sale is about to be made."""
        with self._wake:
            self._begun += 1
            self._wake.notify_all()

    def keep_up(self, timeout_s: float = 2 * _READY_S) -> None:
        """Wait until all trouble that is due has been made. Raises what has gone wrong in making it."""

        def done() -> bool:
            due = sum(after <= self._begun for after, _ in self._plan)
            return self._worked_off >= due or self._finished

        with self._wake:
            self._wake.wait_for(done, timeout_s)
        if self.error is not None:
            raise self.error

    # ── the thread ──

    def run(self) -> None:
        """Work the plan off, then stay until `close`: for the system this thread is the parent of the
        processes that it has started, and those end with their parent.
        """
        try:
            self.arm()
            for after, what in self._plan:
                if not self._wait_for(after):
                    break
                self._do(what)
                with self._wake:
                    self._worked_off += 1
                    self._wake.notify_all()
        except (NotReady, httpx.HTTPError, OSError) as error:
            self.error = error
            self._failed.set()
        with self._wake:
            self._finished = True
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._closed)

    def _wait_for(self, sales: int) -> bool:
        with self._wake:
            self._wake.wait_for(lambda: self._begun >= sales or self._ending)
            return not self._ending

    def _do(self, what: str) -> None:
        if what == "shoot":
            self.shoot()
            return
        if what in _OUTAGE:
            self.take_operator(away=what == _OUTAGE[0])
            return
        threading.Event().wait(self._chance.random() * _LATEST_S)
        if what == "kill":
            self.kill_station(whole=self._chance.random() < 0.4)
        else:
            self.kill_twins()

    # ── devices ──

    def arm(self) -> None:
        """Arm the profile's rates on every device and at the operator."""
        for till in self.shop.options.tills:
            self.arm_device(till.serial)
        for fault, rate in self.profile.operator_rates.items():
            self.shop.order(OPERATOR, "faults", {"fault": fault, **rate})
        if self.operator_away:
            self.shop.order(OPERATOR, "plug", {"plugged": False})

    def arm_device(self, serial: str) -> None:
        """Arm the profile's rates on this device, and nothing else; none any more once it has calmed down."""
        self.shop.order(serial, "faults", {"off": True})
        for fault in self._faults_of(serial) if not self._ending else ():
            self._arm_rate(serial, fault)

    def _faults_of(self, serial: str) -> list[str]:
        till = next(till for till in self.shop.options.tills if till.serial == serial)
        return [fault for fault in self.profile.rates if not (till.uplink and fault == BACKUP)]

    def _arm_rate(self, serial: str, fault: str) -> None:
        self.shop.order(serial, "faults", {"fault": fault, **self.profile.rates[fault]})

    def take_operator(self, *, away: bool) -> None:
        """The operator cannot be reached for a while, or is there again."""
        if not away:
            held = sum(int(twin["last_number"]) for twin in self.shop.twins_now())
            self.done.undelivered_most = held - sum(self.shop.operator_now()["last_numbers"].values())
        self.operator_away = away
        self.shop.order(OPERATOR, "plug", {"plugged": not away})

    def shoot(self) -> None:
        """Arm the next fault in turn on one device for its next message; where an earlier shot has struck,
        the rate comes back.
        """
        for twin in self.shop.twins_now():
            for fault in sorted(set(self._faults_of(twin["serial"])) - twin["armed"].keys()):
                self._arm_rate(twin["serial"], fault)
        fault = FAULTS[self._shots % len(FAULTS)]
        tills = self.shop.options.tills
        serial = self._chance.choice([one for one in tills if not (one.uplink and fault == BACKUP)]).serial
        self.shop.order(serial, "faults", {"fault": fault, "next": 1})
        if fault == "refuse_connections":  # it strikes only those who come
            self.shop.order(serial, "crash", {"down_ms": 0})
        self._shots += 1

    def calm_down(self) -> None:
        """End all trouble and count what has struck. Raises what has gone wrong in making it."""
        with self._wake:
            self._ending = True
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._finished, 2 * _READY_S)
        self._count()
        for name in (OPERATOR, *(till.serial for till in self.shop.options.tills)):
            self.shop.order(name, "faults", {"off": True})
            self.shop.order(name, "plug", {"plugged": True})
        self.operator_away = False
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Let the thread go, and with it what it has started; the shop has been stopped."""
        with self._wake:
            self._ending = self._closed = True
            self._wake.notify_all()

    def _count(self) -> None:
        for twin in self.shop.twins_now():
            self.done.struck.update(twin["struck"])
        self.done.operator_struck.update(self.shop.operator_now()["struck"])

    # ── processes ──

    def kill_station(self, whole: bool) -> None:
        """kill -9 to the station's worker, or to server and worker; it is up again at the end."""
        worker = self.shop.worker_pid()
        if whole or worker is None:
            self.shop.station.kill()
        else:
            os.kill(worker, signal.SIGKILL)
        self.done.station_kills += 1
        self._bring_up(worker)

    def _bring_up(self, old_worker: int | None) -> None:
        """Wait for the worker that the server starts in place of the old one; a server that is gone, or that
        gives up because its workers die too often, is started again.
        """
        for _ in range(int(_READY_S / _LOOK_S)):
            if self.shop.station.ended() or self.shop.worker_pid() != old_worker:
                break
            threading.Event().wait(_LOOK_S)
        try:
            wait_until_ready(self.shop.station, f"{self.shop.url}/readyz", _READY_S)
        except NotReady:
            if not self.shop.station.ended():
                raise
            self.shop.start_station()

    def kill_twins(self) -> None:
        """kill -9 to the process of all devices; they are up again, and as bad as before, at the end."""
        self._count()
        self.shop.twins.kill()
        self.shop.start_twins()
        self.done.twins_kills += 1
        self.arm()
