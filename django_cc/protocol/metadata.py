"""Metadata documents: of the authorization server (RFC 8414), of an API (RFC 9728)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from django_cc.protocol.names import (
    BEARER,
    ED25519,
    ClientAuthenticationMethod,
    GrantType,
    SigningAlgorithm,
)
from django_cc.protocol.networks import is_loopback_host
from django_cc.protocol.resource_indicator import is_absolute_uri

WELL_KNOWN = ".well-known/oauth-authorization-server"  # RFC 8414 §3
PROTECTED_RESOURCE_WELL_KNOWN = ".well-known/oauth-protected-resource"  # RFC 9728 §3
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}  # RFC 9110 §4.2


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
        algorithms = [*(algorithm.value for algorithm in SigningAlgorithm), ED25519]
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
    """Return the path of the document: the well-known part before the issuer's own (§3.1).

    Percent-encoded as the issuer is.
    """
    return f"/{WELL_KNOWN}{urlsplit(issuer).path.rstrip('/')}"


@dataclass(frozen=True, slots=True)
class ProtectedResource:
    """What an API tells about itself (RFC 9728 §2).

    Attributes:
        identifier: its resource identifier: the audience of its tokens.
        authorization_servers: the issuers whose tokens it accepts.
        scopes: what tokens may be asked for.
        name: for people; None for nothing.
    """

    identifier: str
    authorization_servers: Sequence[str]
    scopes: Iterable[str] = ()
    name: str | None = None

    def to_json(self) -> dict[str, str | list[str]]:
        """Return the document of §3.2; members without a value are left out."""
        document: dict[str, str | list[str]] = {
            # §3.3: identical to the identifier the client used, or the client refuses it.
            "resource": self.identifier,
            "bearer_methods_supported": ["header"],
        }
        if self.authorization_servers:
            document["authorization_servers"] = list(self.authorization_servers)
        if scopes := sorted(self.scopes):
            document["scopes_supported"] = scopes
        if self.name:
            document["resource_name"] = self.name
        return document


def protected_resource_metadata_url(identifier: str) -> str | None:
    """Return where the metadata of the API of this identifier is (RFC 9728 §3.1).

    The well-known part goes between the host and the identifier's own path and query. None where
    the identifier is no place on the web that could have metadata (§1.2): another scheme than
    https (http on loopback, for development), a user, no host.

    Says where, not whether: the API's host must be this one for the document to be ours.
    """
    if not is_absolute_uri(identifier):
        return None
    parts = urlsplit(identifier)
    host = parts.hostname or ""
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback_host(host))
    if not host or "@" in parts.netloc or not is_secure:
        return None
    # §3.1: a slash right behind the host "MUST be removed"; those of a longer path stay.
    path = "" if parts.path == "/" else parts.path
    return parts._replace(path=f"/{PROTECTED_RESOURCE_WELL_KNOWN}{path}").geturl()


def find_protected_resource(
    resources: Iterable[ProtectedResource], suffix: str, *, hosts: Iterable[str]
) -> ProtectedResource | None:
    """Return the API whose metadata a request asks for, or None where none of them is meant.

    Args:
        resources: all there are.
        suffix: what followed the well-known part in the request: the decoded path, and the query
            with its `?` if there was one.
        hosts: the names of this host, with their ports as in a Host header, the one asked first.
            An API that lives at another host has its metadata there.
    """
    described = sorted(resources, key=lambda one: one.identifier)
    for host in hosts:
        for resource in described:
            url = urlsplit(protected_resource_metadata_url(resource.identifier) or "")
            if url.netloc and _read_suffix(url) == suffix and _is_host_of(url, host):
                return resource
    return None


def _read_suffix(url: SplitResult) -> str:
    path = unquote(url.path).removeprefix(f"/{PROTECTED_RESOURCE_WELL_KNOWN}")
    return f"{path}?{url.query}" if url.query else path


def _is_host_of(url: SplitResult, host: str) -> bool:
    # A missing port means the default one, and case means nothing (RFC 9110 §4.2.3).
    default = _DEFAULT_PORTS[url.scheme]
    return host.lower().removesuffix(default) == url.netloc.lower().removesuffix(default)
