"""The runbooks in force: those that ship, those that people have published since, and what was learnt.

A diagnosis keeps to the version with which it began. What was learnt is taken as it stood when it began, too,
so that its record always folds to the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.lint import read_entries
from tillwright.catalogue.runbooks import of_an_operation, runbook_of
from tillwright.diagnosis import learning
from tillwright.diagnosis.exact import Policy
from tillwright.diagnosis.runbook import Runbook
from tillwright.faults import store
from tillwright.faults.policies import Policies
from tillwright.faults.scene import Scene
from tillwright.kernel.fault import Fault, FaultError
from tillwright.till.queries import reader

SHIPPED = 0
_KEPT = 256


class Books:
    """Entries and runbooks by code and version."""

    def __init__(self, scene: Scene, catalogue: Catalogue) -> None:
        self._scene = scene
        self._catalogue = catalogue
        self._parsed: OrderedDict[tuple[str, int], Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._policies = Policies()

    def version(self, code: str) -> int:
        """The version in force; SHIPPED where nobody has published one."""
        published = store.runbooks(reader(), code)
        return published[0].version if published else SHIPPED

    def entry(self, code: str, version: int | None = None) -> Entry:
        """The entry of a code, in a version or the one in force. Raises FaultError: api.not-found."""
        shipped = self._catalogue.entries.get(code)
        if shipped is None:
            raise FaultError(Fault("api.not-found"))
        wanted = self.version(code) if version is None else version
        return shipped if wanted == SHIPPED else self._published(code, wanted) or shipped

    def knows(self, code: str) -> bool:
        """Whether there is such a code; an earlier version of the program may have had others."""
        return code in self._catalogue.entries

    def has_runbook(self, code: str) -> bool:
        """Whether there is something to find out about a code."""
        entry = self._catalogue.entries.get(code)
        return entry is not None and bool(self.entry(code).causes)

    def about(self, code: str, operation: str) -> str:
        """The operation that a diagnosis of this code is about; '' where it is the till's.
        Raises FaultError: api.not-found.
        """
        return operation if of_an_operation(self.entry(code)) else ""

    def declared(self, code: str) -> tuple[str, ...]:
        """The facts that the sentences of a code use; none for a code that there is not."""
        entry = self._catalogue.entries.get(code)
        return entry.facts if entry is not None else ()

    def runbook(self, entry: Entry, at_ms: int) -> Runbook:
        """What diagnosis works with, with what was learnt up to then. Raises FaultError for an entry without
        a runbook.
        """
        runbook = runbook_of(entry)
        if runbook is None:
            raise FaultError(Fault("api.not-found"))
        counts = store.learnt(reader(), entry.code, at_ms)
        measured = store.measured(reader(), entry.code, at_ms)
        return learning.timed(learning.learnt(runbook, {}, counts), measured)

    def policy(self, runbook: Runbook, forbidden: Collection[str]) -> Policy | None:
        """What was worked out beforehand; None where the choice is made on the spot."""
        return self._policies.policy(runbook, forbidden)

    def _published(self, code: str, version: int) -> Entry | None:
        with self._lock:
            known = self._parsed.get((code, version))
        if known is not None:
            return known
        found = next((one for one in store.runbooks(reader(), code) if one.version == version), None)
        placed = read_entries({f"published/{code.partition('.')[0]}.yaml": found.text})[0] if found else []
        if not placed:
            return None
        with self._lock:
            self._parsed[code, version] = placed[0].entry
            while len(self._parsed) > _KEPT:
                self._parsed.popitem(last=False)
        return placed[0].entry
