"""strace on the station's worker: what it calls, in which order, and SIGKILL at a chosen call.

The worker's threads have parts: the journal's writer syncs, the parties' thread talks to the device, the
server's thread answers. A call is counted per thread, so a kill at 'the second fsync of the writer' is exact.
The part of each thread is read from a trace of one ordinary sale.

A kill strikes before its call is carried out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CALLS = ("fsync", "fdatasync", "pwrite64", "ftruncate", "unlink", "sendto", "recvfrom", "write", "writev")
_LINE = re.compile(r"^(?:(?P<thread>\d+) +)?(?P<at>\d+\.\d+) (?P<name>\w+)\((?P<rest>.*)$")
_RESUMED = re.compile(r"^(?:(?P<thread>\d+) +)?(?P<at>\d+\.\d+) <\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
_OFFSET = re.compile(r", (?P<length>\d+), (?P<offset>\d+)(\)| <unfinished)")
_ATTACHED_S = 60.0


@dataclass(frozen=True, slots=True)
class Call:
    """One system call: its thread (0 if only one is traced), when it began and when it had returned (None:
    never), and its words.
    """

    thread: int
    name: str
    began: float
    ended: float | None
    words: str

    def on(self, suffix: str) -> bool:
        """Whether it is about a file whose name ends so."""
        return f"{suffix}>" in self.words

    @property
    def end_of_data(self) -> int:
        """Of a pwrite64: the offset after its last byte."""
        found = _OFFSET.search(self.words)
        assert found, self.words
        return int(found["length"]) + int(found["offset"])


def need_strace() -> None:
    """Skip, with the reason, where calls cannot be traced."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    sleeper = subprocess.Popen(["sleep", "30"])
    try:
        tried = subprocess.run(
            ["timeout", "-s", "INT", "0.5", "strace", "-o", "/dev/null", "-p", str(sleeper.pid)],
            capture_output=True,
            text=True,
        )
    finally:
        sleeper.kill()
        sleeper.wait()
    if "attached" not in tried.stderr:
        pytest.skip(f"this system does not let strace attach: {tried.stderr.strip()[:100]}")


class Tracer:
    """strace on a process, or on one thread of it, that writes into a file; `inject` is in its own words."""

    def __init__(
        self,
        output: Path,
        target: int,
        *,
        whole: bool,
        kill_at: tuple[str, int] | None = None,
        inject: str = "",
    ):
        self._output = output
        words = ["strace", "-ttt", "-y", "-s", "64", "-o", str(output), "-e", f"trace={','.join(CALLS)}"]
        if whole:
            words.append("-f")
        if kill_at is not None:
            name, number = kill_at
            inject = f"{name}:signal=KILL:when={number}"
        if inject:
            words += ["-e", f"inject={inject}"]
        self._process = subprocess.Popen([*words, "-p", str(target)], stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        said = self._process.stderr.readline()
        if "attached" not in said:
            raise AssertionError(f"strace has not attached: {said}")
        # The output must not fill its pipe, or strace waits for a reader.
        self._drain = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._drain.start()

    def detach(self) -> None:
        """Let the process go on by itself."""
        self._process.terminate()
        self._process.wait(_ATTACHED_S)
        self._drain.join(_ATTACHED_S)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def wait_for_the_kill(self, timeout_s: float) -> bool:
        """Whether the traced process has died within this time."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return "+++ killed by SIGKILL +++" in self._output.read_text(errors="replace")

    def text(self) -> str:
        """The trace so far."""
        return self._output.read_text(errors="replace")

    def calls(self) -> list[Call]:
        """The trace so far, in the order of beginning."""
        return read_calls(self.text())


def read_calls(text: str) -> list[Call]:
    """A trace as calls; one that another thread interrupted in the output is put together again."""
    calls: list[Call] = []
    pending: dict[tuple[int, str], int] = {}
    for line in text.splitlines():
        begun, resumed = _LINE.match(line), _RESUMED.match(line)
        if begun:
            thread, name, at = int(begun["thread"] or 0), begun["name"], float(begun["at"])
            unfinished = begun["rest"].endswith(("<unfinished ...>", ") = ?"))
            if unfinished:
                pending[thread, name] = len(calls)
            calls.append(Call(thread, name, at, None if unfinished else at, begun["rest"]))
        elif resumed:
            place = pending.pop((int(resumed["thread"] or 0), resumed["name"]), None)
            if place is not None:
                old = calls[place]
                calls[place] = Call(old.thread, old.name, old.began, float(resumed["at"]), old.words)
    return calls


@contextmanager
def traced(output: Path, process: int) -> Iterator[Tracer]:
    """Trace all threads of a process while the block runs."""
    tracer = Tracer(output, process, whole=True)
    try:
        yield tracer
    finally:
        tracer.detach()
