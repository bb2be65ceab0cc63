"""Issue access tokens."""

import secrets as randomness
from dataclasses import dataclass
from datetime import datetime

from django_cc.authorization_server.client_authentication import authenticate
from django_cc.authorization_server.signing_keys.key_ring import find_signing_key
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.content import (
    FindExtraClaims,
    decide_grant,
    make_claims,
)
from django_cc.authorization_server.tokens.rate import require_within_rate
from django_cc.protocol.access_token.jwt import sign_access_token
from django_cc.protocol.client import Client, CredentialRef
from django_cc.protocol.client_credentials import Grant
from django_cc.protocol.errors import OAuthError
from django_cc.protocol.form import Form
from django_cc.protocol.networks import require_allowed_network
from django_cc.protocol.token_endpoint import TokenRequest, TokenResponse

_TOKEN_ID_BYTES = 16  # 128 bits: unique, and not to be guessed


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """The answer to a token request, what it granted, and the credential that was used."""

    response: TokenResponse
    grant: Grant
    credential: CredentialRef
    token_id: str


def issue_token(
    authorization: str | None,
    form: Form,
    snapshot: Snapshot,
    *,
    address: str | None,
    find_extra_claims: FindExtraClaims,
    now: datetime,
) -> IssuedToken:
    """Answer a token request: authenticate the client, then grant and sign (RFC 6749 §4.4).

    Makes no query, but for one that uses a client assertion up, and the first use of a secret that
    the toolkit hashed.

    Args:
        authorization: the Authorization header, None when there is none.
        form: the body.
        snapshot: clients, APIs and keys.
        address: where the request comes from, if that can be told.
        find_extra_claims: what else the token shall say of a client.
        now: aware UTC.

    Raises:
        OAuthError: the request is refused.
        NoSigningKeyError: nothing to sign with.
        EncryptionKeyError: the signing key cannot be decrypted.
        ExtraClaimsError: what else the token shall say cannot be told.
    """
    authenticated = authenticate(authorization, form, snapshot, address=address, now=now)
    grant = _grant(authenticated.client, form, snapshot, address=address, now=now)
    token_id = randomness.token_urlsafe(_TOKEN_ID_BYTES)
    claims = make_claims(grant, token_id=token_id, find_extra_claims=find_extra_claims, now=now)
    kid, key = find_signing_key(snapshot)
    token = sign_access_token(claims, kid=kid, key=key)
    response = TokenResponse(token, expires_in=grant.lifetime, scope=grant.scope)
    return IssuedToken(response, grant, authenticated.credential, claims.token_id)


def _grant(
    client: Client, form: Form, snapshot: Snapshot, *, address: str | None, now: datetime
) -> Grant:
    try:
        require_allowed_network(client.networks, address)
        grant = decide_grant(TokenRequest.from_form(form), client, snapshot, now=now)
        require_within_rate(client, now=now)
    except OAuthError as refusal:
        refusal.client_id = client.client_id  # it has proved who it is: the log may name it
        raise
    return grant
