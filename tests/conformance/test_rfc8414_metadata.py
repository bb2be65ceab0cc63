"""RFC 8414: the metadata document."""

import json
from typing import Any

import pytest
from django.test import Client as HTTPClient

from django_cc.protocol.names import ClientAuthenticationMethod, SigningAlgorithm
from tests.projects.combined import ISSUER

METHODS = list(ClientAuthenticationMethod)
ALGORITHMS = list(SigningAlgorithm)
WELL_KNOWN = "/.well-known/oauth-authorization-server"

pytestmark = pytest.mark.django_db


def fetch(path: str = WELL_KNOWN, **headers: Any) -> Any:
    return HTTPClient().get(path, secure=True, **headers)


@pytest.mark.rfc("8414", "3.2", "200 and application/json")
def test_is_json() -> None:
    answer = fetch()

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.rfc("8414", "3.3", "issuer MUST be identical to the issuer identifier")
def test_names_the_issuer_byte_for_byte() -> None:
    assert json.loads(fetch().content)["issuer"] == ISSUER


@pytest.mark.rfc("8414", "2", "grant_types_supported given, for its default is another")
def test_says_what_works_and_nothing_else() -> None:
    assert json.loads(fetch().content) == {
        "issuer": ISSUER,
        "token_endpoint": f"{ISSUER}/oauth/token",
        "jwks_uri": f"{ISSUER}/oauth/jwks",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint": f"{ISSUER}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint": f"{ISSUER}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": [*METHODS, "Bearer"],
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": [
            "billing:read",
            "client:read",
            "introspection",
            "orders:read",
            "orders:write",
            "shared:read",
        ],
    }


@pytest.mark.rfc("8414", "3.1", "The well-known part goes between host and issuer path")
def test_is_found_behind_the_path_of_the_issuer(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/tenants/one"}

    answer = fetch(f"{WELL_KNOWN}/tenants/one")

    assert json.loads(answer.content)["issuer"] == "https://example.com/tenants/one"


@pytest.mark.rfc("8414", "3.1", "A terminating slash of the issuer is removed")
def test_is_found_without_the_last_slash_of_the_issuer(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/one/"}

    answer = fetch(f"{WELL_KNOWN}/one")

    assert json.loads(answer.content)["issuer"] == "https://example.com/one/"


@pytest.mark.parametrize("path", ["/another", "/", "x", "//"])
def test_is_not_found_for_another_issuer(path: str) -> None:
    answer = fetch(f"{WELL_KNOWN}{path}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


def test_writes_nothing_of_the_path_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "django_cc"):
        fetch(f"{WELL_KNOWN}/%0d%1b[2Kforged")

    [line] = [r.getMessage() for r in caplog.records if r.name.startswith("django_cc")]
    assert line.startswith("MetadataView refused")
    assert "forged" not in line


def test_is_not_found_at_the_root_for_an_issuer_with_a_path(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/one"}

    assert fetch().status_code == 404


def test_believes_the_setting_and_not_the_host_header(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    answer = fetch(headers={"host": "evil.example"})

    assert "evil" not in answer.content.decode()
