"""PINs: how they look, and how they are kept.

A PIN is short, so what protects it is not its hash alone but the lock after a few failures (signing.py).
The hash is Argon2id, sized so that a press on 'Sign in' is answered well within a tenth of a second on a
small computer.
"""

from __future__ import annotations

import re

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

FORM = re.compile(r"[0-9]{4,8}")


class PinHasher(Argon2PasswordHasher):
    """Argon2id: 2 passes over 19 MiB by one thread."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


def hash_pin(pin: str) -> str:
    """The hash of a new PIN. Raises ValueError for one that is not 4 to 8 digits; the PIN is not in the
    message.
    """
    if not FORM.fullmatch(pin):
        raise ValueError("a PIN has 4 to 8 digits")
    return make_password(pin)


def fits(pin: str, hashed: str | None) -> bool:
    """Whether a PIN fits a hash. Without a hash (nobody has that number) it takes as long and says no."""
    return check_password(pin, hashed if hashed is not None else _NOBODY) and hashed is not None


_NOBODY = (
    "argon2$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlz$vbY616zAauco4tgK5WMxp2bVoc/6A19DchQfIVkM/m8"
)
