"""What the rules of the writer look at: the journal, the pack's rules, what parties said last, the tally."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tillwright.journal.knowledge import Knowledge
from tillwright.journal.port import JournalPort
from tillwright.kernel import audit
from tillwright.kernel.fault import Fact, Fault
from tillwright.kernel.rules import PackRules


@dataclass(frozen=True, slots=True)
class Ban:
    """What is not to be begun at a till for now. `code`: the fault that is being looked into; `operation`:
    the one that has to end first, '' where it is about none.
    """

    code: str
    operation: str = ""


Bans = Mapping[tuple[str, str], Sequence[Ban]]
"""(till, kind) → what forbids it. Told from above, from what is open there; nothing of it is journaled."""

OPERATOR = "operator"
EPOCH = "epoch"


class Place:
    """One journal and what belongs to it, for the length of a runner's life.

    `parties`: which parties besides the control device each till has a line to. `tally_ms`: the running
    tally, see `tally`.
    """

    def __init__(
        self,
        journal: JournalPort,
        rules: PackRules,
        known: Knowledge,
        parties: Mapping[str, Collection[str]],
        heading: Sequence[str] = (),
    ) -> None:
        self.journal = journal
        self.rules = rules
        self.known = known
        self.parties = parties
        self.heading = tuple(heading)
        self.bans: Bans = {}
        self.tally_ms = 0

    def has(self, till: str, party: str) -> bool:
        """Whether the till has a line to this party."""
        return party in self.parties.get(till, ())

    def moment(self, now_ms: int) -> tuple[int, int]:
        """Now by the wall and by the running tally."""
        return now_ms, self.tally_ms

    def shift_of(self, till: str) -> int:
        """The shift in which something is booked now: the open one, else the one that will be opened next; a
        closed one never changes. Without shifts it is always the first.
        """
        if not self.rules.shifts:
            return 1
        shift = self.journal.shift(till)
        if shift is None:
            return 1
        return shift.number if shift.is_open else shift.number + 1

    def raise_fault(self, till: str, uid: str | None, fault: Fault, now_ms: int) -> None:
        """Tell people."""
        self.journal.raise_fault(till, uid, fault, now_ms)

    def note(self, now_ms: int, who: str, what: str, **facts: Fact) -> None:
        """An entry of the audit chain, in the commit of what it tells."""
        last = self.journal.last_audit()
        number, previous = (last.number, last.hash) if last is not None else audit.EMPTY
        self.journal.append_audit(audit.entry(previous, number + 1, now_ms, who, what, facts))

    @property
    def epoch(self) -> int:
        """How often this station has been restored from an older copy, from 1."""
        return int(self.journal.value(EPOCH) or 1)
