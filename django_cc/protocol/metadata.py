"""The authorization server's metadata document (RFC 8414)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django_cc.protocol.names import (
    BEARER,
    ClientAuthenticationMethod,
    GrantType,
    SigningAlgorithm,
)

WELL_KNOWN = ".well-known/oauth-authorization-server"  # §3


@dataclass(frozen=True, slots=True)
class ServerMetadata:
    """What this server tells about itself; only what it really does."""

    issuer: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    jwks_uri: str
    scopes: Sequence[str]

    def to_json(self) -> dict[str, str | list[str]]:
        """Return the document of §3.2; members without a value are left out.

        `response_types_supported` is required by §2 although a server without an authorization
        endpoint has none, and §3.2 wants empty arrays omitted: it is given empty, which every
        client library we know reads.
        """
        methods = [method.value for method in ClientAuthenticationMethod]
        algorithms = [algorithm.value for algorithm in SigningAlgorithm]
        document: dict[str, str | list[str]] = {
            "issuer": self.issuer,
            "token_endpoint": self.token_endpoint,
            "jwks_uri": self.jwks_uri,
            "grant_types_supported": [GrantType.CLIENT_CREDENTIALS.value],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": methods,
            # §2: MUST be there where a method by JWT is listed, and MUST NOT hold "none".
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint": self.revocation_endpoint,
            "revocation_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint": self.introspection_endpoint,
            # §2: names of access token types stand for authorization by such a token.
            "introspection_endpoint_auth_methods_supported": [*methods, BEARER],
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        }
        if self.scopes:
            document["scopes_supported"] = sorted(self.scopes)
        return document


def well_known_path(issuer: str) -> str:
    """Return the path of the document: the well-known part before the issuer's own (§3.1)."""
    return f"/{WELL_KNOWN}{urlsplit(issuer).path.rstrip('/')}"
