"""The app of the user model."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Holds it."""

    name = "tests.projects.people"
    default_auto_field = "django.db.models.BigAutoField"
