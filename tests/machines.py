"""Machine clients for tests, made by the same service the console and the commands use."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.test import Client as HTTPClient

from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.registration import Registration, register_client
from django_cc.authorization_server.clients.secrets import default_expiry
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import MachineClient

ACTOR = Actor.for_command("tests")
BY_SETTING = datetime.max.replace(tzinfo=UTC)  # stands for what SECRET_MAX_AGE says
TOKEN_URL = "/oauth/token"
INTROSPECTION_URL = "/oauth/introspect"
REVOCATION_URL = "/oauth/revoke"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Machine:
    """A registered machine client and its secret."""

    row: MachineClient
    client_id: str
    client_secret: str

    def basic(self) -> str:
        """Return the Authorization header of this client."""
        return basic(self.client_id, self.client_secret)

    def body_credentials(self) -> dict[str, str]:
        """Return the credentials as form parameters."""
        return {"client_id": self.client_id, "client_secret": self.client_secret}


def register(
    name: str = "Billing sync",
    scopes: Sequence[str] = ("orders:read", "orders:write"),
    *,
    secret_expires_at: datetime | None = BY_SETTING,
    **more: Any,
) -> Machine:
    """Register a machine client that holds `scopes`; its secret may end in the past."""
    registration = Registration(
        name=name,
        scopes=choose_scopes(list(scopes)) if scopes else [],
        secret_expires_at=default_expiry(),
        **more,
    )
    new = register_client(registration, ACTOR)
    if secret_expires_at is not BY_SETTING:
        with transaction.atomic():
            new.client.secrets.update(expires_at=secret_expires_at)
            publish(new.client)
    return Machine(new.client, new.client.client_id, new.secret.reveal())


def basic(client_id: str, secret: str) -> str:
    """Return an Authorization header of any two texts."""
    return f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"


class TokenEndpoint:
    """The token endpoint, asked over Django's test client by https."""

    def post(
        self,
        body: bytes | str = b"grant_type=client_credentials",
        *,
        authorization: str | None = None,
        content_type: str = FORM,
        path: str = TOKEN_URL,
        secure: bool = True,
    ) -> Any:
        """Send one request, its body as it is."""
        headers = {} if authorization is None else {"authorization": authorization}
        answer: Any = HTTPClient().post(
            path, data=body, content_type=content_type, headers=headers, secure=secure
        )
        return answer

    def issue(self, machine: Machine, **parameters: str) -> dict[str, Any]:
        """Return the answer to a good request of `machine`."""
        form = {"grant_type": "client_credentials", **parameters}
        answer = self.post(encode(form), authorization=machine.basic())
        assert answer.status_code == 200, answer.content
        document: dict[str, Any] = json.loads(answer.content)
        return document

    def access_token(self, machine: Machine, **parameters: str) -> str:
        """Return an access token of `machine`."""
        token: str = self.issue(machine, **parameters)["access_token"]
        return token


def call(
    path: str = "/api/scoped/", *, token: str | None = None, header: str | None = None, **more: Any
) -> Any:
    """Call a protected view, with a token or a whole Authorization header."""
    value = header if header is not None else f"Bearer {token}" if token is not None else None
    headers = {} if value is None else {"authorization": value}
    return HTTPClient().generic(more.pop("method", "GET"), path, headers=headers, **more)


def encode(parameters: dict[str, str]) -> str:
    """Return a form body."""
    return urlencode(parameters)


def read_json(answer: Any) -> dict[str, Any]:
    """Return the JSON object of an answer."""
    document: dict[str, Any] = json.loads(answer.content)
    return document


def ask_endpoint(
    path: str, machine: Machine | None = None, *, bearer: str | None = None, **parameters: str
) -> Any:
    """Post a form to an OAuth endpoint, as `machine` (Basic), by an access token, or as nobody."""
    header = machine.basic() if machine else f"Bearer {bearer}" if bearer else None
    return TokenEndpoint().post(encode(parameters), authorization=header, path=path)


def introspect(machine: Machine, token: str) -> dict[str, Any]:
    """Return what `machine` is told of a token."""
    answer = ask_endpoint(INTROSPECTION_URL, machine, token=token)
    assert answer.status_code == 200, answer.content
    return read_json(answer)
