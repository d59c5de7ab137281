"""What may go wrong, how often, and how often it has: the dice of one run.

Each kind of misfortune has a stream of chance of its own, made from the seed and the kind's name. So a kind
that is switched off, as shrinking does, leaves what all the others draw as it was.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tillwright.parties.faulting import FAULTS, Arming

NETWORK: Mapping[str, float] = {
    "lost": 0.30,
    "repeated": 0.50,
    "late": 0.15,
    "reordered": 0.15,
    "corrupted": 0.05,
    "cut": 0.05,
    "connect_lost": 0.30,
    "clogged": 0.20,
    "partition": 0.20,
}
"""Kind → the most that is drawn: a share of the messages, of the connections; the last two, of the customers.
"""

DEVICE: Mapping[str, float] = {
    "refuse_connections": 0.40,
    "silent": 0.20,
    "deliver_late": 0.20,
    "answer_late": 0.20,
    "answer_twice": 0.50,
    "garbage": 0.15,
    "commit_drop_answer": 0.30,
    "drop_request_close": 0.15,
    "slow_bytes": 0.15,
    "crash": 0.10,
    "clock_off": 0.05,
    "restored_backup": 0.05,
}
"""The faults of the control twin, with the most that is drawn, as a share of the messages."""

DEVICE_ITSELF: Mapping[str, float] = {"miscounted": 0.03}
"""What befalls a device without a message, as a share of the customers: its cash counters go wrong."""

OPERATOR: Mapping[str, float] = {name: most / 2 for name, most in DEVICE.items()}
"""The same faults of the operator's twin."""

OPERATOR_SAYS: Mapping[str, float] = {"warned": 0.05, "blocked": 0.03, "refused_one": 0.02, "away": 0.10}
"""What the operator does to a till, as a share of the customers: 'away' is a morning without internet."""

STATION: Mapping[str, float] = {
    "crash_before_commit": 0.05,
    "crash_after_commit": 0.05,
    "crash": 0.15,
    "commit_failed": 0.05,
    "commit_failed_written": 0.05,
    "disk_slow": 0.02,
    "disk_full": 0.10,
    "clock_jump": 0.15,
    "restored_copy": 0.03,
}
"""Crashes at a commit, failed and slow commits as a share of the commits, the others of the customers."""

PEOPLE: Mapping[str, float] = {
    "pressed_twice": 0.40,
    "answer_lost": 0.20,
    "reloaded": 0.30,
    "impatient": 0.20,
    "went_away": 0.20,
    "switched_off": 0.10,
    "unplugged": 0.10,
    "float_added": 0.05,
    "next_pressed": 0.50,
    "huge_basket": 0.01,
    "brought_twice": 0.80,
    "ruled": 0.50,
    "ruled_wrongly": 0.30,
}
"""What people do, as a share of the customers (of their presses, the first two; 'brought_twice', of those who
bring something back once more)."""

MOST: Mapping[str, float] = {
    **{f"network.{name}": most for name, most in NETWORK.items()},
    **{f"device.{name}": most for name, most in DEVICE.items()},
    **{f"operator.{name}": most for name, most in {**OPERATOR, **OPERATOR_SAYS}.items()},
    **{f"station.{name}": most for name, most in STATION.items()},
    **{f"people.{name}": most for name, most in PEOPLE.items()},
    **{f"device.{name}": most for name, most in DEVICE_ITSELF.items()},
}
"""Every kind by its full name."""

ANSWERED = ("people.continued", "people.gave_up", "people.said_nothing")
"""What comes of a question is not a misfortune, but has to have been seen."""

if tuple(DEVICE) != FAULTS:
    raise AssertionError("the faults of the control twin have changed")


NEVER_BOTH = (
    ("station.restored_copy", "device.restored_backup"),
    ("device.miscounted", "device.restored_backup"),
    ("station.restored_copy", "people.ruled_wrongly"),
)
"""Never both in one world: what till and device have both lost, nobody can bring back; a backup takes
miscounting back that was corrected since; what somebody made up and an old copy forgot, nobody can find.
"""

PACKS = ("demo", "fiscal-by")
"""One sells on while an operation is red, the other does not."""


SCENES: tuple[Mapping[str, float], ...] = (
    {
        "device.deliver_late": 0.5, "device.silent": 0.4, "device.commit_drop_answer": 0.3,
        "network.lost": 0.3, "people.ruled": 0.9,
    },
    {
        "device.answer_late": 0.5, "device.silent": 0.3, "people.huge_basket": 0.4,
        "people.ruled_wrongly": 0.9,
    },
    {"device.silent": 0.4, "network.lost": 0.3, "people.unplugged": 0.5, "people.ruled_wrongly": 0.9},
)  # fmt: skip
"""What seldom comes together by chance: somebody rules while the answer is still on its way, or while nobody
can ask.
"""
SCENES_OF_TWENTY = (0, 0, 0, 0, 1, 1, 1, 2, 2)
"""Of twenty worlds so many have a scene, and which."""


def stream(seed: int, name: str) -> random.Random:
    """A source of chance that depends on the seed and the name alone."""
    return random.Random(f"{seed}/{name}")  # nosec B311  # a simulation, not a secret


@dataclass(frozen=True, slots=True)
class Options:
    """What was drawn for one run, or set for it. `rates` names only kinds that are switched on."""

    seed: int
    operations: int
    tills: int
    journal: str
    currency: str
    pack: str = "demo"
    uplinks: bool = False
    rates: Mapping[str, float] = field(default_factory=dict)

    def without(self, kind: str) -> Options:
        """The same with one kind switched off."""
        return replace(self, rates={name: rate for name, rate in self.rates.items() if name != kind})

    def calm(self) -> Options:
        """The same without any misfortune."""
        return replace(self, rates={})

    def __str__(self) -> str:
        rates = ", ".join(f"{name} {rate:.3f}" for name, rate in self.rates.items())
        return (
            f"seed {self.seed}, {self.operations} operations, {self.tills} tills, journal {self.journal}, "
            f"{self.currency}, pack {self.pack}{', uplinks' if self.uplinks else ''}; {rates or 'no faults'}"
        )


def draw(seed: int, operations: int, *, swarm: bool = False, journal: str = "mixed") -> Options:
    """The options of a run: how many tills, which journal, which misfortunes at which rates."""
    chance = stream(seed, "options")
    tills = 1 + chance.randrange(3)
    stored = "sqlite" if chance.randrange(20) == 0 else "memory"
    currency = ("EUR", "EUR", "VND")[chance.randrange(3)]
    share = chance.random()
    rates: dict[str, float] = {}
    for name, most in MOST.items():
        height, chosen = chance.random(), chance.random()
        rate = most * (height**2 if swarm else height**4)
        if (not swarm or chosen < share) and rate > 0.0005:
            rates[name] = rate
    pack, uplinks = PACKS[chance.randrange(len(PACKS))], chance.randrange(3) == 0
    if pack == "fiscal-by":
        currency = "BYN"
    scene = chance.randrange(20)
    if scene < len(SCENES_OF_TWENTY):
        rates |= SCENES[SCENES_OF_TWENTY[scene]]
    for pair in NEVER_BOTH:
        rates.pop(pair[seed % 2], None)
    journal = stored if journal == "mixed" else journal
    return Options(seed, operations, tills, journal, currency, pack, uplinks, rates)


class Dice:
    """Chance by kind, and the count of what has struck."""

    def __init__(self, options: Options) -> None:
        self.seed = options.seed
        self.rates = dict(options.rates)
        self.fired: dict[str, int] = dict.fromkeys((*MOST, *ANSWERED), 0)
        self._streams: dict[str, random.Random] = {}

    def of(self, name: str) -> random.Random:
        """The stream of this name."""
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = stream(self.seed, name)
        return found

    def drawn(self, name: str, at: str = "") -> bool:
        """Whether this kind is to strike, by a stream of its own for each place."""
        rate = self.rates.get(name)
        return rate is not None and self.of(name + at).random() < rate

    def strikes(self, name: str, at: str = "") -> bool:
        """Whether it strikes now; then it is counted."""
        if not self.drawn(name, at):
            return False
        self.fired[name] += 1
        return True

    def arming(self, drawn: str, fault: str, rate: float) -> Arming:
        """How a fault of a twin is armed in this run: its share of the messages, and its times."""
        drawn, between = f"{drawn}.times", self.between
        if fault in ("deliver_late", "answer_late"):
            return Arming(probability=rate, delay_ms=between(drawn, 500, 15_000))
        if fault == "crash":
            return Arming(probability=rate, delay_ms=between(drawn, 100, 20_000))
        if fault == "restored_backup":
            return Arming(probability=rate, writes=between(drawn, 1, 30))
        if fault == "clock_off":
            return Arming(probability=rate, off_ms=between(drawn, -7_200_000, 7_200_000))
        return Arming(probability=rate)

    def between(self, name: str, low: int, high: int) -> int:
        """A whole number of this stream, both ends included."""
        return low + int(self.of(name).random() * (high - low + 1))

    def calm(self) -> None:
        """From here on nothing strikes any more."""
        self.rates.clear()
