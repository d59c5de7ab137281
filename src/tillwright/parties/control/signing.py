"""How a device numbers, signs and seals what it writes, so that it can be handed its own documents back.

The signature is a keyed hash over everything that stands before it in the text: only the device can make it,
and only the device can check it. The digest after it covers everything, and anybody can check it: a till does
so before it takes a document for what the device wrote, because a single letter changed on the way would make
it worthless.

The text is kept and passed on as it was written, to the letter: written anew from its parts it need not be
the same.
"""

from __future__ import annotations

import hashlib
import hmac

from tillwright.parties.control.messages import DeviceProfile, Document, Garbled, decode_document, encode

_SIGNATURE = b',"signature":"'
_DIGEST = b'","digest":"'
_END = b'"}'


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
        """The document as signed and sealed text."""
        body, _, _ = encode(document).rpartition(_SIGNATURE)
        signed = body + _SIGNATURE + self._sign(body)
        return (signed + _DIGEST + _digest(signed) + _END).decode()

    def verified(self, text: str) -> Document | None:
        """The document that this device once wrote and signed thus; None for any other text."""
        if not is_whole(text):
            return None
        signed, _, _ = text.encode().rpartition(_DIGEST)
        body, mark, signature = signed.rpartition(_SIGNATURE)
        if not mark or not hmac.compare_digest(signature, self._sign(body)):
            return None
        try:
            document = decode_document(text)
        except Garbled:
            return None
        return document if document.serial == self._serial else None

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256").hex().encode()


def is_whole(text: str) -> bool:
    """Whether the text is some device's to the last letter; that it is its own, only the device can tell."""
    signed, mark, end = text.encode("utf-8", "replace").rpartition(_DIGEST)
    return bool(mark) and end == _digest(signed) + _END


def _digest(signed: bytes) -> bytes:
    return hashlib.sha256(signed).hexdigest()[:16].encode()
