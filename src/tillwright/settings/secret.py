"""The station's secret: signs cookies and session hashes, is made at the first start and never leaves
its folder.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from tillwright.settings.station import NO_STATION

FILE_NAME = "secret.key"


def station_secret(folder: Path) -> str:
    """The secret of the station with this data folder; made, readable by its owner only, when it is
    missing.
    """
    if folder == NO_STATION.folder:
        return "no station, no secret"
    path = folder / FILE_NAME
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return _read(path)


def _read(path: Path) -> str:
    text = path.read_text(encoding="ascii").strip()
    if len(text) < 40:
        raise ValueError(f"{path} does not hold a secret; remove it and start again (everyone signs in anew)")
    return text
