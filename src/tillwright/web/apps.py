"""The app of pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Holds the base templates, the assets and the translations of all rooms."""

    name = "tillwright.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
