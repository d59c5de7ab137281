"""Decoders of JSON, one for each form; a form is used for the first time by one thread alone.

The library finds out what a form looks like when it is first used, and writes that down at the form itself,
piece by piece. A thread that decodes the same form meanwhile reads what is half written, and that ends the
whole process: two requests at once right after a start would be enough. So whoever decodes forms that are
handed to them asks here for the decoder; one that is made while its module is loaded needs no such care.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

_T = TypeVar("_T")

_made: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_making = threading.Lock()


def decoder(form: type[_T]) -> msgspec.json.Decoder[_T]:
    """The decoder of a form; from then on any thread may decode and convert it in any way."""
    found = _made.get(form)
    if found is None:
        with _making:
            found = _made.get(form) or _made.setdefault(form, msgspec.json.Decoder(form))
    return found
