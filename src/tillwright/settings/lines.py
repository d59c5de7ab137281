"""Which parties a till has besides its control device, by its settings: their adapters, and where they are.

A party without an address does not exist for the till; nothing is asked of it and nothing waits for it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tillwright import __version__
from tillwright.kernel.rules import PackRules
from tillwright.parties.http.line import HttpAdapter, HttpTimes
from tillwright.parties.licensing.adapter import LicensingAdapter
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.tls import context_for
from tillwright.settings.station import StationSettings, TillSettings

_OPERATOR_EVERY_MS = 60_000
_LICENCE_EVERY_MS = 86_400_000
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A line to a party: its name among the station's lines, who speaks on it, where to, and how secured."""

    name: str
    adapter: HttpAdapter
    address: tuple[str, int]
    context: ssl.SSLContext | None


def party_lines(settings: StationSettings, rules: PackRules) -> Iterator[PartyLine]:
    """The lines over HTTP of all tills. Raises OSError and ssl.SSLError for certificates that are none."""
    context = _context(settings)
    for till in settings.tills:
        for name, url, adapter in _parties(till, settings, rules):
            if url:
                secured = context if urlsplit(url).scheme == "https" else None
                yield PartyLine(f"{till.id}/{name}", adapter, address_of(url), secured)


def address_of(url: str) -> tuple[str, int]:
    """Host and port of 'https://operator.example' or 'http://127.0.0.1:8211'."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _parties(
    till: TillSettings, settings: StationSettings, rules: PackRules
) -> Iterator[tuple[str, str, HttpAdapter]]:
    asks = settings.status_every_ms > 0
    operator = OperatorAdapter(
        till.id,
        times_of(rules, _OPERATOR_EVERY_MS if asks else 0),
        _host(till.operator_url),
        rules.device_clock_tolerance_ms,
    )
    yield "operator", till.operator_url, operator
    licensing = LicensingAdapter(
        till.id,
        till.serial or till.id,
        settings.taxpayer,
        times_of(rules, _LICENCE_EVERY_MS if asks else 0),
        _host(till.licensing_url),
        __version__,
    )
    yield "licensing", till.licensing_url, licensing


def times_of(rules: PackRules, every_ms: int) -> HttpTimes:
    """How long a pack gives a party over HTTP, and how often it is asked how it stands."""
    return HttpTimes(
        connect_within_ms=rules.connect_within_ms,
        answer_within_ms=rules.answer_within_ms,
        status_every_ms=every_ms,
    )


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _context(settings: StationSettings) -> ssl.SSLContext | None:
    """One for all lines, where any of them is secured: to make one takes a while."""
    urls = [url for till in settings.tills for url in (till.operator_url, till.licensing_url)]
    if not any(url.startswith("https:") for url in urls):
        return None
    return context_for(settings.folder / settings.certificates if settings.certificates else None)
