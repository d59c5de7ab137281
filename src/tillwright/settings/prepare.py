"""Everything that a data folder needs before it is served: tables, the key of the audit chain, assets. Quick
when all is there.
"""

from __future__ import annotations

from tillwright.machine.audit_files import make_key
from tillwright.settings.database.base import writable
from tillwright.settings.routers import SESSIONS, STATION
from tillwright.settings.station import NO_STATION, VARIABLE, SettingsError


def prepare() -> None:
    """Bring the data folder of this process's station up to date.

    To be called with TILLWRIGHT_STATION and DJANGO_SETTINGS_MODULE set, before the station runs: it writes
    the databases itself. Raises SettingsError where no station is named.
    """
    import django
    from django.conf import settings

    django.setup()
    if settings.TILLWRIGHT is NO_STATION:
        raise SettingsError(f"set {VARIABLE} to the path of a station's settings")
    migrate()
    make_key(settings.TILLWRIGHT.database)
    from django.contrib.sessions.backends.db import SessionStore

    from tillwright.settings.static import collect

    SessionStore.clear_expired()

    collect(settings.TILLWRIGHT.static)


def migrate() -> None:
    """Run the migrations that are missing, in both files."""
    from django.core.management import call_command
    from django.db import connections

    for alias in (STATION, SESSIONS):
        connections[alias].close()
        with writable():
            if _behind(alias):
                call_command("migrate", database=alias, interactive=False, verbosity=0)
            connections[alias].close()


def _behind(alias: str) -> bool:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
