"""A lock that a process holds on a file, so that two tills, or two stations, never share one database.

The operating system keeps the lock, not the file's content: however the holder dies, kill -9 included, the
lock is free again. The content is the holder's process number, for the person who wonders who it is; it is
left behind on release and means nothing then.
"""

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class LockHeld(Exception):
    """Another process has the lock; `holder` is its process number, or None when it has not said yet."""

    def __init__(self, path: Path, holder: int | None) -> None:
        self.path = path
        self.holder = holder
        by = f"process {holder}" if holder is not None else "another process"
        super().__init__(f"{path.name} is held by {by}; end that one first, or use another folder")


class FileLock:
    """Exclusive lock on the file at `path`, which is made when missing and never removed.

    A second FileLock on the same file is refused in the same process too. The lock belongs to the open file:
    a child made by fork, which shares it, keeps it; a child that starts another program does not.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """True while this object has the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock at once.

        Raises:
            LockHeld: somebody has it already.
        """
        if self.held:
            raise LockHeld(self.path, os.getpid())
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._take(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _take(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise LockHeld(self.path, _written_holder(descriptor)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def is_held(path: Path) -> tuple[bool, int | None]:
    """Whether somebody has the lock now, and their process number if they have said it. Only looks: nothing
    is written, and there is nothing to look at where the file is missing.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False, None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        return True, _written_holder(descriptor)
    finally:
        os.close(descriptor)
    return False, None


def _written_holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None
