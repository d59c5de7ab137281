"""One run: a station, its tills, their devices and the people there, in two acts.

In the first act, safety, everything may fail that the run's options name. In the second, liveness, nothing
fails any more: within an hour all must have ended, and one last customer at each till must find it working.
The judge looks on after every step of both.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tillwright.documents import picture_text
from tillwright.documents.storyboard import picture_of
from tillwright.journal.records import CashCount
from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import PackRules
from tillwright.machine.resources import shipped_catalogue, shipped_rules
from tillwright.operations.kinds import KINDS
from tillwright.operations.policy import policy_of
from tillwright.parties.control.adapter import ControlTimes
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import FaultPlan
from tillwright.simulation.administrators import Administrator
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.auditor import Auditor
from tillwright.simulation.books import DeviceBooks
from tillwright.simulation.chance import DEVICE, Dice, Options
from tillwright.simulation.days import CASHIER, Day
from tillwright.simulation.disk import Disk
from tillwright.simulation.intents import HUGE_LINES, Ending, Intent, everything, huge
from tillwright.simulation.judge import Judge, Stop, Violation, document_kind
from tillwright.simulation.network import PARTITIONS, Link
from tillwright.simulation.operators import Operators
from tillwright.simulation.people import Customer
from tillwright.simulation.seniors import Senior
from tillwright.simulation.station import RECEIVERS, SimulatedStation, Visits

PACK = "demo"
STATUS_EVERY_MS = 15_000
"""How often a station asks an idle device how it stands."""
SAFETY_MS = 6 * 3_600_000
LIVENESS_MS = 3_600_000
ROUNDS = 5
"""So often the people come back in the end for what still waits for them."""
LAST_MAX = 6
"""So many errands it may take until the last customer is served: a shift has to be opened first, perhaps."""
SETTLE_MS = 120_000
"""So long after the last fault messages may still be on their way, and connections broken that nobody has
used yet.
"""


@cache
def rules_of_the_world(pack: str = PACK) -> PackRules:
    """A pack with a receiver, so that every document has to be queued for somebody, and with baskets as large
    as no device takes, so that a device has something to refuse.
    """
    rules = replace(shipped_rules(pack), receivers=RECEIVERS, maximum_lines=HUGE_LINES)
    return replace(rules, red_blocks=()) if pack == PACK else rules


def times_of(rules: PackRules) -> ControlTimes:
    """How long a pack gives the control device."""
    return ControlTimes(
        connect_within_ms=rules.connect_within_ms,
        answer_within_ms=rules.answer_within_ms,
        clock_tolerance_ms=rules.device_clock_tolerance_ms,
        status_every_ms=STATUS_EVERY_MS,
    )


@dataclass(slots=True)
class Result:
    """What came of a run. `picture`: the operation that shows the first violation, as text."""

    options: Options
    operations: int = 0
    lost: int = 0
    doubled: int = 0
    guessed: int = 0
    money_off_minor: int = 0
    reds: int = 0
    reds_ended: int = 0
    people_ms: int = 0
    crashes: int = 0
    events: int = 0
    violations: list[Violation] = field(default_factory=list)
    picture: str = ""
    fired: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    visits: Visits = field(default_factory=dict)
    digest: str = ""


class Ground:
    """What ours and the naive till have in common: time, chance, devices, lines, customers."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.agenda = Agenda()
        self.dice = Dice(options)
        self.rules = rules_of_the_world(options.pack)
        self.books = DeviceBooks()
        self.tills = tuple(str(number + 1) for number in range(options.tills))
        self.links = {
            till: Link(self.agenda, self.dice, self._twin(till), f"SKO-{till.zfill(6)}")
            for till in self.tills
        }
        twins = [link.twin for link in self.links.values()]
        self.operators = Operators(self.agenda, self.dice, twins, uplinks=options.uplinks)
        self.intents: dict[str, Intent] = {}
        self.left = {till: self._share(number) for number, till in enumerate(self.tills)}
        self.days = {till: self._day(till) for till in self.tills}

    def _twin(self, till: str) -> ControlTwin:
        """A device. One with a line of its own does not come back from an old backup: what it has delivered
        and then forgotten the operator knows and the till does not, and nobody can mend that.
        """
        plan = FaultPlan()
        for name in DEVICE:
            rate = self.dice.rates.get(f"device.{name}")
            if rate is not None and not (self.options.uplinks and name == "restored_backup"):
                plan.arm(name, self.dice.arming(f"device.{name}", name, rate))
        profile = DeviceProfile(
            serial=f"SKO-{till.zfill(6)}", till=till, currency=self.options.currency,
            shifts=self.rules.shifts, uplink="operator" if self.options.uplinks else "",
        )  # fmt: skip
        return ControlTwin(profile, self.books, plan)

    def _share(self, number: int) -> int:
        """How many customers come to this till; the same for every till that is tried in this world."""
        return (self.options.operations + number) // self.options.tills

    def _day(self, till: str) -> Day:
        currency = self.rules.currency(self.options.currency)
        if currency is None:
            raise AssertionError("a currency that the pack does not have")
        return Day(till, currency, self.rules, self.dice.of(f"customers.{till}"))

    def open_tills(self) -> None:
        """Each device begins with money put in at the device itself."""
        for till in self.tills:
            self.put_in(till, self.dice.between("float", 20_000, 2_000_000))

    def put_in(self, till: str, amount_minor: int) -> None:
        """Money put in at the device itself; the till will read of it.

        Not while a backup has taken documents away: a device that does not know of that gives their numbers
        to the new one, and nobody can mend it.
        """
        if any(document.till == till for document in self.books.forgotten.values()):
            return
        self.links[till].twin.device.deposit(self.options.currency, amount_minor, self.agenda.now_ms)

    def next_intent(self, till: str) -> Intent | None:
        """The next customer's wish, or None when enough have come."""
        if self.left[till] <= 0:
            return None
        self.left[till] -= 1
        intent = self.days[till].next()
        if (
            intent.kind == "cash-sale"
            and not intent.request.content.exchange
            and self.dice.strikes("people.huge_basket", till)
        ):
            intent.request = huge(intent.request)
        self._bring_twice(intent)
        if self.days[till].last and intent.kind == "cash-sale":
            self.left[till] = 0
        self.intents[intent.uid] = intent
        return intent

    def _bring_twice(self, intent: Intent) -> None:
        """Somebody brings back everything once more, although some of it has been taken back already."""
        sale = intent.follows
        if intent.kind != "refund" or sale is None or intent.request.content.exchange:
            return
        before = [one for one in self.intents.values() if one.follows is sale and one.ending is Ending.SOLD]
        if before and self.dice.strikes("people.brought_twice", intent.till):
            intent.request = everything(intent.request, sale)

    def strike_line(self, till: str) -> None:
        """What may befall the line to a device, or the device itself, while a customer is there."""
        dice, agenda, link = self.dice, self.agenda, self.links[till]
        if dice.strikes("network.partition"):
            length_ms = dice.between("network.partition", 1_000, 90_000)
            form = PARTITIONS[dice.between("network.partition", 0, 2)]
            agenda.after(dice.between("network.partition", 0, 3_000), link.begin_partition, length_ms, form)
        if dice.strikes("network.clogged"):
            length_ms = dice.between("network.clogged", 500, 20_000)
            agenda.after(dice.between("network.clogged", 0, 3_000), link.clog, length_ms)
        self._strike_operator(till)
        if dice.strikes("people.unplugged"):
            agenda.after(dice.between("people.unplugged", 0, 3_000), self._unplug, link)

    def _strike_operator(self, till: str) -> None:
        """What the operator may decide, and a morning without internet."""
        dice, agenda, operators = self.dice, self.agenda, self.operators
        for name, state in (("operator.warned", "warning"), ("operator.blocked", "blocked")):
            if dice.strikes(name):
                operators.stand(till, state, "fee-unpaid")
                agenda.after(dice.between(name, 10_000, 600_000), operators.stand, till, "active")
        if dice.strikes("operator.refused_one"):
            operators.service.refuse_next = (1, "format")
        if dice.strikes("operator.away"):
            length_ms = dice.between("operator.away", 60_000, 3_600_000)
            for link in operators.every_link():
                link.begin_partition(length_ms, "both")

    def _unplug(self, link: Link) -> None:
        link.carry_out(link.twin.ordered(link.twin.unplug))
        self.agenda.after(self.dice.between("people.unplugged", 1_000, 60_000), self._plug, link)

    def _plug(self, link: Link) -> None:
        link.carry_out(link.twin.ordered(link.twin.plug))

    def mend(self) -> None:
        """From here on nothing fails any more."""
        self.dice.calm()
        self.operators.mend()
        for link in self.links.values():
            link.mend()
            link.twin.faults.disarm()
            link.twin.plug()

    def twin_fired(self) -> dict[str, int]:
        """What the dice and the twins have really struck."""
        fired = dict(self.dice.fired)
        for link in self.links.values():
            for name, count in link.twin.faults.struck.items():
                fired[f"device.{name}"] = fired.get(f"device.{name}", 0) + count
        for plan in self.operators.plans:
            for name, count in plan.struck.items():
                fired[f"operator.{name}"] = fired.get(f"operator.{name}", 0) + count
        return fired

    def count(self, result: Result) -> None:
        """Lost and doubled, by the devices' books and the customers."""
        for intent in self.intents.values():
            documents = self.books.net(intent.uid, document_kind(intent))
            result.operations += intent.acknowledged
            has_document = bool(KINDS[intent.kind].legs)
            result.lost += has_document and intent.ending is Ending.SOLD and documents == 0
            result.doubled += documents > 1
            result.people_ms += intent.waited_ms(self.agenda.now_ms)


class World(Ground):
    """The world around our station."""

    def __init__(self, options: Options, folder: Path | None, *, stop: bool = True) -> None:
        super().__init__(options)
        self.judge = Judge(
            self.books,
            self.agenda,
            shipped_catalogue(),
            options.currency,
            self.tills,
            receivers=len(RECEIVERS),
            stop=stop,
        )
        self.judge.intents = self.intents
        serials = {till: link.twin.profile.serial for till, link in self.links.items()}
        self.auditor = Auditor(self.judge, self.books, self.operators.books, serials)
        path = folder / "station.db" if folder is not None else None
        self.station = SimulatedStation(
            self.agenda, self.dice, Disk(self.dice, path), self.links, self.operators.links, self.rules,
            policy_of(self.rules), times_of(self.rules), self.judge,
        )  # fmt: skip
        self.senior = Senior(
            self.station, self.agenda, self.dice, self.judge, self.books, self.intents, self.auditor
        )
        self.administrator = Administrator(self.station, self.agenda, self.dice, self.judge, self.intents)
        self.here: dict[str, Customer] = {}

    # ── who comes ───────────────────────────────────────────────────────────────────────────────────────────

    def next_customer(self, till: str, delay_ms: int) -> None:
        """The till is free for the next one."""
        intent = self.next_intent(till)
        if intent is None:
            return
        customer = Customer(intent, self.station, self.agenda, self.dice, self.judge, self)
        self.here[intent.uid] = customer
        self.agenda.after(delay_ms, customer.arrive)

    def arrived(self, till: str) -> None:
        """Somebody has come: what else comes now?"""
        if not self.dice.rates:
            return
        if self.station.up:
            self.auditor.glance(self.station.journal, till)
        self.strike_line(till)
        dice, agenda = self.dice, self.agenda
        for name in ("station.crash", "people.switched_off"):
            if dice.strikes(name):
                pause_ms = dice.between(name, 500, 120_000)
                agenda.after(dice.between(name, 0, 5_000), self.station.power_lost, pause_ms)
        if dice.strikes("station.disk_full"):
            self.station.disk.full = True
            agenda.after(dice.between("station.disk_full", 500, 60_000), self._disk_free)
        if dice.strikes("station.clock_jump"):
            by_ms = dice.between("station.clock_jump", -1_000, 1_000) * dice.between(
                "station.clock_jump", 1, 7_200
            )
            agenda.after(dice.between("station.clock_jump", 0, 5_000), self.station.clock_jumped, by_ms)
        if dice.drawn("station.restored_copy"):
            self.station.disk.copy()
            pause_ms = dice.between("station.restored_copy", 500, 120_000)
            agenda.after(
                dice.between("station.restored_copy", 1_000, 600_000), self.station.restored, pause_ms
            )
        if dice.drawn("device.miscounted"):
            agenda.after(dice.between("device.miscounted", 0, 5_000), self._miscount, till)
        if dice.strikes("people.float_added"):
            agenda.after(dice.between("people.float_added", 0, 5_000), self.put_in, till, 10_000)

    def _miscount(self, till: str) -> None:
        """The device's cash counters go wrong, never below nought; sooner or later somebody sees it."""
        if not self.dice.rates:
            return  # the time for misfortunes is over
        device, unit_minor = self.links[till].twin.device, self.days[till].currency.denominations_minor[-1]
        amount_minor = unit_minor * self.dice.between("device.miscounted", 1, 2_000)
        if self.dice.between("device.miscounted", 0, 1) and device.counters.cash_till_minor >= amount_minor:
            amount_minor = -amount_minor
        self.dice.fired["device.miscounted"] += 1
        device.miscount(amount_minor)
        self.judge.miscounted(till, amount_minor)
        if self.dice.between("device.miscounted", 0, 1):
            self.agenda.after(
                self.dice.between("device.miscounted", 0, 300_000), self.administrator.called, till
            )

    def _disk_free(self) -> None:
        self.station.disk.full = False

    def told(self, intent: Intent, fault: Fault) -> None:
        """The till has refused something: the people there know more than before."""
        self.auditor.refused(intent, fault)
        self.days[intent.till].told(fault)
        if fault.code == "fiscal.cash-mismatch-at-shift-close":
            self.administrator.called(intent.till)
        if fault.code == "till.held":
            self.station.release(intent.till, CASHIER, lambda _answer: None)

    def turned_red(self, intent: Intent) -> None:
        """Somebody sees that it is red."""
        self.senior.called(intent.uid)

    def has_left(self, intent: Intent) -> None:
        """Somebody has left; what they hold in hand may be brought back one day."""
        self.days[intent.till].ended(intent)
        if intent.kind == "shift-close" and intent.ending is Ending.SOLD and self.station.up:
            self.auditor.closed(self.station.journal, intent.till)
        if intent.blind and intent.ending is not Ending.SOLD:
            self.station.release(intent.till, CASHIER, lambda _answer: None)

    def counted(self, intent: Intent, count: CashCount) -> None:
        """The drawer has been counted: its contents go out, or the shift is closed."""
        self.days[intent.till].counted(intent, count)

    # ── the two acts ────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> Result:
        """Both acts; what came of them."""
        result = Result(self.options)
        with suppress(Stop):
            self._safety(result)
            self._liveness(result)
        self._conclude(result)
        return result

    def _safety(self, result: Result) -> None:
        self.open_tills()
        self.station.switch_on()
        for till in self.tills:
            self.next_customer(till, self.dice.between("people.gap", 500, 5_000))
        until_ms = self.agenda.now_ms + SAFETY_MS
        result.events += self.agenda.run(until_ms, self._all_gone)

    def _all_gone(self) -> bool:
        if any(self.left.values()):
            return False
        for uid in [uid for uid, customer in self.here.items() if customer.over]:
            del self.here[uid]
        return not self.here

    def _liveness(self, result: Result) -> None:
        """Nothing fails any more: an hour for all to end, and for one last customer at each till."""
        self.mend()
        self._disk_free()
        for till in self.tills:
            self.agenda.after(2 * SETTLE_MS, self.station.deliver_again, till)
        until_ms = self.agenda.now_ms + LIVENESS_MS
        result.events += self.agenda.run(until_ms, self._all_ended)
        for _ in range(ROUNDS):
            if self._all_ended():
                break
            for operation in self.station.journal.unfinished():
                self.senior.settle(operation.uid, True)
            until_ms = self.agenda.now_ms + SETTLE_MS * 5
            result.events += self.agenda.run(until_ms, self._all_ended)
        self._last_customers()
        result.events += self.agenda.run(self.agenda.now_ms + LIVENESS_MS, self._at_rest)
        last = {intent.till: intent for intent in self.intents.values() if intent.kind != "correction"}
        for till in self.tills:
            if self.judge.differs(till):
                self.administrator.called(till)
        result.events += self.agenda.run(self.agenda.now_ms + LIVENESS_MS, self._all_corrected)
        served = all(intent.kind == "cash-sale" and intent.ending is Ending.SOLD for intent in last.values())
        self.auditor.at_the_end(self.station.journal)
        self.judge.at_the_end(self.station.journal, settled=served and self._at_rest())

    def _last_customers(self) -> None:
        """One at each till, after all has come to rest: they find the till working, or it does not work."""
        for till in self.tills:
            self.days[till].last, self.left[till] = True, LAST_MAX
            self.next_customer(till, SETTLE_MS)

    def _all_ended(self) -> bool:
        return self._all_gone() and self.station.all_ended()

    def _all_corrected(self) -> bool:
        return self._at_rest() and not self.administrator.busy

    def _at_rest(self) -> bool:
        if not self._all_gone() or not self.station.idle():
            return False
        return not self.auditor.missing(self.station.journal)

    # ── the report ──────────────────────────────────────────────────────────────────────────────────────────

    def _conclude(self, result: Result) -> None:
        self.count(result)
        judge, station = self.judge, self.station
        result.guessed = judge.guessed
        result.reds, result.reds_ended = judge.reds, judge.reds_ended
        result.violations = judge.violations
        result.fired = self.twin_fired()
        result.ends = judge.ends()
        result.visits = station.visits
        result.crashes = station.crashes + sum(link.twin.crashes for link in self.links.values())
        result.money_off_minor = judge.money_off_minor(station.journal)
        result.digest = self._digest(result)
        if result.violations and result.violations[0].uid is not None:
            result.picture = self._picture(result.violations[0].uid)

    def _picture(self, uid: str) -> str:
        operation = self.station.journal.operation(uid)
        if operation is None:
            return ""
        picture = picture_of(operation, self.station.journal.events(uid), policy=self.station.policy)
        return picture_text.render(picture)

    def _digest(self, result: Result) -> str:
        """A fingerprint of all that happened: the same seed gives the same, on any machine, and whichever
        journal is under it.
        """
        options = replace(result.options, journal="")
        digest = hashlib.sha256(f"{options}|{result.events}|{self.agenda.now_ms}".encode())
        for intent in self.intents.values():
            operation = self.station.journal.operation(intent.uid)
            told = (
                (operation.state.value, operation.version, operation.changed_ms)
                if operation is not None
                else ()
            )
            keys = [(one.number, one.key, one.at_ms) for one in self.books.of(intent.uid)]
            digest.update(repr((intent.uid, intent.ending.value, intent.ended_ms, told, keys)).encode())
        visits = sorted((type(state).__name__, state.value, what.value, count)
                        for (state, what), count in result.visits.items())  # fmt: skip
        digest.update(repr((sorted(result.fired.items()), visits)).encode())
        return digest.hexdigest()


def run(options: Options, *, stop: bool = True) -> Result:
    """Run one world by its options."""
    with ExitStack() as stack:
        folder = None
        if options.journal == "sqlite":
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="tillwright-")))
        return World(options, folder, stop=stop).run()
