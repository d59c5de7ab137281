"""The lock on a file: exclusive, says who has it, and free when its holder dies."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tillwright.machine.locks import FileLock, LockHeld

HOLD = """
import sys
from tillwright.machine.locks import FileLock
FileLock(sys.argv[1]).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_it_is_exclusive_and_says_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "station.lock"
    with FileLock(path) as lock:
        assert lock.held
        with pytest.raises(LockHeld, match=f"process {os.getpid()}") as refused:
            FileLock(path).acquire()
        assert refused.value.holder == os.getpid()
    assert not lock.held
    with FileLock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_the_same_object_takes_it_only_once(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "station.lock")
    lock.acquire()
    with pytest.raises(LockHeld):
        lock.acquire()
    lock.release()
    lock.release()
    assert not lock.held


def test_a_holder_that_has_not_written_its_number_is_still_refused(tmp_path: Path) -> None:
    path = tmp_path / "station.lock"
    with FileLock(path):
        path.write_text("")
        with pytest.raises(LockHeld, match="another process") as refused:
            FileLock(path).acquire()
    assert refused.value.holder is None


def test_a_longer_number_of_the_last_holder_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "station.lock"
    path.write_text("99999999999999\n")
    with FileLock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_folder_that_is_not_there_is_no_lock(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "absent" / "station.lock").acquire()


@pytest.mark.crash
def test_kill_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "station.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockHeld) as refused:
            FileLock(path).acquire()
        assert refused.value.holder == holder.pid
        holder.send_signal(signal.SIGKILL)
    with FileLock(path) as lock:
        assert lock.held
