"""One call of a program: whose it is, what it carries, how long it may be held.

A call that waits holds a thread of the server. So waiting is capped twice: in time by the pack, and in number
here; a call that finds no place is answered at once, which is never wrong, only less convenient.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from django.http import HttpRequest
from ninja.security import HttpBearer

from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState
from tillwright.people import tokens
from tillwright.till.api_reading import MAXIMUM_BYTES, bearer, is_json, malformed, wait_s

MOST_WAITING = 16

_places = threading.BoundedSemaphore(MOST_WAITING)


class TillToken(HttpBearer):
    """The token of a till, which stands for that till alone."""

    def __call__(self, request: HttpRequest) -> str | None:
        """The till; None for a token that is none."""
        return self.authenticate(request, bearer(request.META.get("HTTP_AUTHORIZATION", "")))

    def authenticate(self, request: HttpRequest, token: str) -> str | None:
        """The till whose token this is."""
        return tokens.till_of(token)


def till_of(request: HttpRequest) -> str:
    """The till that the call is for."""
    till: str = request.auth  # type: ignore[attr-defined]  # set by ninja
    return till


def refuse_other_parameters(request: HttpRequest, names: Collection[str]) -> None:
    """A filter that is misspelt or named twice would quietly be none. Raises FaultError(api.malformed)."""
    for name, values in request.GET.lists():
        if name not in names:
            raise malformed(f"there is no parameter `{name}`")
        if len(values) > 1:
            raise malformed(f"the parameter `{name}` stands twice")


# ── the body ──────────────────────────────────────────────────────────────────────────────────────


def json_body(request: HttpRequest) -> bytes:
    """The body of a call that must bring JSON. One that is too long is not read to its end.

    Raises FaultError: api.media-type, api.too-large.
    """
    meta = request.META
    if (
        not is_json(meta.get("CONTENT_TYPE", ""))
        or meta.get("HTTP_CONTENT_ENCODING", "identity") != "identity"
    ):
        raise FaultError(Fault("api.media-type"))
    declared = meta.get("CONTENT_LENGTH") or ""
    if declared.isdigit() and (len(declared) > 18 or int(declared) > MAXIMUM_BYTES):
        raise _too_large()
    # Without a length the body ends where the stream ends; Django's own reader would take it for empty.
    endless = not declared and meta.get("wsgi.input_terminated")
    body: bytes = (meta["wsgi.input"] if endless else request).read(MAXIMUM_BYTES + 1)
    if len(body) > MAXIMUM_BYTES:
        raise _too_large()
    return body


def _too_large() -> FaultError:
    return FaultError(Fault("api.too-large", maximum_bytes=MAXIMUM_BYTES))


# ── waiting ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may be held; `granted_s` is None where it did not ask, or found no place."""

    granted_s: int | None

    @property
    def wait_ms(self) -> int:
        """The same in milliseconds."""
        return (self.granted_s or 0) * 1000


def patience(request: HttpRequest, longest_ms: int) -> AbstractContextManager[Patience]:
    """How long this call asks to be held (`Prefer: wait=SECONDS`), as far as that is granted."""
    return held_for(wait_s(request.META.get("HTTP_PREFER", "")), longest_ms)


@contextmanager
def held_for(asked_s: int | None, longest_ms: int) -> Iterator[Patience]:
    """How long a call that asks for so many seconds is held; None: it does not ask."""
    granted_s = None if asked_s is None else min(asked_s, longest_ms // 1000)
    if not granted_s:
        yield Patience(granted_s)
    elif not _places.acquire(blocking=False):
        yield Patience(None)
    else:
        try:
            yield Patience(granted_s)
        finally:
            _places.release()


def settled(operation: Operation) -> bool:
    """Whether waiting longer helps nobody: it has ended, or a person has to do something."""
    return operation.ended or operation.state is OperationState.RED or operation.question is not None


def wait_until_settled(station: Station, operation: Operation, wait_ms: int) -> Operation:
    """The operation once it is settled, or at the end of the time."""
    ends_ns = station.clock.monotonic_ns() + wait_ms * 1_000_000
    left_ms = wait_ms
    while left_ms > 0 and not settled(operation):
        newer = station.wait(operation.uid, version=operation.version, timeout_ms=left_ms)
        if newer is None or newer.version == operation.version:
            break
        operation = newer
        left_ms = (ends_ns - station.clock.monotonic_ns()) // 1_000_000
    return operation
