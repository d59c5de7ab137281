"""Best steps that were worked out beforehand, for runbooks that are too large to be worked out while somebody
waits.

The first diagnosis of such a runbook has it worked out, and so does whatever changes it: a new version, or
something learnt. Until it is ready, steps are judged by looking two of them ahead.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from tillwright.catalogue.runbooks import states
from tillwright.diagnosis.exact import ON_THE_SPOT, Policy, compiled, fingerprint
from tillwright.diagnosis.runbook import Runbook

_KEPT = 64


class Policies:
    """Policies by runbook; for any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Policy | None] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="policies")
        self._lock = threading.Lock()

    def policy(self, runbook: Runbook, forbidden: Collection[str]) -> Policy | None:
        """What was worked out; None where nothing has to be, or it is not ready."""
        if states(runbook) <= ON_THE_SPOT:
            return None
        of = fingerprint(runbook, forbidden)
        with self._lock:
            if of in self._known:
                return self._known[of]
            self._known[of] = None
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._pool.submit(self._work_out, of, runbook, frozenset(forbidden))
        return None

    def wait(self) -> None:
        """Until all that was begun is ready."""
        self._pool.submit(lambda: None).result()

    def _work_out(self, of: str, runbook: Runbook, forbidden: frozenset[str]) -> None:
        policy = compiled(runbook, forbidden)
        with self._lock:
            self._known[of] = policy
