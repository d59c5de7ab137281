"""What a driver has to do besides sending legs: carry documents, ask questions, print. None of it can double
anything, so none of it is written before it is done; what comes of it is told back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tillwright.journal.records import StoredDocument
from tillwright.operations.model import Leg, Operation


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to ask of a party of a till. `line`: the name of its line."""

    till: str
    party: str

    @property
    def line(self) -> str:
        """The driver's name of the line."""
        return self.till if self.party == "control" else f"{self.till}/{self.party}"

    def work(self, now_ms: int) -> Callable[[Any], Any]:
        """What is to be run with the party's adapter."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Deliver(Errand):
    """Carry a document. `queued`: how many more of its device wait behind it."""

    document: StoredDocument
    queued: int

    def work(self, now_ms: int) -> Callable[[Any], Any]:
        one = self.document
        return lambda adapter: adapter.deliver(
            one.text, one.serial, one.number, one.unique_number, now_ms, self.queued
        )


@dataclass(frozen=True, slots=True)
class Report(Errand):
    """Say that the device is alive, up to which number it has written, and how many of them wait."""

    serial: str
    last_number: int
    queued: int

    def work(self, now_ms: int) -> Callable[[Any], Any]:
        return lambda adapter: adapter.report(self.serial, self.last_number, self.queued, now_ms)


@dataclass(frozen=True, slots=True)
class Enquire(Errand):
    """Ask what the receiver has of this till, or of this device of it, in a window of time."""

    query: int
    from_ms: int
    to_ms: int
    serial: str | None = None

    def work(self, now_ms: int) -> Callable[[Any], Any]:
        return lambda adapter: adapter.enquire(
            self.query, self.till, self.from_ms, self.to_ms, None, None, now_ms, serial=self.serial
        )


@dataclass(frozen=True, slots=True)
class AskByKey(Errand):
    """Ask the device by the leg's key what became of it, although a person has ruled on it."""

    operation: Operation
    leg: Leg

    def work(self, now_ms: int) -> Callable[[Any], Any]:
        return lambda adapter: adapter.inquire(self.operation, self.leg, now_ms)


@dataclass(frozen=True, slots=True)
class AskStatus(Errand):
    """Ask a party how it stands."""

    def work(self, now_ms: int) -> Callable[[Any], Any]:
        ask = {"operator": "ask_status", "licensing": "ask"}.get(self.party, "status")
        return lambda adapter: getattr(adapter, ask)(now_ms)


@dataclass(frozen=True, slots=True)
class PrintSlip(Errand):
    """Print a stored document, once. `job`: by which its end is told."""

    job: str
    body: bytes

    def work(self, now_ms: int) -> Callable[[Any], Any]:
        return lambda adapter: adapter.print(self.job, self.body, now_ms)
