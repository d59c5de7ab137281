"""Child processes of the demo, the replay and the tests that kill: started, watched, started again."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import httpx

PROGRAM = (sys.executable, "-m", "tillwright")
_LOOK_S = 0.05


class NotReady(Exception):
    """A process did not come up in its time; the text has the end of what it printed."""


def free_port() -> int:
    """A port that nobody has at this moment, and that no connection is given by itself: it is served at only
    later, and again after each restart.
    """
    return next(port for port in _ports if port_is_free(port))


def _from_anywhere(ports: range) -> Iterator[int]:
    """All of them, again and again; where one begins, another process hardly does."""
    return islice(cycle(ports), secrets.randbelow(len(ports)), None)


_ports = _from_anywhere(range(10_240, 32_768))  # systems give those above to connections


def port_is_free(port: int) -> bool:
    """Whether the port could be served at now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Child:
    """One process of the program, with its output in a file."""

    def __init__(self, name: str, words: Sequence[str], log: Path) -> None:
        self.name = name
        self.words = tuple(words)
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a group of its own: a key pressed in the terminal reaches only the supervisor."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*PROGRAM, *self.words],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process number; 0 while it has none."""
        return self.process.pid if self.process is not None else 0

    def ended(self) -> bool:
        """Whether it is gone."""
        return self.process is None or self.process.poll() is not None

    def stop(self, timeout_s: float = 8.0) -> None:
        """Ask it to end, and insist if it does not."""
        if self.process is None or self.ended():
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """kill -9, with its children."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def tail(self, size: int = 2_000) -> str:
        """The end of what it has printed."""
        try:
            return self.log.read_text(errors="replace")[-size:]
        except OSError:
            return ""


def wait_until_ready(child: Child, url: str, timeout_s: float) -> float:
    """Ask `url` until it answers 200; the seconds it took. Raises NotReady."""
    begun = time.monotonic()
    with httpx.Client(timeout=2.0) as client:
        while time.monotonic() - begun < timeout_s:
            if child.ended():
                raise NotReady(f"{child.name} has ended:\n{child.tail()}")
            with contextlib.suppress(httpx.HTTPError):
                if client.get(url).status_code == 200:
                    return time.monotonic() - begun
            time.sleep(_LOOK_S)
    raise NotReady(f"{child.name} is not ready after {timeout_s:.0f} s:\n{child.tail()}")
