"""Register a machine client, and show its secret once."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import ValidationError
from django.db.transaction import non_atomic_requests
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_cc.authorization_server.clients.jwks_uri import (
    UnreadableJWKSetError,
    read_published_keys,
)
from django_cc.authorization_server.clients.registration import (
    AlreadyRegisteredError,
    register_client,
    register_client_awaiting_credentials,
    register_client_with_keys,
)
from django_cc.authorization_server.clients.replacement import is_replaceable_by
from django_cc.authorization_server.clients.secrets import NewSecret
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.registered import render_registered
from django_cc.console.clients.registration_form import RegistrationForm
from django_cc.console.clients.registration_offer import RegistrationOffer
from django_cc.console.clients.show_once import render_new_secret
from django_cc.console.site.actors import deny, get_actor
from django_cc.console.site.links import find_add_api
from django_cc.console.site.rights import Right, may
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
                "offer": _find_offer(request),
                "refusal": getattr(request, "cc_refusal", None),
            }
            return type("RegistrationForm", (RegistrationForm,), bound)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: MachineClient | None = None) -> Any:
        """Return the parts of the registration form."""
        if obj is None:
            return _find_offer(request).list_fieldsets()
        return super().get_fieldsets(request, obj)

    # Not atomic: the server of a client may be asked for its keys before anything is written.
    @method_decorator(non_atomic_requests)
    @method_decorator(sensitive_post_parameters("public_key"))
    @method_decorator(sensitive_variables())  # of a private key that was pasted by mistake
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Register a client, or say that this submission has registered one already.

        What the form did not offer to this user is denied, not left out.
        """
        if request.method == "POST" and self.has_add_permission(request):
            forbidden = _find_offer(request).find_forbidden(request.POST)
            if forbidden is not None:
                return deny(request, f"add: {forbidden}")
            request.cc_refusal = _find_unreadable_url(request)  # type: ignore[attr-defined]
        context = {
            **(extra_context or {}),
            "title": gettext("Register a machine client"),
            "crumbs": ClientPage(self).list_crumbs(request),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
            "has_scopes": Scope.objects.filter(api__built_in=False).exists(),
            "add_api": find_add_api(request, self.admin_site),
            "may_issue": may(request.user, Right.ISSUE_CREDENTIAL),
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
        registered = _register(form, request)
        obj.pk = registered.client.pk if isinstance(registered, NewSecret) else registered.pk
        request.cc_registered = registered  # type: ignore[attr-defined]

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
        registered: NewSecret | MachineClient = request.cc_registered  # type: ignore[attr-defined]
        if isinstance(registered, MachineClient):
            return render_registered(ClientPage(self), request, registered)
        title = gettext("“%(name)s” is registered") % {"name": registered.client.name}
        return render_new_secret(ClientPage(self), request, registered, title)

    def _render_repetition(self, request: HttpRequest, client: MachineClient) -> HttpResponse:
        page = ClientPage(self)
        return page.render(
            request,
            "django_cc/clients/already_registered.html",
            gettext("“%(name)s” is registered already") % {"name": client.name},
            client=client,
            registered_at=format_time(client.registered_at),
            had_secret=client.secrets.exists(),
            may_open=self.has_view_permission(request, client),
            may_replace=client.is_enabled
            and may(request.user, Right.ISSUE_CREDENTIAL)
            and is_replaceable_by(client, get_actor(request)),
        )


def _find_offer(request: HttpRequest) -> RegistrationOffer:
    if not hasattr(request, "cc_offer"):
        request.cc_offer = RegistrationOffer.for_request(request)  # type: ignore[attr-defined]
    offer: RegistrationOffer = request.cc_offer  # type: ignore[attr-defined]
    return offer


def _register(form: RegistrationForm, request: HttpRequest) -> NewSecret | MachineClient:
    registration, actor = form.to_registration(), get_actor(request)
    if form.uses_keys:
        return register_client_with_keys(registration, form.list_keys(), actor)
    if form.shows_secret:
        return register_client(registration, actor)
    return register_client_awaiting_credentials(registration, actor)


def _find_unreadable_url(request: HttpRequest) -> UnreadableJWKSetError | None:
    # Asked before the transaction of the form begins: it waits for a stranger.
    url = request.POST.get("jwks_uri", "")
    uses_keys = request.POST.get("authentication") == MachineClient.Authentication.PRIVATE_KEY_JWT
    if not url.strip() or not uses_keys or request.POST.get("save_anyway"):
        return None
    try:
        read_published_keys(url)
    except UnreadableJWKSetError as problem:
        return problem
    except ValidationError:
        return None  # no such URL at all: the registration says so
    return None
