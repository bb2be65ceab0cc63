"""Load what serves another library, where that library is installed."""

from importlib import import_module

from django.apps import apps

_MODULES = {"drf_spectacular": "django_cc.resource_server.openapi"}


def load_extensions() -> None:
    """Import the modules of installed libraries; importing announces what is in them."""
    for app, module in _MODULES.items():
        if apps.is_installed(app):
            import_module(module)
