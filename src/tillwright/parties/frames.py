"""Frames: four bytes of length and four of checksum (CRC-32 of the message), both big-endian, then the message.

A stream has no edges: what was sent as one piece may arrive byte by byte, or with the half of the next. The
reader puts the messages together again. A length of nothing or of more than the limit, or a message that does
not fit its checksum, is not a message but a broken stream, and nothing that follows on it can be trusted: a
digit changed on the way would otherwise be a sale of another sum, or under another key.
"""

from __future__ import annotations

from zlib import crc32

MAXIMUM_BYTES = 1 << 20
"""The longest message."""

HEADER_BYTES = 8
_LENGTH_BYTES = 4


class TooLong(ValueError):
    """A message is longer than a frame may be."""


def frame(message: bytes) -> bytes:
    """The message as a frame; raises TooLong."""
    length = len(message)
    if length > MAXIMUM_BYTES:
        raise TooLong(f"{length} bytes, at most {MAXIMUM_BYTES}")
    return _header(message) + message


def _header(message: bytes) -> bytes:
    return len(message).to_bytes(_LENGTH_BYTES, "big") + crc32(message).to_bytes(4, "big")


class FrameReader:
    """Puts frames together. After `broken` has turned True, nothing more comes out."""

    __slots__ = ("_rest", "broken")

    def __init__(self) -> None:
        self._rest = bytearray()
        self.broken = False

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete with these bytes, in order."""
        if not self._rest and self._is_one_frame(data):
            return [data[HEADER_BYTES:]]
        self._rest += data
        return self._take()

    @staticmethod
    def _is_one_frame(data: bytes) -> bool:
        length = len(data) - HEADER_BYTES
        return 0 < length <= MAXIMUM_BYTES and data[:HEADER_BYTES] == _header(data[HEADER_BYTES:])

    def _take(self) -> list[bytes]:
        messages: list[bytes] = []
        start, rest = 0, self._rest
        while not self.broken and len(rest) - start >= HEADER_BYTES:
            length = int.from_bytes(rest[start : start + _LENGTH_BYTES], "big")
            end = start + HEADER_BYTES + length
            if not 0 < length <= MAXIMUM_BYTES:
                self.broken = True
            elif len(rest) < end:
                break
            else:
                message = bytes(rest[start + HEADER_BYTES : end])
                self.broken = rest[start : start + HEADER_BYTES] != _header(message)
                messages += [] if self.broken else [message]
                start = end
        del rest[:start]
        return messages
