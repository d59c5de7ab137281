"""Processes: ending with the one that started us.

Linux can be asked to do it (prctl); elsewhere a thread looks. Either way a worker whose server was killed
with kill -9 goes too, instead of serving on alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

_SET_PARENT_DEATH_SIGNAL = 1
_LOOK_S = 0.5
_BROKEN = 70  # the exit status for an internal failure


def end_with_parent() -> None:
    """Have this process killed as soon as its parent is gone."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def end_soon() -> None:
    """Have this process end, without tidying up, after the moment that answers on their way need."""
    timer = threading.Timer(_LOOK_S, os._exit, (_BROKEN,))
    timer.daemon = True
    timer.start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os.kill(os.getpid(), signal.SIGKILL)
