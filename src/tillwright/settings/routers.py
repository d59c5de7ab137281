"""Which tables live in which file: sessions and sign-in records in their own, everything else in the
station's.
"""

from __future__ import annotations

from typing import Any

SESSIONS = "sessions"
STATION = "default"

OWN_FILE = {("sessions", None), ("people", "attempt"), ("people", "livesession")}
"""(app, model) of what the pages write themselves; None means every model of the app."""


class StationRouter:
    """Sends each model to its file, and its table into that file only."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """The alias that a model is read from."""
        return _alias(model._meta.app_label, model._meta.model_name)

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """The alias that a model is written to."""
        return _alias(model._meta.app_label, model._meta.model_name)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Whether a migration's step belongs into this file. One without a model says so by hint `alias`."""
        if model_name is None and (app_label, None) not in OWN_FILE:
            return bool(db == hints.get("alias", STATION))
        return db == _alias(app_label, model_name)


def _alias(app_label: str, model_name: str | None) -> str:
    owned = (app_label, None) in OWN_FILE or (app_label, model_name) in OWN_FILE
    return SESSIONS if owned else STATION
