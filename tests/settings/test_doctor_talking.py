"""Walking a diagnosis: with a file that answers, and with a person who chooses by number."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tillwright.kernel.finding import Finding
from tillwright.machine.clocks import SystemClock
from tillwright.machine.resources import shipped_catalogue
from tillwright.settings.doctor.alone import Alone, alone
from tillwright.settings.doctor.calling import Refused
from tillwright.settings.doctor.talking import AtTerminal, FromFile, FromLines, Told, Walk, last_step

LOST = "fiscal.sko-disconnected"
Look = Callable[[str, str], Finding | None]


class World:
    """What can be seen from outside: the device's line, as the test sets it."""

    def __init__(self, value: str = "no-line") -> None:
        self.value = value

    def look(self, probe: str, till: str) -> Finding | None:
        return Finding(probe, till, self.value, 0, 0, "seen") if probe == "control_link" else None


def case_of(look: Look, code: str = LOST) -> Alone:
    case = alone(shipped_catalogue().entry(code), "1", SystemClock(), "en", look)
    assert case is not None
    return case


@pytest.fixture
def outside() -> World:
    return World()


def walk(case: Alone, table: Mapping[str, Any]) -> Told:
    return Walk(case, FromFile(table)).go()


# ── a process that hangs ──


class Hanging:
    """A station whose process hangs until it is ended."""

    def __init__(self) -> None:
        self.value = "hung"

    def look(self, probe: str, till: str) -> Finding | None:
        return Finding(probe, till, self.value, 0, 0, "seen") if probe == "station_alive" else None

    def end(self) -> None:
        self.value = "serves"


def hung(station: Hanging, restart: Callable[[], None] | None) -> Alone:
    entry = shipped_catalogue().entry("process.category-software")
    case = alone(entry, "", SystemClock(), "en", station.look, station.look, restart)
    assert case is not None
    return case


def test_a_process_that_hangs_is_ended_if_somebody_agrees() -> None:
    station = Hanging()
    told = walk(hung(station, station.end), {"remedies": {"restart": "done"}})
    assert (told["state"], station.value) == ("mended", "serves")
    assert [(one["remedy"], one["result"]) for one in told["tried"]] == [("restart", "gone")]


def test_nothing_is_ended_that_does_not_hang() -> None:
    station = Hanging()
    told = walk(hung(station, None), {"remedies": {"restart": "done"}})
    assert "restart" not in {one["remedy"] for one in told["tried"]}
    assert (told["state"], station.value) == ("escalated", "hung")


def test_another_program_answers_line_by_line() -> None:
    station, said = Hanging(), list[str]()
    told = Walk(hung(station, station.end), FromLines(said.append, lambda: "agree\n")).go()
    asked = [json.loads(line) for line in said]
    assert [one["step"]["id"] for one in asked] == ["restart"]
    assert asked[0]["diagnosis"]["code"] == "process.category-software"
    assert told["state"] == "mended"
    gone = Walk(hung(Hanging(), station.end), FromLines(said.append, lambda: "")).go()
    assert (gone["state"], gone["tried"]) == ("open", [])


# ── a file that answers ──


def test_without_answers_everything_is_passed_over_and_handed_on(outside: World) -> None:
    told = walk(case_of(outside.look), {})
    assert (told["state"], told["stage"]) == ("escalated", "escalated")
    assert [one["by"] for one in told["tried"]] == []
    assert all(one["answer"] in ("cannot-tell", "no-line", "no-line|no-answer") for one in told["known"])


def test_a_remedy_is_done_only_where_the_file_says_so(outside: World) -> None:
    case = case_of(outside.look)
    told = walk(case, {"remedies": {"switch-on": "done"}})
    assert [(one["remedy"], one["result"]) for one in told["tried"]] == [("switch-on", "still")]


def test_a_look_from_outside_verifies_it(outside: World) -> None:
    case = case_of(outside.look)
    assert case.now()["step"]["kind"] in ("remedy", "check")
    outside.value = "answers"
    told = walk(case, {"lamp": "no", "remedies": {"switch-on": "done", "plug-in": "done"}})
    assert (told["state"], told["tried"][-1]["result"]) == ("mended", "gone")


def test_where_nobody_can_look_from_outside_a_person_is_asked() -> None:
    def blind(probe: str, till: str) -> Finding | None:
        return None

    told = walk(case_of(blind), {"remedies": {"switch-on": "done"}, "verify": "gone"})
    assert (told["verify"]["kind"], told["state"]) == ("asked", "mended")
    told = walk(case_of(blind), {"remedies": {"switch-on": "done"}, "verify": "no idea"})
    assert told["tried"][-1]["result"] == "unknown", "no data is never mended"
    assert told["state"] != "mended"


def test_an_answer_that_is_none_cannot_tell(outside: World) -> None:
    told = walk(case_of(outside.look), {"lamp": "purple"})
    assert {one["answer"] for one in told["known"] if one["check"] == "lamp"} <= {"cannot-tell"}


def test_nothing_that_only_the_station_can_do_is_offered(outside: World) -> None:
    told = case_of(outside.look).now()
    offered = [told["step"], *told["others"]]
    assert all(not one["action"] for one in offered)


def test_an_entry_without_a_runbook_is_no_case() -> None:
    assert alone(shipped_catalogue().entry("api.malformed"), "", SystemClock(), "en", World().look) is None


@pytest.mark.parametrize("code", [code for code, one in shipped_catalogue().entries.items() if one.causes])
def test_every_runbook_comes_to_an_end(code: str) -> None:
    """Whatever is answered: nothing, or always the first; all remedies done, or none."""
    entry = shipped_catalogue().entry(code)
    first = {one.id: one.answers[0].id for one in entry.checks}
    every = {"remedies": {one.id: "done" for one in entry.remedies}, "verify": "still"}
    for table in ({}, first, {**first, **every}):
        told = walk(case_of(lambda probe, till: None, code), table)
        assert told["stage"] in ("escalated", "closed"), (code, table)


# ── a person ──


class Person:
    """Takes the first of the words on their mind that can be chosen, some only once; then goes away."""

    def __init__(self, *always: str, once: Sequence[str] = ()) -> None:
        self.always = always
        self.once = list(once)
        self.shown: list[tuple[str, list[str]]] = []

    def choose(self, title: str, lines: Sequence[str]) -> int | None:
        self.shown.append((title, list(lines)))
        wanted = next((word for word in self.once if word in lines), None)
        if wanted is not None:
            self.once.remove(wanted)
        else:
            wanted = next((word for word in self.always if word in lines), None)
        return None if wanted is None else list(lines).index(wanted)


def talk(case: Alone, person: Person) -> Told:
    return Walk(case, AtTerminal(person.choose, lambda name: name)).go()


def test_a_person_sees_the_step_and_its_ways_out(outside: World) -> None:
    person = Person()
    told = talk(case_of(outside.look), person)
    assert told["state"] == "open", "who goes away ends nothing"
    [(title, lines)] = person.shown
    assert title == told["step"]["says"]
    assert lines[-1] == "quit"
    assert "back" not in lines, "there is nothing to go back to"


def test_back_takes_the_last_step_back(outside: World) -> None:
    case = case_of(outside.look)
    told = talk(case, Person("skip", once=["Yes", "back"]))
    assert [type(one).__name__ for one in case.course.events][-2:] == ["Answered", "Undone"]
    assert last_step(told) == ""


def test_a_person_hands_it_on(outside: World) -> None:
    told = talk(case_of(outside.look), Person("Cannot tell", "skip", "escalate"))
    assert told["state"] == "escalated"


def test_a_person_mends_it(outside: World) -> None:
    case = case_of(outside.look)
    case.now()
    outside.value = "answers"
    assert talk(case, Person("done", "No"))["state"] == "mended"


def test_a_press_that_does_not_fit_is_refused(outside: World) -> None:
    case = case_of(outside.look)
    for what, body in (
        ("answers", {"check": "lamp", "answer": "purple"}),
        ("remedies", {"remedy": "reconnect"}),
        ("undo", {"step": "lamp"}),
    ):
        with pytest.raises(Refused):
            case.press(what, body)
