"""A person's whole way through the toolkit, as a transcript; run in a process of its own.

What is random is written as its kind and length, so that two transcripts can be compared.
"""

import hashlib
import json
import re
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - the apps must be ready
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402

CALLBACK = "https://app.example.com/callback"
VERIFIER = "v" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = "application/x-www-form-urlencoded"
VARIES = {"jti": "uuid", "exp": "time", "iat": "time", "auth_time": "time", "at_hash": "hash"}

transcript: list[Any] = []


def normalise(text: str) -> str:
    text = re.sub(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "JWT", text)
    text = re.sub(r'("exp": )\d+', r"\1time", text)
    text = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", text)
    return re.sub(r"\b[A-Za-z0-9]{28,}\b", lambda found: f"random of {len(found[0])}", text)


def note(step: str, answer: Any) -> Any:
    headers = {name: normalise(value) for name, value in sorted(answer.headers.items())}
    headers.pop("Content-Length", None)
    if "WWW-Authenticate" in headers:  # a list with or without blanks (RFC 9110 §5.6.1)
        headers["WWW-Authenticate"] = headers["WWW-Authenticate"].replace('", ', '",')
    content = normalise(answer.content.decode())
    transcript.append([step, answer.status_code, headers, content])
    return answer


def read_claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {name: VARIES.get(name, value) for name, value in claims.items()}


def ask(step: str, url: str, form: dict[str, str], **headers: str) -> Any:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(url, urlencode(form), FORM, headers=headers, secure=True)
    return note(step, answer)


def call_apis(step: str, token: str) -> None:
    for name in ("me", "write", "read", "either"):
        bearer = {"authorization": f"Bearer {token}"}
        note(f"{step}: {name}", Client().get(f"/api/{name}/", headers=bearer, secure=True))


def authorize(browser: Client, client_id: str, scope: str) -> str:
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": scope,
        "state": "of mine",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    note("a stranger asks", Client().get("/o/authorize/", query, secure=True))
    note("consent page", browser.get("/o/authorize/", query, secure=True))
    allowed = browser.post("/o/authorize/", {**query, "allow": "true"}, secure=True)
    note("consent", allowed)
    return parse_qs(urlsplit(allowed["Location"]).query)["code"][0]


def follow_a_person(public: bool) -> None:
    application = get_application_model().objects.create(
        name="The app",
        client_id=f"the-app-{public}",
        client_type="public" if public else "confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=CALLBACK,
        client_secret="a secret",
        algorithm="RS256",
    )
    browser = Client()
    browser.force_login(get_user_model().objects.get(username="ada"))
    code = authorize(
        browser, application.client_id, "openid read write" if public else "openid read"
    )
    client = {"client_id": application.client_id}
    client |= {} if public else {"client_secret": "a secret"}
    exchange = {**client, "grant_type": "authorization_code", "code": code}
    exchange |= {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    ask("wrong verifier", "/o/token/", {**exchange, "code_verifier": "w" * 64})
    tokens = ask("token", "/o/token/", exchange).json()
    transcript.append(["ID token", read_claims(tokens["id_token"])])
    ask("code again", "/o/token/", exchange)
    call_apis("token", tokens["access_token"])
    ask("userinfo", "/o/userinfo/", {}, authorization=f"Bearer {tokens['access_token']}")
    refresh = {**client, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    renewed = ask("refresh", "/o/token/", refresh).json()
    ask("refresh again", "/o/token/", refresh)
    call_apis("old token", tokens["access_token"])
    call_apis("new token", renewed["access_token"])
    ask("introspect", "/o/introspect/", {**client, "token": renewed["access_token"]})
    ask("revoke", "/o/revoke_token/", {**client, "token": renewed["access_token"]})
    call_apis("revoked", renewed["access_token"])
    note("her tokens", browser.get("/o/authorized_tokens/", secure=True))


def main() -> None:
    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("ada", password="secret")
    for public in (False, True):
        follow_a_person(public)
    for page in ("openid-configuration", "jwks.json", "oauth-authorization-server"):
        note(page, Client().get(f"/o/.well-known/{page}", secure=True))
    sys.stdout.write(json.dumps(transcript))


main()
