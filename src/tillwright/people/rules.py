"""Who may do what: three roles, and for each purpose the lowest of them.

Roles are a ladder: whoever stands higher may do everything that those below may. Cashiers sell, move cash,
open and close shifts; what gives money or certainty away (refunds, voids, rulings) needs a senior cashier;
what overrules the books, and who works here, is the administrator's. A pack may ask for a higher role, never
for a lower one: a mistake in a pack's file must not let a cashier correct the books.
"""

from __future__ import annotations

from collections.abc import Mapping

from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import PURPOSES, ROLES, PackRules, reaches

CASHIER, SENIOR, ADMINISTRATOR = ROLES

LOWEST_ROLE: Mapping[str, str] = {
    "sale": CASHIER,
    "shift-open": CASHIER,
    "shift-close": CASHIER,
    "cash-in": CASHIER,
    "cash-out": CASHIER,
    "discount": CASHIER,
    "reprint": CASHIER,
    "refund": SENIOR,
    "void": SENIOR,
    "exchange": SENIOR,
    "ruling": SENIOR,
    "correction": ADMINISTRATOR,
    "consent": CASHIER,
    "people": ADMINISTRATOR,
    "audit": ADMINISTRATOR,
    "runbooks": ADMINISTRATOR,
}
"""Purpose → the lowest role that may do it, or approve it for somebody else."""

CONSENT = "consent"
"""To agree, on behalf of a program's caller, to what the station is to do in a diagnosis; how high one has to
stand for that, the action itself says.
"""
APPROVABLE = (*PURPOSES, CONSENT)
"""Purposes for which a grant can be given."""


def rank(role: str) -> int:
    """How high a role stands; -1 for one that is none, which may do nothing."""
    return ROLES.index(role) if role in ROLES else -1


def needed_role(purpose: str, rules: PackRules) -> str:
    """The lowest role that may do this under the rules of a pack. LookupError for a purpose that is none."""
    if purpose not in LOWEST_ROLE:
        raise LookupError(f"no purpose {purpose!r}")
    return max([LOWEST_ROLE[purpose], *_demanded(purpose, rules)], key=rank)


def _demanded(purpose: str, rules: PackRules) -> list[str]:
    """What the pack asks for; a role that is none is taken for the highest."""
    asked = (one.role for one in rules.approvals if one.purpose == purpose)
    return [role if role in ROLES else ADMINISTRATOR for role in asked]


def may(role: str, purpose: str, rules: PackRules) -> bool:
    """Whether somebody with this role may do it, or approve it for somebody else."""
    return reaches(role, needed_role(purpose, rules))


# ── what an account may look like ─────────────────────────────────────────────────────────────────

LARGEST_NUMBER = 99_999_999
LONGEST_NAME = 60
SHORTEST_PIN, LONGEST_PIN = 4, 8


def person_fault(number: int, name: str) -> Fault | None:
    """What is wrong with the number or the name of somebody who is to work here."""
    fits = 0 < number <= LARGEST_NUMBER and name == name.strip() and 0 < len(name) <= LONGEST_NAME
    return None if fits and name.isprintable() else Fault("people.name-unfit")


def pin_fault(number: int, pin: str) -> Fault | None:
    """What is wrong with a new PIN: its form, or that it is among the first that anybody would try."""
    digits = pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN
    if not digits or len(set(pin)) == 1 or int(pin) == number:
        return Fault("people.pin-unfit")
    return None
