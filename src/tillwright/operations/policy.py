"""What `decide` has to know of the deployment: its waiting times, and what each party's requests can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tillwright.kernel.rules import PackRules
from tillwright.operations.ports import REQUESTS, RequestTraits


@dataclass(frozen=True, slots=True)
class Policy:
    """Times in milliseconds; a list of delays goes on with its last one.

    `red_after_ms`: from the lost answer until a person is told. `resend_delays_ms`: how often, and when, what
    certainly did not leave is tried again before a person is asked. `question_ms`: no press within it counts
    as giving up.
    """

    red_after_ms: int = 5_000
    resend_delays_ms: tuple[int, ...] = (200, 500, 1_000)
    inquire_delays_ms: tuple[int, ...] = (0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000)
    reverse_delays_ms: tuple[int, ...] = (1_000, 5_000, 15_000, 60_000)
    undoing_red_after_ms: int = 300_000
    question_ms: int = 60_000
    requests: Mapping[tuple[str, str], RequestTraits] = field(default_factory=lambda: REQUESTS)

    def longest_ms(self, timer: str) -> int:
        """The timer of this name is never set further off than this; KeyError for a name that none has."""
        return {
            "red": self.red_after_ms,
            "inquire": max(self.inquire_delays_ms),
            "resend": max(*self.resend_delays_ms, *self.inquire_delays_ms),
            "question": self.question_ms,
            "reverse": max(self.reverse_delays_ms),
            "undoing": self.undoing_red_after_ms,
        }[timer]

    def traits(self, party: str, action: str) -> RequestTraits:
        """What is promised for this request; KeyError for one that no port states."""
        return self.requests[party, action]


def policy_of(rules: PackRules) -> Policy:
    """The waiting times of a pack, as `decide` knows them."""
    return Policy(
        red_after_ms=rules.red_after_ms,
        resend_delays_ms=rules.resend_delays_ms,
        inquire_delays_ms=rules.inquire_delays_ms,
        reverse_delays_ms=rules.reverse_delays_ms,
        undoing_red_after_ms=rules.undoing_red_after_ms,
        question_ms=rules.question_ms,
    )


def nth(delays_ms: tuple[int, ...], count: int) -> int:
    """The delay before try number `count` (from 0); the last one serves for all later."""
    return delays_ms[min(count, len(delays_ms) - 1)]
