"""Node's client libraries, unmodified: discovery, a token, its use, introspection, revocation."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import jwt
import pytest

from django_cc.protocol.names import ClientAuthenticationMethod, SigningAlgorithm
from tests.assertions import new_key, register_with_key
from tests.conformance.conftest import RunNode
from tests.machines import register
from tests.projects.combined import ORDERS_API

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.node]

EACH_LIBRARY = pytest.mark.parametrize("script", ["oauth4webapi.mjs", "openid-client.mjs"])
METHODS = ClientAuthenticationMethod


def with_secret(method: str) -> dict[str, Any]:
    machine = register("Node")
    return {
        "method": method,
        "client_id": machine.client_id,
        "client_secret": machine.client_secret,
    }


def with_key(algorithm: SigningAlgorithm = SigningAlgorithm.ES256) -> dict[str, Any]:
    signer = register_with_key("Node", key=new_key(algorithm))
    exported = jwt.get_algorithm_by_name(algorithm.value).to_jwk(signer.key.key)
    private_jwk = {**json.loads(exported), "kid": signer.jwk["kid"], "alg": algorithm.value}
    return {"method": METHODS.PRIVATE_KEY_JWT, "client_id": signer.client_id, "jwk": private_jwk}


def live(run_node: RunNode, script: str, issuer: str, host: str, **task: Any) -> dict[str, Any]:
    told = {"parameters": {"scope": "orders:read"}, "api": f"{host}/api/scoped/", **task}
    return run_node(script, issuer=issuer, **told)


MAKE_CLIENT: dict[str, Callable[[], dict[str, Any]]] = {
    "Basic": lambda: with_secret(METHODS.CLIENT_SECRET_BASIC),
    "body": lambda: with_secret(METHODS.CLIENT_SECRET_POST),
    **{f"private_key_jwt, {one}": partial(with_key, one) for one in SigningAlgorithm},
}


# openid-client signs by oauth4webapi: one algorithm of it will do.
FLOWS = [
    *(("oauth4webapi.mjs", method) for method in MAKE_CLIENT),
    *(("openid-client.mjs", method) for method in ("Basic", "body", "private_key_jwt, ES256")),
]


@pytest.mark.parametrize(("script", "method"), FLOWS)
@pytest.mark.rfc("6749", "4.4", "Clients that others wrote get tokens, unmodified")
def test_a_token_is_issued_introspected_used_and_revoked(
    run_node: RunNode, issuer: str, script: str, method: str
) -> None:
    task = MAKE_CLIENT[method]()

    told = live(run_node, script, issuer, issuer, **task)

    assert told["issued"]["token_type"].lower() == "bearer"
    assert "refresh_token" not in told["issued"]
    assert (told["before"]["active"], told["before"]["client_id"]) == (True, task["client_id"])
    assert (told["before"]["iss"], told["before"]["aud"]) == (issuer, ORDERS_API)
    assert told["called"]["document"]["user"] == f"client:{task['client_id']}"
    assert told["after"] == {"active": False}


@EACH_LIBRARY
@pytest.mark.parametrize("issuer", [("/tenants/one", {})], indirect=True, ids=["path"])
@pytest.mark.rfc("8414", "3.1", "The well-known part goes between host and issuer path")
def test_discovers_an_issuer_that_has_a_path(run_node: RunNode, issuer: str, script: str) -> None:
    host = issuer.removesuffix("/tenants/one")

    told = live(run_node, script, issuer, host, **with_key())

    assert told["before"]["iss"] == issuer


@EACH_LIBRARY
@pytest.mark.rfc("6749", "5.2", "Clients that others wrote read the errors")
@pytest.mark.parametrize(
    ("parameters", "error", "status"),
    [({"scope": "nobody:knows"}, "invalid_scope", 400), ({"resource": "x"}, "invalid_target", 400)],
    ids=["scope", "resource"],
)
def test_reads_our_refusals(
    run_node: RunNode,
    issuer: str,
    script: str,
    parameters: dict[str, str],
    error: str,
    status: int,
) -> None:
    task = with_secret(METHODS.CLIENT_SECRET_BASIC)

    told = live(run_node, script, issuer, issuer, **task, parameters=parameters)

    assert told == {"refused": error, "status": status}


@EACH_LIBRARY
def test_a_client_reads_its_own_registration(run_node: RunNode, issuer: str, script: str) -> None:
    task = with_secret(METHODS.CLIENT_SECRET_POST)
    own = {"parameters": {"resource": issuer}, "api": f"{issuer}/oauth/client"}

    told = live(run_node, script, issuer, issuer, **task, **own)

    assert told["called"]["document"]["client_id"] == task["client_id"]
