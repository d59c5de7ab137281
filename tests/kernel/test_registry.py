"""What the registry says of probes and their findings."""

from __future__ import annotations

import pytest

from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.kernel.registry import ACTIONS, BY_HAND_S, PROBES, Condition, Consent


def test_a_finding_knows_whether_its_probe_could_look() -> None:
    assert Finding("control_link", "1", "answers", 1_000).known
    assert not Finding("control_link", "1", UNKNOWN, 1_000).known


def test_a_value_says_how_the_part_is() -> None:
    link = PROBES["operator_link"]
    found = [link.condition(value) for value in ("answers", "not-set", "no-line", UNKNOWN)]
    assert found == [Condition.HEALTHY, Condition.WARNING, Condition.SICK, Condition.UNKNOWN]
    with pytest.raises(KeyError):
        link.condition("melted")


def test_every_probe_can_find_health_and_something_else() -> None:
    for name, probe in PROBES.items():
        assert probe.name == name
        assert probe.healthy
        assert len(probe.values) > len(probe.healthy), name
        assert UNKNOWN not in probe.values


def test_what_changes_something_is_never_done_without_a_person() -> None:
    for name, action in ACTIONS.items():
        assert action.name == name
        assert not (action.changes and action.consent is Consent.NOBODY)


def test_everything_has_a_time_by_hand() -> None:
    assert BY_HAND_S.keys() == {*PROBES, *ACTIONS}
    assert min(BY_HAND_S.values()) > 0
