"""What findings mean: conditions, followers, faults."""

from __future__ import annotations

import pytest

from tillwright.catalogue.runbooks import runbook_of
from tillwright.diagnosis.course import begin
from tillwright.diagnosis.runbook import NONE_OF_THESE
from tillwright.faults.rules import (
    NEEDS,
    PARTS_OF_STATION,
    PARTS_OF_TILL,
    RAISES,
    condition_of,
    fault_of,
    gravest,
    named_for,
    parts,
)
from tillwright.faults.standing import verification
from tillwright.kernel.fault import Fact, Fault
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.kernel.registry import PROBES, Condition, Scope
from tillwright.machine.resources import shipped_catalogue

TILLS = ("1", "2")


def finding(probe: str, value: str, till: str = "1", **facts: Fact) -> Finding:
    scope = till if PROBES[probe].scope is Scope.TILL else ""
    return Finding(probe, scope, value, 0, facts=facts)


def test_every_part_of_a_probe_stands_in_the_topology() -> None:
    for spec in PROBES.values():
        if spec.scope is not Scope.OPERATION:
            places = PARTS_OF_STATION if spec.scope is Scope.STATION else PARTS_OF_TILL
            assert spec.part in places, spec.name
    assert {needed for each in NEEDS.values() for needed in each} <= set(NEEDS)


def test_what_nobody_could_see_is_not_known() -> None:
    assert condition_of(finding("control_link", UNKNOWN)) is Condition.UNKNOWN
    assert condition_of(finding("control_link", "answers")) is Condition.HEALTHY
    assert gravest([]) is Condition.UNKNOWN
    assert gravest([Condition.HEALTHY, Condition.UNKNOWN]) is Condition.UNKNOWN
    assert gravest([Condition.UNKNOWN, Condition.SICK, Condition.WARNING]) is Condition.SICK


def test_a_part_is_as_bad_as_its_worst_finding_which_comes_first() -> None:
    [part] = parts([finding("control_clock", "agrees"), finding("control_link", "no-line")], TILLS)
    assert (part.part, part.scope, part.condition) == ("control", "1", Condition.SICK)
    assert [one.probe for one in part.findings] == ["control_link", "control_clock"]


def test_each_till_has_parts_of_its_own() -> None:
    found = parts([finding("control_link", "no-line"), finding("control_link", "answers", "2")], TILLS)
    assert [(one.scope, one.condition) for one in found] == [("1", Condition.SICK), ("2", Condition.HEALTHY)]


def test_what_needs_something_sick_only_follows() -> None:
    found = parts(
        [
            finding("disk_room", "full"),
            finding("journal_writes", "refuses"),
            finding("station_alive", "hung"),
            finding("red_operations", "some"),
        ],
        TILLS,
    )
    assert {one.part: one.follows for one in found} == {
        "disk": "", "journal": "disk", "station": "disk", "till": "disk",
    }  # fmt: skip


def test_a_sick_part_whose_needs_are_well_stands_for_itself() -> None:
    found = parts([finding("outside_link", "up"), finding("operator_link", "no-answer")], TILLS)
    assert {one.part: one.follows for one in found} == {"network": "", "operator": ""}


def test_a_healthy_part_follows_nothing() -> None:
    found = parts([finding("outside_link", "down"), finding("operator_link", "answers")], TILLS)
    assert {one.part: one.follows for one in found}["operator"] == ""


@pytest.mark.parametrize(("place", "code"), RAISES.items())
def test_a_finding_that_is_a_fault_has_its_entry(place: tuple[str, str], code: str) -> None:
    probe, value = place
    assert PROBES[probe].values[value] is not Condition.HEALTHY
    assert shipped_catalogue().entry(code).causes, code


def test_a_fault_has_those_facts_that_its_sentences_name() -> None:
    found = finding("disk_room", "full", free_bytes=5, other="x")
    assert fault_of(found, ("free_bytes", "reserve_bytes")) == Fault("journal.disk-low", free_bytes=5)
    assert fault_of(finding("disk_room", "enough"), ("free_bytes",)) is None


def test_a_red_document_is_called_by_what_is_at_stake() -> None:
    red = Fault("fiscal.red-cheque-status-unknown", number=4)
    assert named_for(red, "cash-sale") == red
    assert named_for(red, "refund") == Fault("fiscal.red-document-return-annulment-cash", number=4)
    assert named_for(Fault("till.held", purpose="count"), "refund").code == "till.held"


def test_none_of_these_is_no_cause_of_the_files() -> None:
    ids = {cause.id for entry in shipped_catalogue().entries.values() for cause in entry.causes}
    assert NONE_OF_THESE not in ids


def test_what_looks_at_a_receipt_needs_one_else_a_person_is_asked() -> None:
    entry = shipped_catalogue().entry("fiscal.operator-no-answer")
    runbook = runbook_of(entry)
    assert runbook is not None
    course = begin(runbook)
    assert verification(entry, course, "some uid") == "operation_at_operator"
    assert verification(entry, course, "") == "asked"
