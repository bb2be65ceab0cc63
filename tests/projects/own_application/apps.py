"""An app whose model stands in for the toolkit's Application."""

from django.apps import AppConfig


class OwnApplicationConfig(AppConfig):
    """The app."""

    name = "tests.projects.own_application"
    label = "own_application"
