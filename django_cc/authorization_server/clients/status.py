"""Say in one word how a machine client is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.keys import list_live_keys
from django_cc.authorization_server.settings import get_settings
from django_cc.models import ClientKey, ClientSecret, MachineClient

EXPIRY_NOTICE = timedelta(days=14)
NEW_FOR = timedelta(days=1)
_KEYS = MachineClient.Authentication.PRIVATE_KEY_JWT


class ClientStatus(models.TextChoices):
    """The states worth telling apart, the most pressing first."""

    DISABLED = "disabled", _("Disabled")
    EXPIRED = "expired", _("Client expired")
    AWAITING_CREDENTIALS = "awaiting_credentials", _("Awaiting credentials")
    NO_USABLE_CREDENTIAL = "no_usable_credential", _("No usable credential")
    SECRET_EXPIRING = "secret_expiring", _("Secret expiring")
    NEVER_USED = "never_used", _("Never used")
    IDLE = "idle", _("Idle")
    ACTIVE = "active", _("Active")


@dataclass(frozen=True, slots=True)
class CredentialUse:
    """The last use of a credential.

    Attributes:
        credential: a secret by its visible ends, a key by its ID, or “a published key”.
        used_at: when, aware UTC.
        address: from where, as far as that could be told.
    """

    credential: str
    used_at: datetime
    address: str | None


def list_usable_secrets(client: MachineClient, *, now: datetime) -> list[ClientSecret]:
    """Return the client's secrets that authenticate it now; prefetch `secrets` for many."""
    return [secret for secret in client.secrets.all() if secret.is_live(now)]


def list_credentials_of(
    client: MachineClient, family: str, *, now: datetime
) -> list[ClientSecret] | list[ClientKey]:
    """Return the live credentials of one family, whether or not it counts for the client."""
    if family == MachineClient.Authentication.CLIENT_SECRET:
        return list_usable_secrets(client, now=now)
    return list_live_keys(client, now=now)


def publishes_usable_keys(client: MachineClient, *, now: datetime) -> bool:
    """Tell whether the client may authenticate by keys that it publishes by URL."""
    return bool(client.jwks_uri) and _KEYS in _list_families(client, now=now)


def list_usable_credentials(
    client: MachineClient, *, now: datetime
) -> list[ClientSecret | ClientKey]:
    """Return what authenticates the client now: live, and of a family that counts.

    Keys that it publishes by URL are not among them. Prefetch `secrets` and `keys` for many.
    """
    return [
        credential
        for family in _list_families(client, now=now)
        for credential in list_credentials_of(client, family, now=now)
    ]


def counts_now(client: MachineClient, family: str, *, now: datetime) -> bool:
    """Tell whether the client may authenticate by a family, as far as it has credentials of it."""
    return family in _list_families(client, now=now)


def _list_families(client: MachineClient, *, now: datetime) -> list[str]:
    until = client.previous_authentication_until
    if until is None or until <= now:
        return [client.authentication]
    return [client.authentication, client.previous_authentication]


def find_last_expiry(client: MachineClient, *, now: datetime) -> datetime | None:
    """Return when the last usable secret or key expires; None for never, or if there is none."""
    if publishes_usable_keys(client, now=now):
        return None
    expiries = [one.expires_at for one in list_usable_credentials(client, now=now)]
    dated = [expiry for expiry in expiries if expiry is not None]
    return max(dated) if dated and len(dated) == len(expiries) else None


def get_status(client: MachineClient, *, now: datetime) -> ClientStatus:
    """Return the first state that holds at `now` (aware UTC)."""
    if not client.is_enabled:
        return ClientStatus.DISABLED
    if client.is_expired(now):
        return ClientStatus.EXPIRED
    if not (publishes_usable_keys(client, now=now) or list_usable_credentials(client, now=now)):
        return _name_the_lack(client)
    expiry = find_last_expiry(client, now=now)
    if expiry is not None and expiry - now <= EXPIRY_NOTICE:
        return ClientStatus.SECRET_EXPIRING
    return _rate_use(client, now=now)


def find_last_use(client: MachineClient) -> datetime | None:
    """Return when the last of its credentials was used (aware UTC); None for never.

    Prefetch `secrets` and `keys` for many.
    """
    last = find_last_credential(client)
    return None if last is None else last.used_at


def find_last_credential(client: MachineClient) -> CredentialUse | None:
    """Return the last use of the credential that was used last; None for never used."""
    credentials: list[ClientSecret | ClientKey] = [*client.secrets.all(), *client.keys.all()]
    uses = [
        CredentialUse(str(one), one.last_used_at, one.last_used_address)
        for one in credentials
        if one.last_used_at is not None
    ]
    if client.published_key_used_at is not None:
        at, address = client.published_key_used_at, client.published_key_used_address
        uses.append(CredentialUse(gettext("a published key"), at, address))
    return max(uses, key=lambda use: use.used_at, default=None)


def _name_the_lack(client: MachineClient) -> ClientStatus:
    if client.jwks_uri or client.secrets.all() or client.keys.all():
        return ClientStatus.NO_USABLE_CREDENTIAL
    return ClientStatus.AWAITING_CREDENTIALS


def _rate_use(client: MachineClient, *, now: datetime) -> ClientStatus:
    last_use = find_last_use(client)
    if last_use is None:
        is_new = now - client.registered_at <= NEW_FOR
        return ClientStatus.ACTIVE if is_new else ClientStatus.NEVER_USED
    is_idle = now - last_use > get_settings().idle_after
    return ClientStatus.IDLE if is_idle else ClientStatus.ACTIVE
