"""Bearer tokens in requests, challenges in answers (RFC 6750)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django_cc.protocol.errors import InvalidRequest, OAuthError
from django_cc.protocol.names import BEARER

# b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="   (§2.1)
_B64TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


def read_bearer_token(authorization: str | None) -> str | None:
    """Return the token of `Authorization: Bearer`, or None when another scheme or none is used.

    The header is the only transport read: a token in a body or a query counts as none
    (§2.2 and §2.3 are optional; the OAuth 2.1 draft forbids the query).

    Raises:
        InvalidRequest: the scheme is Bearer and what follows is not one token (§2.1). Two
            Authorization headers end here too: servers join them with a comma.
    """
    scheme, _, token = (authorization or "").strip(" ").partition(" ")
    if scheme.lower() != BEARER.lower():
        return None
    token = token.strip(" ")
    if not _B64TOKEN.fullmatch(token):
        raise InvalidRequest("Send exactly one access token: Authorization: Bearer TOKEN.")
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

    @classmethod
    def for_error(cls, error: OAuthError, *, realm: str) -> "BearerChallenge":
        """Return the challenge that reports `error`."""
        return cls(realm, error.error, error.description)

    @classmethod
    def for_insufficient_scope(cls, required: Iterable[str], *, realm: str) -> "BearerChallenge":
        """Return the challenge of a 403, naming the scope it would take where it is known."""
        return cls(
            realm,
            "insufficient_scope",
            "The access token does not reach this resource.",
            tuple(sorted(required)),
        )

    def __str__(self) -> str:
        attributes = {
            "realm": self.realm,
            "error": self.error,
            "error_description": self.description,
            "scope": " ".join(self.scope),
        }
        written = (f'{name}="{value}"' for name, value in attributes.items() if value)
        return f"{BEARER} {', '.join(written)}"
