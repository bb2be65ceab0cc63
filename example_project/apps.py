"""The example's own app: the demo command."""

from django.apps import AppConfig


class ExampleConfig(AppConfig):
    """Holds `manage.py demo`."""

    name = "example_project"
