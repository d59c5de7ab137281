"""Working while documents do not reach their receiver: for how long, and how much.

The age of the oldest undelivered document is the larger of two: what the wall clock makes of it, and a tally
that only ever runs on. So setting the clock back cannot buy time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """How long the oldest undelivered document has waited. `oldest`: which one that is (serial:number).

    `since_ms`: when it was queued. `seen_ms`: when this was last looked at. `run_ms`: the time that has
    certainly passed meanwhile.
    """

    oldest: str
    since_ms: int
    seen_ms: int
    run_ms: int = 0


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What has not reached the receiver: how many documents, how much money in them, since when, how old."""

    count: int
    sum_minor: int
    since_ms: int
    age_ms: int
