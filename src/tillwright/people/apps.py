"""The app of accounts."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Named `people` in migrations and in AUTH_USER_MODEL."""

    name = "tillwright.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
