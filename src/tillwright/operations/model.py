"""An operation and its legs as values.

An operation is never changed: `decide` makes the next one. What the till was asked to do (`Content`) is apart
from what has become of it, because the first is written once and the second at each step.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.kernel.evidence import Evidence
from tillwright.kernel.fault import Fault
from tillwright.operations.states import ENDED, Goal, LegState, OperationState, Question


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket. `quantity_milli` is in thousandths; the line's total is authoritative, not price
    × quantity. `of`: in a refund, the line of the sale (from 1) that comes back. `discount_minor`: what has
    been taken off; the total is without it.
    """

    goods: str
    name: str
    quantity_milli: int
    total_minor: int
    price_minor: int | None = None
    of: int = 0
    discount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Tender:
    """What the customer hands over, or gets: a kind ('cash', 'exchange') and a sum in minor units."""

    kind: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Content:
    """What the till was asked to do; the same for ever.

    `parent`: the operation that this one takes back, or pays out. `exchange`: the other half of an exchange.
    `shift`: which shift is opened or closed. `reason`: from the pack's list. `count`: the stored blind count
    with which a shift is closed. `after`: the device's last number at a correction. Only a correction has a
    total below 0.
    """

    currency: str
    total_minor: int
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...]
    parent: str = ""
    exchange: str = ""
    shift: int = 0
    reason: str = ""
    count: str = ""
    after: int = 0

    @property
    def tendered_minor(self) -> int:
        """All that was handed over."""
        return sum(tender.amount_minor for tender in self.tenders)

    @property
    def change_minor(self) -> int:
        """What goes back from the drawer."""
        return self.tendered_minor - self.total_minor


@dataclass(frozen=True, slots=True)
class Leg:
    """What one operation asks of one party, and what is known of the answer.

    `target` is the number of the leg that this one reverses, `replaces` the number of the attempt that this
    one follows. `tries` counts the times it certainly did not leave, `inquiries` the times that asking for it
    brought nothing.
    """

    number: int
    party: str
    action: str
    key: str
    state: LegState = LegState.PLANNED
    commit_point: bool = False
    target: int | None = None
    replaces: int | None = None
    evidence: Evidence | None = None
    fault: Fault | None = None
    sent_ms: int | None = None
    tries: int = 0
    inquiries: int = 0
    serial: str = ""
    """the device to which the request went, once that is known"""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that falls due for an operation, by name."""

    name: str
    due_ms: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a till does. `version` counts the events it has seen; `number` is the till's receipt
    number.

    Legs stand in the order in which they are worked off. `returned`: it once ended as refused or undone, so
    that people were told to give goods and money back. `posted`: its entries are in the books. `owed`: what
    was to be paid out has not been handed out yet. `promised`: a person ruled that it is to be registered
    now, because the customer has gone with the goods. `documented`: its document is stored. `origin`: the
    unique number of the fiscal document that it takes back. `approved_by`: who approved it before it began.
    """

    uid: str
    till: str
    number: int
    kind: str
    cashier: str
    shift: int
    content: Content
    content_hash: str
    started_ms: int
    changed_ms: int
    legs: tuple[Leg, ...]
    state: OperationState = OperationState.OPEN
    version: int = 0
    goal: Goal = Goal.FORWARD
    question: Question | None = None
    fault: Fault | None = None
    timers: tuple[Timer, ...] = ()
    ended_ms: int | None = None
    red_ms: int | None = None
    returned: bool = False
    posted: bool = False
    printed: bool = False
    owed: bool = False
    promised: bool = False
    documented: bool = False
    origin: str = ""
    approved_by: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.state in ENDED

    def leg(self, number: int) -> Leg:
        """The leg with this number; KeyError if there is none."""
        for leg in self.legs:
            if leg.number == number:
                return leg
        raise KeyError(number)

    def origin_of(self, leg: Leg) -> str:
        """The unique number of the document that this leg takes back; '' if it takes back none."""
        if leg.target is None:
            return self.origin
        evidence = self.leg(leg.target).evidence
        return "" if evidence is None else str(evidence.facts.get("unique_number", ""))

    def leg_by_key(self, key: str) -> Leg:
        """The leg with this key; KeyError if there is none."""
        for leg in self.legs:
            if leg.key == key:
                return leg
        raise KeyError(key)
