"""The adapter of the operator: carries one document at a time, asks the cabinet, asks how the till stands.

Everything that it asks may be asked again: a document is taken once, by its unique number, whoever brings it
and however often. So silence never turns anything red here; it only means that the document is carried once
more. What an answer says counts only if it names what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tillwright.kernel.fault import Fault
from tillwright.parties.http.exchange import (
    Garbled,
    HttpAnswer,
    HttpFailure,
    HttpRequest,
    decode,
    encode,
)
from tillwright.parties.http.line import HttpAdapter, HttpTimes, Out, Status
from tillwright.parties.operator.messages import (
    LATEST_MS,
    Asked,
    Contact,
    ContactTaken,
    Delivery,
    DeviceTold,
    DocumentList,
    DocumentTold,
    Problem,
    Taken,
    TillTold,
    Way,
    device_target,
    document_target,
    till_target,
)
from tillwright.parties.wire import (
    Acknowledged,
    DocumentRefused,
    Listed,
    NotDelivered,
    OperatorRecord,
    OperatorStatus,
    Telling,
    Unlisted,
)

OPERATOR = "operator"
LISTED_MAX = 1_000
"""So many documents are fetched for one question."""

UNREACHABLE = Fault("fiscal.operator-unreachable")
NO_ANSWER = Fault("fiscal.operator-no-answer")

_REFUSALS = ("refused", "not-whole", "conflict", "number-taken")
_CAUSES = {"no-network": "no-internet", "unreachable": "operator-unreachable", "garbled": "operator-garbled"}


@dataclass(frozen=True, slots=True)
class _Carried:
    """A document on its way."""

    serial: str
    number: int
    unique_number: str


@dataclass(frozen=True, slots=True)
class _Reported:
    """A sign of life on its way."""

    serial: str


@dataclass(slots=True)
class _Enquiry:
    """A question to the cabinet, and the pages that have come."""

    query: int
    asked: Asked
    asked_ms: int
    records: list[OperatorRecord] = field(default_factory=list)
    device: DeviceTold | None = None
    contact_ms: int | None = None


class OperatorAdapter(HttpAdapter):
    """Speaks to the operator for one till. Not for two threads at once."""

    def __init__(
        self,
        till: str,
        times: HttpTimes,
        host: str = OPERATOR,
        clock_tolerance_ms: int = 120_000,
        way: Way = "till",
    ) -> None:
        """`clock_tolerance_ms`: a contact is dated only while the operator's clock is no further off. `way`:
        whose line this is.
        """
        super().__init__(OPERATOR, host, times)
        self.till = till
        self._tolerance_ms = clock_tolerance_ms
        self._way: Way = way

    # ── what the station asks ───────────────────────────────────────────────────────────────────────────────

    def deliver(
        self, text: str, serial: str, number: int, unique_number: str, now_ms: int, queued: int | None = None
    ) -> Out:
        """Carry a document; Acknowledged, DocumentRefused or NotDelivered tells the end.

        `queued`: how many more of the device's documents the till holds that are not delivered.
        """
        self._begin(now_ms)
        carried = _Carried(serial, number, unique_number)
        try:
            body = encode(Delivery(self.till, text, self._way, queued))
        except Garbled:
            self._out.append(DocumentRefused(OPERATOR, serial, number, "not-whole", blocks=False))
        else:
            self._ask(HttpRequest("PUT", document_target(unique_number), body), carried)
        return self._end()

    def report(self, serial: str, last_number: int, queued: int, now_ms: int) -> Out:
        """Say that the device is alive, and learn up to which number the operator holds its documents; told
        as Acknowledged of number 0, or NotDelivered of number 0.
        """
        self._begin(now_ms)
        body = encode(Contact(self.till, last_number, queued, self._way))
        self._ask(HttpRequest("PUT", device_target(serial), body), _Reported(serial))
        return self._end()

    def enquire(
        self,
        query: int,
        till: str,
        from_ms: int,
        to_ms: int,
        number: int | None,
        unique: str | None,
        now_ms: int,
        serial: str | None = None,
    ) -> Out:
        """Ask the cabinet; Listed or Unlisted tells the end. `serial`: of which device the standing is told,
        and to which the list is narrowed; left out, all of the till, and the standing of its newest device.
        """
        self._begin(now_ms)
        asked = Asked(
            till=till, from_ms=max(0, from_ms), to_ms=min(to_ms, LATEST_MS), number=number, unique=unique,
            serial=serial,
        )  # fmt: skip
        self._ask(HttpRequest("GET", asked.target()), _Enquiry(query, asked, self._now_ms))
        return self._end()

    # ── how a request ended ─────────────────────────────────────────────────────────────────────────────────

    def _status_request(self) -> HttpRequest:
        return HttpRequest("GET", till_target(self.till))

    def _unanswered(self, tag: Any, failure: HttpFailure) -> list[Telling]:
        if isinstance(tag, _Enquiry):
            return [Unlisted(tag.query, NO_ANSWER if failure.sent else UNREACHABLE)]
        if isinstance(tag, Status):
            return []
        cause = _CAUSES.get(failure.cause, "no-answer")
        return [NotDelivered(OPERATOR, tag.serial, getattr(tag, "number", 0), cause)]

    def _understood(self, tag: Any, answer: HttpAnswer) -> list[Telling]:
        if isinstance(tag, _Carried):
            return self._carried(tag, answer)
        if answer.status != 200:
            raise Garbled(f"status {answer.status}")
        if isinstance(tag, _Enquiry):
            return self._listed(tag, decode(answer.body, DocumentList))
        if isinstance(tag, Status):
            return [self._status(decode(answer.body, TillTold))]
        device = decode(answer.body, ContactTaken).device
        if device.serial != tag.serial:
            raise Garbled("of another device")
        return [Acknowledged(OPERATOR, tag.serial, 0, device.last_number)]

    def _carried(self, tag: _Carried, answer: HttpAnswer) -> list[Telling]:
        if answer.status == 200:
            taken = decode(answer.body, Taken)
            if _Carried(taken.serial, taken.number, taken.unique_number) != tag:
                raise Garbled("of another document")
            return [Acknowledged(OPERATOR, tag.serial, tag.number, taken.last_number)]
        problem = decode(answer.body, Problem)
        if answer.status < 400 or (problem.serial, problem.number) != (tag.serial, tag.number):
            raise Garbled(f"{answer.status} {problem.code}")
        return self._not_taken(tag, problem)

    def _not_taken(self, tag: _Carried, problem: Problem) -> list[Telling]:
        if problem.code in _REFUSALS:
            reason = problem.reason or problem.code
            return [DocumentRefused(OPERATOR, tag.serial, tag.number, reason, problem.blocks)]
        if problem.code == "out-of-order" and problem.wanted is not None:
            return [NotDelivered(OPERATOR, tag.serial, tag.number, "out-of-order", problem.wanted)]
        if problem.code == "till-blocked":
            return [
                OperatorStatus("blocked", problem.reason, None, self._now_ms),
                NotDelivered(OPERATOR, tag.serial, tag.number, "operator-blocked"),
            ]
        raise Garbled(problem.code)

    def _status(self, told: TillTold) -> OperatorStatus:
        if told.till != self.till:
            raise Garbled("of another till")
        return OperatorStatus(told.state, told.reason, told.date_ms, self._now_ms)

    # ── the cabinet ─────────────────────────────────────────────────────────────────────────────────────────

    def _listed(self, tag: _Enquiry, page: DocumentList) -> list[Telling]:
        if page.asked != tag.asked or (page.more and not page.documents):
            raise Garbled("an answer to another question")
        if not tag.asked.after:
            tag.device, tag.contact_ms = page.device, self._contact_ms(tag, page)
        tag.records += [_record(document) for document in page.documents]
        if page.more and len(tag.records) < LISTED_MAX:
            tag.asked = _further(tag.asked, page.documents[-1].moment)
            self._ask(HttpRequest("GET", tag.asked.target()), tag)
            return []
        return [_told(tag, page.more)]

    def _contact_ms(self, tag: _Enquiry, page: DocumentList) -> int | None:
        """The device's last contact by our own clock, never later than it was; None while the clocks differ
        by too much to say.
        """
        contact_ms = page.device.last_contact_ms if page.device else None
        if contact_ms is None or abs(page.clock_ms - self._now_ms) > self._tolerance_ms:
            return None
        age_ms = page.clock_ms - contact_ms
        return tag.asked_ms - age_ms if age_ms >= 0 else None


def _told(tag: _Enquiry, more: bool) -> Listed:
    device = tag.device
    serial, last_number, queued = (
        (device.serial, device.last_number, device.queued) if device is not None else (None, 0, None)
    )
    return Listed(
        tag.query, tuple(tag.records), serial, last_number, tag.contact_ms, tag.asked_ms, queued, more
    )


def _further(asked: Asked, moment: int) -> Asked:
    return Asked(
        till=asked.till, from_ms=asked.from_ms, to_ms=asked.to_ms, number=asked.number, unique=asked.unique,
        serial=asked.serial, after=moment,
    )  # fmt: skip


def _record(told: DocumentTold) -> OperatorRecord:
    return OperatorRecord(
        told.serial, told.number, told.unique_number, told.key, told.kind, told.till, told.total_minor,
        told.currency, told.registered_ms, told.received_ms,
    )  # fmt: skip
