"""The live stream of a page: the strip whenever something of its till has changed, and a tick for the
page's parts.

There is a ceiling on how many may be open at once, and each ends by itself after 25 seconds (`web/streams.py`
says why). A page without a stream (too many, or the line is cut) says so in words and still works: every
answer to a press carries the truth.

Events: `strip` (HTML of the strip), `tick` (the number of the change; a part of a page that wants to follow
asks for itself anew with `hx-trigger="sse:tick"`), `ended` (the person has signed in elsewhere, or was away
too long: the page asks for itself, and is told which). A stream by itself keeps no session alive.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tillwright.kernel.fault import FaultError
from tillwright.web import current, strip
from tillwright.web.middleware import ended_session
from tillwright.web.streams import HEARTBEAT, HEARTBEAT_MS, LONGEST_MS, OPENING, Places, last_seen

MOST = 32
ENDED = b"event: ended\ndata: \n\n"

_places = Places(MOST)


@never_cache
@require_GET
def live(request: HttpRequest) -> HttpResponseBase:
    """The stream of the till that this browser serves."""
    till = strip.till_of(request)
    if till is None:
        return HttpResponse(status=204)
    seen = last_seen(request.headers.get("Last-Event-ID", ""))
    stream = _places.open(_events(request, till.id, -1 if seen is None else seen))
    if stream is None:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _events(request: HttpRequest, till: str, after: int) -> Iterator[bytes]:
    yield OPENING
    ends_ns = current.clock().monotonic_ns() + LONGEST_MS * 1_000_000
    seen = after
    while current.clock().monotonic_ns() < ends_ns:
        try:
            tick = current.station().changes(till, seen, HEARTBEAT_MS)
        except FaultError:
            return
        if ended_session(request, there=False) is not None:
            yield ENDED
            return
        yield HEARTBEAT if tick == seen else _changed(request, tick)
        seen = tick


def _changed(request: HttpRequest, tick: int) -> bytes:
    html = render_to_string("web/parts/strip_inner.html", {"strip": strip.fresh(request)}, request)
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"event: strip\nid: {tick}\n{lines}\nevent: tick\ndata: {tick}\n\n".encode()
