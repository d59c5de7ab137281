"""Printing: a stored document becomes bytes in a thread of its own and goes to the till's printer, once.

Drawing letters takes longer than a sale may wait, so neither the writer nor the parties' thread does it. What
is waiting here is lost in a crash and is not printed by itself again: people reprint, and the reprint says
'copy'.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import replace

import structlog

from tillwright.journal.errands import PrintSlip
from tillwright.kernel.fault import Fault, FaultError

Paper = Callable[[bytes, str, bool], bytes]
"""(stored document, till, whether it is a copy) → what the printer takes. Raises FaultError."""

_log = structlog.get_logger(__name__)


class Printing:
    """Makes paper of documents, one after the other. `send` gets each slip with its bytes; `failed` the till
    and job of one that cannot be made, and why.
    """

    def __init__(
        self, paper: Paper, send: Callable[[PrintSlip], None], failed: Callable[[str, str, Fault], None]
    ) -> None:
        self._paper = paper
        self._send = send
        self._failed = failed
        self._slips: queue.SimpleQueue[PrintSlip | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal-printing", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End; what waits is not printed."""
        if self._thread.ident is not None:
            self._slips.put(None)
            self._thread.join(timeout_s)

    def put(self, slip: PrintSlip) -> None:
        """Print this document, soon."""
        self._slips.put(slip)

    def _run(self) -> None:
        while (slip := self._slips.get()) is not None:
            try:
                copy = slip.job.endswith("copy")
                self._send(replace(slip, body=self._paper(slip.body, slip.till, copy)))
            except FaultError as error:
                self._failed(slip.till, slip.job, error.fault)
            except Exception:  # a document that cannot be drawn must not end the printing of all others
                _log.exception("journal.slip-failed", job=slip.job)
                self._failed(slip.till, slip.job, Fault("printer.unreachable"))
