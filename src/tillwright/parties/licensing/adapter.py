"""The adapter of the licensing service: asks whether all is paid and current, and tells it as faults.

A question changes nothing and may be asked as often as one likes. What was told last is the station's to
keep, for as long as its pack lets it serve while nobody answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tillwright.kernel.fault import Fault
from tillwright.parties.http.exchange import Garbled, HttpAnswer, HttpFailure, HttpRequest, decode
from tillwright.parties.http.line import HttpAdapter, HttpTimes, Out
from tillwright.parties.licensing.messages import Asked, LicenceList, Message
from tillwright.parties.wire import LicenceTold, Telling

LICENSING = "licensing"


class LicensingAdapter(HttpAdapter):
    """Speaks to the licensing service for one till. Not for two threads at once."""

    def __init__(
        self,
        till: str,
        serial: str,
        taxpayer: str,
        times: HttpTimes | None = None,
        host: str = LICENSING,
        version: str = "",
    ) -> None:
        """`serial`: of the till's equipment; `taxpayer`: as the till's settings have it."""
        super().__init__(LICENSING, host, times or HttpTimes())
        self._serial = serial
        self._asked = Asked(till, taxpayer, version)

    def ask(self, now_ms: int) -> Out:
        """Ask; LicenceTold tells it, PartyHealth 'lost' that nobody answered."""
        return self.ask_status(now_ms)

    def _status_request(self) -> HttpRequest:
        return HttpRequest("GET", self._asked.target(self._serial))

    def _understood(self, tag: Any, answer: HttpAnswer) -> list[Telling]:
        if answer.status != 200:
            raise Garbled(f"status {answer.status}")
        told = decode(answer.body, LicenceList)
        if (told.serial, told.asked) != (self._serial, self._asked):
            raise Garbled("of another till")
        codes = tuple(FAULTS[message.code](told.account, message) for message in told.messages)
        return [LicenceTold(codes, self._now_ms)]

    def _unanswered(self, tag: Any, failure: HttpFailure) -> list[Telling]:
        return []


def _not_concluded(account: str, message: Message) -> Fault:
    return Fault("fiscal.billing-contract-not-concluded", account=account, contact=message.contact)


def _update(account: str, message: Message) -> Fault:
    return Fault(
        "fiscal.billing-update-required", account=account, contact=message.contact, update=message.update
    )


def _not_found(account: str, message: Message) -> Fault:
    return Fault("fiscal.billing-sn-not-found", account=account, contact=message.contact)


def _mismatch(account: str, message: Message) -> Fault:
    return Fault("fiscal.billing-unp-mismatch", account=account, contact=message.contact)


def _missing(account: str, message: Message) -> Fault:
    return Fault("fiscal.billing-subscription-missing", account=account, contact=message.contact)


def _ending(account: str, message: Message) -> Fault:
    date = _date(message)
    return Fault("fiscal.billing-subscription-ending", account=account, contact=message.contact, date=date)


def _no_funds(account: str, message: Message) -> Fault:
    return Fault(
        "fiscal.billing-subscription-ending-no-funds",
        account=account,
        contact=message.contact,
        date=_date(message),
    )


FAULTS: Mapping[str, Callable[[str, Message], Fault]] = {
    "contract-not-concluded": _not_concluded,
    "update-required": _update,
    "sn-not-found": _not_found,
    "unp-mismatch": _mismatch,
    "subscription-missing": _missing,
    "subscription-ending": _ending,
    "subscription-ending-no-funds": _no_funds,
}
"""Code of a message → the fault that says it to people."""


def _date(message: Message) -> str:
    """The day, as 2026-12-31, in UTC; raises Garbled for a message without one."""
    if message.date_ms is None:
        raise Garbled(f"{message.code} without a date")
    try:
        return datetime.fromtimestamp(message.date_ms / 1000, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError) as error:
        raise Garbled(str(error)) from error
