"""What a program at the till can see of diagnoses, and say to them: the API, with the till's own token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tillwright.demo.drills.world import NotSo, World

View = Mapping[str, Any]
STALE = "faults.stale"
NOT_NOW = "faults.not-now"
_BASE = "/api/v1/diagnoses"


@dataclass(frozen=True, slots=True)
class Desk:
    """The diagnoses that the till's token reaches."""

    world: World

    def all(self, state: str = "") -> list[dict[str, Any]]:
        """Diagnoses of the till and of the station, the newest first."""
        query = f"?state={state}" if state else ""
        return list(self.world.get(f"{_BASE}{query}")["items"])

    def opened(self, code: str, since_ms: int, about: str = "") -> dict[str, Any] | None:
        """The diagnosis of this code that was opened since a moment, at this till or the station's."""
        for one in self.all():
            here = one["till"] in ("", self.world.till.id)
            fits = one["code"] == code and here and (not about or one["operation"] in ("", about))
            if fits and one["opened_ms"] >= since_ms:
                return one
        return None

    def view(self, uid: str) -> dict[str, Any]:
        """A diagnosis as it stands."""
        return self.world.get(f"{_BASE}/{uid}")

    def record(self, uid: str) -> list[dict[str, Any]]:
        """Its events."""
        return list(self.world.get(f"{_BASE}/{uid}/events")["events"])

    def start(self, code: str, operation: str = "", station: bool = False) -> str:
        """Ask by a code; the uid of the diagnosis. Raises NotSo."""
        body: dict[str, Any] = {"code": code}
        if operation:
            body["operation"] = operation
        if station:
            body["till"] = ""
        status, told = self.world.post(_BASE, body)
        if status not in (200, 201):
            raise NotSo(f"{code} cannot be asked for: {status} {told.get('code')} {told.get('detail')}")
        return str(told["uid"])

    def press(self, uid: str, door: str, body: Mapping[str, Any]) -> bool:
        """Say something; False if somebody was quicker, or it does not fit any more. Raises NotSo."""
        status, told = self.world.post(f"{_BASE}/{uid}/{door}", body)
        if 200 <= status < 300:
            return True
        if told.get("code") in (STALE, NOT_NOW):
            return False
        raise NotSo(f"{door}: {status} {told.get('code')} {told.get('detail')} {json.dumps(body)}")

    def consent(self, uid: str, number: int, pin: str) -> str:
        """An approval of a person for what the program is to do in this diagnosis. Raises NotSo."""
        body = {"number": number, "pin": pin, "operation": uid, "purpose": "consent"}
        status, told = self.world.post("/api/v1/approvals", body)
        if status != 201:
            raise NotSo(f"no approval: {status} {told.get('code')}")
        return str(told["approval"])

    def look(self) -> dict[str, Any]:
        """Have every probe look now; how the station and the till are."""
        status, told = self.world.post("/api/v1/status/look", {})
        if status != 200:
            raise NotSo(f"nobody looks: {status} {told.get('code')}")
        return told
