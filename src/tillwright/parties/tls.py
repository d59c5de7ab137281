"""TLS without a socket: what is to be said goes in and comes out as what is to be sent, and the other way.

The driver has the connection; this is a layer over its bytes. As long as the handshake is under way nothing
that the adapter wants to say can leave: whatever goes wrong in it is a connection that failed.
"""

from __future__ import annotations

import ssl
from pathlib import Path


def context_for(certificates: Path | None = None) -> ssl.SSLContext:
    """What a party's certificate is checked with: the authorities of this computer, and those of a file.

    Raises OSError and ssl.SSLError for a file that cannot be used.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificates is not None:
        context.load_verify_locations(cafile=certificates)
    return context


class TlsLine:
    """One connection's client side. Its methods raise ssl.SSLError for a party that is not to be trusted, or
    that speaks something else.
    """

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.stands = False
        """Whether the handshake is over."""
        self.is_over = False
        """Whether the party has said that it says nothing more."""

    def begin(self) -> bytes:
        """What is to be sent first."""
        self._shake_hands()
        return self._outgoing.read()

    def received(self, data: bytes) -> tuple[bytes, bytes]:
        """What these bytes say, and what is to be sent because of them."""
        self._incoming.write(data)
        if not self.stands:
            self._shake_hands()
        said = self._read() if self.stands else b""
        return said, self._outgoing.read()

    def said(self, data: bytes) -> bytes:
        """What is to be sent to say this; once the handshake is over."""
        view = memoryview(data)
        while view:
            view = view[self._object.write(view) :]
        return self._outgoing.read()

    def _shake_hands(self) -> None:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return
        self.stands = True

    def _read(self) -> bytes:
        pieces: list[bytes] = []
        try:
            while piece := self._object.read(1 << 16):
                pieces.append(piece)
        except ssl.SSLWantReadError:
            return b"".join(pieces)
        except ssl.SSLZeroReturnError:
            pass
        self.is_over = True
        return b"".join(pieces)
