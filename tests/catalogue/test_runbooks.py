"""What diagnosis is given says what the author meant."""

from __future__ import annotations

import pytest

from tests.catalogue.runbook_samples import RUNBOOK, entry
from tests.catalogue.samples import ENTRY
from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.commands import show
from tillwright.catalogue.runbooks import NONE_SHARE, of_an_operation, runbook_of, states
from tillwright.diagnosis.belief import check_named, remedy_named
from tillwright.diagnosis.runbook import CANNOT_TELL, NONE_OF_THESE, Only, Runbook
from tillwright.machine.resources import shipped_catalogue


@pytest.fixture
def runbook() -> Runbook:
    made = runbook_of(entry())
    assert made is not None
    return made


def test_an_entry_without_causes_has_no_runbook() -> None:
    assert runbook_of(entry(ENTRY)) is None


def test_none_of_these_is_always_among_the_causes(runbook: Runbook) -> None:
    assert [cause.id for cause in runbook.causes] == ["switched-off", "cable-out", NONE_OF_THESE]
    whole = sum(cause.weight for cause in runbook.causes)
    assert runbook.causes[-1].weight / whole == pytest.approx(NONE_SHARE)
    assert 0.1 <= NONE_SHARE <= 0.25


def test_for_each_cause_the_answers_add_up(runbook: Runbook) -> None:
    for check in runbook.checks:
        for cause in runbook.causes:
            column = [check.likelihood[answer][cause.id] for answer in check.likelihood]
            assert sum(column) == pytest.approx(1.0)
            assert min(column) >= 0.009
        assert check.answers[-1] == CANNOT_TELL


def test_what_is_certain_to_the_author_is_nearly_so(runbook: Runbook) -> None:
    link = check_named(runbook, "link").likelihood
    assert link["no-line"]["switched-off"] == pytest.approx(0.99, abs=0.02)
    assert link["answers"][NONE_OF_THESE] == pytest.approx(0.99, abs=0.02)
    assert link["no-answer|nonsense"]["cable-out"] == pytest.approx(0.3, abs=0.02)  # 'no-line' has the rest
    assert link["no-line"]["cable-out"] == pytest.approx(0.7, abs=0.02)


def test_a_cause_that_no_answer_names_may_have_any(runbook: Runbook) -> None:
    lamp = check_named(runbook, "lamp").likelihood
    assert lamp["yes"][NONE_OF_THESE] == pytest.approx(lamp["no"][NONE_OF_THESE])
    assert lamp["no"]["switched-off"] == pytest.approx(0.98)
    assert lamp["yes"]["switched-off"] == pytest.approx(0.02)  # what is left of it


def test_what_the_program_does_costs_nobody_anything(runbook: Runbook) -> None:
    link, lamp, address = runbook.checks
    assert (link.automatic, link.cost, link.asked, link.work) == (True, 0.0, 4.0, 4.0)
    assert (address.automatic, address.cost, address.asked) == (True, 0.0, None)
    assert (lamp.automatic, lamp.cost, lamp.asked, lamp.work) == (False, 6.0, None, 5.0)
    reconnect = remedy_named(runbook, "reconnect")
    assert (reconnect.automatic, reconnect.cost, reconnect.place) == (True, 0.0, "")


def test_a_persons_remedy_costs_its_work_its_consent_and_its_verification(runbook: Runbook) -> None:
    assert remedy_named(runbook, "switch-on").cost == 17.0  # verified by a probe
    assert remedy_named(runbook, "plug-in").cost == 20.0 + 10.0  # by asking
    assert remedy_named(runbook, "test-slip").cost == 3.0 + 10.0 + 20.0  # with consent, by the operation
    assert not remedy_named(runbook, "test-slip").automatic
    assert remedy_named(runbook, "switch-on").work == 15.0
    assert [one.verified_alone for one in runbook.remedies] == [True, False, True, False]


def test_what_a_step_needs_and_helps(runbook: Runbook) -> None:
    assert check_named(runbook, "lamp").only_if == (Only("link", frozenset({"no-line", CANNOT_TELL})),)
    assert remedy_named(runbook, "switch-on").only_if == (Only("lamp", frozenset({"no"})),)
    assert remedy_named(runbook, "switch-on").helps == {"switched-off": 0.95}
    assert remedy_named(runbook, "reconnect").helps == {NONE_OF_THESE: 0.5}
    assert (runbook.places, check_named(runbook, "lamp").place) == ({"cabinet": 30.0}, "cabinet")
    assert runbook.escalate == 900.0


def test_without_an_escalation_giving_up_costs_nothing_yet() -> None:
    start, end = RUNBOOK.index("  escalate:"), RUNBOOK.index("  verify: control_link")
    made = runbook_of(entry(RUNBOOK[:start] + RUNBOOK[end:]))
    assert made is not None
    assert made.escalate == 0.0  # the lint refuses such an entry


def test_states_are_counted(runbook: Runbook) -> None:
    assert states(runbook) == 2**4 * 5 * 4 * 4


def test_a_runbook_is_shown_with_its_note_and_without_an_escalation() -> None:
    start, end = RUNBOOK.index("  escalate:"), RUNBOOK.index("  verify: control_link")
    bare, noted = entry(RUNBOOK[:start] + RUNBOOK[end:]), entry(RUNBOOK + "  note: Why it is so.\n")
    for one, escalates, note in ((bare, False, False), (noted, True, True)):
        lines = list(show(Catalogue({one.code: one}), one.code, "en"))
        assert any("escalate to operator" in line for line in lines) == escalates
        assert ("    note: Why it is so." in lines) == note


@pytest.mark.parametrize(
    ("code", "own"),
    [
        ("printer.paper-out", False),  # looked for at the printer
        ("fiscal.sko-disconnected", False),
        ("fiscal.red-cheque-status-unknown", True),  # its sentence names the receipt
        ("fiscal.operator-no-answer", True),  # looked for at the operation
        ("till.shift-closed", True),  # tried again with the operation
        ("fiscal.register-refused", True),  # only a person can tell of which receipt it is gone
    ],
)
def test_what_an_operation_is_about_has_a_diagnosis_for_each(code: str, own: bool) -> None:
    assert of_an_operation(shipped_catalogue().entry(code)) is own
