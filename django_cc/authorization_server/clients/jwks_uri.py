"""The URL at which a client publishes its public keys (RFC 7591 §2, `jwks_uri`)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.authorization_server.client_key_sets import (
    FETCH_TIMEOUT,
    MOST_PUBLISHED_KEYS,
    fetch_published_keys,
)
from django_cc.protocol.names import KeyID, SigningAlgorithm
from django_cc.remote.document_url import DocumentURL, UnacceptableURL
from django_cc.remote.published_keys import read_keys
from django_cc.remote.unavailable import DocumentUnavailable


class UnreadableJWKSetError(ValidationError):
    """There is no usable JWK Set at a URL at the moment; it may be kept all the same."""


def clean_jwks_uri(url: str) -> str:
    """Return the URL, without blanks around it; empty for none.

    Raises:
        ValidationError: it is not https, or none that is ever fetched; for the field.
    """
    url = url.strip()
    if not url:
        return ""
    try:
        document = DocumentURL.parse(url, plain_http=True)
    except UnacceptableURL as error:
        problem = _("This cannot be the URL of a JWK Set: %(reason)s.") % {"reason": error.reason}
        raise ValidationError({"jwks_uri": problem}) from None
    if not document.is_secure:
        raise ValidationError({"jwks_uri": _("Use https://.")})
    return url


def read_published_keys(url: str) -> dict[KeyID, SigningAlgorithm]:
    """Return the algorithms of the usable keys that are published there now, by key ID.

    Asked before a URL is set, so that a mistake is told to the one who makes it. It asks another
    server: never while a transaction is open.

    Raises:
        UnreadableJWKSetError: no usable JWK Set can be had there now; for the field `jwks_uri`.
        ValidationError: it is no URL that is ever fetched; for the field.
    """
    url = clean_jwks_uri(url)
    try:
        document = fetch_published_keys(url)
        keys = read_keys(document.content, most=MOST_PUBLISHED_KEYS, rsa=None, name=url)
    except DocumentUnavailable as error:
        words = {"reason": error.reason, "seconds": int(FETCH_TIMEOUT.total_seconds())}
        problem = _("We could not read it: %(reason)s (tried once, %(seconds)d s).") % words
        raise UnreadableJWKSetError({"jwks_uri": problem}) from None
    return {kid: key.algorithm for kid, key in keys.items()}
