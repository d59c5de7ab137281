"""One request to the device, from the wish to the end: what it is about, and the message that says so."""

from __future__ import annotations

from tillwright.parties.control.messages import (
    Documents,
    Hello,
    Inquire,
    Register,
    Request,
    Restore,
    Status,
)
from tillwright.parties.control.reading import KIND_OF_ACTION, Subject, original, shift_meant

PAGE = 100
"""So many documents are read or handed back at a time."""


class Asked:
    """One request: waiting for the line, open (its time running), or past (answered, or its time over).

    Without a subject it is a chore: the adapter's own question, of which the station is told nothing; unless
    it is `wanted`, and then its answer is how the device stands.
    `answer` is what was understood last, so that an answer that is said twice is taken once.
    """

    __slots__ = ("above", "answer", "deadline_ms", "do", "id", "key", "rounds", "subject", "wanted")

    def __init__(self, do: str, subject: Subject | None = None, above: int = 0, wanted: bool = False) -> None:
        self.do = do
        self.wanted = wanted
        self.subject = subject
        self.key = subject.leg.key if subject is not None else None
        self.above = above
        self.id = 0
        self.deadline_ms = 0
        self.rounds = 0
        self.answer: tuple[object, ...] | None = None

    def message(self, till: str, after: int, to_hand_back: list[str]) -> Request:
        """The request as it goes over the line. `after`: the last number of this device that we hold."""
        if self.subject is not None:
            if self.do == "register":
                return _register(self.id, self.subject, till, after)
            return Inquire(self.id, self.subject.leg.key, True, after)
        if self.do == "documents":
            return Documents(self.id, self.above, PAGE)
        if self.do == "restore":
            return Restore(self.id, to_hand_back)
        return Hello(self.id, till) if self.do == "hello" else Status(self.id)


def _register(request_id: int, subject: Subject, till: str, after: int) -> Register:
    operation, leg = subject.operation, subject.leg
    content = operation.content
    return Register(
        request_id, leg.key, till, KIND_OF_ACTION[leg.action], content.currency, content.total_minor,
        operation.content_hash, content.lines, content.tenders, after, original(subject),
        shift_meant(subject),
    )  # fmt: skip
