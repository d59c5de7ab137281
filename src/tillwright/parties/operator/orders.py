"""What can be ordered of the operator's twin from outside: its judgement of tills, single refusals, gaps; and
its truth.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillwright.parties.faulting import FaultPlan
from tillwright.parties.http.orders import HttpOrders
from tillwright.parties.http.twin import HttpTwin
from tillwright.parties.operator.messages import Asked
from tillwright.parties.operator.service import OperatorService
from tillwright.parties.operator.store import (
    OperatorStore,
    StoredContact,
    StoredDocument,
    StoredRefusal,
    StoredTill,
)
from tillwright.parties.wire import TwinAction

NAME = "operator"
PAGE = 1_000


def operator_twin(
    store: OperatorStore, faults: FaultPlan, *, gaps: bool = True, name: str = NAME
) -> HttpTwin:
    """The operator on a line."""
    return HttpTwin(name, OperatorService(store, gaps), faults)


class OperatorOrders(HttpOrders):
    """Orders to the operator. Like the twin itself, not for two threads at once."""

    def __init__(self, twin: HttpTwin) -> None:
        super().__init__(twin)
        if not isinstance(twin.service, OperatorService):
            raise TypeError("not an operator's twin")
        self.service = twin.service

    def warn(self, till: str, reason: str, date_ms: int | None) -> list[TwinAction]:
        """The till will be blocked on that date."""
        self.service.set_till(StoredTill(till, "warning", reason, date_ms))
        return []

    def block(self, till: str, reason: str) -> list[TwinAction]:
        """The till is blocked."""
        self.service.set_till(StoredTill(till, "blocked", reason))
        return []

    def activate(self, till: str) -> list[TwinAction]:
        """The till is active."""
        self.service.set_till(StoredTill(till))
        return []

    def refuse(self, serial: str, number: int, reason: str) -> list[TwinAction]:
        """Do not take this document, if it has not come yet."""
        self.service.refuse(serial, number, reason)
        return []

    def refuse_next(self, count: int, reason: str) -> list[TwinAction]:
        """Do not take the next so many documents that are new."""
        self.service.refuse_next = (count, reason)
        return []

    def accept(self, serial: str, number: int) -> list[TwinAction]:
        """Take this document again."""
        self.service.accept(serial, number)
        return []

    def disown(self, till: str, off: bool = False) -> list[TwinAction]:
        """It does not know this till (`off`: it does again)."""
        (self.service.strangers.discard if off else self.service.strangers.add)(till)
        return []

    def misstate(self, till: str, off_minor: int) -> list[TwinAction]:
        """Its list has other sums than the documents of this till, by so much; 0: the right ones again."""
        self.service.misstates[till] = off_minor
        if not off_minor:
            del self.service.misstates[till]
        return []

    def set_gaps(self, gaps: bool) -> list[TwinAction]:
        """Whether later documents are taken before earlier ones."""
        self.service.set_gaps(gaps)
        return []

    # ── truth ───────────────────────────────────────────────────────────────────────────────────────────────

    def documents(self, above: int = 0, limit: int = PAGE) -> Sequence[StoredDocument]:
        """The documents after a moment, in the order in which they came."""
        return self.service.store.documents(above, limit)

    def cabinet(self, asked: Asked, limit: int) -> Sequence[StoredDocument]:
        """The documents that a question means, those that came last first."""
        return self.service.store.newest(asked, limit)

    def contacts(self) -> Sequence[StoredContact]:
        """The last contact of every device."""
        return self.service.store.contacts()

    def refusals(self) -> Sequence[StoredRefusal]:
        """All that is refused."""
        return self.service.store.refusals()

    def tills(self) -> Sequence[StoredTill]:
        """The tills that were judged."""
        return self.service.store.tills()
