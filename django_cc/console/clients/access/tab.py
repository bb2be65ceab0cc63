"""The tab of a machine client that shows and changes which APIs it may call."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.access_setting import compare_access, set_access
from django_cc.console.clients.access.form import AccessForm
from django_cc.console.clients.access.held import (
    describe_additions,
    describe_removals,
    list_held,
)
from django_cc.console.clients.client_page import Tab
from django_cc.console.clients.missing_right import explain_missing
from django_cc.console.clients.token_end import describe_end_of
from django_cc.console.site.actors import get_actor
from django_cc.console.site.links import client_url
from django_cc.console.site.rights import Right, may
from django_cc.models import MachineClient

_CONFIRMED = "confirmed"


class AccessTab(Tab):
    """Shows what the client holds; a change that takes something away is shown before."""

    name = "access"
    route = "<int:pk>/access/"
    rights_to_post = (Right.GRANT_ACCESS,)
    title = _("API access")
    template = "django_cc/clients/access.html"

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Show it, with the form for who may change it."""
        client: MachineClient = arguments["client"]
        return self._show(request, client, self._make_form(request, client, None))

    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Change it; ask first where every token of the client would die."""
        client: MachineClient = arguments["client"]
        form = self._make_form(request, client, request.POST)
        if not form.is_valid():
            return self._show(request, client, form)
        chosen = list(form.cleaned_data["scopes"])
        if compare_access(client, chosen).taken and _CONFIRMED not in request.POST:
            return self._ask(request, client, form)
        return self._save(request, client, form)

    def _save(self, request: HttpRequest, client: MachineClient, form: AccessForm) -> HttpResponse:
        data = form.cleaned_data
        actor = get_actor(request)
        try:
            set_access(client, list(data["scopes"]), data["default_api"], actor, seen=data["seen"])
        except ValidationError as refusal:
            problem = " ".join(refusal.messages)
            return self.return_to(request, client, problem, tab=self.name, level=messages.ERROR)
        text = gettext("The API access of “%(name)s” is saved.") % {"name": client.name}
        return self.return_to(request, client, text, tab=self.name)

    def _ask(self, request: HttpRequest, client: MachineClient, form: AccessForm) -> HttpResponse:
        change = compare_access(client, list(form.cleaned_data["scopes"]))
        default_api = form.cleaned_data["default_api"]
        return self.render(
            request,
            "django_cc/clients/access_diff.html",
            gettext("Change the API access of “%(name)s”") % {"name": client.name},
            client=client,
            consequences=[
                *describe_removals(client, change.taken, now=timezone.now()),
                *describe_additions(change),
                gettext("Every token of this client dies; it gets new ones for what is left."),
                *describe_end_of(client),
            ],
            fields=[
                ("seen", request.POST.get("seen", "")),
                *(("scopes", scope.pk) for scope in form.cleaned_data["scopes"]),
                ("default_api", default_api.pk if default_api else ""),
                (_CONFIRMED, "yes"),
            ],
            back=client_url(request, self.name, client.pk),
        )

    def _show(self, request: HttpRequest, client: MachineClient, form: AccessForm) -> HttpResponse:
        introspects = client.introspects.select_related("api").order_by("api__name")
        return self.show(
            request,
            client,
            held=list_held(client, now=timezone.now()),
            introspects=introspects,
            form=form,
            may_change=self.may_post(request),
            lacks_right=explain_missing(request.user, Right.GRANT_ACCESS, client),
        )

    @staticmethod
    def _make_form(request: HttpRequest, client: MachineClient, data: Any) -> AccessForm:
        may_restricted = may(request.user, Right.GRANT_RESTRICTED_SCOPE)
        return AccessForm(data, client=client, may_restricted=may_restricted)
