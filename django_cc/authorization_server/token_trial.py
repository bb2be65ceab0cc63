"""Send a real token request within this process, for whoever holds the client's credential."""

import io
import json
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias
from urllib.parse import quote_plus, urlencode, urlsplit

from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.bounded_record import is_over_cap
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.endpoints.token import TokenView
from django_cc.authorization_server.issuer import endpoint_url
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.refusals.foreign_secrets import cover_foreign
from django_cc.authorization_server.sight import Sight
from django_cc.models import AuditEvent, MachineClient
from django_cc.protocol.client_authentication.private_key_jwt import ASSERTION_TYPE
from django_cc.protocol.jose import UnverifiedJWS
from django_cc.protocol.names import FORM_MEDIA_TYPE, GrantType, Parameter
from django_cc.protocol.secret_text import SecretText

_REFERENCE = re.compile(r"\(reference ([0-9a-f]+)\)")


@dataclass(frozen=True, slots=True)
class ClientSecretCredential:
    """A client secret, sent by HTTP Basic (RFC 6749 §2.3.1)."""

    secret: SecretText


@dataclass(frozen=True, slots=True)
class SignedAssertion:
    """A client assertion that the client signed (RFC 7523 §2.2)."""

    assertion: SecretText


Credential: TypeAlias = ClientSecretCredential | SignedAssertion


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the request counts as coming from: that of the one who sends it.

    Attributes:
        address: as the server's `REMOTE_ADDR`.
        forwarded_for: the header X-Forwarded-For that came with it.
    """

    address: str = "127.0.0.1"
    forwarded_for: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a test request.

    Attributes:
        actor: for the audit trail.
        sight: what they may see: another client's secret is told as such to who sees that client.
    """

    actor: Actor
    sight: Sight


@dataclass(frozen=True, slots=True)
class Trial:
    """The answer to a test request.

    Attributes:
        status: its HTTP status.
        headers: its headers.
        body: its JSON, without the token.
        token: the access token, or None where the request was refused.
        token_header: the header of the token.
        claims: its claims.
        explanation: why it was refused, in words.
        took: how long the answer took.
    """

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    token: SecretText | None
    token_header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    explanation: str = ""
    took: timedelta = timedelta(0)


@sensitive_variables()
def try_token_request(
    client: MachineClient,
    credential: Credential,
    sender: Sender,
    *,
    origin: Origin,
    scope: str = "",
    resource: str = "",
) -> Trial:
    """Ask the token endpoint for a token of `client`, under every limit there is.

    It counts as any request does: for the rate, for failures, in the figures, and an assertion is
    used up. It is sent to the view itself, so nothing goes over a network. Call it with no
    transaction open. The credential is kept nowhere.

    Args:
        client: whose credential it has to be; with that of another the request is refused.
        credential: what proves it.
        sender: who sends it.
        origin: where it counts as coming from.
        scope: the parameter of that name; empty for a request without it.
        resource: likewise.

    Raises:
        ValidationError: a user has sent as many as the audit trail takes in a minute; then none
            is sent. Commands are not counted: one name stands for all who run them.
    """
    _require_room(sender.actor)
    parameters = {Parameter.SCOPE.value: scope, Parameter.RESOURCE.value: resource}
    request = _make_request(client.client_id, credential, origin, parameters)
    began = time.perf_counter()
    response = TokenView.as_view()(request)
    took = timedelta(seconds=time.perf_counter() - began)
    assert isinstance(response, HttpResponse)  # noqa: S101 - tells the type checker
    trial = _read_answer(response, sender.sight, took)
    _record(client, trial, sender.actor)
    return trial


def _require_room(actor: Actor) -> None:
    is_user = actor.kind == AuditEvent.ActorKind.USER
    if is_user and is_over_cap(AuditEvent.Event.TOKEN_TESTED, actor, now=timezone.now()):
        raise ValidationError(_("You sent ten test requests within a minute. Wait a little."))


@sensitive_variables()
def _make_request(
    client_id: str, credential: Credential, origin: Origin, parameters: Mapping[str, str]
) -> WSGIRequest:
    form = {Parameter.GRANT_TYPE.value: GrantType.CLIENT_CREDENTIALS.value, **parameters}
    headers = {}
    if isinstance(credential, ClientSecretCredential):
        headers["HTTP_AUTHORIZATION"] = _basic(client_id, credential.secret)
    else:
        form[Parameter.CLIENT_ID.value] = client_id
        form[Parameter.CLIENT_ASSERTION_TYPE.value] = ASSERTION_TYPE
        form[Parameter.CLIENT_ASSERTION.value] = credential.assertion.reveal()
    body = urlencode({name: value for name, value in form.items() if value}).encode()
    return WSGIRequest({**_describe_connection(origin), **headers, **_describe_body(body)})


def _describe_connection(origin: Origin) -> dict[str, Any]:
    url = urlsplit(endpoint_url("token"))
    connection = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": url.path,
        "HTTP_HOST": url.netloc,
        "SERVER_NAME": url.hostname or "",
        "SERVER_PORT": str(url.port or 443),
        "SERVER_PROTOCOL": "HTTP/1.1",
        # No hop is unprotected on which nothing travels.
        "wsgi.url_scheme": "https",
        "REMOTE_ADDR": origin.address,
    }
    if origin.forwarded_for:
        connection["HTTP_X_FORWARDED_FOR"] = origin.forwarded_for
    return connection


def _describe_body(body: bytes) -> dict[str, Any]:
    return {
        "CONTENT_TYPE": FORM_MEDIA_TYPE,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }


@sensitive_variables()
def _basic(client_id: str, secret: SecretText) -> str:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret.reveal())}"
    return f"Basic {b64encode(pair.encode()).decode()}"


@sensitive_variables()
def _read_answer(response: HttpResponse, sight: Sight, took: timedelta) -> Trial:
    body: dict[str, Any] = json.loads(response.content)
    text = body.pop("access_token", None)
    header, claims = _decode(text) if text else ({}, {})
    return Trial(
        status=response.status_code,
        headers=dict(response.items()),
        body=body,
        token=SecretText(text) if text else None,
        token_header=header,
        claims=claims,
        explanation="" if text else _explain(body, sight),
        took=took,
    )


@sensitive_variables()
def _decode(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    parsed = UnverifiedJWS.parse(token)
    return parsed.header, parsed.payload


def _explain(body: Mapping[str, Any], sight: Sight) -> str:
    reference = find_reference(body)
    write_down()  # the diagnosis waits in the memory of this process
    event = AuditEvent.objects.filter(reference=reference).first() if reference else None
    if event is None:
        return ""
    cover_foreign([event], sight)
    return " ".join(filter(None, [explain_refusal(event.reason), event.detail]))


def find_reference(body: Mapping[str, Any]) -> str:
    """Return the reference of a refusal, or nothing."""
    found = _REFERENCE.search(str(body.get("error_description", "")))
    return found[1] if found else ""


def _record(client: MachineClient, trial: Trial, actor: Actor) -> None:
    told = trial.claims.get("jti") or find_reference(trial.body)
    trail.record(
        AuditEvent.Event.TOKEN_TESTED,
        actor,
        client=client,
        detail=" ".join(filter(None, [str(trial.status), trial.body.get("error", ""), str(told)])),
        result=AuditEvent.Result.DONE if trial.token else AuditEvent.Result.REFUSED,
    )
