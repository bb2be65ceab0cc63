"""The claims of an access token (RFC 9068 §2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from django_cc.protocol.access_token.extra_claims import RESERVED_CLAIMS
from django_cc.protocol.client_credentials import Grant
from django_cc.protocol.errors import InvalidScope, InvalidToken
from django_cc.protocol.names import ClientID
from django_cc.protocol.scope import Scope

# Private claim: the client's generation when the token was made. Local verification and
# introspection refuse a token of another generation; everybody else ignores it.
CLIENT_GENERATION = "client_generation"


@dataclass(frozen=True, slots=True)
class AccessTokenClaims:
    """What an access token says. Times are aware UTC, in whole seconds.

    `extra` is what the issuer's project adds to the claims that are registered for all.
    """

    issuer: str
    subject: str
    audience: str
    client_id: ClientID
    scope: Scope
    issued_at: datetime
    expires_at: datetime
    token_id: str
    generation: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def for_grant(
        cls,
        grant: Grant,
        *,
        issuer: str,
        subject_prefix: str,
        token_id: str,
        now: datetime,
        extra: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return the claims of a new token for `grant`.

        `sub` identifies the client (§2.2): its ID, behind a prefix where users share the issuer
        (§5: a subject must not be mistaken for a user's).
        """
        issued_at = now.replace(microsecond=0)
        return cls(
            issuer=issuer,
            subject=f"{subject_prefix}{grant.client.client_id}",
            audience=grant.audience,
            client_id=grant.client.client_id,
            scope=grant.scope,
            issued_at=issued_at,
            expires_at=issued_at + grant.lifetime,
            token_id=token_id,
            generation=grant.client.generation,
            extra=extra or {},
        )

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """Read a payload whose signature has been verified.

        Raises:
            InvalidToken: a required claim is missing or not of its type (§2.2).
        """
        audience = payload.get("aud")
        if isinstance(audience, list) and len(audience) == 1:
            audience = audience[0]
        return cls(
            issuer=_text(payload.get("iss")),
            subject=_text(payload.get("sub")),
            audience=_text(audience),
            client_id=ClientID(_text(payload.get("client_id"))),
            scope=_scope(payload.get("scope")),
            issued_at=_time(payload.get("iat")),
            expires_at=_time(payload.get("exp")),
            token_id=_text(payload.get("jti")),
            generation=_generation(payload.get(CLIENT_GENERATION)),
            extra={name: payload[name] for name in payload.keys() - RESERVED_CLAIMS},
        )

    def to_payload(self) -> dict[str, Any]:
        """Return the JSON members; times as seconds since the epoch (RFC 7519 §2)."""
        payload: dict[str, Any] = {
            **self.extra,  # first, so that it could overwrite nothing even if it got here
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.audience,
            "client_id": self.client_id,
            "scope": str(self.scope),
            "iat": int(self.issued_at.timestamp()),
            "exp": int(self.expires_at.timestamp()),
            "jti": self.token_id,
        }
        if self.generation is not None:
            payload[CLIENT_GENERATION] = self.generation
        return payload


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidToken()
    return value


def _time(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidToken()
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (OverflowError, OSError, ValueError):
        raise InvalidToken() from None


def _scope(value: object) -> Scope:
    if value is None or value == "":
        return Scope()
    try:
        return Scope.parse(_text(value))
    except InvalidScope:
        raise InvalidToken() from None


def _generation(value: object) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise InvalidToken()
    return value
