"""Clients that others wrote get tokens, unmodified, over real HTTP."""

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session as RequestsOAuthlibSession

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.protocol.names import SigningAlgorithm
from tests.assertions import KeyMachine, register_with_key
from tests.machines import ACTOR, FORM, Machine, introspect, register
from tests.projects.combined import ISSUER
from tests.protocol.tokens import private_key

pytestmark = [pytest.mark.django_db(transaction=True)]

GetToken = Callable[[str, Machine], dict[str, Any]]


@pytest.fixture
def token_url(live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A real server on loopback, where plain HTTP is all there is."""
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ALLOW_INSECURE_TRANSPORT": True}
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    ensure_signing_key(ACTOR)
    return f"{live_server.url}/oauth/token"


def use_authlib(method: str) -> GetToken:
    def get_token(url: str, machine: Machine) -> dict[str, Any]:
        with AuthlibSession(
            machine.client_id, machine.client_secret, token_endpoint_auth_method=method
        ) as session:
            return dict(session.fetch_token(url, grant_type="client_credentials"))

    return get_token


def use_requests_oauthlib(*, include_client_id: bool) -> GetToken:
    def get_token(url: str, machine: Machine) -> dict[str, Any]:
        client = BackendApplicationClient(client_id=machine.client_id)
        with RequestsOAuthlibSession(client=client) as session:
            return dict(
                session.fetch_token(
                    url,
                    client_id=machine.client_id,
                    client_secret=machine.client_secret,
                    include_client_id=include_client_id,
                    auth=None if include_client_id else (machine.client_id, machine.client_secret),
                )
            )

    return get_token


def use_curl(*credentials: str) -> GetToken:
    def get_token(url: str, machine: Machine) -> dict[str, Any]:
        filled = [
            one.format(id=machine.client_id, secret=machine.client_secret) for one in credentials
        ]
        command = ["curl", "--silent", "--data", "grant_type=client_credentials", *filled, url]
        printed = subprocess.run(command, capture_output=True, check=True).stdout
        document: dict[str, Any] = json.loads(printed)
        return document

    return get_token


CLIENTS = {
    "Authlib, Basic": use_authlib("client_secret_basic"),
    "Authlib, body": use_authlib("client_secret_post"),
    "requests-oauthlib, Basic": use_requests_oauthlib(include_client_id=False),
    "requests-oauthlib, body": use_requests_oauthlib(include_client_id=True),
    "curl, Basic": use_curl("--user", "{id}:{secret}"),
    "curl, body": use_curl("--data", "client_id={id}", "--data", "client_secret={secret}"),
}


@pytest.mark.parametrize("get_token", CLIENTS.values(), ids=CLIENTS.keys())
def test_gets_a_token(token_url: str, get_token: GetToken) -> None:
    answer = get_token(token_url, register())

    assert answer["token_type"] == "Bearer"
    assert answer["access_token"].count(".") == 2


def authlib_signer(signer: KeyMachine, audience: str = ISSUER) -> AuthlibSession:
    """Return a session for one request.

    Authlib keeps the claims it was given, with the jti that it adds to them: another request
    needs another method. It reads a PEM as an RSA key, and lets an assertion live an hour unless
    it is told.
    """
    method = PrivateKeyJWT(
        audience,
        claims={"exp": int(time.time()) + 60},
        headers={"kid": signer.jwk["kid"]},
        alg="RS256",
    )
    pem = signer.key.to_pem().decode()
    methods = {
        "token_endpoint_auth_method": method,
        "revocation_endpoint_auth_method": method,  # Basic, unless it is told
    }
    return AuthlibSession(signer.client_id, pem, **methods)


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/oauth/token"], ids=["issuer", "endpoint"])
def test_gets_a_token_by_authlibs_private_key_jwt(token_url: str, audience: str) -> None:
    key = private_key(SigningAlgorithm.RS256)
    signer = register_with_key(key=key, endpoint_audience=audience != ISSUER)
    with authlib_signer(signer, audience) as session:
        answer = session.fetch_token(token_url, grant_type="client_credentials")

    assert answer["access_token"].count(".") == 2


def test_introspects_and_revokes_by_authlibs_private_key_jwt(token_url: str) -> None:
    signer = register_with_key(key=private_key(SigningAlgorithm.RS256))
    with authlib_signer(signer) as session:
        token = session.fetch_token(token_url, grant_type="client_credentials")["access_token"]

    with authlib_signer(signer) as session:
        before = session.introspect_token(at(token_url, "introspect"), token=token).json()
    with authlib_signer(signer) as session:
        revoked = session.revoke_token(at(token_url, "revoke"), token=token)
    with authlib_signer(signer) as session:
        after = session.introspect_token(at(token_url, "introspect"), token=token).json()

    assert (before["active"], revoked.status_code, after) == (True, 200, {"active": False})


def at(token_url: str, endpoint: str) -> str:
    return token_url.replace("token", endpoint)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_introspects_and_revokes_by_authlib(token_url: str, method: str) -> None:
    machine = register()
    with AuthlibSession(
        machine.client_id, machine.client_secret, token_endpoint_auth_method=method
    ) as session:
        token = session.fetch_token(token_url, grant_type="client_credentials")["access_token"]

        before = session.introspect_token(at(token_url, "introspect"), token=token).json()
        revoked = session.revoke_token(at(token_url, "revoke"), token=token)
        after = session.introspect_token(at(token_url, "introspect"), token=token).json()

    assert (before["active"], revoked.status_code, after) == (True, 200, {"active": False})


def test_introspects_by_requests_oauthlib_with_a_token_of_its_own(token_url: str) -> None:
    gateway = register("Gateway", ["orders:read", "introspection"])
    client = BackendApplicationClient(client_id=gateway.client_id, scope=["introspection"])
    token = use_requests_oauthlib(include_client_id=True)(token_url, gateway)["access_token"]
    with RequestsOAuthlibSession(client=client) as session:
        session.fetch_token(token_url, client_secret=gateway.client_secret, resource=ISSUER)

        told = session.post(at(token_url, "introspect"), data={"token": token}).json()

    assert (told["active"], told["client_id"]) == (True, gateway.client_id)


def test_revokes_what_oauthlib_asks_for(token_url: str) -> None:
    machine = register()
    client = BackendApplicationClient(client_id=machine.client_id)
    body = client.prepare_request_body(include_client_id=True, client_secret=machine.client_secret)
    answer = requests.post(token_url, data=body, headers={"Content-Type": FORM}, timeout=10)
    issued = client.parse_request_body_response(answer.text)
    own = {"client_id": machine.client_id, "client_secret": machine.client_secret}
    # oauthlib signs only over TLS; nothing is sent to this address.
    url, headers, form = client.prepare_token_revocation_request(
        "https://revoke.example", issued["access_token"], **own
    )

    revoked = requests.post(at(token_url, "revoke"), data=form, headers=headers, timeout=10)

    assert (url, revoked.status_code) == ("https://revoke.example", 200)
    assert introspect(machine, issued["access_token"]) == {"active": False}
