"""Frames: four bytes of length, big-endian, then a message: a JSON object whose last member is its checksum.

    00 00 00 2d  {"id":7,"do":"status","check":"9ae1f0b2"}

A stream has no edges: what was sent as one piece may arrive byte by byte, or with the half of the next. The
reader puts the messages together again. `check` is the CRC-32 (eight hexadecimal digits) of all that stands
before it: a digit changed on a serial line would otherwise be a sale of another sum, or under another key.
A length of nothing or of more than the limit, or a message that does not fit its checksum, is not a message
but a broken stream, and nothing that follows on it can be trusted.
"""

from __future__ import annotations

from zlib import crc32

MAXIMUM_BYTES = 1 << 20
"""The longest message, its checksum counted."""

HEADER_BYTES = 4
_TAIL_BYTES = len(',"check":"00000000"}')


class TooLong(ValueError):
    """A message is longer than a frame may be."""


def frame(message: bytes) -> bytes:
    """The message (a JSON object with at least one member) as a frame; raises TooLong."""
    body = message[:-1]
    length = len(body) + _TAIL_BYTES
    if length > MAXIMUM_BYTES:
        raise TooLong(f"{length} bytes, at most {MAXIMUM_BYTES}")
    return length.to_bytes(HEADER_BYTES, "big") + body + _tail(body)


def _tail(body: bytes) -> bytes:
    return b',"check":"%08x"}' % crc32(body)


def _checked(framed: bytes) -> bytes | None:
    """The message without its checksum; None if that does not fit."""
    body, tail = framed[:-_TAIL_BYTES], framed[-_TAIL_BYTES:]
    return body + b"}" if body and tail == _tail(body) else None


class FrameReader:
    """Puts frames together. After `broken` has turned True, nothing more comes out."""

    __slots__ = ("_rest", "broken")

    def __init__(self) -> None:
        self._rest = bytearray()
        self.broken = False

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete with these bytes, in order."""
        self._rest += data
        messages: list[bytes] = []
        start, rest = 0, self._rest
        while not self.broken and len(rest) - start >= HEADER_BYTES:
            begin = start + HEADER_BYTES
            length = int.from_bytes(rest[start:begin], "big")
            if not 0 < length <= MAXIMUM_BYTES:
                self.broken = True
            elif len(rest) < begin + length:
                break
            else:
                start = begin + length
                self._take(bytes(rest[begin:start]), messages)
        del rest[:start]
        return messages

    def _take(self, framed: bytes, messages: list[bytes]) -> None:
        message = _checked(framed)
        if message is None:
            self.broken = True
        else:
            messages.append(message)
