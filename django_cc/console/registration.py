"""Put the console into an admin site."""

from typing import Any

from django.contrib import admin
from django.db import models

from django_cc.console.audit_events import AuditEventAdmin
from django_cc.console.catalogue.apis import APIAdmin
from django_cc.console.catalogue.scopes import ScopeAdmin
from django_cc.console.clients.machine_clients import MachineClientAdmin
from django_cc.console.dashboard.dashboard import DashboardAdmin
from django_cc.console.settings import get_settings
from django_cc.console.signing_keys.key_list import SigningKeyAdmin
from django_cc.models import API, AuditEvent, Dashboard, MachineClient, Scope, SigningKey

_PAGES: dict[type[models.Model], type[Any]] = {
    API: APIAdmin,
    AuditEvent: AuditEventAdmin,
    Dashboard: DashboardAdmin,
    MachineClient: MachineClientAdmin,
    Scope: ScopeAdmin,
    SigningKey: SigningKeyAdmin,
}


def register_console(site: admin.AdminSite) -> None:
    """Register every page of the console with `site`, on top of `ADMIN_BASE_CLASS`.

    Raises:
        ImproperlyConfigured: `DJANGO_CC` is wrong.
    """
    for model, model_admin in _PAGES.items():
        site.register(model, put_on_base(model_admin))


def put_on_base(model_admin: type[Any]) -> type[Any]:
    """Return `model_admin` with the ModelAdmin of the project's theme below it."""
    base = get_settings().load_base_class()
    if issubclass(model_admin, base):
        return model_admin
    return type(model_admin.__name__, (model_admin, base), {})
