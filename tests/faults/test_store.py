"""Diagnoses, findings and what was learnt: kept as they were told, and never changed unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.till.api_shop import Shop
from tillwright.faults import store
from tillwright.faults.store import StoredDiagnosis, StoredHour, StoredRunbook
from tillwright.kernel.fault import Fault
from tillwright.kernel.finding import Finding
from tillwright.machine import sqlite
from tillwright.till.queries import reader

HOUR = store.HOUR_MS


def diagnosis(
    uid: str, code: str = "a.b", till: str = "1", state: str = "open", **more: Any
) -> StoredDiagnosis:
    opened_ms = more.pop("opened_ms", 10)
    closed_ms = None if state == store.OPEN else opened_ms
    fault = Fault(code, number=7)
    return StoredDiagnosis(
        uid, fault, till, more.pop("operation", ""), 0, "person", opened_ms, "7", "7", state, opened_ms,
        closed_ms, more.pop("parent", ""),
    )  # fmt: skip


@pytest.fixture
def write(shop: Shop) -> Callable[..., Any]:
    """Runs a function of the store in the writer's transaction."""

    def write(function: Callable[..., Any], *values: Any, **named: Any) -> Any:
        return shop.station.write(lambda connection: function(connection, *values, **named))

    return write


Write = Callable[..., Any]


def test_a_diagnosis_is_read_as_it_was_kept(write: Write) -> None:
    one = diagnosis("u1", operation="o", parent="p")
    write(store.begin, one)
    assert store.diagnosis(reader(), "u1") == one
    assert store.diagnosis(reader(), "u2") is None
    assert store.children(reader(), "p") == [one]


def test_lists_are_by_till_state_and_code_the_newest_first(write: Write) -> None:
    write(store.begin, diagnosis("u1"))
    write(store.begin, diagnosis("u2", opened_ms=20, state="mended"))
    write(store.begin, diagnosis("u3", opened_ms=15, till="2", code="c.d"))
    write(store.begin, diagnosis("u4", opened_ms=12, till=""))

    def uids(**named: Any) -> list[str]:
        return [one.uid for one in store.diagnoses(reader(), **named)]

    assert uids() == ["u2", "u3", "u4", "u1"]
    assert uids(till="1") == ["u2", "u1"]
    assert uids(till="1", with_station=True) == ["u2", "u4", "u1"]
    assert uids(state="open") == ["u3", "u4", "u1"]
    assert uids(code="c.d") == ["u3"]
    assert uids(limit=1) == ["u2"]


def test_the_open_one_is_of_the_same_code_place_and_operation(write: Write) -> None:
    write(store.begin, diagnosis("u1", operation="o"))
    assert store.open_one(reader(), "a.b", "1", "o") is not None
    for code, till, operation in (("a.c", "1", "o"), ("a.b", "2", "o"), ("a.b", "1", "")):
        assert store.open_one(reader(), code, till, operation) is None
    write(store.turn, "u1", store.MENDED, 50)
    assert store.open_one(reader(), "a.b", "1", "o") is None


def test_one_that_was_mended_is_found_within_its_watch(write: Write) -> None:
    write(store.begin, diagnosis("u1"))
    write(store.turn, "u1", store.MENDED, 50)
    found = store.closed_lately(reader(), "a.b", "1", "", 50)
    assert (found and found.uid, found and found.closed_ms) == ("u1", 50)
    assert store.closed_lately(reader(), "a.b", "1", "", 51) is None


def test_events_are_appended_behind_those_that_were_seen(write: Write) -> None:
    write(store.begin, diagnosis("u1"))
    assert write(store.append, "u1", 0, [{"type": "left"}, {"type": "resumed"}], "7", 20)
    assert not write(store.append, "u1", 1, [{"type": "left"}], "8", 30)
    kept = store.events(reader(), "u1")
    assert [(one.number, one.person, one.at_ms, one.body["type"]) for one in kept] == [
        (1, "7", 20, "left"), (2, "7", 20, "resumed"),
    ]  # fmt: skip
    changed = store.diagnosis(reader(), "u1")
    assert changed is not None
    assert changed.changed_ms == 20


@pytest.mark.parametrize(
    "statement", ["UPDATE diagnosis_event SET body = '{}'", "DELETE FROM diagnosis_event"]
)
def test_the_record_cannot_be_changed(write: Write, statement: str) -> None:
    write(store.begin, diagnosis("u1"))
    write(store.append, "u1", 0, [{"type": "left"}], "7", 20)
    with pytest.raises(sqlite.DatabaseError):
        write(lambda connection: connection.execute(statement))


def test_only_what_a_probe_finds_anew_is_a_change(write: Write) -> None:
    for at_ms, value in ((10, "answers"), (20, "no-line"), (30, "answers")):
        write(store.keep_change, Finding("control_link", "1", value, at_ms, 5, "how", {"serial": "x"}))
    [last] = store.last_changes(reader())
    assert (last.value, last.at_ms, dict(last.facts)) == ("answers", 30, {"serial": "x"})
    since = store.changes(reader(), "control_link", "1", 25)
    assert [one.at_ms for one in since] == [20, 30], "what held at that moment stands first"


def test_hours_add_up(write: Write) -> None:
    write(store.count_hours, [StoredHour("disk_room", "", 5, 2, 1, 0, 30, 900)])
    write(store.count_hours, [StoredHour("disk_room", "", 5, 3, 0, 1, 20, None)])
    [hour] = store.hours(reader(), "disk_room", "", 5 * HOUR)
    assert (hour.looks, hour.sick, hour.unknown, hour.slowest_ms, hour.figure) == (5, 1, 1, 30, 900)
    assert store.hours(reader(), "disk_room", "", 6 * HOUR) == []


def test_what_was_learnt_counts_until_then_and_can_be_taken_back(write: Write) -> None:
    write(store.begin, diagnosis("u1"))
    write(store.learn, "u1", "a.b", {"cable": 0.75, "power": 0.25}, 10)
    write(store.learn, "u1", "a.b", {"cable": -0.75, "power": -0.25}, 20)
    assert store.learnt(reader(), "a.b", 15) == {"cable": 0.75, "power": 0.25}
    assert store.learnt(reader(), "a.b", 25) == {"cable": 0.0, "power": 0.0}
    assert store.learnt(reader(), "a.b", 10) == {}
    assert store.learnt_of(reader(), "u1") == {"cable": 0.0, "power": 0.0}


def test_times_are_those_that_people_took(write: Write) -> None:
    write(store.begin, diagnosis("u1"))
    bodies = [
        {"type": "did", "remedy": "plug", "took_ms": 4000},
        {"type": "did", "remedy": "plug", "took_ms": 0},
        {"type": "answered", "check": "plug", "answer": "yes"},
    ]
    write(store.append, "u1", 0, bodies, "7", 20)
    assert store.measured(reader(), "a.b", 21) == {"plug": [4.0]}
    assert store.measured(reader(), "a.b", 20) == {}


def test_a_version_of_a_runbook_is_published_once(write: Write) -> None:
    write(store.publish, StoredRunbook("a.b", 1, "text", "50", "why", 10))
    with pytest.raises(sqlite.IntegrityError):
        write(store.publish, StoredRunbook("a.b", 1, "other", "51", "", 11))
    write(store.publish, StoredRunbook("a.b", 2, "newer", "50", "", 12))
    assert [one.version for one in store.runbooks(reader(), "a.b")] == [2, 1]
    assert store.runbooks(reader(), "c.d") == []


def test_the_same_words_are_proposed_once_and_count_when_accepted(write: Write) -> None:
    write(store.propose, "a.b", "the box is dead", "en", "7", 10)
    write(store.propose, "a.b", "the box is dead", "en", "8", 20)
    [proposed] = store.aliases(reader(), "proposed")
    assert (proposed.person, proposed.said) == ("7", "the box is dead")
    write(store.decide, proposed.id, "accepted", "50", 30)
    assert store.aliases(reader(), "proposed") == []
    assert store.accepted(store.aliases(reader(), "accepted")) == {"a.b": ("the box is dead",)}
