"""Bearer tokens in requests, challenges in answers (RFC 6750)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django_cc.protocol.errors import MalformedBearer, OAuthError
from django_cc.protocol.names import BEARER

# b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="   (§2.1)
_B64TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
# Two Authorization headers, the second of them ours: servers join them with a comma.
_BEARER_BEHIND_ANOTHER = re.compile(
    r",[ \t]*bearer[ ]+[A-Za-z0-9\-._~+/]+=*[ \t]*(?:,|\Z)", re.IGNORECASE
)

# Where RFC 6750 §2.2 and §2.3 would have a token that is not in the header.
ACCESS_TOKEN_PARAMETER = "access_token"  # noqa: S105 - a parameter's name


def read_bearer_token(authorization: str | None) -> str | None:
    """Return the token of `Authorization: Bearer`, or None when another scheme or none is used.

    The header is the only transport read: a token in a body or a query counts as none
    (§2.2 and §2.3 are optional; the OAuth 2.1 draft forbids the query).

    Raises:
        MalformedBearer: the scheme is Bearer and what follows is not one token (§2.1), or another
            scheme is followed by a bearer token. Two Authorization headers end here: servers
            join them with a comma.
    """
    credentials = (authorization or "").strip(" ")
    scheme, _, token = credentials.partition(" ")
    if scheme.lower() != BEARER.lower():
        if _BEARER_BEHIND_ANOTHER.search(credentials):
            raise MalformedBearer("Send one Authorization header.")
        return None
    token = token.strip(" ")
    if not _B64TOKEN.fullmatch(token):
        raise MalformedBearer("Send exactly one access token: Authorization: Bearer TOKEN.")
    return token


@dataclass(frozen=True, slots=True)
class BearerChallenge:
    """A `WWW-Authenticate: Bearer` value (§3).

    Without an error it answers a request that carried no credentials: §3.1 wants no code there.
    """

    realm: str
    error: str | None = None
    description: str | None = None
    scope: tuple[str, ...] = ()
    resource_metadata: str | None = None  # RFC 9728 §5.1: where the API tells about itself

    @classmethod
    def for_error(
        cls, error: OAuthError, *, realm: str, resource_metadata: str | None = None
    ) -> "BearerChallenge":
        """Return the challenge that reports `error`."""
        return cls(realm, error.error, error.description, resource_metadata=resource_metadata)

    @classmethod
    def for_insufficient_scope(
        cls, required: Iterable[str], *, realm: str, resource_metadata: str | None = None
    ) -> "BearerChallenge":
        """Return the challenge of a 403, naming the scope it would take where it is known."""
        return cls(
            realm,
            "insufficient_scope",
            "The access token does not reach this resource.",
            tuple(sorted(required)),
            resource_metadata,
        )

    def __str__(self) -> str:
        attributes = {
            "realm": self.realm,
            "error": self.error,
            "error_description": self.description,
            "scope": " ".join(self.scope),
            "resource_metadata": self.resource_metadata,
        }
        written = (f'{name}="{value}"' for name, value in attributes.items() if value)
        return f"{BEARER} {', '.join(written)}"
