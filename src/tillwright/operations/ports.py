"""The ports: what may be asked of each party, and what each request promises.

The table is what code and documentation share. An adapter must keep to it, a twin must show it, and one
contract suite proves both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from tillwright.operations.model import Leg, Operation


@dataclass(frozen=True, slots=True)
class RequestTraits:
    """What a party promises for one request.

    `idempotent`: the same key twice does it once. `inquirable`: it can be asked what became of a key.
    `fences`: having said 'absent' it refuses that key for ever. `reversal`: the action that takes it back, or
    None. `surplus`: the actions that take it back where it was done twice, in the order in which they are
    tried. `window_ms`: after it an unanswered request can no longer arrive (0: the fence makes it
    irrelevant). `repeatable`: safe to send again by itself.
    """

    idempotent: bool
    inquirable: bool
    fences: bool
    reversal: str | None = None
    window_ms: int = 0
    repeatable: bool = False
    surplus: tuple[str, ...] = ()


_CONTROL = RequestTraits(idempotent=True, inquirable=True, fences=True)

REQUESTS: Mapping[tuple[str, str], RequestTraits] = {
    ("control", "register"): replace(_CONTROL, surplus=("annul", "refund")),
    ("control", "refund"): replace(_CONTROL, surplus=("register",)),
    ("control", "annul"): replace(_CONTROL, surplus=("register",)),
    ("control", "deposit"): replace(_CONTROL, surplus=("withdraw",)),
    ("control", "withdraw"): replace(_CONTROL, surplus=("deposit",)),
    ("control", "open"): _CONTROL,
    ("control", "close"): _CONTROL,
}
"""(party, action) → what it promises."""

_QUESTION = RequestTraits(idempotent=True, inquirable=True, fences=False, repeatable=True)

BESIDES: Mapping[tuple[str, str], RequestTraits] = {
    ("operator", "deliver"): _QUESTION,
    ("operator", "report"): _QUESTION,
    ("operator", "enquire"): _QUESTION,
    ("operator", "ask_status"): _QUESTION,
    ("licensing", "ask"): _QUESTION,
    ("printer", "print"): RequestTraits(idempotent=False, inquirable=False, fences=False),
}
"""(party, request) → what it promises, for what is no leg of an operation: silence there turns nothing red.
A document is known by its unique number and taken once; a question changes nothing.
"""


class PartyPort(Protocol):
    """A party as the runner sees it: fire and be told. The answer comes back later as an outcome for the
    leg's key.
    """

    def send(self, operation: Operation, leg: Leg, now_ms: int) -> None:
        """Send the leg's request; the answer is an `Outcome` for `leg.key`."""

    def inquire(self, operation: Operation, leg: Leg, now_ms: int) -> None:
        """Ask what became of the leg's key; the answer is an `InquiryOutcome` for `leg.key`."""
