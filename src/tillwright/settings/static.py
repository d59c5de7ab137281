"""Assets: collected once into the station's folder, each under a name that carries the hash of its
content.

A browser may keep such a file for ever, and a till that was open through an update still finds the old
ones. The collecting is done at the start if, and only if, a file has changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from whitenoise.storage import CompressedManifestStaticFilesStorage

NOT_SERVED = (
    "htmax*",
    "*-4.js",
    "*-4.min.js",
    "htmx-2.js",
    "hx-sse-2.js",
    "hx-ws-2*",
    "hx-head-2*",
    "hx-preload-2*",
)
"""What the htmx package brings along and no page asks for."""

STAMP = ".collected"


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """Hashed names also inside script modules that import each other."""

    support_js_module_import_aggregation = True
    keep_only_hashed_files = False


def collect(folder: Path) -> bool:
    """Bring the assets in `folder` up to date; says whether anything had to be done. Needs a set-up
    Django.
    """
    from django.core.management import call_command

    stamp, wanted = folder / STAMP, _fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=[*NOT_SERVED])
    stamp.write_text(wanted)
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256(repr(NOT_SERVED).encode())
    for name, path in sorted(_sources()):
        status = path.stat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sources() -> Iterator[tuple[str, Path]]:
    from django.contrib.staticfiles.finders import get_finders

    for finder in get_finders():
        for name, storage in finder.list([*NOT_SERVED]):
            yield name, Path(storage.path(name))
