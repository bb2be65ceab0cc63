"""What a developer is handed when a client gets its credentials."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from django_cc.authorization_server.clients.secrets import NewSecret
from django_cc.authorization_server.issuer import endpoint_url
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import APIAccess, MachineClient
from django_cc.protocol.secret_text import SecretText


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything a program needs to get tokens; the one place besides the page with the secret.

    Attributes:
        scope: what a token carries when the request names no scope; None where it must name
            one, because the client has access to several APIs or to none.
        audience: the API of such a token, or None likewise.
    """

    issuer: str
    token_url: str
    client_id: str
    client_secret: SecretText
    scope: str | None
    audience: str | None
    secret_expires_at: datetime | None
    created_at: datetime

    def to_json(self) -> dict[str, str | None]:
        """Return the credentials file, with the secret in it; times in ISO 8601, UTC."""
        return {
            "type": "client_credentials",
            "issuer": self.issuer,
            "token_url": self.token_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret.reveal(),
            "scope": self.scope,
            "audience": self.audience,
            "secret_expires_at": write_timestamp(self.secret_expires_at),
            "created_at": write_timestamp(self.created_at),
        }


@dataclass(frozen=True, slots=True)
class RequestForToken:
    """What a client names in a token request so that it is answered.

    Attributes:
        scope: all that it holds at one API; None where it has access to none.
        audience: the identifier of that API, or None likewise.
        resource: the same, where the client may call several and has chosen no default.
    """

    scope: str | None
    audience: str | None
    resource: str | None


def describe_request(client: MachineClient) -> RequestForToken:
    """Return a request that is answered: for the default API, else for the first one."""
    access = _list_access(client)
    audience = _find_default_audience(client, access)
    first = audience or next(iter(access), None)
    return RequestForToken(
        scope=" ".join(access[first]) if first else None,
        audience=first,
        resource=None if audience else first,
    )


def describe_credentials(new: NewSecret) -> Credentials:
    """Return the credentials of a client that has just been given a secret."""
    scope, audience = _find_default_grant(new.client)
    return Credentials(
        issuer=get_settings().issuer,
        token_url=endpoint_url("token"),
        client_id=new.client.client_id,
        client_secret=new.secret,
        scope=scope,
        audience=audience,
        secret_expires_at=new.expires_at,
        created_at=new.created_at,
    )


def describe_start() -> str:
    """Return from when on every process takes credentials that were made now."""
    seconds = int(get_settings().propagation_seconds.total_seconds())
    return ngettext(
        "Works everywhere within %(seconds)d second.",
        "Works everywhere within %(seconds)d seconds.",
        seconds,
    ) % {"seconds": seconds}


def describe_key_credentials(client: MachineClient) -> dict[str, Any]:
    """Return what a program needs that signs assertions, besides its own private key."""
    scope, audience = _find_default_grant(client)
    return {
        "type": "client_credentials",
        "issuer": get_settings().issuer,
        "token_url": endpoint_url("token"),
        "client_id": client.client_id,
        "token_endpoint_auth_method": client.authentication,
        "kids": [key.kid for key in client.keys.filter(revoked_at=None).order_by("pk")],
        "jwks_uri": client.jwks_uri or None,
        "scope": scope,
        "audience": audience,
        "created_at": write_timestamp(client.registered_at),
    }


def _find_default_grant(client: MachineClient) -> tuple[str | None, str | None]:
    """Return scope and audience of a token whose request names neither; None where it must."""
    access = _list_access(client)
    audience = _find_default_audience(client, access)
    return (" ".join(access[audience]) if audience else None), audience


def _list_access(client: MachineClient) -> dict[str, list[str]]:
    """Return the names of the scopes that a client holds, by the identifier of their API."""
    access: dict[str, list[str]] = defaultdict(list)
    rows = APIAccess.objects.filter(client=client, scope__api__built_in=False)
    rows = rows.order_by("scope__api__identifier", "scope__name")
    for identifier, scope in rows.values_list("scope__api__identifier", "scope__name"):
        access[identifier].append(scope)
    return access


def _find_default_audience(client: MachineClient, access: dict[str, list[str]]) -> str | None:
    default = client.default_api.identifier if client.default_api else None
    if default in access:
        return default
    return next(iter(access)) if len(access) == 1 else None
