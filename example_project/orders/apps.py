"""The orders app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """An API protected by django_cc."""

    name = "example_project.orders"
    default_auto_field = "django.db.models.BigAutoField"
