"""The careful person of the replay: rules red operations from the operator's cabinet, rightly.

An operation turns red only when its device does not answer for itself. So the device is made to: it registers
and falls silent, or it loses the request and answers no question about it. Then the person looks into the
cabinet: what stands there has happened; what does not, though nothing is on its way any more, has not.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import httpx

from tillwright.demo.careful_till import APPROVE, APPROVERS, ENDED, CarefulTill, Refused, Stuck
from tillwright.demo.shop import Shop

PURPOSE = "ruling"
SAY_AGAIN = frozenset(
    {
        "till.ruling-stale",
        "till.ruling-undelivered",
        "till.ruling-undelivered-unknown",
        "till.ruling-enquiry-needed",
        "till.approval-invalid",
        "till.second-person-needed",
    }
)
"""Refusals that pass; after any other one the person waits until the device answers for itself."""
TAKEN_TOO_EARLY = "taken while the device was away"
_TRIES = 200
_QUESTIONS = ["hello", "inquire", "documents", "restore", "status"]


class Cases(Enum):
    """What is to be ruled: it happened (and, of a payout, was not handed out); it did not happen, and is to
    be registered now, or goods and money are back.
    """

    HAPPENED = "happened"
    OWED = "owed"
    REGISTER_NOW = "register-now"
    RETURNED = "returned"

    @property
    def happened(self) -> bool:
        """Whether it has."""
        return self in (Cases.HAPPENED, Cases.OWED)


@dataclass(slots=True)
class Ruled:
    """What was ruled by people, over all tills. `refused`: codes with which the station held them back."""

    rulings: dict[str, Cases] = field(default_factory=dict)
    """uid → how it was ruled"""
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, case: Cases) -> int:
        """How often it was ruled so."""
        return sum(one is case for one in self.rulings.values())


@dataclass(slots=True)
class Person:
    """Who rules at one till; for one thread. `calm`: ends what was ordered of the device."""

    shop: Shop
    till: str
    serial: str
    careful: CarefulTill
    ruled: Ruled
    calm: Any
    _people: int = 1

    def owes(self, uid: str) -> bool:
        """Whether it was ruled that this payout was not handed out."""
        return self.ruled.rulings.get(uid) is Cases.OWED

    def make_red_and_rule(self, request: Mapping[str, Any], purpose: str, case: Cases) -> None:
        """Begin the operation at a device in trouble, and rule when it is red. Whatever comes between, the
        operation goes on without a ruling.
        """
        uid = str(request["uid"])
        with self.ruled.lock:
            self.ruled.tried[case.value] += 1
        unplugged = False
        try:
            self._upset_device(case)
            red = self._until_red(request, purpose)
            if red is not None and case.happened:
                document = self._in_cabinet(uid)
                unplugged = document is not None
                if document is not None:
                    self.shop.order(self.serial, "plug", {"plugged": False})
                    self._rule(uid, case, _as_listed(document))
            elif red is not None and self._is_absent(uid):
                lacks = {"reason": "operator-lacks-it", "enquiry": self._enquiry(uid)}
                self._rule_too_early(uid, case, lacks)
                self._rule(uid, case, lacks)
        except (httpx.HTTPError, Stuck):
            return  # the twins or the station are down: it will end by itself
        finally:
            self._let_be(unplugged)

    def _upset_device(self, case: Cases) -> None:
        first = "commit_drop_answer" if case.happened else "drop_request_close"
        silent = _QUESTIONS if case.happened else ["inquire"]
        self.shop.order(self.serial, "faults", {"fault": "silent", "always": True, "only": silent})
        self.shop.order(self.serial, "faults", {"fault": first, "next": 1, "only": ["register"]})

    def _let_be(self, unplugged: bool) -> None:
        try:
            if unplugged:
                self.shop.order(self.serial, "plug", {"plugged": True})
            self.calm(self.serial)
        except httpx.HTTPError:
            return  # a device that comes up again is plugged in, and calm

    # ── until it is red ──

    def _until_red(self, request: Mapping[str, Any], purpose: str) -> dict[str, Any] | None:
        """Begin it; the operation once it is red, None if it comes to another end."""
        uid, body = str(request["uid"]), dict(request)
        for _ in range(_TRIES):
            status, told = self.careful.call("POST", "/api/v1/operations", json.dumps(body).encode())
            if told.get("state") == "red":
                return told
            if told.get("state") in ENDED or told.get("question"):
                return None
            if told.get("code") in APPROVE and purpose:
                body["approvals"] = self.careful.approvals(uid, purpose, len(APPROVERS))
            elif 400 <= status < 500 and told.get("code") not in ("till.operation-open", "till.red-blocks"):
                return None
            self._pause()
        return None

    def _pause(self) -> None:
        if self.careful.stop.is_set():
            raise Stuck(self.till)
        self.careful.pause()

    # ── what the operator has ──

    def _documents(self) -> list[dict[str, Any]]:
        """The cabinet, as one sees it in a browser."""
        address = f"{self.shop.twins_url}/twins/operator/truth"
        answer = httpx.get(address, params={"till": self.till, "limit": "50"}, timeout=10.0)
        return list(answer.raise_for_status().json()["documents"])

    def _in_cabinet(self, uid: str) -> dict[str, Any] | None:
        """The document of this operation, once the device has brought it."""
        for _ in range(_TRIES):
            for document in self._documents():
                if str(document["key"]).startswith(uid):
                    return document
            self._pause()
        return None

    def _is_absent(self, uid: str) -> bool:
        """Whether it is not in the cabinet, though nothing is on its way there any more."""
        for _ in range(_TRIES):
            status, told = self.careful.call("GET", "/api/v1/till")
            if status == 200 and told["undelivered_count"] == 0:
                return not any(str(document["key"]).startswith(uid) for document in self._documents())
            self._pause()
        return False

    def _enquiry(self, uid: str) -> int:
        """Ask the operator through the till as well; the answered enquiry."""
        status, told = self.careful.call("POST", f"/api/v1/operations/{uid}/enquiries", b"{}")
        for _ in range(_TRIES if status == 202 else 0):
            status, now = self.careful.call("GET", f"/api/v1/operations/{uid}/enquiries/{told['id']}")
            if status == 200 and now["answered_ms"] is not None:
                return int(told["id"])
            self._pause()
        raise Stuck(uid)

    # ── ruling ──

    def _rule_too_early(self, uid: str, case: Cases, told: Mapping[str, Any]) -> None:
        """While the device is away nobody knows what waits in it: 'it did not happen' is refused."""
        self.shop.order(self.serial, "plug", {"plugged": False})
        try:
            for _ in range(_TRIES):
                status, till = self.careful.call("GET", "/api/v1/till")
                if status == 200 and till["control"]["state"] != "ready":
                    break
                self._pause()
            body = self._ruling(uid, case, told)
            if body is not None and self._said(uid, case, body) and uid in self.ruled.rulings:
                with self.ruled.lock:
                    self.ruled.refused[TAKEN_TOO_EARLY] += 1
        finally:
            self.shop.order(self.serial, "plug", {"plugged": True})

    def _rule(self, uid: str, case: Cases, told: Mapping[str, Any]) -> None:
        """Say it, until it is taken or nothing is left to be said."""
        for _ in range(_TRIES):
            body = self._ruling(uid, case, told)
            if body is None or self._said(uid, case, body):
                return
            self._pause()

    def _ruling(self, uid: str, case: Cases, told: Mapping[str, Any]) -> dict[str, Any] | None:
        """The ruling on the operation as it stands now; None if there is nothing to rule any more."""
        approvals: list[str] = []
        for _ in range(_TRIES):
            approvals = approvals or self.careful.approvals(uid, PURPOSE, self._people)
            status, operation = self.careful.call("GET", f"/api/v1/operations/{uid}")
            if status == 200 and operation["state"] != "red":
                return None
            leg = next((one for one in operation.get("legs", ()) if one["state"] == "unknown"), None)
            if status == 200 and leg is not None and approvals:
                seen = {"leg": leg["number"], "version": operation["version"], "happened": case.happened}
                then = {} if case is Cases.HAPPENED else {"then": case.value}
                return {**seen, "approvals": approvals, **then, **told}
            self._pause()
        return None

    def _said(self, uid: str, case: Cases, body: Mapping[str, Any]) -> bool:
        """Whether that is the end of it: taken, or refused for good (a device whose clock is off, say, has
        written a time that cannot be right).
        """
        address = f"/api/v1/operations/{uid}/rulings"
        status, told = self.careful.call("POST", address, json.dumps(body).encode())
        if 400 <= status < 500:
            self._people = 2 if told.get("code") == "till.second-person-needed" else self._people
            with self.ruled.lock:
                self.ruled.refused[str(told.get("code"))] += 1
            return told.get("code") not in SAY_AGAIN
        taken = status in (200, 202) or self._was_taken(uid)
        if taken:
            with self.ruled.lock:
                self.ruled.rulings[uid] = case
        return taken

    def _was_taken(self, uid: str) -> bool:
        """After a lost answer: whether the operation has the ruling."""
        status, told = self.careful.call("GET", f"/api/v1/operations/{uid}")
        return status == 200 and bool(told.get("rulings"))

    def unchecked(self, uid: str) -> bool:
        """Whether no record has spoken about a ruling on this operation yet."""
        status, told = self.careful.call("GET", f"/api/v1/operations/{uid}")
        if status != 200:
            raise Refused(str(status))
        return any(not one["verdict"] for one in told["rulings"])


def _as_listed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "document_number": document["number"],
        "registered_ms": document["registered_ms"],
        "unique_number": document["unique_number"],
        "reason": "operator-lists-it",
    }
