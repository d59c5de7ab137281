"""Working while documents do not reach their receiver: for how long, and how much.

The age of the oldest undelivered document is the larger of two: what the wall clock makes of it, and a tally
that only ever runs on. So setting the clock back cannot buy time.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import OfflineRules


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What has not reached the receiver: how many documents, how much money in them, since when, how old."""

    count: int
    sum_minor: int
    since_ms: int
    age_ms: int


def run_on(tally_ms: int, seen_ms: int, now_ms: int) -> int:
    """The tally after the wall clock was seen at `seen_ms` and shows `now_ms`: it never runs back."""
    return tally_ms + max(0, now_ms - seen_ms)


def age_ms(since: tuple[int, int], now: tuple[int, int]) -> int:
    """How long something has waited; each moment is by the wall and by the running tally."""
    return max(0, now[0] - since[0], now[1] - since[1])


def left_ms(undelivered: Undelivered, rules: OfflineRules) -> int:
    """How long work may still go on."""
    return max(0, rules.age_ms - undelivered.age_ms)


def is_warned(undelivered: Undelivered, rules: OfflineRules) -> bool:
    """Whether the time is so short that people are warned and not only told."""
    return undelivered.count > 0 and left_ms(undelivered, rules) <= rules.warn_before_ms


def offline_fault(undelivered: Undelivered, rules: OfflineRules, sale_minor: int = 0) -> Fault | None:
    """What ends the work, if one of the caps does, with a sale of this sum."""
    if undelivered.count == 0:
        return None
    within = (
        undelivered.age_ms < rules.age_ms
        and undelivered.count < rules.count
        and undelivered.sum_minor + sale_minor <= rules.sum_minor
        and sale_minor <= rules.sale_minor
    )
    return None if within else stopped(undelivered, rules)


def stopped(undelivered: Undelivered, rules: OfflineRules) -> Fault:
    """Since when documents wait, how many, and how long work may go on."""
    return Fault(
        "fiscal.offline-limit",
        since_at_ms=undelivered.since_ms,
        document_count=undelivered.count,
        left_ms=left_ms(undelivered, rules),
    )
