"""A verified access token: what `request.auth` is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django_cc.protocol.access_token.claims import AccessTokenClaims


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Claims that have been verified for the API of the request.

    Speaks the language of django-oauth-toolkit's permission classes too (`scope`, `is_valid`),
    so that its `TokenHasScope` family accepts it.

    Attributes:
        claims: who issued the token to whom, for what and until when.
        leeway: how long after that it is still accepted, for clocks that differ.
    """

    claims: AccessTokenClaims
    leeway: timedelta = timedelta(0)

    @property
    def client_id(self) -> str:
        """The client the token was issued to."""
        return self.claims.client_id

    @property
    def scope(self) -> str:
        """The scope, space-separated."""
        return str(self.claims.scope)

    @property
    def expires_at(self) -> datetime:
        """When it expires, aware UTC."""
        return self.claims.expires_at

    @property
    def extra_claims(self) -> Mapping[str, Any]:
        """What its issuer says beside the registered claims, such as a tenant or a plan."""
        return self.claims.extra

    def has_scopes(self, required: Iterable[str]) -> bool:
        """Tell whether it holds every one of `required`; False when nothing is required.

        Asking for nothing is taken for a mistake, not for an open door.
        """
        wanted = set(required)
        return bool(wanted) and wanted <= self.claims.scope.tokens

    def is_expired(self) -> bool:
        """Tell whether it has expired since it was verified."""
        return self.claims.expires_at <= datetime.now(UTC) - self.leeway

    def allow_scopes(self, scopes: Iterable[str]) -> bool:
        """Do what `has_scopes` does, under the toolkit's name."""
        return self.has_scopes(scopes)

    def is_valid(self, scopes: Iterable[str] | None = None) -> bool:
        """Tell whether it is unexpired and holds `scopes`, as the toolkit's permissions ask."""
        return not self.is_expired() and (scopes is None or self.has_scopes(scopes))

    def __str__(self) -> str:
        return f"access token of {self.client_id}"
