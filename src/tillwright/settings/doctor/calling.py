"""Asks the running station, through its API, with a pass: see tillwright.people.passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import httpx

from tillwright.kernel.clock import Clock
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.kernel.registry import PROBES, Scope
from tillwright.people.passes import pass_for
from tillwright.settings.doctor.outside import base_of
from tillwright.settings.station import StationSettings

FIRST_S = 3.0
"""So long the station has to say that it is there."""
CALL_S = 40.0
WAIT_S = 20
NEEDS_A_PERSON = ("session_place",)
"""Probes that look at one person's session: there is none here."""
_WORKERS = 16

LOST = (httpx.HTTPError,)
"""What is raised when the station does not answer any more."""

Told = dict[str, Any]


class NotThere(Exception):
    """The station does not answer, or not as a station does; the message says how."""


class Refused(Exception):
    """The station has refused a call; `code`, and what it says to a person."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.code = str(problem.get("code", ""))
        super().__init__(f"{problem.get('detail', '')} {problem.get('next_step', '')}".strip())


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the station's API, in a language, for any of its tills."""

    settings: StationSettings
    secret: str
    clock: Clock
    language: str

    @property
    def tills(self) -> tuple[str, ...]:
        """The tills of the station."""
        return tuple(till.id for till in self.settings.tills)

    def require(self) -> None:
        """Raises NotThere."""
        try:
            answer = self._send("GET", "/status", self.tills[0], None, FIRST_S)
        except httpx.HTTPError as error:
            raise NotThere(f"{type(error).__name__}: {error}") from error
        if answer.status_code != 200:
            raise NotThere(f"it answers with {answer.status_code}")

    def look(self) -> Iterator[list[Finding]]:
        """What the probes of every part find, part by part, as soon as each is there."""
        groups: dict[tuple[str, str], list[str]] = {}
        for spec in PROBES.values():
            if spec.scope is not Scope.OPERATION and spec.name not in NEEDS_A_PERSON:
                for scope in self.tills if spec.scope is Scope.TILL else ("",):
                    groups.setdefault((spec.part, scope), []).append(spec.name)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="doctor") as pool:
            under_way = [pool.submit(self._look, scope, names) for (_, scope), names in groups.items()]
            for one in as_completed(under_way):
                yield one.result()

    def _look(self, scope: str, names: list[str]) -> list[Finding]:
        try:
            told = self.post("/status/look", {"probes": names}, scope)
        except (httpx.HTTPError, Refused) as error:
            return [Finding(name, scope, UNKNOWN, self.clock.now_ms(), 0, str(error)) for name in names]
        return [one for one in findings_of(told) if one.probe in names and one.scope == scope]

    def last(self) -> list[Finding]:
        """What every probe found last, of all tills."""
        found = {}
        for till in self.tills:
            for one in findings_of(self.get("/status", till)):
                if one.probe not in NEEDS_A_PERSON:
                    found[one.probe, one.scope] = one
        return [found[key] for key in sorted(found)]

    def open_diagnoses(self) -> list[Told]:
        """Every open diagnosis as it stands."""
        found: dict[str, Told] = {}
        for till in self.tills:
            for one in self.get("/diagnoses?state=open&limit=200", till)["items"]:
                if one["uid"] not in found:
                    found[one["uid"]] = self.get(f"/diagnoses/{one['uid']}", till)
        return list(found.values())

    def get(self, path: str, till: str = "") -> Told:
        """What an address tells. Raises Refused, httpx.HTTPError."""
        return self._read(self._send("GET", path, till, None, CALL_S))

    def post(self, path: str, body: Mapping[str, object], till: str = "") -> Told:
        """What comes of a press. Raises Refused, httpx.HTTPError."""
        return self._read(self._send("POST", path, till, body, CALL_S))

    def _send(
        self, method: str, path: str, till: str, body: Mapping[str, object] | None, within_s: float
    ) -> httpx.Response:
        shown = pass_for(self.secret, till or self.tills[0], self.clock.now_ms())
        headers = {
            "Authorization": f"Bearer {shown}",
            "Accept-Language": self.language,
            "Prefer": f"wait={WAIT_S}",
        }
        address = f"{base_of(self.settings)}/api/v1{path}"
        return httpx.request(method, address, json=body, headers=headers, timeout=within_s, trust_env=False)

    def _read(self, answer: httpx.Response) -> Told:
        try:
            told: Told = answer.json()
        except ValueError:
            raise Refused({"code": "", "detail": f"HTTP {answer.status_code}"}) from None
        if answer.status_code >= 400:
            raise Refused(told)
        return told


def findings_of(status: Mapping[str, Any]) -> list[Finding]:
    """The findings of a status as the API tells it."""
    return [
        Finding(
            one["probe"], part["till"], one["value"], one["at_ms"], one["took_ms"], one["how"], one["facts"]
        )
        for part in status["parts"]
        for one in part["findings"]
    ]
