"""The tab of a machine client that shows and changes what it is limited to."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.client_address import find_client_address
from django_cc.authorization_server.clients.editing import update_client
from django_cc.authorization_server.clients.versions import VERSION_CONFLICT
from django_cc.authorization_server.usage.figures import read_usage
from django_cc.console.clients.client_page import Tab
from django_cc.console.clients.conflict import tell_conflict
from django_cc.console.clients.limits_form import LimitsForm
from django_cc.console.clients.missing_right import explain_missing
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right
from django_cc.models import MachineClient
from django_cc.protocol.errors import RefusalReason, UnauthorizedClient
from django_cc.protocol.networks import parse_network, require_allowed_network

_LIMITS = (
    RefusalReason.NETWORK_NOT_ALLOWED,
    RefusalReason.RATE_LIMITED,
    RefusalReason.CLIENT_EXPIRED,
)


class LimitsTab(Tab):
    """Says how long its tokens live, how many it gets, from where, and until when."""

    name = "limits"
    route = "<int:pk>/limits/"
    rights_to_post = (Right.EDIT_CLIENT,)
    title = _("Limits")
    template = "django_cc/clients/limits.html"

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Show them."""
        client: MachineClient = arguments["client"]
        form = LimitsForm(client=client, may_edit=self.may_post(request))
        return self._show(request, client, form)

    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Change them, or show the form again with what is wrong."""
        client: MachineClient = arguments["client"]
        form = LimitsForm(request.POST, client=client, may_edit=True)
        if not form.is_valid():
            return self._show(request, client, form)
        try:
            edit = update_client(
                client,
                form.to_changes(),
                get_actor(request),
                expected_version=form.cleaned_data["version"],
            )
        except ValidationError as refusal:
            return self._refuse(request, client, form, refusal)
        text = gettext("The limits of “%(name)s” are saved.") % {"name": edit.client.name}
        return self.return_to(request, client, text, tab=self.name)

    def _refuse(
        self,
        request: HttpRequest,
        client: MachineClient,
        form: LimitsForm,
        refusal: ValidationError,
    ) -> HttpResponse:
        if getattr(refusal, "code", None) == VERSION_CONFLICT:
            typed = [
                (form.fields[name].label, form.data.get(name, ""))
                for name in form.changed_data
                if name != "version"
            ]
            return tell_conflict(self, request, client, typed, tab=self.name)
        form.add_error(None, refusal)
        return self._show(request, client, form)

    def _show(self, request: HttpRequest, client: MachineClient, form: LimitsForm) -> HttpResponse:
        return self.show(
            request,
            client,
            form=form,
            may_change=self.may_post(request),
            lacks_right=explain_missing(request.user, Right.EDIT_CLIENT, client),
            refused_today=_count_refused(client, timedelta(hours=24)),
            refused_lately=_count_refused(client, timedelta(days=30)),
            address_outside=_find_address_outside(request, client),
        )


def _count_refused(client: MachineClient, time: timedelta) -> dict[str, int]:
    now = timezone.now()
    hours = read_usage(client, since=now - time, until=now).hours
    return {str(reason): sum(hour.refused.get(reason, 0) for hour in hours) for reason in _LIMITS}


def _find_address_outside(request: HttpRequest, client: MachineClient) -> str:
    if not client.allowed_networks:
        return ""
    address = find_client_address(request)
    try:
        networks = tuple(parse_network(text, strict=False) for text in client.allowed_networks)
        require_allowed_network(networks, address)
    except UnauthorizedClient:
        return address or gettext("(cannot be told)")
    return ""
