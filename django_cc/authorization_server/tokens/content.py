"""Decide what a token says: one way for the token endpoint and for its preview."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.refused_scope import describe_refused_scope
from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.client import Client
from django_cc.protocol.client_credentials import Grant, grant_client_credentials
from django_cc.protocol.errors import ScopeNotGranted
from django_cc.protocol.token_endpoint import TokenRequest
from django_cc.protocol.token_lifetime import TokenLifetimes

FindExtraClaims: TypeAlias = Callable[[Client], Mapping[str, Any]]


def decide_grant(
    request: TokenRequest, client: Client, snapshot: Snapshot, *, now: datetime
) -> Grant:
    """Return what `client` is granted at `now` (aware UTC), by the settings in force.

    Raises:
        OAuthError: as `grant_client_credentials`; one for a scope says which in its `detail`.
    """
    lifetimes = TokenLifetimes(get_settings().token_lifetime, snapshot.token_lifetimes)
    try:
        return grant_client_credentials(request, client, lifetimes, now=now)
    except ScopeNotGranted as refusal:
        refusal.detail = describe_refused_scope(refusal, client, snapshot.scopes_by_api)
        raise


def make_claims(
    grant: Grant, *, token_id: str, find_extra_claims: FindExtraClaims, now: datetime
) -> AccessTokenClaims:
    """Return the claims of a token for `grant` that is made at `now` (aware UTC).

    Raises:
        ExtraClaimsError: what else the token shall say cannot be told.
    """
    settings = get_settings()
    return AccessTokenClaims.for_grant(
        grant,
        issuer=settings.issuer,
        subject_prefix=settings.subject_prefix,
        token_id=token_id,
        now=now,
        extra=find_extra_claims(grant.client),
    )
