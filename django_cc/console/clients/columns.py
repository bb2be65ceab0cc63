"""What the list of machine clients shows of each."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.status import find_last_expiry, find_last_use
from django_cc.console.clients.badges import draw_badges
from django_cc.console.site.times import format_distance, format_time
from django_cc.models import MachineClient

_APIS_NAMED = 2


class ClientColumns:
    """Columns of the list; `ClientList` knows what the names in `ordering` sort by."""

    @admin.display(description=_("name"), ordering="name")
    def name_and_id(self, client: MachineClient) -> SafeString:
        """Return the name with the client ID below it."""
        return format_html(
            '{}<br><code class="cc-id" dir="ltr" translate="no">{}</code>',
            client.name,
            client.client_id,
        )

    @admin.display(description=_("status"), ordering="status")
    def status_badges(self, client: MachineClient) -> SafeString:
        """Return the status, and what else stands out."""
        return draw_badges(client, now=timezone.now())

    @admin.display(description=_("APIs"))
    def apis(self, client: MachineClient) -> str:
        """Return the names of the first APIs it may call, and how many more there are."""
        names = list_api_names(client)
        shown, more = ", ".join(names[:_APIS_NAMED]), len(names) - _APIS_NAMED
        return f"{shown} +{more}" if more > 0 else shown or "-"

    @admin.display(description=_("owner"), ordering="owner_name")
    def owner_name(self, client: MachineClient) -> str:
        """Return the owner, by whatever names a user of the project."""
        return "-" if client.owner is None else client.owner.get_username()

    @admin.display(description=_("last used"), ordering="last_use")
    def last_used(self, client: MachineClient) -> str | SafeString:
        """Return how long ago a credential of it was used, the time itself as a tool tip."""
        last_use = find_last_use(client)
        if last_use is None:
            return gettext("Never")
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            last_use.isoformat(),
            format_time(last_use),
            format_distance(last_use, now=timezone.now()),
        )

    @admin.display(description=_("tokens, 24 h"), ordering="tokens")
    def tokens(self, client: Any) -> int:
        """Return how many tokens it got; the list counts them with its rows."""
        count: int = client.tokens_of_a_day
        return count

    @admin.display(description=_("secret expires"), ordering="last_expiry")
    def secret_expires(self, client: MachineClient) -> str | None:
        """Return when the last usable credential expires."""
        expiry = find_last_expiry(client, now=timezone.now())
        return None if expiry is None else format_time(expiry)


def list_api_names(client: MachineClient) -> list[str]:
    """Return the names of the APIs at which the client holds a scope."""
    return sorted({access.scope.api.name for access in client.access.all()})
