"""Pages below an API: its deletion, and who may introspect for it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.apis.api_editing import delete_api, require_not_configured
from django_cc.authorization_server.apis.in_use import InUseError, find_users_of_api
from django_cc.authorization_server.clients.introspection import (
    allow_introspection,
    deny_introspection,
)
from django_cc.console.site.actors import get_actor
from django_cc.console.site.confirmation import Question
from django_cc.console.site.links import console_url
from django_cc.console.site.pages import ConsolePage, Crumb
from django_cc.console.site.rights import Right, may, select_visible
from django_cc.models import API, MachineClient

MOST_LISTED = 50


class APIPage(ConsolePage):
    """A page below an API. `get` and `post` are called with the API."""

    rights: ClassVar[tuple[Right, ...]] = (Right.VIEW_API,)

    def answer(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Find the API, and answer."""
        pk = arguments.pop("pk")
        api = API.objects.filter(pk=pk).first()
        if api is None:
            missing: HttpResponse = self.model_admin._get_obj_does_not_exist_redirect(
                request, self.model_admin.opts, str(pk)
            )
            return missing
        return super().answer(request, api=api, **arguments)

    def list_crumbs(self, request: HttpRequest, **context: Any) -> list[Crumb]:
        """Return the way to the API."""
        api: API = context["api"]
        way = Crumb(api.name, console_url(request, "django_cc_api_change", api.pk))
        return [*super().list_crumbs(request), way]

    def select_clients(self, request: HttpRequest) -> "QuerySet[MachineClient]":
        """Return the clients that the user sees, by name."""
        visible = select_visible(MachineClient.objects.all(), request.user)
        return visible.select_related("application").order_by("name", "pk")


class DeleteAPIPage(Question, APIPage):
    """Deletes an API that no client uses."""

    name = "delete"
    route = "<int:pk>/delete/"
    rights_to_post = (Right.DELETE_API,)

    def ask(self, request: HttpRequest, form: forms.Form, **arguments: Any) -> HttpResponse:
        """Ask, or say what keeps it from being deleted."""
        api: API = arguments["api"]
        try:
            require_not_configured(api)
        except ValidationError as refusal:
            text = " ".join(refusal.messages)
            return self.leave(request, text, level=messages.ERROR, api=api)
        users = find_users_of_api(api)
        if users.exists():
            return self._show_users(request, api, users)
        return super().ask(request, form, **arguments)

    def make_form(self, data: Any, **_arguments: Any) -> forms.Form:
        """Ask for nothing but the button: `delete_api` keeps no reason."""
        return forms.Form({} if data is not None else None)

    def make_title(self, *, api: API, **_more: Any) -> str:
        """Return the title."""
        return gettext("Delete the API “%(name)s”") % {"name": api.name}

    def list_consequences(self, *, api: API, **_more: Any) -> Sequence[str]:
        """Return what goes with it."""
        number = api.scopes.count()
        return [
            ngettext(
                "Its scope is deleted with it.", "Its %(count)d scopes are deleted with it.", number
            )
            % {"count": number},
            gettext("No machine client uses it, so no token for it is alive."),
            gettext("This cannot be undone. The audit trail keeps its identifier."),
        ]

    def act(self, request: HttpRequest, _form: forms.Form, *, api: API, **_more: Any) -> str:
        """Delete it."""
        try:
            delete_api(api, get_actor(request))
        except InUseError as refusal:
            raise ValidationError(_count_users(refusal.users.count())) from None
        return gettext("The API “%(name)s” is deleted.") % {"name": api.name}

    def find_way_back(self, request: HttpRequest, *, api: API, **_more: Any) -> str:
        """Return the address of the API while it is there, else of the list."""
        if API.objects.filter(pk=api.pk).exists():
            return console_url(request, "django_cc_api_change", api.pk)
        return console_url(request, "django_cc_api_changelist")

    def _show_users(
        self, request: HttpRequest, api: API, users: "QuerySet[MachineClient]"
    ) -> HttpResponse:
        visible = self.select_clients(request).filter(pk__in=users.values("pk"))
        listed, count = list(visible[:MOST_LISTED]), users.count()
        return self.render(
            request,
            "django_cc/catalogue/api_in_use.html",
            self.make_title(api=api),
            api=api,
            problem=_count_users(count),
            clients=listed,
            more=count - len(listed),
            may_open=may(request.user, Right.VIEW_CLIENT),
        )


class IntrospectorForm(forms.Form):
    """Names a client that may introspect, by its client ID."""

    client_id = forms.CharField(
        label=_("Client ID"),
        max_length=255,
        help_text=_("As a rule a machine client of the API's own."),
        widget=forms.TextInput(
            attrs={
                "class": "vTextField",
                "dir": "ltr",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )

    def __init__(self, data: Any, *, clients: "QuerySet[MachineClient]") -> None:
        """Know only the clients that the user sees."""
        super().__init__(data)
        self.clients = clients

    def clean_client_id(self) -> MachineClient:
        """Return the client; one that the user does not see does not exist."""
        wanted = str(self.cleaned_data["client_id"])
        client = self.clients.filter(application__client_id=wanted).first()
        if client is None:
            problem = gettext("There is no machine client with the client ID “%(id)s”.")
            raise forms.ValidationError(problem % {"id": wanted})
        return client


class IntrospectionPage(APIPage):
    """Says who may ask whether tokens for an API are good, and lets that be changed."""

    name = "introspection"
    route = "<int:pk>/introspection/"
    rights_to_post = (Right.CHANGE_API,)

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """List them."""
        form = IntrospectorForm(None, clients=self.select_clients(request))
        return self._show(request, arguments["api"], form)

    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Allow it to a client, or deny it from now on."""
        api: API = arguments["api"]
        form = IntrospectorForm(request.POST, clients=self.select_clients(request))
        if not form.is_valid():
            return self._show(request, api, form)
        client: MachineClient = form.cleaned_data["client_id"]
        try:
            text = self._act(request, api, client)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self._show(request, api, form)
        messages.success(request, text)
        url = console_url(request, "django_cc_api_introspection", api.pk)
        return HttpResponseRedirect(url)

    def _act(self, request: HttpRequest, api: API, client: MachineClient) -> str:
        if request.POST.get("act") == "deny":
            deny_introspection(api, client, get_actor(request))
            text = gettext("“%(client)s” may no longer introspect tokens for “%(api)s”.")
        else:
            allow_introspection(api, client, get_actor(request))
            text = gettext("“%(client)s” may introspect tokens for “%(api)s”.")
        return text % {"client": client.name, "api": api.name}

    def _show(self, request: HttpRequest, api: API, form: forms.Form) -> HttpResponse:
        visible = self.select_clients(request).values("pk")
        rows = api.introspectors.select_related("client__application").order_by("client__name")
        listed = list(rows.filter(client__in=visible)[:MOST_LISTED])
        return self.render(
            request,
            "django_cc/catalogue/introspection.html",
            gettext("Who may introspect tokens for “%(name)s”") % {"name": api.name},
            api=api,
            form=form,
            rows=listed,
            more=rows.count() - len(listed),
            may_change=self.may_post(request) and not api.built_in,
            may_open=may(request.user, Right.VIEW_CLIENT),
        )


def _count_users(count: int) -> str:
    return ngettext(
        "%(count)d machine client uses this API, so it cannot be deleted.",
        "%(count)d machine clients use this API, so it cannot be deleted.",
        count,
    ) % {"count": count}
