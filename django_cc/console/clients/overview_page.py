"""The overview of a machine client: the admin's change page, saved by the server's function."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import ValidationError
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.editing import update_client
from django_cc.authorization_server.clients.versions import VERSION_CONFLICT
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.conflict import tell_conflict
from django_cc.console.clients.overview import look_at
from django_cc.console.clients.overview_form import OverviewForm, list_fields
from django_cc.console.site.actors import deny, get_actor
from django_cc.console.site.ranges import RANGES, find_range
from django_cc.console.site.rights import Right, find_sight, may
from django_cc.models import MachineClient

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[MachineClient]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone

_SEEN = ["name", "description", "owner", "owning_group"]


class OverviewPage(_ModelAdmin):
    """The change page, with a summary above the few fields that are edited there."""

    change_form_template = "django_cc/clients/overview.html"

    def get_fieldsets(self, request: HttpRequest, obj: MachineClient | None = None) -> Any:
        """Return the fields that this user may edit, or see."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj):
            return [(_("Details"), {"fields": _SEEN})]
        return [(_("Details"), {"fields": [*list_fields(request.user), "version"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: MachineClient | None = None) -> Any:
        """Show the same to who may not edit."""
        may_edit = obj is None or self.has_change_permission(request, obj)
        return [] if may_edit else _SEEN

    def get_form(
        self,
        request: HttpRequest,
        obj: MachineClient | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """Return the form for the one who edits."""
        if obj is None or not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change=change, **kwargs)
        bound = {"editor": request.user, "refusal": getattr(request, "cc_refusal", None)}
        return type("OverviewForm", (OverviewForm,), bound)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the overview of a client, or save what was edited."""
        request.current_app = self.admin_site.name  # as the admin does later
        client = self.get_object(request, object_id)
        if client is None or not self.has_view_permission(request, client):
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and not self.has_change_permission(request, client):
            return deny(request, "change", client)
        context = {**(extra_context or {}), **self._gather(request, client)}
        try:
            return super().change_view(request, object_id, form_url, context)
        except ValidationError as refusal:
            return self._refuse(request, object_id, form_url, context, refusal)

    def save_model(
        self,
        request: HttpRequest,
        obj: MachineClient,
        form: "ModelForm[MachineClient]",
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save by the server's function, unless somebody was faster."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        assert isinstance(form, OverviewForm)  # noqa: S101 - tells the type checker
        version = form.cleaned_data["version"]
        update_client(obj, form.to_changes(), get_actor(request), expected_version=version)

    def _refuse(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str,
        context: dict[str, Any],
        refusal: ValidationError,
    ) -> HttpResponse:
        client = self.get_object(request, object_id)
        if client is not None and getattr(refusal, "code", None) == VERSION_CONFLICT:
            typed = self._list_typed(request, client)
            return tell_conflict(ClientPage(self), request, client, typed, tab="change")
        # What the form could not know, such as a name that was taken a moment ago.
        request.cc_refusal = refusal  # type: ignore[attr-defined]
        return super().change_view(request, object_id, form_url, context)

    def _list_typed(self, request: HttpRequest, client: MachineClient) -> list[tuple[Any, str]]:
        typed = {name: request.POST[name] for name in _SEEN if name in request.POST}
        # A group comes by its key; the form knows those that this user may choose.
        form = self.get_form(request, client, change=True)(request.POST, instance=client)
        groups = form.fields.get("owning_group")
        if isinstance(groups, ModelChoiceField) and typed.get("owning_group"):
            with suppress(ValidationError):
                typed["owning_group"] = str(groups.clean(typed["owning_group"]))
        return [(label_for_field(name, MachineClient), text) for name, text in typed.items()]

    def _gather(self, request: HttpRequest, client: MachineClient) -> dict[str, Any]:
        chosen, now = find_range(request.GET.get("range")), timezone.now()
        overview = look_at(client, chosen, find_sight(request.user), now=now)
        return {
            "title": client.name,
            "subtitle": None,
            "client": client,
            "overview": overview,
            "chart": overview.chart,
            "ranges": RANGES,
            "chosen": chosen,
            "now": now,
            "tabs": self.list_tabs(request, client, current="change"),  # type: ignore[attr-defined]
            "crumbs": ClientPage(self).list_crumbs(request, client=client)[:-1],
            "may_disable": may(request.user, Right.DISABLE_CLIENT),
            "may_revoke_tokens": may(request.user, Right.REVOKE_TOKENS),
            "may_delete": may(request.user, Right.DELETE_CLIENT) and not client.is_enabled,
            "show_save_and_add_another": False,
        }
