"""Register a machine client, and show its secret once."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.clients.credentials import describe_credentials
from django_cc.authorization_server.clients.registration import (
    AlreadyRegisteredError,
    register_client,
)
from django_cc.authorization_server.clients.replacement import (
    is_replaceable_by,
    replace_lost_secret,
)
from django_cc.authorization_server.clients.secrets import NewSecret
from django_cc.console.client_display import format_time
from django_cc.console.pages import ClientPages
from django_cc.console.registration_form import RegistrationForm
from django_cc.console.show_once import ShowOncePage, render_show_once
from django_cc.models import MachineClient, Scope


class RegistrationPages(ClientPages):
    """The add view of the admin, answering a good POST with the secret instead of a redirect."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse popups: one would close over the secret."""
        is_popup = IS_POPUP_VAR in request.GET or IS_POPUP_VAR in request.POST
        return super().has_add_permission(request) and not is_popup

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
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
        change: bool,  # noqa: ARG002, FBT001 - Django's signature
    ) -> None:
        """Register; the secret travels to `response_add` in memory, on this request alone."""
        assert isinstance(form, RegistrationForm)  # noqa: S101 - tells the type checker
        new = register_client(form.to_registration(), self.get_actor(request))
        obj.pk = new.client.pk
        request.cc_new_secret = new  # type: ignore[attr-defined]

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Do nothing: the registration saved everything."""

    @method_decorator(sensitive_variables())
    def response_add(
        self,
        request: HttpRequest,
        obj: MachineClient,  # noqa: ARG002 - Django's signature
        post_url_continue: str | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Show the secret in the answer to the POST itself, and nowhere else."""
        new: NewSecret = request.cc_new_secret  # type: ignore[attr-defined]
        title = gettext("“%(name)s” is registered") % {"name": new.client.name}
        return self._render_secret(request, new, title)

    @method_decorator(sensitive_variables())
    def replace_secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Replace the secret its registrant lost, and show the new one."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        client = self.get_client(request, pk)
        try:
            new = replace_lost_secret(client, self.get_actor(request))
        except ValidationError as error:
            return self.return_to(request, client, " ".join(error.messages), level=messages.ERROR)
        title = gettext("“%(name)s” has a new secret") % {"name": new.client.name}
        return self._render_secret(request, new, title)

    def _render_secret(self, request: HttpRequest, new: NewSecret, title: str) -> HttpResponse:
        may_open = self.has_view_permission(request, new.client)
        context = self.build_context(request, title, may_open=may_open)
        page = ShowOncePage(describe_credentials(new), new.client)
        return render_show_once(request, page, context)

    def _render_repetition(self, request: HttpRequest, client: MachineClient) -> HttpResponse:
        context = self.build_context(
            request,
            gettext("“%(name)s” is registered already") % {"name": client.name},
            client=client,
            registered_at=format_time(client.registered_at),
            may_open=self.has_view_permission(request, client),
            may_replace=client.is_enabled and is_replaceable_by(client, self.get_actor(request)),
        )
        return self.render_page(request, "django_cc/already_registered.html", context)
