"""What a till asks to begin, and what has to be known to say yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillwright.kernel.fault import Fault
from tillwright.operations.model import Content, Operation
from tillwright.operations.offline import Undelivered
from tillwright.operations.refunds import LineLeft


@dataclass(frozen=True, slots=True)
class Request:
    """What a till asks to begin. `approvals`: ids of grants; `role`: that of the cashier, as the door knows
    it.
    """

    uid: str
    till: str
    kind: str
    cashier: str
    content: Content
    approvals: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """An approval that holds for this request now: who gave it, in which role, for what."""

    person: str
    role: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the journal knows of the till at this moment; read inside the batch that begins the operation.

    `shift`: the number of the open one; `hold`: what the till is held for; `catching_up`: it was
    restored from an older copy and has not read its device since. `parent`, `exchange`: the
    operations that the request names; `parent_left_minor` and `parent_lines_left`: what may still go back of
    the first; `successor_number`: another that has begun to take it back; `exchange_retry`: the refund that
    the exchange's sale names has ended as not done, and no other has taken its place.
    `device_cash_minor`: cash in the till by the device, None if it cannot be read; `owed_minor`: what is owed
    to customers and still lies in the drawer (the device has counted it out); `differing_document`: the first
    device document that stands on one side only; `explained_by`: operations whose ruling, overturned, would
    explain the difference of cash. `licence`: what the licence said last, `licence_age_ms` ago (None: it was
    never asked). `operator_date`: when the operator means to block, as text. `warning_until_ms`: until when
    the operator's warning is to be shown; None: it has not been shown yet. `approvals`: those among the
    request's that hold. `count`: the stored blind count of this shift. `forbidden_by`: the fault that is
    being looked into and forbids this kind meanwhile; '' for none.
    """

    open_number: int | None
    red_numbers: Sequence[int]
    drawer_minor: int
    now_ms: int = 0
    shift: int | None = None
    hold: str | None = None
    catching_up: bool = False
    parent: Operation | None = None
    parent_left_minor: int = 0
    parent_lines_left: tuple[LineLeft, ...] = ()
    successor_number: int | None = None
    exchange: Operation | None = None
    exchange_retry: bool = False
    device_cash_minor: int | None = None
    owed_minor: int = 0
    differing_document: int | None = None
    explained_by: tuple[int, ...] = ()
    undelivered: Undelivered | None = None
    operator_state: str = "active"
    operator_reason: str = ""
    operator_date: str = ""
    warning_until_ms: int | None = None
    licence: tuple[Fault, ...] = ()
    licence_age_ms: int | None = None
    approvals: tuple[Grant, ...] = ()
    count: str = ""
    forbidden_by: str = ""

    @property
    def book_minor(self) -> int:
        """What the device should count as cash in the till, by our book."""
        return self.drawer_minor - self.owed_minor
