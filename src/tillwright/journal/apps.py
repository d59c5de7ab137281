"""The app of the journal: it has a migration, so that a station's tables are made and changed in one way."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Named `journal` in migrations."""

    name = "tillwright.journal"
    label = "journal"
