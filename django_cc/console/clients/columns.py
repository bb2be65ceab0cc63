"""What the console shows of a machine client."""

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.status import find_last_expiry, get_status
from django_cc.console.site.times import format_time
from django_cc.models import ClientSecret, MachineClient


class ClientDisplay:
    """Columns of the list and facts of the detail page; read-only, and nothing secret."""

    @admin.display(description=_("name"), ordering="name")
    def name_and_id(self, client: MachineClient) -> SafeString:
        """Return the name with the client ID below it."""
        return format_html(
            '{}<br><code class="cc-id" dir="ltr">{}</code>', client.name, client.client_id
        )

    @admin.display(description=_("client ID"))
    def client_id(self, client: MachineClient) -> SafeString:
        """Return the client ID."""
        return format_html('<code dir="ltr" translate="no">{}</code>', client.client_id)

    @admin.display(description=_("status"))
    def status_badge(self, client: MachineClient) -> SafeString:
        """Return the status: words and a border, not colour alone."""
        status = get_status(client, now=timezone.now())
        return format_html(
            '<span class="cc-badge cc-badge--{}">{}</span>', status.value, status.label
        )

    @admin.display(description=_("APIs"))
    def apis(self, client: MachineClient) -> str:
        """Return the names of the APIs it may call."""
        return ", ".join(sorted({access.scope.api.name for access in client.access.all()})) or "-"

    @admin.display(description=_("secret expires"))
    def secret_expires(self, client: MachineClient) -> str | None:
        """Return when the last usable secret expires."""
        expiry = find_last_expiry(client, now=timezone.now())
        return None if expiry is None else format_time(expiry)

    @admin.display(description=_("expires"))
    def expires(self, client: MachineClient) -> str:
        """Return when the client itself comes to its end."""
        return gettext("never") if client.expires_at is None else format_time(client.expires_at)

    @admin.display(description=_("registered at"))
    def registered(self, client: MachineClient) -> str:
        """Return when it was registered."""
        return format_time(client.registered_at)

    @admin.display(description=_("disabled at"))
    def disabled(self, client: MachineClient) -> str | None:
        """Return when it was disabled."""
        return None if client.disabled_at is None else format_time(client.disabled_at)

    @admin.display(description=_("scopes"))
    def api_access(self, client: MachineClient) -> SafeString | str:
        """Return each scope with its API."""
        rows = sorted((access.scope.api.name, access.scope.name) for access in client.access.all())
        return format_html_join("", '<div>{}: <code dir="ltr">{}</code></div>', rows) or "-"

    @admin.display(description=_("secrets"))
    def secret_list(self, client: MachineClient) -> SafeString | str:
        """Return each secret by its visible ends."""
        rows = ((str(secret), _describe_end(secret)) for secret in client.secrets.all())
        return format_html_join("", '<div><code dir="ltr">{}</code> {}</div>', rows) or "-"


def _describe_end(secret: ClientSecret) -> str:
    if secret.revoked_at is not None:
        return gettext("revoked %(time)s") % {"time": format_time(secret.revoked_at)}
    if secret.expires_at is None:
        return gettext("never expires")
    if secret.expires_at <= timezone.now():
        return gettext("expired %(time)s") % {"time": format_time(secret.expires_at)}
    return gettext("expires %(time)s") % {"time": format_time(secret.expires_at)}
