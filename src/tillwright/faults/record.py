"""The whole record of a diagnosis in words, to be printed or read out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tillwright.catalogue.entry import Entry
from tillwright.diagnosis.events import (
    Answered,
    CannotTell,
    Closed,
    Did,
    Escalated,
    Event,
    Found,
    HandedOver,
    Left,
    Outcome,
    Reopened,
    Resumed,
    Undone,
    Verified,
)
from tillwright.faults import words
from tillwright.faults.running import View
from tillwright.till.document_words import PageWords, page_words


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: when, who (the program: ''), what, how it was found out."""

    at_ms: int
    who: str
    what: str
    how: str = ""


def record_of(view: View) -> list[Line]:
    """Everything, oldest first."""
    people = page_words(*_people(view.course.events))
    return [_line(view.entry, event, people) for event in view.course.events]


def _people(events: Iterable[Event]) -> set[str]:
    return {event.by for event in events} | {one.to for one in events if isinstance(one, HandedOver)}


def _line(entry: Entry, event: Event, people: PageWords) -> Line:
    how = event.how if isinstance(event, Found | Verified) else ""
    return Line(event.at_ms, people.names.get(event.by, event.by), told(entry, event, people), how)


def told(entry: Entry, event: Event, people: PageWords) -> str:
    """What an event says, in a sentence."""
    match event:
        case Found(check=check, value=value):
            return f"{_probe(entry, check)}: {_value(entry, check, value)}"
        case Answered(check=check, answer=answer):
            return f"{words.step_word(entry, check)} {_answer(entry, check, answer)}"
        case CannotTell(check=check):
            return f"{words.step_word(entry, check)} {_('Cannot tell')}"
        case Did(remedy=remedy):
            return _("Done: {step}").format(step=words.step_word(entry, remedy))
        case Verified(outcome=outcome):
            return str(_verdict(outcome))
        case Undone(step=step):
            return _("Taken back: {step}").format(step=words.step_word(entry, step))
        case HandedOver(to=to):
            return _("Handed over to {person}").format(person=people.names.get(to, to))
        case Closed(cause=cause) if cause:
            return _("Closed; the cause: {cause}").format(cause=words.cause_word(entry, cause))
    return _plain(event)


def _plain(event: Event) -> str:
    said = {
        Left: _("Left for now"),
        Resumed: _("Taken up again"),
        Escalated: _("Given to others, with the record"),
        Reopened: _("It came back: opened again"),
        Closed: _("Closed"),
    }
    return said[type(event)]


def _verdict(outcome: Outcome) -> str:
    if outcome is Outcome.GONE:
        return _("Looked: it is gone")
    return (
        _("Looked: it is still there")
        if outcome is Outcome.STILL
        else _("Nobody could look whether it is gone")
    )


def _probe(entry: Entry, check: str) -> Any:
    found = next((one for one in entry.checks if one.id == check), None)
    return words.probe_word(found.probe) if found is not None else check


def _value(entry: Entry, check: str, value: str) -> Any:
    found = next((one for one in entry.checks if one.id == check), None)
    return words.value_word(found.probe, value) if found is not None else value


def _answer(entry: Entry, check: str, answer: str) -> Any:
    found = next((one for one in entry.checks if one.id == check), None)
    return words.answer_word(found, answer) if found is not None else answer
