"""The live stream of a page: the strip whenever something of its till has changed, and a tick for the
page's parts.

A stream holds a thread of the server for as long as it is open. So there is a ceiling on how many may be
open at once, and each ends by itself after 25 seconds; the browser comes back at once and says what it saw
last. A page without a stream (too many, or the line is cut) says so in words and still works: every answer
to a press carries the truth.

Events: `strip` (HTML of the strip), `tick` (the number of the change; a part of a page that wants to follow
asks for itself anew with `hx-trigger="sse:tick"`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tillwright.kernel.fault import FaultError
from tillwright.web import current, strip

LONGEST_MS = 25_000
HEARTBEAT_MS = 5_000
COME_BACK_MS = 400
MOST = 32

_places = threading.BoundedSemaphore(MOST)


@never_cache
@require_GET
def live(request: HttpRequest) -> HttpResponseBase:
    """The stream of the till that this browser serves."""
    till = strip.till_of(request)
    if till is None:
        return HttpResponse(status=204)
    if not _places.acquire(blocking=False):
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    after = _last_seen(request)
    response = StreamingHttpResponse(Stream(request, till.id, after), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _last_seen(request: HttpRequest) -> int:
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


class Stream:
    """One open stream; gives its place back however it ends."""

    def __init__(self, request: HttpRequest, till: str, after: int) -> None:
        self._parts = _events(request, till, after)
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the stream."""
        if self._open:
            self._open = False
            _places.release()


def _events(request: HttpRequest, till: str, after: int) -> Iterator[bytes]:
    yield f"retry: {COME_BACK_MS}\n\n".encode()
    ends_ns = current.clock().monotonic_ns() + LONGEST_MS * 1_000_000
    seen = after
    while current.clock().monotonic_ns() < ends_ns:
        try:
            tick = current.station().changes(till, seen, HEARTBEAT_MS)
        except FaultError:
            return
        yield b": still here\n\n" if tick == seen else _changed(request, tick)
        seen = tick


def _changed(request: HttpRequest, tick: int) -> bytes:
    html = render_to_string("web/parts/strip_inner.html", {"strip": strip.of_request(request)}, request)
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"event: strip\nid: {tick}\n{lines}\nevent: tick\ndata: {tick}\n\n".encode()
