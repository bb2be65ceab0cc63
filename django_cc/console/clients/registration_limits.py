"""The limits that a registration may set: each is empty unless somebody needs it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.networks import clean_networks
from django_cc.authorization_server.clients.rates import HIGHEST_RATE
from django_cc.console.clients.moments import MomentField

_MINUTES_OF_A_DAY = 24 * 60


class LimitFields(forms.Form):
    """Fields of a form; `read_limits` returns them as a registration has them."""

    token_lifetime = forms.IntegerField(
        label=_("Token lifetime, in minutes"),
        required=False,
        min_value=1,
        max_value=_MINUTES_OF_A_DAY,
        help_text=_(
            "Empty: as long as the API says. Shorter is safer: a signed token cannot be recalled "
            "by APIs that check it offline."
        ),
        error_messages=dict.fromkeys(
            ("min_value", "max_value"), _("Lifetime must be between 1 minute and 24 hours.")
        ),
    )
    rate = forms.IntegerField(
        label=_("Tokens per minute"),
        required=False,
        min_value=1,
        max_value=HIGHEST_RATE,
        help_text=_("Empty: any number."),
    )
    allowed_networks = forms.CharField(
        label=_("Allowed networks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40, "dir": "ltr", "spellcheck": "false"}),
        help_text=_(
            "From where it may ask for tokens, one per line: 10.0.0.0/8 or 2001:db8::/32. Empty: "
            "anywhere."
        ),
    )
    expires_at = MomentField(
        label=_("Client expires"),
        required=False,
        help_text=_("From then on it gets no token, and those it has are dead. Empty: never."),
    )

    def clean_allowed_networks(self) -> list[str]:
        """Return the networks, one for each line."""
        lines = str(self.cleaned_data["allowed_networks"]).splitlines()
        try:
            return clean_networks([line.strip() for line in lines if line.strip()])
        except ValidationError as error:
            raise ValidationError(error.message_dict["allowed_networks"]) from None

    def read_limits(self) -> dict[str, Any]:
        """Return the limits of the valid form, by the names that services give them."""
        minutes: int | None = self.cleaned_data["token_lifetime"]
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        return {
            "token_lifetime": None if minutes is None else timedelta(minutes=minutes),
            "rate": self.cleaned_data["rate"],
            "allowed_networks": self.cleaned_data["allowed_networks"],
            "expires_at": expires_at,
        }
