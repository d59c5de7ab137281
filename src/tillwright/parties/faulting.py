"""Misbehaviour to order: which faults a twin shows, how often, and how often each has really struck.

A fault is armed with a probability, for the next so many messages that it can strike, or always. Chance is
handed in, so that the same seed gives the same misfortunes. A fault counts as struck only when a message or a
write was really hit: a report in which one never fired proves nothing about it.

    refuse_connections   new connections are hung up; armed 'always', those that stand are hung up too
    silent               the message is taken and forgotten: neither done nor answered
    deliver_late         the message lies in the device for `delay_ms`, then it is done, line or no line
    answer_late          done at once, answered after `delay_ms`
    answer_twice         done once, answered twice
    garbage              done, answered with nonsense in one of four forms (`form`)
    commit_drop_answer   a document or a fence is written, and no answer goes out
    drop_request_close   not done; the connection is closed
    slow_bytes           answered in pieces of `piece_bytes`, one every `delay_ms`
    crash                before or after the write (`at`), all but the store is lost; down for `delay_ms`;
                         a printer's also in the middle of a slip ('during')
    clock_off            from here on the device's clock is `off_ms` wrong, for `delay_ms`
    restored_backup      up to `writes` last writes never were; connections and queue are gone

Forms of garbage: broken-frame, truncated-json, wrong-types, huge-length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol


class Chance(Protocol):
    """A source of chance, as `random.Random` is one."""

    def random(self) -> float:
        """At least 0.0 and less than 1.0."""

    def randrange(self, stop: int, /) -> int:
        """A whole number at least 0 and less than `stop`."""


FAULTS = (
    "refuse_connections",
    "silent",
    "deliver_late",
    "answer_late",
    "answer_twice",
    "garbage",
    "commit_drop_answer",
    "drop_request_close",
    "slow_bytes",
    "crash",
    "clock_off",
    "restored_backup",
)
"""Every fault by its public name."""

GARBAGE_FORMS = ("broken-frame", "truncated-json", "wrong-types", "huge-length")
CRASH_MOMENTS = ("before", "during", "after")

_DELAYS_MS: Mapping[str, int] = {
    "deliver_late": 10_000,
    "answer_late": 10_000,
    "slow_bytes": 50,
    "crash": 2_000,
    "clock_off": 600_000,
}


class UnknownFault(ValueError):
    """No such fault, or it cannot be armed like that; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Arming:
    """How one fault is armed, and its parameters.

    Exactly one of `probability` (0 to 1), `next_count` (the next so many) and `always`. `only` names the
    requests that it may strike; none named means all. An empty `form` or `at` leaves the choice to chance.
    """

    probability: float = 0.0
    next_count: int = 0
    always: bool = False
    delay_ms: int | None = None
    only: frozenset[str] = field(default_factory=frozenset)
    form: str = ""
    at: str = ""
    off_ms: int = 3_600_000
    writes: int = 3
    piece_bytes: int = 16


class FaultPlan:
    """What is armed now, and what has struck so far."""

    def __init__(self) -> None:
        self._armed: dict[str, Arming] = {}
        self.struck: dict[str, int] = dict.fromkeys(FAULTS, 0)

    @property
    def armed(self) -> Mapping[str, Arming]:
        """Fault → how it is armed; only those that are."""
        return self._armed

    def arm(self, name: str, arming: Arming) -> None:
        """Arm a fault in place of how it was armed before; raises UnknownFault."""
        _check(name, arming)
        self._armed[name] = arming

    def disarm(self, name: str | None = None) -> None:
        """Disarm one fault, or all; raises UnknownFault for a name that is none."""
        if name is None:
            self._armed.clear()
        elif name not in FAULTS:
            raise UnknownFault(f"no fault {name!r}")
        else:
            self._armed.pop(name, None)

    def strikes(self, name: str, do: str, chance: Chance) -> Arming | None:
        """Whether the fault strikes this message: its arming if so, and then it is counted."""
        arming = self._armed.get(name)
        if arming is None or (arming.only and do not in arming.only):
            return None
        if arming.probability and chance.random() >= arming.probability:
            return None
        if arming.next_count:
            self._use_up(name, arming)
        self.struck[name] += 1
        return arming

    def _use_up(self, name: str, arming: Arming) -> None:
        if arming.next_count == 1:
            del self._armed[name]
        else:
            self._armed[name] = replace(arming, next_count=arming.next_count - 1)


def delay_ms(name: str, arming: Arming) -> int:
    """The fault's delay: as armed, or its usual one."""
    return _DELAYS_MS.get(name, 0) if arming.delay_ms is None else arming.delay_ms


def _check(name: str, arming: Arming) -> None:
    if name not in FAULTS:
        raise UnknownFault(f"no fault {name!r}")
    ways = (arming.probability > 0) + (arming.next_count > 0) + arming.always
    if ways != 1 or not 0 <= arming.probability <= 1 or arming.next_count < 0:
        raise UnknownFault("one of: probability up to 1, for the next n, always")
    if arming.delay_ms is not None and arming.delay_ms < 0:
        raise UnknownFault("delay_ms is less than 0")
    if arming.form and arming.form not in GARBAGE_FORMS:
        raise UnknownFault(f"no form {arming.form!r} of garbage")
    if arming.at and arming.at not in CRASH_MOMENTS:
        raise UnknownFault(f"no moment {arming.at!r} of a crash")
    if arming.writes < 1 or arming.piece_bytes < 1:
        raise UnknownFault("writes and piece_bytes are at least 1")
