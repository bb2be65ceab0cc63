"""The URL that names an authorization server in every token (RFC 8414 §2)."""

from urllib.parse import urlsplit

from django_cc.protocol.networks import is_loopback_host


def require_issuer_identifier(value: object) -> str:
    """Return an issuer: "a URL that uses the https scheme and has no query or fragment".

    Plain http is accepted on loopback, for development.

    Raises:
        ValueError: anything else; its words go behind the name of a setting.
    """
    if not isinstance(value, str) or not value:
        raise ValueError("must be the URL of the authorization server.")
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise ValueError("is not a URL.") from None
    if "?" in value or "#" in value or not host or not value.isascii() or parts.username:
        raise ValueError("must be a URL with a host and no user, query or fragment.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback_host(host)):
        raise ValueError("must start with https:// (http:// only for loopback).")
    return value
