"""Approvals: somebody with the right says yes to one purpose, for one operation, within two minutes, once.

The person types number and PIN at the till where the work is done, and goes. What comes of it is a grant: an
unguessable name that the till sends along when it begins the operation. A grant names its operation, its
purpose and its till, so it serves for nothing else; the journal marks it as used in the transaction that
begins the operation, so it serves once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from tillwright.journal.records import Grant
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.machine.sqlite import Connection
from tillwright.people import signing, trail
from tillwright.people.models import Account
from tillwright.people.rules import ADMINISTRATOR, may, needed_role
from tillwright.people.signing import Refused
from tillwright.people.trail import Happened, Station

_NAME_BYTES = 18


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be approved where, and who says that they may: number and PIN as typed."""

    number: str
    pin: str
    operation: str
    purpose: str
    till: str

    def __repr__(self) -> str:
        return f"Asked(operation={self.operation!r}, purpose={self.purpose!r}, till={self.till!r})"


@dataclass(frozen=True, slots=True)
class Approved:
    """A grant, and what people call the one who gave it."""

    grant: Grant
    name: str


def approve(station: Station, asked: Asked, rules: PackRules, now_ms: int) -> Approved:
    """A grant, journaled when this returns. Raises FaultError: people.approval-refused, people.locked with
    `wait_ms`, people.senior-needed, people.administrator-needed; then nothing was approved.
    """
    account = _person(station, asked, now_ms)
    if not may(account.role, asked.purpose, rules):
        trail.record(station, _happened("approval-not-allowed", account.cashier, asked, now_ms))
        raise FaultError(_too_low(asked.purpose, rules))
    grant = Grant(
        id=secrets.token_urlsafe(_NAME_BYTES),
        operation=asked.operation,
        purpose=asked.purpose,
        till=asked.till,
        person=account.cashier,
        role=account.role,
        granted_ms=now_ms,
        expires_ms=now_ms + rules.grant_ms,
    )
    happened = _happened("approval", account.cashier, asked, now_ms)
    trail.change(station, lambda connection: put_grant(connection, grant), happened)
    return Approved(grant, account.name)


def _person(station: Station, asked: Asked, now_ms: int) -> Account:
    try:
        return signing.check_pin(asked.number, asked.pin, now_ms)
    except Refused as refused:
        trail.record(station, *trail.refusals(refused, asked.till, now_ms, "approval-failed"))
        if refused.fault.code == "people.locked":
            raise
        raise FaultError(Fault("people.approval-refused")) from None


def _too_low(purpose: str, rules: PackRules) -> Fault:
    if needed_role(purpose, rules) == ADMINISTRATOR:
        return Fault("people.administrator-needed", purpose=purpose)
    return Fault("people.senior-needed", purpose=purpose)


def _happened(what: str, who: str, asked: Asked, now_ms: int) -> Happened:
    facts = {"operation": asked.operation, "purpose": asked.purpose, "till": asked.till}
    return Happened(now_ms, who, what, facts)


def put_grant(connection: Connection, grant: Grant) -> None:
    """Journal a grant; it has not been used."""
    connection.execute(
        "INSERT INTO approval (id, operation, purpose, till, person, role, granted_ms, expires_ms)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (
            grant.id, grant.operation, grant.purpose, grant.till, grant.person, grant.role,
            grant.granted_ms, grant.expires_ms,
        ),
    )  # fmt: skip
