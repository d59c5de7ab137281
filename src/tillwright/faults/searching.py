"""Finds a fault by the words that people use for it, those among them that were accepted since.

The index is built once and kept until the accepted words are others; that takes a moment, so it is done by
whoever searches first, and everybody else waits for it instead of doing the same.
"""

from __future__ import annotations

import threading

from tillwright.catalogue.search import Found, Index
from tillwright.faults import store
from tillwright.till.queries import reader
from tillwright.web import current

ACCEPTED = "accepted"

_lock = threading.Lock()
_built: tuple[object, Index] | None = None


def find(text: str, limit: int = 3) -> Found:
    """The faults that these words may mean."""
    return index().find(text, limit)


def index() -> Index:
    """The index of the catalogue and of all accepted words."""
    global _built
    catalogue = current.place().catalogue
    accepted = store.accepted(store.aliases(reader(), ACCEPTED))
    key = (id(catalogue), tuple(accepted.items()))
    with _lock:
        if _built is None or _built[0] != key:
            _built = (key, Index(catalogue, accepted))
        return _built[1]
