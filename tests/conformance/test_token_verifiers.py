"""Libraries that others wrote verify our access tokens with nothing but what we publish."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from authlib.oauth2.rfc8414 import get_well_known_url
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet

from django_cc.protocol.names import SigningAlgorithm
from tests.conformance.conftest import RunNode
from tests.jwts import with_claims
from tests.machines import TokenEndpoint, register
from tests.projects.combined import BILLING_API, ORDERS_API

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # RFC 9864 renames EdDSA with this curve to Ed25519; joserfc warns of the older name.
    pytest.mark.filterwarnings("ignore:EdDSA is deprecated"),
]

EACH_ALGORITHM = pytest.mark.parametrize(
    "issuer",
    [("", {"SIGNING_ALGORITHM": algorithm.value}) for algorithm in SigningAlgorithm],
    indirect=True,
    ids=[*SigningAlgorithm],
)
Verify = Callable[[str, str], dict[str, Any]]


def read_metadata(issuer: str) -> dict[str, Any]:
    """Return the document from where Authlib says that RFC 8414 has it."""
    answer = requests.get(get_well_known_url(issuer, external=True), timeout=10)
    document: dict[str, Any] = answer.json()
    return document


def algorithm_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["alg"])


def verify_by_pyjwt(token: str, issuer: str) -> dict[str, Any]:
    keys = jwt.PyJWKClient(read_metadata(issuer)["jwks_uri"])
    return jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=[algorithm_of(token)],
        audience=ORDERS_API,
        issuer=issuer,
        options={"require": ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"]},
    )


def verify_by_joserfc(token: str, issuer: str) -> dict[str, Any]:
    published = requests.get(read_metadata(issuer)["jwks_uri"], timeout=10).json()
    decoded = joserfc_jwt.decode(
        token, KeySet.import_key_set(published), algorithms=[algorithm_of(token)]
    )
    rules = joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": ORDERS_API},
        exp={"essential": True},
        client_id={"essential": True},
    )
    rules.validate(decoded.claims)
    return dict(decoded.claims)


LIBRARIES = {"PyJWT's PyJWKClient": verify_by_pyjwt, "joserfc": verify_by_joserfc}
EACH_LIBRARY = pytest.mark.parametrize("verify", LIBRARIES.values(), ids=LIBRARIES)


@EACH_ALGORITHM
@EACH_LIBRARY
@pytest.mark.rfc("9068", "4", "Libraries that others wrote verify tokens with the published keys")
def test_verifies_a_token(issuer: str, verify: Verify) -> None:
    machine = register()

    claims = verify(TokenEndpoint().access_token(machine), issuer)

    assert (claims["sub"], claims["scope"]) == (machine.client_id, "orders:read orders:write")


@EACH_LIBRARY
@pytest.mark.parametrize("change", [{"scope": "admin"}, {"aud": BILLING_API}], ids=str)
def test_refuses_a_token_that_was_altered(
    issuer: str, verify: Verify, change: dict[str, str]
) -> None:
    token = with_claims(TokenEndpoint().access_token(register()), **change)

    with pytest.raises(Exception, match=r"(?i)signature"):
        verify(token, issuer)


def verify_by_jose(run_node: RunNode, token: str, issuer: str) -> dict[str, Any]:
    return run_node(
        "jose.mjs",
        token=token,
        issuer=issuer,
        audience=ORDERS_API,
        algorithm=algorithm_of(token),
        jwks_uri=read_metadata(issuer)["jwks_uri"],
    )


@EACH_ALGORITHM
@pytest.mark.node
@pytest.mark.rfc("9068", "4", "Libraries that others wrote verify tokens with the published keys")
def test_jose_verifies_a_token(run_node: RunNode, issuer: str) -> None:
    machine = register()

    told = verify_by_jose(run_node, TokenEndpoint().access_token(machine), issuer)

    assert (told["header"]["typ"], told["claims"]["client_id"]) == ("at+jwt", machine.client_id)


@pytest.mark.node
def test_jose_refuses_a_token_that_was_altered(run_node: RunNode, issuer: str) -> None:
    token = with_claims(TokenEndpoint().access_token(register()), scope="admin")

    told = verify_by_jose(run_node, token, issuer)

    assert told == {"refused": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"}
