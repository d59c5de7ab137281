"""How a device numbers and signs what it writes, so that it can be handed its own documents back.

The signature is a keyed hash over everything that stands before it in the text. The text is kept and passed
on as it was written, to the letter: written anew from its parts it need not be the same.
"""

from __future__ import annotations

import hashlib
import hmac

from tillwright.parties.control.messages import DeviceProfile, Document, Garbled, decode_document, encode

_MARK = b',"signature":"'


class Signer:
    """The pen of one device."""

    def __init__(self, profile: DeviceProfile) -> None:
        own = profile.signing_key or f"control device {profile.serial}"
        self._serial = profile.serial
        self._key = hashlib.sha256(own.encode()).digest()

    def unique_number(self, number: int, key: str, total_minor: int, at_ms: int) -> str:
        """24 hexadecimal digits that no other document of any device has."""
        facts = f"{self._serial}|{number}|{key}|{total_minor}|{at_ms}"
        return hmac.digest(self._key, facts.encode(), "sha256")[:12].hex().upper()

    def write(self, document: Document) -> str:
        """The document as signed text."""
        body, _, _ = encode(document).rpartition(_MARK)
        return (body + _MARK + self._sign(body) + b'"}').decode()

    def verified(self, text: str) -> Document | None:
        """The document that this device once wrote and signed thus; None for any other text."""
        body, mark, end = text.encode("utf-8", "replace").rpartition(_MARK)
        if not mark or not hmac.compare_digest(end, self._sign(body) + b'"}'):
            return None
        try:
            document = decode_document(text)
        except Garbled:
            return None
        return document if document.serial == self._serial else None

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256").hex().encode()
