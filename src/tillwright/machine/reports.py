"""The frame of every report: which command, which version, on what machine, since when, how long.

All commands that measure or prove something speak alike: with `--json` one object on standard output and
nothing else there; without it, sentences for people; progress always on standard error. Figures mean little
without the machine that they were taken on, so its cores, its memory and the time that its disk takes to
keep a write belong to each report.

    opened = open_report("verify")
    ...
    report = opened.close({"lost": 0, ...}, folder)
    show(report, as_json, sentences)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median

import structlog

from tillwright import __version__

ENVELOPE = ("command", "version", "git", "machine", "started", "seconds")
"""The keys that every report begins with, in this order."""

_SYNCS = 15
_BLOCK = bytes(4096)


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report whose work is under way; `close` makes it."""

    command: str
    started_ns: int
    began_ns: int

    def close(self, values: Mapping[str, object], folder: Path | None = None) -> dict[str, object]:
        """The report: the frame, then `values`. The disk that is measured is the one of `folder` (else the
        one for temporary files). Raises ValueError for a value that has the name of a key of the frame.
        """
        taken = [name for name in ENVELOPE if name in values]
        if taken:
            raise ValueError(f"keys of the frame: {', '.join(taken)}")
        frame: dict[str, object] = {
            "command": self.command,
            "version": __version__,
            "git": commit(),
            "machine": machine(folder),
            "started": datetime.fromtimestamp(self.started_ns / 1e9, UTC).isoformat(timespec="seconds"),
            "seconds": round((time.monotonic_ns() - self.began_ns) / 1e9, 3),
        }
        return {**frame, **values}


def open_report(command: str) -> OpenReport:
    """Begin: `command` is the command's words without the program's name ('bench operations'). What is logged
    meanwhile goes to standard error, so that a report stays alone on standard output.
    """
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    return OpenReport(command, time.time_ns(), time.monotonic_ns())


def show(report: Mapping[str, object], as_json: bool, sentences: Iterable[str]) -> None:
    """Print the report on standard output: the object, or the sentences, a line each."""
    text = json.dumps(report, ensure_ascii=False, indent=1) if as_json else "\n".join(sentences)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@cache
def commit() -> str | None:
    """The commit of the program's source, or None where it is not run from one."""
    here = Path(__file__).resolve()
    root = next((folder for folder in here.parents if (folder / ".git").exists()), None)
    if root is None or here.relative_to(root).parts[:1] != ("src",):
        return None  # installed somewhere below a foreign repository
    git = shutil.which("git")
    if git is None:
        return None
    try:
        asked = subprocess.run(
            [git, "-C", str(root), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip()


def machine(folder: Path | None = None) -> dict[str, object]:
    """`cores` that this process may use, `memory_bytes`, and `fdatasync_ms`: the middle of some writes of
    4 KiB to the disk of `folder`; None where it cannot be measured.
    """
    return {"cores": _cores(), "memory_bytes": _memory_bytes(), "fdatasync_ms": fdatasync_ms(folder)}


def fdatasync_ms(folder: Path | None = None) -> float | None:
    """How long the disk takes to keep 4 KiB, in milliseconds."""
    sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            return round(median(_timed_write(file.fileno(), sync) for _ in range(_SYNCS)) / 1e6, 3)
    except OSError:
        return None


def _timed_write(descriptor: int, sync: Callable[[int], None]) -> int:
    began_ns = time.monotonic_ns()
    os.write(descriptor, _BLOCK)
    sync(descriptor)
    return time.monotonic_ns() - began_ns


def _cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
