"""Settings of the toolkit that its test modules ask for by name."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_SCOPES = {"read": "Read things", "write": "Change things"}

DEFAULT_SCOPES_RW: dict[str, Any] = {"SCOPES": _SCOPES, "DEFAULT_SCOPES": ["read", "write"]}
DEFAULT_SCOPES_RO: dict[str, Any] = {"SCOPES": _SCOPES, "DEFAULT_SCOPES": ["read"]}
OIDC_SETTINGS_RW: dict[str, Any] = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": "http://localhost/o",
    "OIDC_RSA_PRIVATE_KEY": _RSA_KEY.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode(),
    "SCOPES": {**_SCOPES, "openid": "Know who somebody is"},
    "DEFAULT_SCOPES": ["read", "write"],
}
REST_FRAMEWORK_SCOPES: dict[str, Any] = {
    "SCOPES": {**_SCOPES, "scope1": "One", "scope2": "Two", "resource1": "A resource"},
}
