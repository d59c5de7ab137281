"""The doctor at a real terminal: a person reads, types, mistypes, and goes away."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

LOST = "fiscal.sko-disconnected"
SETTINGS = """
station = "shop"
pack = "fiscal-by"
port = 9
[[tills]]
id = "1"
currency = "BYN"
control_port = 9
"""
PATIENCE_S = 90.0
"""A busy machine may need so long; nothing waits for it to be over."""
PROMPT = "> "
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[^A-Za-z]*$")
CTRL_C, CTRL_D = b"\x03", b"\x04"


@dataclass
class Terminal:
    """A process with a terminal of its own, and everything that it has written there."""

    process: subprocess.Popen[bytes]
    master: int
    raw: bytes = b""
    read: int = 0

    @property
    def shown(self) -> str:
        """What a person has seen, whatever its colours."""
        return COLOURS.sub("", self.raw.decode(errors="ignore").replace("\r\n", "\n"))

    def until(self, enough: Callable[[str], bool]) -> str:
        """What is new, once it is enough. Raises AssertionError if that never comes."""
        while not enough(self.shown[self.read :]):
            ready, _, _ = select.select([self.master], [], [], PATIENCE_S)
            assert ready, f"nothing more came after {self.shown!r}"
            try:
                self.raw += os.read(self.master, 65_536)
            except OSError:  # the other side is closed
                break
        new, self.read = self.shown[self.read :], len(self.shown)
        return new

    def asked(self) -> str:
        """What it has shown when it asks."""
        new = self.until(lambda text: text.endswith(PROMPT))
        assert new.endswith(PROMPT), new
        return new

    def types(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def ended(self) -> tuple[int, str]:
        """Its exit status, and the last that it showed."""
        new = self.until(lambda text: False)
        return self.process.wait(PATIENCE_S), new


Sit = Callable[..., Terminal]
SIZES = ("COLUMNS", "LINES")
"""They say how large a terminal is, and would be believed more than the terminal."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A station that is down: its settings, and nothing else."""
    (tmp_path / "station.toml").write_text(SETTINGS)
    return tmp_path


@pytest.fixture
def sit(folder: Path) -> Iterator[Sit]:
    """Sits down at a terminal and calls the doctor there."""
    found: list[Terminal] = []

    def sit(*words: str, columns: int = 80) -> Terminal:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "tillwright", "doctor", "--station", str(folder / "station.toml"), *words],
            stdin=slave, stdout=slave, stderr=slave, preexec_fn=_own_terminal,
            env={**{name: value for name, value in os.environ.items() if name not in SIZES}, "TERM": "xterm"},
        )  # fmt: skip
        os.close(slave)
        found.append(Terminal(process, master))
        return found[-1]

    yield sit
    for one in found:
        one.process.kill()
        one.process.wait()
        os.close(one.master)


def _own_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def lines(text: str) -> Sequence[str]:
    return [line.strip() for line in text.splitlines()]


def test_a_person_is_told_what_to_type_goes_back_and_leaves(sit: Sit) -> None:
    at = sit(LOST, "--till", "1", "--language", "en")
    first = at.asked()
    assert "Never meanwhile:" in first
    assert first.index("1  ") < first.index("2  ")
    for typed in (b"hello\n", b"99\n", b"\n", b"0\n"):
        at.types(typed)
        assert "Type a number from 1 to" in at.asked()
    at.types(b"1\n")
    second = at.asked()
    assert "The program is looking" in second
    assert "Never meanwhile:" not in second, "it was read"
    assert "Back" in second
    at.types(CTRL_D)
    status, last = at.ended()
    assert status == 1
    assert "It is still open." in last
    assert lines(last)[0] == "", "on a line of its own"


def test_who_breaks_off_while_asked_has_gone(sit: Sit) -> None:
    at = sit("касса не видит СКО", "--language", "ru", columns=40)
    shown = at.asked()
    assert f"[{LOST}]" in shown.replace("\n", ""), "a code is no colour"
    assert [line for line in shown.splitlines() if len(line) > 40] == []
    at.types(CTRL_C)
    status, last = at.ended()
    assert status == 3
    assert "Traceback" not in last


def test_what_is_wrong_is_shown_before_it_is_asked_about(sit: Sit) -> None:
    at = sit("--language", "en")
    shown = at.asked()
    assert "[process.system-failure]" in shown.replace("\n", "")
    at.types(b"%d\n" % _number(shown, "No"))
    status, last = at.ended()
    assert status == 1
    assert "Something here is sick." in last


def _number(shown: str, choice: str) -> int:
    [found] = [line.split()[0] for line in lines(shown) if line.endswith(f"  {choice}")]
    return int(found)


def test_who_cannot_see_a_question_is_not_asked(folder: Path) -> None:
    """The keyboard is a terminal's, and what would be shown goes into a file."""
    master, slave = pty.openpty()
    told = subprocess.run(
        [sys.executable, "-m", "tillwright", "doctor", "--station", str(folder / "station.toml"), "--json"],
        stdin=slave, capture_output=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    asked = subprocess.run(
        [sys.executable, "-m", "tillwright", "doctor", "--station", str(folder / "station.toml"), LOST],
        stdin=slave, capture_output=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    os.close(slave)
    os.close(master)
    assert told.returncode == 1
    assert json.loads(told.stdout)["verdict"] == "sick"
    assert (asked.returncode, b"> " in asked.stderr) == (1, False)


def test_who_breaks_off_while_it_looks_does_not_call_it_sick(sit: Sit) -> None:
    at = sit("--language", "en")
    at.until(lambda text: "does not answer" in text)
    at.process.send_signal(signal.SIGINT)
    status, last = at.ended()
    assert status in (1, 3)
    assert "Traceback" not in last
    assert status == 3 or PROMPT in at.shown, "1 only where it had looked already"
