"""RFC 8414: the authorization server's metadata."""

import pytest

from django_cc.protocol.metadata import ServerMetadata, well_known_path
from django_cc.protocol.names import ClientAuthenticationMethod, SigningAlgorithm

METHODS = list(ClientAuthenticationMethod)
ALGORITHMS = list(SigningAlgorithm)


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


@pytest.mark.rfc("8414", "3.2", "Claims with zero elements MUST be omitted from the response")
def test_leaves_the_scopes_out_when_there_are_none() -> None:
    assert "scopes_supported" not in metadata().to_json()


@pytest.mark.rfc("8414", "3.1", "the well-known part is inserted between host and path")
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
