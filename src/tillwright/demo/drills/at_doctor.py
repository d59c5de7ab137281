"""Somebody at the station's own terminal, when its pages are gone: `tillwright doctor`, answered by lines.

The doctor is a process of its own, as it is in a shop; whoever sits before it sees what the scenario shows,
and does what it says.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.runbooks import VERIFY_S
from tillwright.demo.drills.model import Row, Scenario, nothing
from tillwright.demo.drills.world import NotSo, World
from tillwright.demo.processes import PROGRAM

ENDS_S = 20.0
Told = Mapping[str, Any]


@dataclass(slots=True)
class AtDoctor:
    """One visit of the doctor. `did`: what was done last that mends."""

    world: World
    scenario: Scenario
    catalogue: Catalogue
    row: Row
    did: str = ""

    def follow(self) -> dict[str, Any]:
        """Go through the runbook to its end; the diagnosis as the doctor tells it then. Raises NotSo."""
        file = str(self.world.shop.root / "station.toml")
        words = [*PROGRAM, "doctor", self.scenario.first, "--station", file, "--answers", "-", "--json"]
        pipe = subprocess.PIPE
        seen = self.world.seen
        with subprocess.Popen(
            words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=seen.get("env"),
            preexec_fn=seen.get("bounds"),
        ) as doctor:  # fmt: skip
            seen["doctor"] = doctor.pid
            try:
                return self._talk(doctor)
            finally:
                doctor.kill()

    def sees_well(self) -> bool:
        """Whether the doctor, called anew, finds all well with the part that the fault is of."""
        file = str(self.world.shop.root / "station.toml")
        words = [*PROGRAM, "doctor", "--station", file, "--json"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=ENDS_S * 2, check=False)
        part = self.catalogue.entry(self.scenario.code).part
        told = json.loads(done.stdout) if done.stdout else {"parts": []}
        states = [one["state"] for one in told["parts"] if one["part"] == part]
        return bool(states) and "sick" not in states

    def _talk(self, doctor: subprocess.Popen[str]) -> dict[str, Any]:
        if doctor.stdout is None or doctor.stdin is None:
            raise NotSo("nobody can talk with the doctor")
        report = ""
        for line in doctor.stdout:
            if not line.startswith('{"diagnosis"'):
                report += line
                continue
            asked = json.loads(line)
            doctor.stdin.write(f"{self._reply(asked['diagnosis'], asked['step'])}\n")
            doctor.stdin.flush()
        doctor.wait(ENDS_S)
        try:
            return dict(json.loads(report)["diagnosis"])
        except (ValueError, KeyError) as error:
            raise NotSo(f"the doctor ends with {doctor.returncode}, and without a diagnosis") from error

    def _reply(self, told: Told, step: Told) -> str:
        entry = self.catalogue.entry(told["code"])
        replies = {
            "check": self._check, "remedy": self._remedy, "verify": self._verify, "escalate": self._escalate,
        }  # fmt: skip
        return replies[step["kind"]](entry, step)

    def _check(self, entry: Entry, step: Told) -> str:
        check = next(one for one in entry.checks if one.id == step["id"])
        seen = self.scenario.sees.get(check.id, "")
        known = seen in {one["id"] for one in step["answers"]}
        self._took(check.cost.people, f"{check.id}: {seen if known else 'cannot tell'}")
        return seen if known else "cannot-tell"

    def _remedy(self, entry: Entry, step: Told) -> str:
        remedy = next(one for one in entry.remedies if one.id == step["id"])
        if remedy.id in self.scenario.mends:
            self.did = remedy.id
        self.scenario.mends.get(remedy.id, nothing)(self.world)
        self._took(remedy.cost.people, remedy.id)
        return "agree" if step["action"] else "done"

    def _verify(self, _entry: Entry, _step: Told) -> str:
        gone = self.scenario.truth(self.world)
        self._took(int(VERIFY_S["asked"]), "it works again" if gone else "still there")
        return "gone" if gone else "still"

    def _escalate(self, entry: Entry, _step: Told) -> str:
        self._took(entry.escalate.cost.people if entry.escalate else 0, "passed on")
        self.row.escalated = True
        return "escalate"

    def _took(self, people_s: int, what: str) -> None:
        self.row.people_steps += 1
        self.row.people_s += people_s
        self.row.path.append(what)
