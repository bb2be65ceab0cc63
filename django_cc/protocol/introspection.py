"""The messages of the introspection endpoint (RFC 7662 §2)."""

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.names import BEARER


def describe_active_token(claims: AccessTokenClaims) -> dict[str, bool | str | int]:
    """Return what the caller learns of a token that is good for it now (§2.2).

    Times are seconds since the epoch. Nothing of it holds beyond `exp` (§4).
    """
    return {
        "active": True,
        "iss": claims.issuer,
        "sub": claims.subject,
        "aud": claims.audience,
        "client_id": claims.client_id,
        "scope": str(claims.scope),
        "exp": int(claims.expires_at.timestamp()),
        "iat": int(claims.issued_at.timestamp()),
        "jti": claims.token_id,
        "token_type": BEARER,
    }


def describe_inactive_token() -> dict[str, bool | str | int]:
    """Return the same for unknown, expired, revoked and foreign tokens, and nothing more.

    §2.2: the server "SHOULD NOT include any additional information about an inactive token,
    including why the token is inactive".
    """
    return {"active": False}
