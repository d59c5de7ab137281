"""A till as a careful programmer writes it: the client of the API in the replay and in the tests that kill.

One uid stands for one intent. Whatever goes wrong on the way (no connection, no answer, a server that comes
up again), the same request is sent again until the operation has ended. When the station asks whether to go
on, it goes on. When somebody has to approve, it asks for number and PIN. Only an operation that has certainly
not happened is rung up anew, under a new uid.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from tillwright.demo.people import PEOPLE
from tillwright.machine.clocks import SystemClock

ENDED = frozenset({"done", "refused", "undone"})
COME_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that say nothing about the request: it is sent again."""
WAIT_FOR_EARLIER = frozenset(
    {
        "till.operation-open",
        "till.red-blocks",
        "till.successor-unfinished",
        "till.documents-differ",
        "fiscal.sko-disconnected",
        "fiscal.cash-mismatch-at-shift-close",
    }
)
"""Refusals because of something that passes by itself, an earlier operation of the till or a device that is
away: nothing was written, and it is tried again later."""
APPROVE = frozenset({"till.approval-needed", "till.approval-invalid", "till.second-person-needed"})

_PAUSE_S = 0.05
_CALL_S = 10.0
_HOLD_S = 20


APPROVERS = tuple(person for person in PEOPLE if person.role in ("senior", "administrator"))


def says_nothing(status: int, told: Mapping[str, Any]) -> bool:
    """Whether nobody knows after this answer what became of the request."""
    return status == 0 or status in COME_AGAIN or told.get("code") == "till.too-late"


class Refused(Exception):
    """The station will not have this request, whatever happens: nothing was written."""


class Stuck(Exception):
    """The operation has not ended in the time that the till was given, or the till was told to stop."""


@dataclass(slots=True)
class Counts:
    """What a till has gone through."""

    calls: int = 0
    failures: int = 0
    """calls without an answer, or with one that says nothing"""
    continues: int = 0
    blocked: int = 0


@dataclass(slots=True)
class CarefulTill:
    """One till; not for two threads at once. `patience_s`: how long one operation may take, in real time."""

    url: str
    token: str
    stop: threading.Event
    patience_s: float = 120.0
    counts: Counts = field(default_factory=Counts)
    _connection: HTTPConnection | None = None

    def sell(self, sale: Mapping[str, Any]) -> dict[str, Any]:
        """Send this sale until it has ended; the operation as it ended. Raises Refused, Stuck."""
        return self.carry_out(sale)

    def carry_out(self, request: Mapping[str, Any], purpose: str = "") -> dict[str, Any]:
        """Send this request until it has ended, approved for this purpose if that is asked for; the operation
        as it ended. Raises Refused, Stuck.
        """
        clock = SystemClock()
        deadline_ns = clock.monotonic_ns() + int(self.patience_s * 1e9)
        begin = path, body = "/api/v1/operations", json.dumps(request).encode()
        while clock.monotonic_ns() < deadline_ns and not self.stop.is_set():
            status, told = self.call("POST", path, body)
            if status in (200, 201) and told.get("state") in ENDED:
                return told
            if told.get("code") in APPROVE and purpose:
                people = 2 if told["code"] == "till.second-person-needed" else 1
                approvals = self.approvals(str(request["uid"]), purpose, people)
                begin = "/api/v1/operations", json.dumps({**request, "approvals": approvals}).encode()
                path, body = begin
            else:
                path, body = self._next(status, told, str(request["uid"])) or begin
        raise Stuck(str(request["uid"]))

    def _next(self, status: int, told: Mapping[str, Any], uid: str) -> tuple[str, bytes] | None:
        """What to send after an answer that is no end, None for the same request, and first a pause where one
        helps.
        """
        if status == 202 and told.get("question") in ("continue-or-give-up", "keep-or-reverse"):
            self.counts.continues += 1
            return f"/api/v1/operations/{uid}/continue", b""
        if status in (200, 201, 202):
            self.pause()
        elif says_nothing(status, told):
            self.counts.failures += 1
            self.pause()
        elif told.get("code") in WAIT_FOR_EARLIER:
            self.counts.blocked += 1
            self.pause()
        else:
            raise Refused(f"{status} {told.get('code')}: {told.get('detail')}")
        return None

    def approvals(self, uid: str, purpose: str, people: int = 1) -> list[str]:
        """Approvals of so many people for this purpose of this operation, as far as they can be had."""
        found = []
        for person in APPROVERS[:people]:
            asked = {"number": person.number, "pin": person.pin, "operation": uid, "purpose": purpose}
            status, told = self.call("POST", "/api/v1/approvals", json.dumps(asked).encode())
            if status == 201:
                found.append(str(told["approval"]))
        return found

    def pause(self) -> None:
        """Wait a moment."""
        self.stop.wait(_PAUSE_S)

    # ── the wire ──

    def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        """One call; status 0 when there was no answer to it."""
        self.counts.calls += 1
        try:
            return self._answer(method, path, body)
        except (OSError, HTTPException, ValueError):
            self.hang_up()
            return 0, {}

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if self._connection is None:
            place = urlsplit(self.url)
            self._connection = HTTPConnection(place.hostname or "", place.port, timeout=_CALL_S)
        headers = {"Authorization": f"Bearer {self.token}", "Prefer": f"wait={_HOLD_S}"}
        if body:
            headers["Content-Type"] = "application/json"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        told = json.loads(answer.read() or b"{}")
        return answer.status, told if isinstance(told, dict) else {}

    def hang_up(self) -> None:
        """Close the connection; the next call makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
