"""Clocks: the system's, and the one that a file moves. The system's own time is replaced, none passes."""

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest

from tillwright.kernel.clock import Clock
from tillwright.machine import clocks
from tillwright.machine.clocks import ClockFileInvalid, FileClock, SystemClock, move_clock

START_NS = 1_700_000_000_000_000_000


class Machine:
    """The time of a machine that stands still until told."""

    def __init__(self) -> None:
        self.wall_ns = START_NS
        self.steady_ns = 5_000_000_000

    def pass_ms(self, duration_ms: int) -> None:
        self.wall_ns += duration_ms * 1_000_000
        self.steady_ns += duration_ms * 1_000_000

    def time_ns(self) -> int:
        return self.wall_ns

    def monotonic_ns(self) -> int:
        return self.steady_ns


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(clocks, "time", machine)
    return machine


def write(path: Path, machine: Machine, text: str) -> None:
    path.write_text(text)
    os.utime(path, ns=(machine.wall_ns, machine.wall_ns))


def test_both_are_clocks(tmp_path: Path) -> None:
    both: list[Clock] = [SystemClock(), FileClock(tmp_path / "clock.json")]
    assert all(isinstance(clock.now_ms(), int) and isinstance(clock.monotonic_ns(), int) for clock in both)


def test_system_clock_shows_milliseconds(machine: Machine) -> None:
    assert SystemClock().now_ms() == START_NS // 1_000_000
    assert SystemClock().monotonic_ns() == 5_000_000_000


def test_without_a_file_it_is_the_system_clock(tmp_path: Path, machine: Machine) -> None:
    clock = FileClock(tmp_path / "absent.json")
    machine.pass_ms(1234)
    assert clock.now_ms() == machine.wall_ns // 1_000_000
    assert clock.monotonic_ns() == machine.steady_ns


def test_offset_moves_the_wall_and_not_the_monotonic_clock(tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "clock.json"
    clock = FileClock(path)
    before_ms, before_ns = clock.now_ms(), clock.monotonic_ns()
    write(path, machine, '{"offset_ms": -86400000, "rate": 1}')
    assert clock.now_ms() == before_ms - 86_400_000
    assert clock.monotonic_ns() == before_ns


def test_rate_counts_from_the_change(tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "clock.json"
    clock = FileClock(path)
    before_ms, before_ns = clock.now_ms(), clock.monotonic_ns()
    machine.pass_ms(1000)
    write(path, machine, '{"offset_ms": 0, "rate": 2.5}')
    machine.pass_ms(1000)  # the clock looks only now, a second after the change
    assert clock.now_ms() - before_ms == 1000 + 2500
    assert clock.monotonic_ns() - before_ns == 3_500_000_000


def test_a_clock_started_later_shows_the_same(tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "clock.json"
    first = FileClock(path)
    write(path, machine, '{"offset_ms": 500, "rate": 60}')
    machine.pass_ms(10_000)
    assert FileClock(path).now_ms() == first.now_ms() == START_NS // 1_000_000 + 500 + 600_000


def test_moving_keeps_the_wall_without_a_jump(tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "clock.json"
    clock = FileClock(path)
    move_clock(path, rate=3600)
    machine.pass_ms(1000)
    before_ms = clock.now_ms()
    assert before_ms == START_NS // 1_000_000 + 3_600_000
    move_clock(path, rate=1)
    assert clock.now_ms() == before_ms
    move_clock(path, advance_ms=7)
    machine.pass_ms(1)
    assert clock.now_ms() == before_ms + 8
    assert json.loads(path.read_text()) == {"offset_ms": 3_599_000 + 7, "rate": 1}


def test_moving_takes_broken_rates(tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "clock.json"
    move_clock(path, rate=Fraction(1, 4))
    machine.pass_ms(1000)
    assert FileClock(path).now_ms() == START_NS // 1_000_000 + 250


def test_monotonic_never_goes_back(tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "clock.json"
    write(path, machine, '{"offset_ms": 0, "rate": 1000}')
    clock = FileClock(path)
    beside = tmp_path / "prepared.json"
    write(beside, machine, '{"offset_ms": 0, "rate": 0}')  # reckoned now, put in its place a second later
    machine.pass_ms(1000)
    before_ns = clock.monotonic_ns()
    beside.replace(path)
    assert clock.monotonic_ns() == before_ns
    machine.pass_ms(1000)
    assert clock.monotonic_ns() == before_ns


def test_a_half_written_file_is_read_again(tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "clock.json"
    write(path, machine, '{"offset_ms": 5000, "rate": 1}')
    clock = FileClock(path)
    before_ms = clock.now_ms()
    write(path, machine, '{"offset_ms": 90')
    assert clock.now_ms() == before_ms
    write(path, machine, '{"offset_ms": 9000, "rate": 1}')
    assert clock.now_ms() == before_ms + 4000


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"offset_ms": 1}', '{"offset_ms": "1", "rate": 1}', '{"offset_ms": 1.5, "rate": 1}',
     '{"offset_ms": 1, "rate": -1}', '{"offset_ms": 1, "rate": NaN}', '{"offset_ms": true, "rate": 1}'],
)  # fmt: skip
def test_a_file_that_is_no_clock_is_refused_at_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clock.json"
    path.write_text(text)
    with pytest.raises(ClockFileInvalid):
        FileClock(path)
