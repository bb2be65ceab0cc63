"""The form for what a machine client is limited to."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.editing import Changes
from django_cc.authorization_server.clients.latest_end import validate_year
from django_cc.models import MachineClient
from django_cc.protocol.token_lifetime import LONGEST_TOKEN_LIFETIME, SHORTEST_TOKEN_LIFETIME

_SHORTEST = int(SHORTEST_TOKEN_LIFETIME.total_seconds())
_LONGEST = int(LONGEST_TOKEN_LIFETIME.total_seconds())


class LimitsForm(forms.Form):
    """Asks what `update_client` needs; the rules beyond the type are the server's."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    token_lifetime = forms.IntegerField(
        label=_("Token lifetime, in seconds"),
        required=False,
        min_value=_SHORTEST,
        max_value=_LONGEST,
        help_text=_(
            "60 to 86400. Empty: that of the API, or of the project. Shorter is safer: APIs that "
            "check tokens offline accept them until they expire."
        ),
    )
    rate = forms.IntegerField(
        label=_("Tokens per minute"),
        required=False,
        min_value=1,
        help_text=_("More are refused with 429. Empty: any number."),
    )
    allowed_networks = forms.CharField(
        label=_("Allowed networks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "ltr", "spellcheck": "false"}),
        help_text=_(
            "From where it may ask for tokens: 10.0.0.0/8 or 2001:db8::/32, one per line. Empty: "
            "anywhere. Tokens it has are good from anywhere."
        ),
    )
    expires_at = forms.DateTimeField(
        validators=[validate_year],
        label=_("Client expires"),
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
        ),
        help_text=_(
            "From then on it gets no token, and those it has are dead. Empty: never. In the time "
            "zone of this site."
        ),
    )

    def __init__(self, data: Any = None, *, client: MachineClient, may_edit: bool) -> None:
        """Begin with the limits there are; who may not edit them can only look."""
        initial = {
            "version": client.version,
            "token_lifetime": client.token_lifetime,
            "rate": client.rate,
            "allowed_networks": "\n".join(client.allowed_networks),
            "expires_at": client.expires_at,
        }
        super().__init__(data, initial=initial)
        for name, field in self.fields.items():
            field.disabled = not may_edit and name != "version"

    def to_changes(self) -> Changes:
        """Return what the valid form changes of what it showed."""
        values = {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}
        if "token_lifetime" in values and values["token_lifetime"] is not None:
            values["token_lifetime"] = timedelta(seconds=values["token_lifetime"])
        if "allowed_networks" in values:
            values["allowed_networks"] = values["allowed_networks"].split()
        return Changes(**values)
