"""Django's door to the console."""

from contextlib import suppress

from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured

from django_cc.console.installed_settings import announce_settings
from django_cc.console.registration import register_console
from django_cc.console.settings import get_settings

announce_settings()
with suppress(ImproperlyConfigured):  # explained by the check django_cc.E001
    if get_settings().admin_autoregister:
        register_console(admin.site)
