"""The app of faults."""

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Diagnoses, findings, learnt words and counts, and their pages."""

    name = "tillwright.faults"
    label = "faults"
    default_auto_field = "django.db.models.BigAutoField"
