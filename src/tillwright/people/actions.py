"""Changing who works here: each change with its rules and its entry in the audit chain, in one transaction.

The functions run on the writer's connection: `station().write(lambda connection: add(connection, by, new))`.
Whoever commits keeps the head of the chain afterwards (`trail.change` and the command both do).
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.kernel.fault import Fact, Fault, FaultError
from tillwright.machine.sqlite import Connection
from tillwright.people import accounts, trail
from tillwright.people.accounts import NewAccount
from tillwright.people.rules import ADMINISTRATOR, person_fault, pin_fault
from tillwright.people.trail import Happened


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something, and when: an administrator's number, or the console of the station."""

    who: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here, or has."""

    number: int
    name: str
    role: str
    active: bool


CONSOLE = "console"
"""Who it was that called the command: nobody who has a number here."""


def add(connection: Connection, by: By, new: NewAccount, pin_hash: str = "") -> None:
    """Let somebody work here. Raises FaultError: people.name-unfit, people.pin-unfit, people.number-taken.
    `pin_hash`: that of the PIN, where there was time to make it before.
    """
    _refuse(person_fault(new.number, new.name) or pin_fault(new.number, new.pin))
    if _find(connection, new.number) is not None:
        raise FaultError(Fault("people.number-taken", number=new.number))
    accounts.put_account(connection, new, pin_hash)
    _note(connection, by, "account-made", number=new.number, role=new.role)


def change_role(connection: Connection, by: By, number: int, role: str) -> None:
    """Let somebody do more or less. Raises FaultError: people.number-unknown, people.last-administrator;
    ValueError for a role that is none.
    """
    before = _known(connection, number)
    if role == before.role:
        return
    if role != ADMINISTRATOR:
        _refuse_the_last(connection, before)
    accounts.set_role(connection, number, role)
    _note(connection, by, "account-changed", number=number, role=role, before=before.role)


def change_pin(
    connection: Connection, by: By, number: int, pin: str, pin_hash: str = "", failures: int = 0
) -> None:
    """Give somebody another PIN; their live session ends. Raises FaultError: people.number-unknown,
    people.pin-unfit. `pin_hash`: as for `add`; `failures`: so many of the old PIN are forgotten with it.
    """
    _known(connection, number)
    _refuse(pin_fault(number, pin))
    accounts.set_pin(connection, number, pin, pin_hash)
    forgotten: dict[str, Fact] = {"failures": failures} if failures else {}
    _note(connection, by, "pin-changed", number=number, **forgotten)


def switch_off(connection: Connection, by: By, number: int) -> None:
    """Let somebody work here no more. Raises FaultError: people.number-unknown, people.last-administrator."""
    before = _known(connection, number)
    if not before.active:
        return
    _refuse_the_last(connection, before)
    accounts.close_account(connection, number)
    _note(connection, by, "account-off", number=number, role=before.role)


def switch_on(connection: Connection, by: By, number: int) -> None:
    """Let somebody work here again. Raises FaultError(people.number-unknown)."""
    before = _known(connection, number)
    if before.active:
        return
    accounts.open_account(connection, number)
    _note(connection, by, "account-on", number=number, role=before.role)


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


def people(connection: Connection) -> list[Person]:
    """Everybody, those who work here first, each by number."""
    rows = connection.execute(
        "SELECT number, name, role, is_active FROM account ORDER BY is_active DESC, number"
    )
    return [Person(number, name, role, bool(active)) for number, name, role, active in rows]


def _find(connection: Connection, number: int) -> Person | None:
    return next((one for one in people(connection) if one.number == number), None)


def _known(connection: Connection, number: int) -> Person:
    found = _find(connection, number)
    if found is None:
        raise FaultError(Fault("people.number-unknown", number=number))
    return found


def _refuse_the_last(connection: Connection, person: Person) -> None:
    """Somebody has to stay who can let others in."""
    others = [one for one in people(connection) if one.active and one.number != person.number]
    if (
        person.active
        and person.role == ADMINISTRATOR
        and not any(one.role == ADMINISTRATOR for one in others)
    ):
        raise FaultError(Fault("people.last-administrator"))


def _refuse(fault: Fault | None) -> None:
    if fault is not None:
        raise FaultError(fault)


def _note(connection: Connection, by: By, what: str, **facts: Fact) -> None:
    trail.append(connection, Happened(by.at_ms, by.who, what, facts))
