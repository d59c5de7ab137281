"""The app of the till."""

from django.apps import AppConfig


class TillConfig(AppConfig):
    """Goods and baskets, and the pages of the till."""

    name = "tillwright.till"
    label = "till"
    default_auto_field = "django.db.models.BigAutoField"
