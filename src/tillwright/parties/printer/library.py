"""python-escpos, imported without what it leaves behind.

Importing it makes a folder for temporary files that nobody removes, and puts a handler on the root logger.
Both are taken back here, so this is the one door to it.
"""

from __future__ import annotations

import logging
import tempfile

_handlers, _folder = list(logging.root.handlers), tempfile.tempdir
with tempfile.TemporaryDirectory() as _scratch:
    tempfile.tempdir = _scratch
    try:
        from escpos.printer import Dummy
    finally:
        tempfile.tempdir = _folder
        logging.root.handlers[:] = _handlers

__all__ = ["Dummy"]
