"""What an admin of the toolkit's Applications must do beside machine clients."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from django_cc.models import MachineClient

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object


class MachineClientApplicationMixin(_ModelAdmin):
    """The page of a machine client's Application is read-only, and links to the client's own.

    Put it before the project's own class: `class Admin(MachineClientApplicationMixin, Own)`. Other
    Applications are what they were.
    """

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may change it; nobody may change a machine client's here."""
        allowed = super().has_change_permission(request, obj)
        return allowed and _find_machine_client(obj) is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may delete it; nobody may delete a machine client's here."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and _find_machine_client(obj) is None

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the facts about a machine client's Application, without its secret column."""
        if _find_machine_client(obj) is None:
            return super().get_fieldsets(request, obj)
        facts = ["name", "client_id", "client_type", "authorization_grant_type", "created"]
        return [(None, {"fields": ["machine_client_page", *facts]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what cannot be edited: of a machine client's Application everything."""
        fields = super().get_readonly_fields(request, obj)
        if _find_machine_client(obj) is None:
            return fields
        return [*fields, "machine_client_page"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save an Application.

        Raises:
            PermissionDenied: it is a machine client's, which a list with editable cells would
                otherwise change: Django asks for no permission on each row of those.
        """
        if _find_machine_client(obj) is not None:
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    @admin.display(description=_("machine client"))
    def machine_client_page(self, application: Any) -> str:
        """Return a link to the page where the client is managed; its name where there is none."""
        client = _find_machine_client(application)
        if client is None:
            return ""
        page = f"{self.admin_site.name}:django_cc_machineclient_change"
        try:
            url = reverse(page, args=[client.pk])
        except NoReverseMatch:
            return client.name
        return format_html('<a href="{}">{}</a>', url, client.name)


def _find_machine_client(application: Any) -> MachineClient | None:
    if application is None or application.pk is None:
        return None
    return MachineClient.objects.filter(application_id=application.pk).first()
