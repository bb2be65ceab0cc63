"""RFC 6749 §5.2: the words of an error, whatever provoked it."""

import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest

from django_cc.protocol.access_token.jwt import verify_access_token
from django_cc.protocol.bearer import read_bearer_token
from django_cc.protocol.client import Client
from django_cc.protocol.client_authentication.authentication import authenticate_client
from django_cc.protocol.client_credentials import grant_client_credentials
from django_cc.protocol.errors import (
    InvalidClient,
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    InvalidToken,
    OAuthError,
    RateExceeded,
    RefusalReason,
    TemporarilyUnavailable,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from django_cc.protocol.form import MAX_BODY_BYTES, Form, refuse_parameters_in_query
from django_cc.protocol.names import FORM_MEDIA_TYPE
from django_cc.protocol.networks import require_allowed_network
from django_cc.protocol.resource_indicator import parse_resource
from django_cc.protocol.scope import Scope
from django_cc.protocol.token_endpoint import TokenRequest
from django_cc.protocol.token_lifetime import TokenLifetimes
from tests.protocol import tokens
from tests.protocol.clients import BILLING, NOW, ORDERS, Directory, make_client, make_rules

# error_description: %x20-21 / %x23-5B / %x5D-7E
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")
EVIL = 'é"\\\n'
TWO_APIS = {ORDERS: "read", BILLING: "read"}


def parse(body: bytes, content_type: str = FORM_MEDIA_TYPE) -> Form:
    return Form.parse(body, content_type=content_type)


def authenticate(authorization: str | None, **parameters: str) -> Client:
    form = Form({name: [value] for name, value in parameters.items()})
    return authenticate_client(
        authorization, form, Directory(make_client()), make_rules(), now=NOW
    ).client


def grant(
    access: dict[str, str],
    scope: str | None = None,
    resource: str | None = None,
) -> object:
    request = TokenRequest(None if scope is None else Scope.parse(scope), resource)
    lifetimes = TokenLifetimes(timedelta(minutes=1))
    return grant_client_credentials(request, make_client(access), lifetimes, now=NOW)


def read_request(parameters: dict[str, list[str]]) -> object:
    return TokenRequest.from_form(Form(parameters))


def verify(token: str, *, seconds: int = 0) -> object:
    now = tokens.NOW + timedelta(seconds=seconds)
    keys = tokens.published(tokens.private_key())
    return verify_access_token(token, keys, tokens.EXPECTED, now=now)


def good_token() -> str:
    key = tokens.private_key()
    return key.sign({"typ": "at+jwt", "kid": tokens.kid_of(key)}, tokens.CLAIMS)


REFUSALS: dict[str, Callable[[], object]] = {
    "media type": lambda: parse(b"", EVIL),
    "body too large": lambda: parse(b"a" * (MAX_BODY_BYTES + 1)),
    "too many parameters": lambda: parse(b"a&" * 101),
    "repeated parameter": lambda: parse(b'"=1&"=1'),
    "broken encoding": lambda: parse(b"%22%"),
    "parameter in the URI": lambda: refuse_parameters_in_query('scope="'),
    "malformed scope": lambda: Scope.parse(EVIL),
    "malformed resource": lambda: parse_resource([EVIL]),
    "resource not granted": lambda: grant({}, resource=EVIL),
    "grant type missing": lambda: read_request({}),
    "grant type unsupported": lambda: read_request({"grant_type": [EVIL]}),
    "network not allowed": lambda: require_allowed_network((), EVIL),
    "scope not granted": lambda: grant(TWO_APIS, scope="fly"),
    "ambiguous scope": lambda: grant(TWO_APIS, scope="read"),
    "no access": lambda: grant({}),
    "no credentials": lambda: authenticate(None),
    "unknown client": lambda: authenticate(None, client_id=EVIL, client_secret=EVIL),
    "two methods": lambda: authenticate(EVIL, client_secret=EVIL),
    "scheme unsupported": lambda: authenticate(EVIL),
    "malformed Basic": lambda: authenticate(f"Basic {EVIL}"),
    "another client_id": lambda: authenticate("Basic YTpi", client_id=EVIL),
    "malformed bearer": lambda: read_bearer_token(f"Bearer {EVIL}"),
    "malformed token": lambda: verify(EVIL),
    "expired token": lambda: verify(good_token(), seconds=10_000),
    "token from the future": lambda: verify(good_token(), seconds=-10_000),
}


@pytest.mark.rfc("6749", "5.2", "Errors are JSON; error_description in its characters alone")
@pytest.mark.parametrize("provoke", REFUSALS.values(), ids=REFUSALS)
def test_every_description_keeps_to_the_characters_allowed(provoke: Callable[[], object]) -> None:
    with pytest.raises(OAuthError) as refusal:
        provoke()

    assert DESCRIPTION.fullmatch(refusal.value.description)


CODES: list[tuple[OAuthError, str, HTTPStatus]] = [
    (InvalidRequest("a"), "invalid_request", HTTPStatus.BAD_REQUEST),
    (InvalidClient(reason=RefusalReason.WRONG_SECRET), "invalid_client", HTTPStatus.UNAUTHORIZED),
    (UnauthorizedClient("a"), "unauthorized_client", HTTPStatus.BAD_REQUEST),
    (UnsupportedGrantType("a"), "unsupported_grant_type", HTTPStatus.BAD_REQUEST),
    (InvalidScope("a"), "invalid_scope", HTTPStatus.BAD_REQUEST),
    (InvalidTarget("a"), "invalid_target", HTTPStatus.BAD_REQUEST),
    (InvalidToken(), "invalid_token", HTTPStatus.UNAUTHORIZED),
    (RateExceeded(retry_after=1), "temporarily_unavailable", HTTPStatus.TOO_MANY_REQUESTS),
    (TemporarilyUnavailable("a"), "temporarily_unavailable", HTTPStatus.SERVICE_UNAVAILABLE),
]


@pytest.mark.rfc("6749", "5.2", "the registered error codes; RFC 6750 3.1: their status")
@pytest.mark.parametrize(
    ("error", "code", "status"), CODES, ids=[f"{code} {status}" for _, code, status in CODES]
)
def test_every_error_has_its_registered_code_and_status(
    error: OAuthError, code: str, status: HTTPStatus
) -> None:
    assert (error.error, error.status) == (code, status)


def test_a_server_that_is_not_ready_says_when_to_try_again() -> None:
    error = TemporarilyUnavailable("Try again.", retry_after=9)

    assert (error.retry_after, error.reason) == (9, RefusalReason.SERVER_NOT_READY)


def test_a_client_over_its_rate_is_told_when_to_try_again() -> None:
    error = RateExceeded(retry_after=9)

    assert (error.retry_after, error.reason) == (9, RefusalReason.RATE_LIMITED)
    assert DESCRIPTION.fullmatch(error.description)


def test_the_reason_is_not_among_the_words_of_an_error() -> None:
    error = InvalidClient(reason=RefusalReason.EXPIRED_SECRET, client_id="billing-sync")

    assert str(error) == "Client authentication failed."
