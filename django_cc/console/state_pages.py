"""Disable and enable a machine client, after a page that says what will happen."""

from datetime import timedelta
from math import ceil

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.state import disable_client, enable_client
from django_cc.authorization_server.one_line import REASON_LENGTH
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.token_lifetimes import find_token_lifetime_of
from django_cc.console.pages import ClientPages
from django_cc.models import MachineClient


class ReasonForm(forms.Form):
    """Why somebody stops something."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=_("Kept in the audit trail."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean_reason(self) -> str:
        """Fold blanks, and refuse what does not print."""
        reason = " ".join(str(self.cleaned_data["reason"]).split())
        if not reason.isprintable():
            raise forms.ValidationError(gettext("Use printable characters."))
        return reason


class StatePages(ClientPages):
    """Every change is a POST; a GET only shows the confirmation."""

    def has_disable_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may disable and enable clients."""
        return request.user.has_perm("django_cc.disable_client")

    def disable_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then disable."""
        client = self._get_client_to_change(request, pk)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            disable_client(client, self.get_actor(request), reason=form.cleaned_data["reason"])
            text = gettext("“%(name)s” is disabled.") % {"name": client.name}
            return self.return_to(request, client, text)
        settings = get_settings()
        context = self.build_context(
            request,
            gettext("Disable “%(name)s”") % {"name": client.name},
            client=client,
            form=form,
            propagation_seconds=int(settings.propagation_seconds.total_seconds()),
            token_minutes=ceil(find_token_lifetime_of(client) / timedelta(minutes=1)),
        )
        return self.render_page(request, "django_cc/confirm_disable.html", context)

    def enable_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then enable."""
        client = self._get_client_to_change(request, pk)
        if request.method == "POST":
            enable_client(client, self.get_actor(request))
            text = gettext("“%(name)s” is enabled.") % {"name": client.name}
            return self.return_to(request, client, text)
        title = gettext("Enable “%(name)s”") % {"name": client.name}
        context = self.build_context(request, title, client=client)
        return self.render_page(request, "django_cc/confirm_enable.html", context)

    def _get_client_to_change(self, request: HttpRequest, pk: int) -> MachineClient:
        client = self.get_client(request, pk)
        if not (self.has_view_permission(request, client) and self.has_disable_permission(request)):
            raise PermissionDenied
        return client
