"""Clocks of real processes: the system's, and one that tests and replay move through a file.

The file clock lets many processes live in another time together. Its file holds `offset_ms` (how far the
wall is ahead) and `rate` (how many seconds pass in one real second), and the file's own modification time is
the moment from which the rate counts. So the shown time is a function of the file and the system's clock
alone: every process that reads the file agrees, and one that was killed and started again does not see time
go back.

An offset is somebody setting the wall clock: the monotonic clock does not notice. A rate is time passing
faster: both do.
"""

import json
import os
import threading
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

NS_PER_MS = 1_000_000


class ClockFileInvalid(ValueError):
    """The clock file does not hold {"offset_ms": whole number, "rate": number of at least 0}."""


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Wall time in milliseconds since 1970, UTC."""
        return time.time_ns() // NS_PER_MS

    def monotonic_ns(self) -> int:
        """Nanoseconds since an arbitrary moment; never less than before."""
        return time.monotonic_ns()


@dataclass(frozen=True, slots=True)
class Reading:
    """What the file said, and since when (`since_ns`, the system's wall) it says so."""

    offset_ms: int
    rate: Fraction
    since_ns: int


#: Without a file the clock is the system's.
UNMOVED = Reading(offset_ms=0, rate=Fraction(1), since_ns=0)


class FileClock:
    """A clock that shows the system's time as the file at `path` moves it; may be asked from any thread."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._signature = _signature(self._path)
        self._reading = read_clock(self._path)
        real_ns = time.monotonic_ns()
        self._monotonic_base = (real_ns, real_ns)  # (the system's, ours) at the last change of rate
        self._asked_ns = real_ns  # the system's monotonic time at the last answer

    def now_ms(self) -> int:
        """Wall time in milliseconds since 1970, UTC, as the file moves it."""
        with self._lock:
            self._follow()
            return _shown_ns(self._reading, time.time_ns()) // NS_PER_MS

    def monotonic_ns(self) -> int:
        """Nanoseconds at the file's rate; never less than before."""
        with self._lock:
            self._follow()
            self._asked_ns = time.monotonic_ns()
            return self._monotonic_at(self._asked_ns)

    def _monotonic_at(self, real_ns: int) -> int:
        base_real_ns, base_shown_ns = self._monotonic_base
        return base_shown_ns + int((real_ns - base_real_ns) * self._reading.rate)

    def _follow(self) -> None:
        """Take up the file if it is another one since the last look (one `stat`)."""
        signature = _signature(self._path)
        if signature == self._signature:
            return
        try:
            reading = read_clock(self._path)
        except ClockFileInvalid:
            return  # somebody is in the middle of writing it; the next look reads it whole
        real_ns = time.monotonic_ns()
        # The old rate holds up to the moment of the change, which lies a little before this look; but what
        # has been answered meanwhile stands, or the monotonic clock would go back.
        age_ns = max(0, time.time_ns() - reading.since_ns) if reading.since_ns else 0
        changed_ns = max(real_ns - age_ns, self._asked_ns)
        self._monotonic_base = (changed_ns, self._monotonic_at(changed_ns))
        self._signature, self._reading = signature, reading


def read_clock(path: Path) -> Reading:
    """What the file at `path` says; UNMOVED when there is none.

    Raises:
        ClockFileInvalid: the file is there and says something else than a clock.
    """
    try:
        with path.open("rb") as file:
            since_ns = os.fstat(file.fileno()).st_mtime_ns
            data = json.load(file, parse_float=Fraction)
    except FileNotFoundError:
        return UNMOVED
    except ValueError as error:
        raise ClockFileInvalid(f"{path.name} is no JSON: {error}") from error
    return _parse(data, since_ns)


def move_clock(path: Path, *, advance_ms: int = 0, rate: Fraction | int | None = None) -> None:
    """Set the wall `advance_ms` ahead of what it shows now and, if given, the rate; otherwise without a jump.

    The file is replaced in one step, and its modification time is the moment that the new offset was
    reckoned for. Only one process moves a clock.
    """
    old = read_clock(path)
    moment_ns = time.time_ns()
    offset_ms = (_shown_ns(old, moment_ns) - moment_ns) // NS_PER_MS + advance_ms
    chosen = old.rate if rate is None else Fraction(rate)
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(json.dumps({"offset_ms": offset_ms, "rate": _plain(chosen)}))
    os.utime(beside, ns=(moment_ns, moment_ns))
    os.replace(beside, path)


def _parse(data: object, since_ns: int) -> Reading:
    match data:
        case {"offset_ms": bool()} | {"rate": bool()}:
            pass  # True is a whole number to Python, not to a person
        case {"offset_ms": int(offset_ms), "rate": int() | Fraction() as rate} if rate >= 0:
            return Reading(offset_ms, Fraction(rate), since_ns)
    raise ClockFileInvalid('a clock file is {"offset_ms": whole number, "rate": number of at least 0}')


def _shown_ns(reading: Reading, real_ns: int) -> int:
    since_ns = reading.since_ns
    return since_ns + int((real_ns - since_ns) * reading.rate) + reading.offset_ms * NS_PER_MS


def _plain(rate: Fraction) -> int | float:
    return rate.numerator if rate.denominator == 1 else rate.numerator / rate.denominator


def _signature(path: Path) -> tuple[int, int, int, int] | None:
    """What tells that the file is another one, or holds something else."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
