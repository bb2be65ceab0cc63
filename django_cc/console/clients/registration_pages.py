"""Register a machine client, and show its secret once."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.clients.registration import (
    AlreadyRegisteredError,
    register_client,
)
from django_cc.authorization_server.clients.replacement import is_replaceable_by
from django_cc.authorization_server.clients.secrets import NewSecret
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.registration_form import RegistrationForm
from django_cc.console.clients.show_once import render_new_secret
from django_cc.console.site.actors import get_actor
from django_cc.console.site.times import format_time
from django_cc.models import MachineClient, Scope

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[MachineClient]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone


class RegistrationPages(_ModelAdmin):
    """The add view of the admin, answering a good POST with the secret instead of a redirect."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse popups: one would close over the secret."""
        is_popup = IS_POPUP_VAR in request.GET or IS_POPUP_VAR in request.POST
        return super().has_add_permission(request) and not is_popup

    def get_fieldsets(self, request: HttpRequest, obj: MachineClient | None = None) -> Any:
        """Return the form of the registration."""
        if obj is not None:
            return super().get_fieldsets(request, obj)
        return [
            (None, {"fields": ["name", "description", "registration_key"]}),
            (_("API access"), {"fields": ["scopes"]}),
            (_("Client secret"), {"fields": ["secret_expires"]}),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take nothing from the address: no link may tick a scope for somebody."""
        return {}

    def get_form(
        self,
        request: HttpRequest,
        obj: MachineClient | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """Return the registration form for the one who registers."""
        if obj is None:
            bound = {
                "registrant": request.user,
                "may_open": self.has_view_permission(request),
                "refusal": getattr(request, "cc_refusal", None),
            }
            return type("RegistrationForm", (RegistrationForm,), bound)
        return super().get_form(request, obj, change=change, **kwargs)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Register a client, or say that this submission has registered one already."""
        context = {
            **(extra_context or {}),
            "title": gettext("Register a machine client"),
            "crumbs": ClientPage(self).list_crumbs(request),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
            "has_scopes": Scope.objects.filter(api__built_in=False).exists(),
        }
        try:
            return super().add_view(request, form_url, context)
        except AlreadyRegisteredError as repetition:
            return self._render_repetition(request, repetition.client)
        except ValidationError as refusal:
            # What the form could not know, such as a name that was taken a moment ago.
            return self._show_again(request, form_url, context, refusal)

    def _show_again(
        self,
        request: HttpRequest,
        form_url: str,
        context: dict[str, Any],
        refusal: ValidationError,
    ) -> HttpResponse:
        request.cc_refusal = refusal  # type: ignore[attr-defined]
        return super().add_view(request, form_url, context)

    def save_model(
        self,
        request: HttpRequest,
        obj: MachineClient,
        form: "ModelForm[MachineClient]",
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Register; the secret travels to `response_add` in memory, on this request alone."""
        assert isinstance(form, RegistrationForm)  # noqa: S101 - tells the type checker
        new = register_client(form.to_registration(), get_actor(request))
        obj.pk = new.client.pk
        request.cc_new_secret = new  # type: ignore[attr-defined]

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Do nothing: the registration saved everything."""

    @method_decorator(sensitive_variables())
    def response_add(
        self,
        request: HttpRequest,
        obj: MachineClient,
        post_url_continue: str | None = None,
    ) -> HttpResponse:
        """Show the secret in the answer to the POST itself, and nowhere else."""
        new: NewSecret = request.cc_new_secret  # type: ignore[attr-defined]
        title = gettext("“%(name)s” is registered") % {"name": new.client.name}
        return render_new_secret(ClientPage(self), request, new, title)

    def _render_repetition(self, request: HttpRequest, client: MachineClient) -> HttpResponse:
        page = ClientPage(self)
        return page.render(
            request,
            "django_cc/clients/already_registered.html",
            gettext("“%(name)s” is registered already") % {"name": client.name},
            client=client,
            registered_at=format_time(client.registered_at),
            may_open=self.has_view_permission(request, client),
            may_replace=client.is_enabled and is_replaceable_by(client, get_actor(request)),
        )
