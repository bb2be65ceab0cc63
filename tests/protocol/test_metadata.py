"""RFC 8414 and RFC 9728: metadata documents."""

import pytest

from django_cc.protocol.metadata import (
    ProtectedResource,
    ServerMetadata,
    find_protected_resource,
    protected_resource_metadata_url,
    well_known_path,
)
from django_cc.protocol.names import ClientAuthenticationMethod, SigningAlgorithm

METHODS = list(ClientAuthenticationMethod)
ALGORITHMS = [*SigningAlgorithm, "Ed25519"]


def metadata(*scopes: str) -> ServerMetadata:
    return ServerMetadata(
        issuer="https://auth.example.com",
        token_endpoint="https://auth.example.com/oauth/token",
        revocation_endpoint="https://auth.example.com/oauth/revoke",
        introspection_endpoint="https://auth.example.com/oauth/introspect",
        jwks_uri="https://auth.example.com/oauth/jwks",
        scopes=scopes,
    )


@pytest.mark.rfc("8414", "2", "issuer, token_endpoint and grant_types_supported are given")
def test_says_what_the_server_does() -> None:
    document = metadata("b", "a").to_json()

    assert document == {
        "issuer": "https://auth.example.com",
        "token_endpoint": "https://auth.example.com/oauth/token",
        "jwks_uri": "https://auth.example.com/oauth/jwks",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint": "https://auth.example.com/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint": "https://auth.example.com/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": [*METHODS, "Bearer"],
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": ["a", "b"],
    }


@pytest.mark.rfc("8414", "3.2", "Claims with zero elements MUST be omitted")
def test_leaves_the_scopes_out_when_there_are_none() -> None:
    assert "scopes_supported" not in metadata().to_json()


@pytest.mark.rfc("8414", "3.1", "The well-known part goes between host and issuer path")
@pytest.mark.parametrize(
    ("issuer", "path"),
    [
        ("https://auth.example.com", "/.well-known/oauth-authorization-server"),
        ("https://auth.example.com/", "/.well-known/oauth-authorization-server"),
        ("https://example.com/a", "/.well-known/oauth-authorization-server/a"),
        ("https://example.com/a/b/", "/.well-known/oauth-authorization-server/a/b"),
    ],
)
def test_the_document_is_found_before_the_issuers_own_path(issuer: str, path: str) -> None:
    assert well_known_path(issuer) == path


@pytest.mark.rfc("9728", "3.1", "The well-known part goes between the host and path or query")
@pytest.mark.parametrize(
    ("identifier", "url"),
    [
        ("https://example.com", "https://example.com/.well-known/oauth-protected-resource"),
        ("https://example.com/", "https://example.com/.well-known/oauth-protected-resource"),
        (
            "https://example.com:8443/a/b",
            "https://example.com:8443/.well-known/oauth-protected-resource/a/b",
        ),
        # Only a slash right behind the host is removed (RFC 8414 has another rule).
        ("https://example.com/a/", "https://example.com/.well-known/oauth-protected-resource/a/"),
        ("https://example.com?a=1", "https://example.com/.well-known/oauth-protected-resource?a=1"),
        (
            "https://example.com/?a=1",
            "https://example.com/.well-known/oauth-protected-resource?a=1",
        ),
        (
            "http://127.0.0.1:8000/a",
            "http://127.0.0.1:8000/.well-known/oauth-protected-resource/a",
        ),
        ("http://[::1]/a", "http://[::1]/.well-known/oauth-protected-resource/a"),
    ],
)
def test_finds_the_metadata_of_an_api(identifier: str, url: str) -> None:
    assert protected_resource_metadata_url(identifier) == url


@pytest.mark.rfc("9728", "1.2", "A resource identifier is an https URL without a fragment")
@pytest.mark.parametrize(
    "identifier",
    [
        "urn:example:orders",
        "http://example.com/orders",
        "https:///orders",
        "https:orders",
        "https://example.com#orders",
        "https://user@example.com",
        "https://[::1",
        'https://example.com/"',
        "orders",
        "",
    ],
)
def test_knows_no_metadata_of_what_is_no_place(identifier: str) -> None:
    assert protected_resource_metadata_url(identifier) is None


@pytest.mark.rfc("9728", "3.2", "Parameters with zero values MUST be omitted")
def test_says_of_an_api_what_is_known() -> None:
    bare = ProtectedResource("https://example.com", [])
    full = ProtectedResource("https://example.com", ["https://auth.example.com"], {"b", "a"}, "A")

    assert bare.to_json() == {
        "resource": "https://example.com",
        "bearer_methods_supported": ["header"],
    }
    assert full.to_json() == {
        "resource": "https://example.com",
        "bearer_methods_supported": ["header"],
        "authorization_servers": ["https://auth.example.com"],
        "scopes_supported": ["a", "b"],
        "resource_name": "A",
    }


RESOURCES = [
    ProtectedResource(identifier, ["https://auth.example.com"])
    for identifier in (
        "https://example.com/orders",
        "https://example.com/orders/",
        "https://example.com/orders?x=1",
        "https://example.com:8443",
        "https://Example.org:443/t%C3%A9a",
        "https://other.example.com/billing",
        "urn:example:orders",
    )
]


@pytest.mark.rfc("9728", "3.3", "resource MUST be identical to the identifier of the request")
@pytest.mark.parametrize(
    ("suffix", "host", "identifier"),
    [
        ("/orders", "example.com", "https://example.com/orders"),
        ("/orders", "EXAMPLE.com:443", "https://example.com/orders"),
        ("/orders/", "example.com", "https://example.com/orders/"),
        ("/orders?x=1", "example.com", "https://example.com/orders?x=1"),
        ("", "example.com:8443", "https://example.com:8443"),
        ("/téa", "example.org", "https://Example.org:443/t%C3%A9a"),
    ],
)
def test_chooses_the_api_that_a_request_asks_about(suffix: str, host: str, identifier: str) -> None:
    found = find_protected_resource(RESOURCES, suffix, hosts=[host])

    assert found is not None
    assert found.identifier == identifier


@pytest.mark.parametrize(
    ("suffix", "host"),
    [
        ("", "example.com"),
        ("/Orders", "example.com"),
        ("/orders?x=2", "example.com"),
        ("/order", "example.com"),
        ("/orders", "example.com:8443"),
        ("/billing", "example.com"),
        ("example:orders", "example.com"),
    ],
)
def test_chooses_no_api_of_another_place(suffix: str, host: str) -> None:
    assert find_protected_resource(RESOURCES, suffix, hosts=[host]) is None
