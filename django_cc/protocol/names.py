"""Names registered for OAuth by IANA, each written once."""

from enum import StrEnum
from typing import NewType

ClientID = NewType("ClientID", str)
KeyID = NewType("KeyID", str)

ACCESS_TOKEN_TYPE_HEADER = "at+jwt"  # noqa: S105 - a media type (RFC 9068 §2.1)
BEARER = "Bearer"  # RFC 6750 §2.1
FORM_MEDIA_TYPE = "application/x-www-form-urlencoded"  # RFC 6749 Appendix B


class GrantType(StrEnum):
    """Values of `grant_type` this server serves (RFC 6749 §4.4.2)."""

    CLIENT_CREDENTIALS = "client_credentials"


class ClientAuthenticationMethod(StrEnum):
    """Values of `token_endpoint_auth_methods_supported` (RFC 8414 §2, RFC 7591 §2)."""

    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - a method's name
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - a method's name
    PRIVATE_KEY_JWT = "private_key_jwt"


class Parameter(StrEnum):
    """Request parameters (RFC 6749 §11.2, RFC 7009 §4.1, RFC 7521 §8, RFC 7662, RFC 8707 §5)."""

    GRANT_TYPE = "grant_type"
    SCOPE = "scope"
    RESOURCE = "resource"
    CLIENT_ID = "client_id"
    CLIENT_SECRET = "client_secret"  # noqa: S105 - a parameter's name
    CLIENT_ASSERTION = "client_assertion"
    CLIENT_ASSERTION_TYPE = "client_assertion_type"
    TOKEN = "token"  # noqa: S105 - a parameter's name
    TOKEN_TYPE_HINT = "token_type_hint"  # noqa: S105 - a parameter's name


class SigningAlgorithm(StrEnum):
    """Signatures of access tokens and client assertions (RFC 7518 §3.1, RFC 8037 §3.1).

    Asymmetric only. `EdDSA` is with Ed25519 alone, which has a name of its own since RFC 9864;
    tokens keep the older one, which every library knows.
    """

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"
    EDDSA = "EdDSA"


ED25519 = "Ed25519"  # RFC 9864 §2.2: what new libraries write for EdDSA with that curve
