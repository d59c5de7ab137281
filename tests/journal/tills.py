"""A whole till without threads: device, operator and people, through the runner, on either journal.

The device keeps documents of every kind in one sequence, counts cash, and says how it stands. The operator
takes documents in order and lists them. What one tells the other is chosen by the test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.journal.storages import UIDS
from tests.journal.worlds import NOW_MS, RULES, Desk, Device, proof
from tillwright.journal import rulings, shifts
from tillwright.journal.errands import Deliver, Enquire, Errand, Report
from tillwright.journal.hearing import hear, notice
from tillwright.journal.high_water import HighWater
from tillwright.journal.place import Place
from tillwright.journal.port import JournalPort
from tillwright.journal.records import CashCount, Grant
from tillwright.journal.rulings import Backing
from tillwright.journal.runner import Apply, Done, Item, Runner
from tillwright.kernel.evidence import Source
from tillwright.kernel.outcome import Accepted
from tillwright.kernel.rules import ApprovalRules, KindRules, LegRules, OfflineRules, PackRules
from tillwright.operations.guards import Request
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Content, Leg, Line, Operation, Tender
from tillwright.operations.policy import Policy
from tillwright.operations.rulings import Ruling
from tillwright.parties.control.messages import Counters
from tillwright.parties.control.reading import KIND_OF_ACTION
from tillwright.parties.wire import (
    Acknowledged,
    DeviceRecord,
    Health,
    Listed,
    OperatorRecord,
    Telling,
    Told,
)

PARTIES: Mapping[str, frozenset[str]] = {"1": frozenset({"operator"}), "2": frozenset({"operator"})}
FISCAL: PackRules = replace(
    RULES,
    name="fiscal-test",
    kinds=tuple(
        KindRules(
            kind.name, tuple(LegRules(leg.party, leg.action, commit=leg.commit_point) for leg in kind.legs)
        )
        for kind in KINDS.values()
    ),
    red_blocks=("cash-sale", "refund", "void", "cash-in", "cash-out", "shift-open"),
    receivers=("operator",),
    shifts=True,
    approvals=(ApprovalRules("refund", "senior"), ApprovalRules("correction", "administrator")),
    offline=OfflineRules(7 * 86_400_000, 500, 1_000_000, 100_000),
)
LINES = (Line("tea", "Tea", 2_000, 400, 200), Line("cake", "Cake", 1_000, 168, 168))
SALE = Content("EUR", 568, LINES, (Tender("cash", 568),))
_CASH = {"sale": 1, "refund": -1, "annulment": -1, "deposit": 1, "withdrawal": -1}


def cash(amount_minor: int, **more: object) -> Content:
    """Money put in or taken out."""
    content = Content("EUR", amount_minor, (), (Tender("cash", amount_minor),), reason="other")
    return replace(content, **more)  # type: ignore[arg-type]


def whole_refund(parent: str = UIDS[1], **more: object) -> Content:
    """A refund of all that SALE has sold."""
    lines = tuple(replace(line, of=number) for number, line in enumerate(LINES, start=1))
    content = Content("EUR", 568, lines, (Tender("cash", 568),), parent=parent, reason="mistake")
    return replace(content, **more)  # type: ignore[arg-type]


@dataclass
class FullDevice(Device):
    """A device that keeps documents of every kind. `uplink`: up to which it has delivered by itself."""

    shift: int = 0
    shift_open: bool = False
    uplink: int | None = None

    def write(self, operation: Operation, leg: Leg, now_ms: int) -> DeviceRecord:
        assert leg.key not in self.fenced
        content, kind = operation.content, KIND_OF_ACTION[leg.action]
        number = len(self.documents) + 1
        if kind in ("shift-open", "shift-close"):
            self.shift_open = kind == "shift-open"
            self.shift = content.shift
        paid = tuple(
            replace(one, amount_minor=one.amount_minor - content.change_minor) if one.kind == "cash" else one
            for one in content.tenders
        )
        unique_number = f"{self.serial.replace('-', '')}U{number}"
        record = DeviceRecord(
            self.serial, number, unique_number, leg.key, kind, operation.till,
            content.total_minor, content.currency, now_ms, f"{self.serial} {number} {leg.key}",
            operation.content_hash, self.shift, operation.origin_of(leg), paid,
        )  # fmt: skip
        self.documents.append(record)
        return record

    @property
    def cash_minor(self) -> int:
        """Cash in the till, as the device counts it."""
        return sum(
            _CASH.get(one.kind, 0) * sum(t.amount_minor for t in one.tenders if t.kind == "cash")
            for one in self.documents
        )

    def health(self, now_ms: int, state: str = "ready") -> Health:
        """How it stands."""
        return Health(
            state, self.serial, len(self.documents), Counters(self.cash_minor, 0, {}), now_ms, self.shift,
            "open" if self.shift_open else "closed", self.uplink,
        )  # fmt: skip


@dataclass
class Operator:
    """Takes documents, and lists them. `deaf`: nothing comes through."""

    documents: dict[str, DeviceRecord] = field(default_factory=dict)
    deaf: bool = False
    brought: list[tuple[str, int]] = field(default_factory=list)

    def takes(self, record: DeviceRecord) -> Acknowledged:
        self.brought.append((record.serial, record.number))
        self.documents[record.unique_number] = record
        return Acknowledged("operator", record.serial, record.number)

    def lists(self, enquiry: Enquire, now_ms: int, *, serial: str, queued: int | None = 0) -> Listed:
        """All that it has; the device was heard of just now."""
        records = tuple(self.listed(one, now_ms) for one in self.documents.values())
        last = max((one.number for one in self.documents.values() if one.serial == serial), default=0)
        return Listed(enquiry.query, records, serial, last, now_ms, now_ms, queued)

    def listed(self, one: DeviceRecord, now_ms: int) -> OperatorRecord:
        return OperatorRecord(
            one.serial, one.number, one.unique_number, one.key, one.kind, one.till, one.total_minor,
            one.currency, one.registered_ms, now_ms,
        )  # fmt: skip


class Till(Desk):
    """A desk that does everything that a fiscal till does."""

    def __init__(
        self,
        journal: JournalPort,
        device: FullDevice | None = None,
        now_ms: int = NOW_MS,
        *,
        rules: PackRules = FISCAL,
        operator: Operator | None = None,
        high: HighWater | None = None,
        parties: Mapping[str, frozenset[str]] = PARTIES,
    ) -> None:
        self.full = device or FullDevice()
        super().__init__(journal, self.full, now_ms)
        self.operator = operator or Operator()
        self.runner = Runner(journal, Policy(), rules, parties=parties, high=high)
        self.errands: list[Errand] = []

    @property
    def place(self) -> Place:
        return self.runner.place

    def process(self, *items: Item) -> Done:
        done = super().process(*items)
        self.errands += done.errands
        return done

    def tell(self, *tellings: Telling, line: str = "1") -> Done:
        """What a party tells on a line, as a driver hands it in."""
        heard = [self._heard(line, telling) for telling in tellings if notice(self.runner, line, telling)[1]]
        return self.process(*heard)

    def _heard(self, line: str, telling: Telling) -> Apply:
        return Apply(lambda _journal: hear(self.runner, line, telling, self.now_ms), repeatable=True)

    def look(self) -> None:
        """The device says how it stands."""
        self.tell(self.full.health(self.now_ms))

    def register(self, operation: Operation, leg: Leg) -> Told:
        """The device does it, and its answer comes."""
        record = self.full.of(leg.key) or self.full.write(operation, leg, self.now_ms)
        return Told(leg.key, Accepted(proof(record, Source.REPLY, self.now_ms)), False, record)

    def run(self, request: Request) -> Operation:
        """Begin it and let everything answer until it has ended."""
        self.begin(request)
        operation = self.live(request.uid)
        self.look()
        return operation

    def do(self, kind: str, content: Content, uid: str, **more: object) -> Operation:
        """An operation of till 1 that goes well."""
        return self.run(Request(uid, "1", kind, "11", content, **more))  # type: ignore[arg-type]

    def open_up(self, uid: str = UIDS[0], float_minor: int = 0) -> Operation:
        """Open the next shift."""
        shift = self.journal.shift("1")
        self.look()
        opened = self.do(
            "shift-open", Content("EUR", 0, (), (), shift=(shift.number if shift else 0) + 1), uid
        )
        assert opened.state.value == "done"
        return opened

    def sell(self, uid: str = UIDS[1]) -> Operation:
        return self.do("cash-sale", SALE, uid)

    # ── people ──

    def write(self, change: Callable[[Place, int], Any]) -> Any:
        """A change of the place, in a batch; raises what it was refused with."""
        answer = self.process(Apply(lambda _journal: change(self.place, self.now_ms))).answers[0]
        if answer.error is not None:
            raise answer.error
        return answer.value

    def approve(self, uid: str, purpose: str = "refund", identity: str = "g1") -> str:
        grant = Grant(identity, uid, purpose, "1", "21", "senior", self.now_ms, self.now_ms + 120_000)
        self.write(lambda place, _now: place.journal.store_grant(grant))
        return identity

    def count(self, denominations: Mapping[int, int], reason: str = "") -> CashCount:
        self.write(lambda place, now: shifts.open_count(place, "1", "11", now))
        counted: CashCount = self.write(
            lambda place, now: shifts.store_count(place, "1", "EUR", "11", (denominations, reason), now)
        )
        return counted

    def close(self, uid: str, denominations: Mapping[int, int] | None = None) -> Operation:
        """Count, and close the shift."""
        counted = self.count(denominations or {})
        shift = self.journal.shift("1")
        assert shift is not None
        self.look()
        content = Content("EUR", 0, (), (), shift=shift.number, count=counted.uid)
        return self.do("shift-close", content, uid)

    def rule(self, uid: str, *, happened: bool, backing: Backing | None = None, **more: object) -> Operation:
        """A person rules on the first leg."""
        operation = self.runner.read(uid)
        assert operation is not None
        leg = next(leg for leg in operation.legs if leg.state.value == "unknown")
        told = Ruling(uid, leg.number, operation.version, happened, "", "11", "", "as-told")
        ruling = replace(told, **more)  # type: ignore[arg-type]
        answer = self.process(
            Apply(
                lambda _journal: rulings.rule(self.runner, ruling, self.now_ms, backing or Backing("senior"))
            )
        ).answers[0]
        if answer.error is not None:
            raise answer.error
        ruled: Operation = answer.value
        return ruled

    # ── errands ──

    def deliver(self, times: int = 50) -> int:
        """Let the operator answer what it is asked to take, until nothing more is asked; how many it took."""
        took = 0
        for _ in range(times):
            errands, self.errands = self.errands, []
            if not errands:
                break
            for errand in errands:
                took += self._brought(errand)
        return took

    def _brought(self, errand: Errand) -> int:
        if not isinstance(errand, Deliver) or self.operator.deaf:
            return 0
        record = next(one for one in self.full.documents if one.number == errand.document.number)
        self.tell(self.operator.takes(record), line=errand.line)
        return 1

    def answer_enquiries(self, *, queued: int | None = 0) -> int:
        """Let the operator list what it has, for whoever has asked."""
        asked = [one for one in self.errands if isinstance(one, Enquire)]
        self.errands = [one for one in self.errands if not isinstance(one, Enquire | Report)]
        for one in asked:
            listed = self.operator.lists(one, self.now_ms, serial=self.full.serial, queued=queued)
            self.tell(listed, line=one.line)
        return len(asked)
