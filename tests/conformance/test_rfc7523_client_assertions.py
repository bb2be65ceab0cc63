"""RFC 7521, RFC 7523 and rfc7523bis: a client authenticates by a JWT it signed."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.usage.figures import read_usage
from django_cc.models import ClientKey, UsedAssertion
from django_cc.protocol.client_authentication.private_key_jwt import ASSERTION_TYPE
from django_cc.protocol.names import SigningAlgorithm
from tests.assertions import KeyMachine, new_key, present, register_with_key
from tests.machines import Machine, TokenEndpoint, call, encode, read_json
from tests.projects.combined import ISSUER
from tests.protocol.tokens import private_key

pytestmark = pytest.mark.django_db

ENDPOINT_URL = f"{ISSUER}/oauth/token"


@pytest.fixture
def signer(db: None) -> KeyMachine:
    """A client that authenticates by a key."""
    return register_with_key()


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, read_json(answer)["error"]


@pytest.mark.rfc("9700", "2.5", "Asymmetric client authentication is RECOMMENDED")
@pytest.mark.rfc("7523", "2.2", "client_assertion_type and client_assertion authenticate a client")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_gives_a_token_for_an_assertion(
    token_endpoint: TokenEndpoint, algorithm: SigningAlgorithm
) -> None:
    signer = register_with_key(key=private_key(algorithm))

    answer = present(token_endpoint, signer)

    assert answer.status_code == 200, answer.content
    assert call(token=read_json(answer)["access_token"]).status_code == 200


@pytest.mark.rfc("7521", "4.2", "client_id is optional, and identifies the same client")
def test_accepts_the_client_id_beside_the_assertion(
    token_endpoint: TokenEndpoint, signer: KeyMachine
) -> None:
    answer = token_endpoint.post(signer.body(client_id=signer.client_id))

    assert answer.status_code == 200


@pytest.mark.rfc("7521", "4.2", "client_id MUST identify the same client")
def test_refuses_another_client_id_beside_the_assertion(
    token_endpoint: TokenEndpoint, signer: KeyMachine, machine: Machine
) -> None:
    answer = token_endpoint.post(signer.body(client_id=machine.client_id))

    assert error_of(answer) == (400, "invalid_request")


@pytest.mark.rfc("7521", "4.2.1", "A bad assertion is invalid_client")
@pytest.mark.rfc("7521", "4.2", "client_assertion_type is the URN of the JWT profile")
@pytest.mark.parametrize("kind", ["", "jwt", f"{ASSERTION_TYPE} ", ASSERTION_TYPE.upper()])
def test_refuses_another_type_of_assertion(
    token_endpoint: TokenEndpoint, signer: KeyMachine, kind: str
) -> None:
    form = {"grant_type": "client_credentials", "client_assertion": signer.assertion()}

    answer = token_endpoint.post(encode({**form, "client_assertion_type": kind}))

    assert error_of(answer) == (401, "invalid_client")


@pytest.mark.rfc("7523", "2.2", "client_assertion MUST NOT contain more than one JWT")
@pytest.mark.parametrize("separator", [" ", ",", "\n", "~"])
def test_refuses_two_assertions_in_one(
    token_endpoint: TokenEndpoint, signer: KeyMachine, separator: str
) -> None:
    both = f"{signer.assertion()}{separator}{signer.assertion()}"

    assert error_of(present(token_endpoint, signer, both)) == (401, "invalid_client")


@pytest.mark.rfc("6749", "2.3.2", "One authentication method for each client, no downgrade")
def test_refuses_the_secret_of_a_client_that_signs(token_endpoint: TokenEndpoint) -> None:
    signer = register_with_key()
    secret = {"client_id": signer.client_id, "client_secret": "dccs_" + "A" * 49}

    answer = token_endpoint.post(encode({"grant_type": "client_credentials", **secret}))

    assert error_of(answer) == (401, "invalid_client")


HOUR = 3600
REFUSED_CLAIMS: dict[str, dict[str, Any]] = {
    "§3.2 sub is not the issuer": {"sub": "another"},
    "§3.1 no iss": {"iss": None},
    "§3.2 no sub": {"sub": None},
    "§3.3 no aud": {"aud": None},
    "§3.3 foreign aud": {"aud": "https://elsewhere.example.com"},
    "bis: token endpoint as aud": {"aud": ENDPOINT_URL},
    "bis: issuer with a slash": {"aud": f"{ISSUER}/"},
    "bis: two audiences": {"aud": [ISSUER, "https://elsewhere.example.com"]},
    "bis: the issuer twice": {"aud": [ISSUER, ISSUER]},
    "bis: no audience in the list": {"aud": []},
    "§3.4 no exp": {"exp": None},
    "§3.4 expired": {"exp": int(time.time()) - HOUR},
    "§3.4 too far ahead": {"exp": int(time.time()) + HOUR},
    "§3.4 exp as text": {"exp": "2099-01-01"},
    "§3.5 not before in an hour": {"nbf": int(time.time()) + HOUR},
    "§3.6 issued in an hour": {"iat": int(time.time()) + HOUR},
    "§3.7 no jti": {"jti": None},
    "§3.7 empty jti": {"jti": ""},
    "§3.7 jti is a number": {"jti": 7},
    "§3.7 jti too long": {"jti": "x" * 256},
}


@pytest.mark.rfc("7521", "4.2.1", "A bad assertion is invalid_client")
@pytest.mark.rfc("7523bis", "4", "aud MUST be the issuer, as its sole value, compared as text")
@pytest.mark.rfc("OAuth 2.1", "2.4", "aud of an assertion MUST be the issuer as its sole value")
@pytest.mark.rfc("7523", "3", "iss, sub, aud, exp, nbf, iat and jti of an assertion")
@pytest.mark.parametrize("changes", REFUSED_CLAIMS.values(), ids=REFUSED_CLAIMS)
def test_refuses_an_assertion_with_other_claims(
    token_endpoint: TokenEndpoint, signer: KeyMachine, changes: dict[str, Any]
) -> None:
    answer = present(token_endpoint, signer, signer.assertion(**changes))

    assert error_of(answer) == (401, "invalid_client")
    assert not UsedAssertion.objects.exists()


@pytest.mark.rfc("7523", "3", "aud as a list of one, optional claims left out, any other claim")
@pytest.mark.parametrize(
    "changes",
    [{"aud": [ISSUER]}, {"iat": None}, {"other": "claim"}, {"nbf": 0}, {"jti": "x" * 255}],
    ids=str,
)
def test_accepts_an_assertion_with_these_claims(
    token_endpoint: TokenEndpoint, signer: KeyMachine, changes: dict[str, Any]
) -> None:
    assert present(token_endpoint, signer, signer.assertion(**changes)).status_code == 200


@pytest.mark.rfc("7523bis", "4", "the token endpoint as aud: only for a client that is allowed to")
def test_accepts_the_token_endpoint_as_audience_where_it_is_allowed(
    token_endpoint: TokenEndpoint,
) -> None:
    signer = register_with_key(endpoint_audience=True)

    for audience in (ENDPOINT_URL, [ENDPOINT_URL], ISSUER):
        assertion = signer.assertion(aud=audience)
        assert present(token_endpoint, signer, assertion).status_code == 200


@pytest.mark.rfc("7523", "3", "point 7: a jti is used once")
def test_accepts_an_assertion_once(token_endpoint: TokenEndpoint, signer: KeyMachine) -> None:
    assertion = signer.assertion()

    answers = [present(token_endpoint, signer, assertion).status_code for _ in "12"]

    assert answers == [200, 401]


def test_lets_two_clients_use_the_same_jti(token_endpoint: TokenEndpoint) -> None:
    for signer in (register_with_key("One"), register_with_key("Two", key=new_key())):
        assert present(token_endpoint, signer, signer.assertion(jti="one")).status_code == 200


def test_remembers_a_use_until_the_assertion_could_not_be_used_anyway(
    token_endpoint: TokenEndpoint, signer: KeyMachine
) -> None:
    expiry = int(time.time()) + 60

    present(token_endpoint, signer, signer.assertion(exp=expiry))

    expected = datetime.fromtimestamp(expiry, UTC) + timedelta(seconds=60)
    assert UsedAssertion.objects.get().expires_at == expected


def test_uses_an_assertion_up_even_if_the_request_fails(
    token_endpoint: TokenEndpoint, signer: KeyMachine
) -> None:
    assertion = signer.assertion()

    first = token_endpoint.post(signer.body(assertion, scope="no:such"))
    second = present(token_endpoint, signer, assertion)

    assert error_of(first) == (400, "invalid_scope")
    assert error_of(second) == (401, "invalid_client")


@pytest.mark.rfc("7515", "4.1.4", "kid is optional; with one key there is nothing to choose")
def test_accepts_an_assertion_without_kid_of_a_client_with_one_key(
    token_endpoint: TokenEndpoint, signer: KeyMachine
) -> None:
    assertion = signer.key.sign({}, signer.claims())

    assert present(token_endpoint, signer, assertion).status_code == 200


@pytest.mark.rfc("7523bis", "4", "typ client-authentication+jwt SHOULD be sent, JWT is accepted")
@pytest.mark.parametrize(
    "typ", ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"]
)
def test_accepts_the_types_of_an_assertion(
    token_endpoint: TokenEndpoint, signer: KeyMachine, typ: str
) -> None:
    assertion = signer.assertion(header={"typ": typ})

    assert present(token_endpoint, signer, assertion).status_code == 200


def test_remembers_when_and_from_where_a_key_was_used(
    token_endpoint: TokenEndpoint, signer: KeyMachine
) -> None:
    present(token_endpoint, signer)
    write_down()

    key, now = ClientKey.objects.get(), datetime.now(UTC)
    assert key.last_used_at is not None
    assert key.last_used_address == "127.0.0.1"
    usage = read_usage(signer.row, since=now - timedelta(hours=1), until=now + timedelta(hours=1))
    assert (usage.last_used_at, usage.issued) == (key.last_used_at, 1)
