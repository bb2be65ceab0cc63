"""The settings of the authorization server role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django_cc import conf
from django_cc.authorization_server.configured_apis import ConfiguredAPI, read_apis
from django_cc.protocol.names import SigningAlgorithm

_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class AuthorizationServerSettings:
    """Keys of `DJANGO_CC` that the authorization server reads.

    Attributes:
        issuer: the URL that names this server in every token (RFC 8414 §2); no default.
        apis: the APIs of this project by identifier; `migrate` writes them to the database.
        signing_algorithm: how access tokens are signed.
        key_encryption_keys: Fernet keys for private signing keys at rest; the first encrypts,
            all decrypt. Required unless DEBUG.
        token_lifetime: how long an access token lives; a signed token cannot be recalled by
            APIs that check it offline, so keep it short.
        secret_max_age: how long a new client secret lives; None for ever.
        max_live_secrets: how many live secrets a client may have.
        rotation_overlap: how long a rotated secret works on, unless the rotation says otherwise.
        propagation_seconds: within how much time every process knows of a change.
        max_staleness_seconds: how long APIs go on verifying while the database is away.
        allow_insecure_transport: True only where a mesh or proxy protects the hop to Django.
        trusted_proxies: how many proxies in front of Django append to X-Forwarded-For.
        subject_prefix: put before the client ID in `sub`, where users share the issuer.
    """

    issuer: str
    apis: Mapping[str, Any] = field(default_factory=dict)
    signing_algorithm: str = SigningAlgorithm.ES256
    key_encryption_keys: Sequence[str] = ()
    token_lifetime: timedelta = timedelta(minutes=10)
    secret_max_age: timedelta | None = timedelta(days=365)
    max_live_secrets: int = 5
    rotation_overlap: timedelta = timedelta(hours=24)
    propagation_seconds: timedelta = timedelta(seconds=5)
    max_staleness_seconds: timedelta = timedelta(seconds=60)
    allow_insecure_transport: bool = False
    trusted_proxies: int = 0
    subject_prefix: str = ""

    def __post_init__(self) -> None:
        """Refuse wrong values, each by the name of its key."""
        _require_issuer(self.issuer)
        self._normalise_durations()
        if self.signing_algorithm not in set(SigningAlgorithm):
            raise conf.refuse("SIGNING_ALGORITHM", f"must be one of {', '.join(SigningAlgorithm)}.")
        if isinstance(self.key_encryption_keys, str):
            raise conf.refuse("KEY_ENCRYPTION_KEYS", "must be a list of Fernet keys, not one text.")
        if not isinstance(self.allow_insecure_transport, bool):
            raise conf.refuse("ALLOW_INSECURE_TRANSPORT", "must be True or False.")
        if not isinstance(self.subject_prefix, str):
            raise conf.refuse("SUBJECT_PREFIX", "must be text.")
        if self.max_staleness_seconds < self.propagation_seconds:
            raise conf.refuse("MAX_STALENESS_SECONDS", "must not be below PROPAGATION_SECONDS.")
        if type(self.max_live_secrets) is not int or self.max_live_secrets < 1:
            raise conf.refuse("MAX_LIVE_SECRETS", "must be a number, 1 or more.")
        if type(self.trusted_proxies) is not int or self.trusted_proxies < 0:
            raise conf.refuse("TRUSTED_PROXIES", "must be the number of proxies, 0 or more.")
        read_apis(self.apis)

    def _normalise_durations(self) -> None:
        bounds = {
            "token_lifetime": (60, _DAY),
            "secret_max_age": (_DAY, None),
            "rotation_overlap": (0, 30 * _DAY),
            "propagation_seconds": (1, 60),
            "max_staleness_seconds": (1, 3600),
        }
        for name, (least, most) in bounds.items():
            value = getattr(self, name)
            if name == "secret_max_age" and value is None:
                continue
            checked = conf.seconds(name.upper(), value, least=least, most=most)
            object.__setattr__(self, name, checked)

    @property
    def configured_apis(self) -> Sequence[ConfiguredAPI]:
        """The APIs of the setting, read and valid."""
        return read_apis(self.apis)


def get_settings() -> AuthorizationServerSettings:
    """Return the settings in force.

    Raises:
        ImproperlyConfigured: `DJANGO_CC` is wrong.
    """
    return conf.get(AuthorizationServerSettings)


def _require_issuer(issuer: object) -> None:
    # RFC 8414 §2: "a URL that uses the https scheme and has no query or fragment components".
    if not isinstance(issuer, str) or not issuer:
        raise conf.refuse("ISSUER", "must be the URL of this server.")
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        raise conf.refuse("ISSUER", "is not a URL.") from None
    if "?" in issuer or "#" in issuer or not host or not issuer.isascii() or parts.username:
        raise conf.refuse("ISSUER", "must be a URL with a host and no user, query or fragment.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise conf.refuse("ISSUER", "must start with https:// (http:// only for loopback).")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
