"""What a look comes to: verdicts, exit statuses, and the likeliest fault first."""

from __future__ import annotations

from typing import Any

import pytest

from tillwright.kernel.fault import Fact
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.kernel.registry import PROBES, Condition, Scope
from tillwright.machine.resources import shipped_catalogue
from tillwright.settings.doctor import reporting
from tillwright.settings.doctor.reporting import ALSO, EXITS, Suspect

TILLS = ("1", "2")
CATALOGUE = shipped_catalogue()
LOST, RED = "fiscal.sko-disconnected", "fiscal.red-cheque-status-unknown"


def finding(probe: str, value: str, till: str = "1", took_ms: int = 0, **facts: Fact) -> Finding:
    scope = till if PROBES[probe].scope is Scope.TILL else ""
    return Finding(probe, scope, value, 0, took_ms, "how", facts)


def verdict(*found: Finding) -> str:
    return reporting.verdict(reporting.states(found, TILLS))


def suspects(*found: Finding, diagnoses: tuple[dict[str, Any], ...] = ()) -> list[Suspect]:
    return reporting.suspects(reporting.states(found, TILLS), diagnoses, CATALOGUE)


def test_the_exit_status_says_the_verdict() -> None:
    assert dict(EXITS) == {"healthy": 0, "sick": 1, "unknown": 3}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["answers"], "healthy"),
        (["answers", "no-line"], "sick"),
        (["answers", UNKNOWN], "unknown"),
        ([UNKNOWN, "no-line"], "sick"),
        ([], "unknown"),
    ],
)
def test_what_nobody_could_look_at_is_never_healthy(values: list[str], told: str) -> None:
    found = [finding("control_link", value, till=str(at % 2 + 1)) for at, value in enumerate(values)]
    assert verdict(*found) == told


def test_a_warning_is_no_sickness() -> None:
    assert verdict(finding("backup_age", "none"), finding("disk_room", "low")) == "healthy"


def test_what_a_till_does_not_have_is_not_unknown() -> None:
    link, status = finding("operator_link", "not-set"), finding("operator_status", UNKNOWN)
    assert verdict(link, status) == "healthy"
    assert verdict(link, finding("operator_status", UNKNOWN, till="2")) == "unknown", "the other one has"


def test_a_part_is_told_by_its_gravest_finding() -> None:
    found = (finding("control_clock", "agrees", took_ms=9), finding("control_link", "no-line", took_ms=4))
    [told] = reporting.told_parts(reporting.states(found, TILLS))
    assert {name: told[name] for name in ("part", "till", "state", "finding", "ms", "follows")} == {
        "part": "control", "till": "1", "state": "sick", "finding": "control_link: no-line (how)", "ms": 9,
        "follows": "",
    }  # fmt: skip


def test_a_fault_is_told_with_its_facts_and_its_likelihood() -> None:
    [one] = suspects(finding("disk_room", "full", free_bytes=7, other=1))
    assert one.told() | {"till": "", "diagnosis": ""} == one.told()
    assert (one.code, dict(one.facts), one.likely) == ("journal.disk-low", {"free_bytes": 7}, 1.0)


def test_a_follower_comes_last() -> None:
    found = suspects(finding("printer_status", "no-line"), finding("control_link", "no-line"))
    assert [one.code for one in found] == [LOST, "printer.unreachable"], "what stops trade comes first"
    alone = suspects(finding("operator_status", "blocked"), finding("outside_link", "down"))
    assert [(one.code, one.likely) for one in alone] == [("fiscal.register-blocked", 0.0)]


def test_what_leads_on_to_another_fault_that_is_there_is_less_likely() -> None:
    causes = [{"id": "device-away", "share": 0.75}, {"id": "answer-lost", "share": 0.25}]
    red = {"code": RED, "till": "1", "facts": {"number": 4}, "uid": "u", "causes": causes}
    found = suspects(finding("control_link", "no-line"), diagnoses=(red,))
    assert [(one.code, one.likely, one.diagnosis) for one in found] == [(LOST, 1.0, ""), (RED, 0.25, "u")]
    assert [one.likely for one in suspects(diagnoses=(red,))] == [1.0], "nothing else is there"


def test_a_fault_that_is_being_diagnosed_is_told_once() -> None:
    told = {"code": LOST, "till": "1", "facts": {}, "uid": "u", "causes": []}
    [one] = suspects(finding("control_link", "no-line"), diagnoses=(told,))
    assert one.diagnosis == "u"


@pytest.mark.parametrize(("place", "code"), ALSO.items())
def test_what_only_the_doctor_calls_a_fault_is_one(place: tuple[str, str], code: str) -> None:
    assert PROBES[place[0]].values[place[1]] is Condition.SICK
    assert CATALOGUE.entry(code).causes
