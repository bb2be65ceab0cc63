"""The settings of the authorization server role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from django.utils.module_loading import import_string

from django_cc import conf
from django_cc.authorization_server.configured_apis import ConfiguredAPI, read_apis
from django_cc.protocol.issuer_identifier import require_issuer_identifier
from django_cc.protocol.names import SigningAlgorithm
from django_cc.protocol.networks import IPNetwork, parse_network
from django_cc.protocol.token_lifetime import LONGEST_TOKEN_LIFETIME, SHORTEST_TOKEN_LIFETIME

# One signing key: PEM, the path of a PEM file, or either of them behind its algorithm's name.
KeySource: TypeAlias = str | Path | tuple[str, str | Path]

_DAY = 24 * 60 * 60
_MAY_BE_NONE = frozenset({"secret_max_age", "signing_key_rotation"})


class Background(StrEnum):
    """Where the work is done that no request waits for."""

    THREAD = "thread"
    REQUEST_FINISHED = "request_finished"
    OFF = "off"


@dataclass(frozen=True)
class AuthorizationServerSettings:
    """Keys of `DJANGO_CC` that the authorization server reads.

    Attributes:
        issuer: the URL that names this server in every token (RFC 8414 §2); no default.
        apis: the APIs of this project by identifier; `migrate` writes them to the database.
        signing_algorithm: how access tokens are signed.
        key_encryption_keys: Fernet keys for private signing keys at rest; the first encrypts,
            all decrypt. Required unless DEBUG.
        signing_keys: private keys from settings or files instead of the database: a list of PEM
            texts (PKCS #8, unencrypted) or `pathlib.Path`; the first that fits the algorithm
            signs, all are published and verify. `("RS256", key)` says what an RSA key is for.
        token_lifetime: how long an access token lives where neither its client nor its API has a
            lifetime; a signed token cannot be recalled by
            APIs that check it offline, so keep it short.
        secret_max_age: how long a new client secret lives; None for ever.
        max_live_secrets: how many live secrets a client may have.
        rotation_overlap: how long a rotated secret works on, unless the rotation says otherwise.
        past_secrets_kept: how long `cc_prune` keeps a revoked or expired secret or key.
        signing_key_rotation: how long a key signs before `cc_signing_key rotate --if-due`
            replaces it; None for ever.
        next_key_lead: how long the next key is published before it signs.
        propagation_seconds: within how much time every process knows of a change.
        max_staleness_seconds: how long APIs go on verifying while the database is away.
        background: who polls and writes figures down: `thread`, one for each process;
            `request_finished`, at the end of a request, where threads cannot run; or `off`.
        failed_requests_per_minute: how many requests of one address, or for one client ID, may
            fail to authenticate before the next get 429; None for any number.
        audit_sink: dotted path of a function that is called with each audit event, as a dict.
        extra_claims: dotted path of a function `(client, request) -> dict` whose dict goes into
            each access token beside the registered claims, which it cannot overwrite.
        idle_after: after how long without the use of a credential a client counts as idle.
        audit_kept_for: how long `cc_prune` keeps audit events.
        usage_kept_for: how long `cc_prune` keeps usage figures.
        refuse_unadopted: whether the toolkit's own token endpoint refuses client credentials to
            applications that are no machine clients; takes our validator there.
        allow_insecure_transport: True only where a mesh or proxy protects the hop to Django.
        trusted_proxies: how many proxies in front of Django append to X-Forwarded-For.
        jwks_uri_allowed_networks: CIDRs of your own networks in which clients may publish their
            keys (`jwks_uri`), besides public addresses.
        subject_prefix: put before the client ID in `sub`, where users share the issuer.
    """

    issuer: str
    apis: Mapping[str, Any] = field(default_factory=dict)
    signing_algorithm: str = SigningAlgorithm.ES256
    key_encryption_keys: Sequence[str] = field(default=(), repr=False)
    signing_keys: Sequence[KeySource] = field(default=(), repr=False)
    token_lifetime: timedelta = timedelta(minutes=10)
    secret_max_age: timedelta | None = timedelta(days=365)
    max_live_secrets: int = 5
    rotation_overlap: timedelta = timedelta(hours=24)
    past_secrets_kept: timedelta = timedelta(days=90)
    signing_key_rotation: timedelta | None = timedelta(days=90)
    next_key_lead: timedelta = timedelta(hours=24)
    propagation_seconds: timedelta = timedelta(seconds=5)
    max_staleness_seconds: timedelta = timedelta(seconds=60)
    background: str = Background.THREAD
    failed_requests_per_minute: int | None = 30
    audit_sink: str | None = None
    extra_claims: str | None = None
    idle_after: timedelta = timedelta(days=90)
    audit_kept_for: timedelta = timedelta(days=730)
    usage_kept_for: timedelta = timedelta(days=400)
    refuse_unadopted: bool = True
    allow_insecure_transport: bool = False
    trusted_proxies: int = 0
    jwks_uri_allowed_networks: Sequence[str] = ()
    subject_prefix: str = ""

    def __post_init__(self) -> None:
        """Refuse wrong values, each by the name of its key."""
        _require_issuer(self.issuer)
        self._normalise_durations()
        if self.signing_algorithm not in set(SigningAlgorithm):
            raise conf.refuse("SIGNING_ALGORITHM", f"must be one of {', '.join(SigningAlgorithm)}.")
        if isinstance(self.key_encryption_keys, str):
            raise conf.refuse("KEY_ENCRYPTION_KEYS", "must be a list of Fernet keys, not one text.")
        _require_key_sources(self.signing_keys)
        self._require_switches()
        if not isinstance(self.subject_prefix, str):
            raise conf.refuse("SUBJECT_PREFIX", "must be text.")
        if self.max_staleness_seconds < self.propagation_seconds:
            raise conf.refuse("MAX_STALENESS_SECONDS", "must not be below PROPAGATION_SECONDS.")
        if self.background not in set(Background):
            raise conf.refuse("BACKGROUND", f"must be one of {', '.join(Background)}.")
        self._require_counts()
        _require_function("AUDIT_SINK", self.audit_sink)
        _require_function("EXTRA_CLAIMS", self.extra_claims)
        _read_networks(self.jwks_uri_allowed_networks)
        read_apis(self.apis)
        if self.issuer in self.apis:
            raise conf.refuse("APIS", "names the issuer, whose API is built in: choose another.")

    def _require_switches(self) -> None:
        for switch in ("allow_insecure_transport", "refuse_unadopted"):
            if not isinstance(getattr(self, switch), bool):
                raise conf.refuse(switch.upper(), "must be True or False.")

    def _require_counts(self) -> None:
        if type(self.max_live_secrets) is not int or self.max_live_secrets < 1:
            raise conf.refuse("MAX_LIVE_SECRETS", "must be a number, 1 or more.")
        if type(self.trusted_proxies) is not int or self.trusted_proxies < 0:
            raise conf.refuse("TRUSTED_PROXIES", "must be the number of proxies, 0 or more.")
        failures = self.failed_requests_per_minute
        if failures is not None and (type(failures) is not int or failures < 1):
            raise conf.refuse("FAILED_REQUESTS_PER_MINUTE", "must be a number from 1 on, or None.")

    def _normalise_durations(self) -> None:
        bounds = {
            "token_lifetime": (
                int(SHORTEST_TOKEN_LIFETIME.total_seconds()),
                int(LONGEST_TOKEN_LIFETIME.total_seconds()),
            ),
            "secret_max_age": (_DAY, None),
            "rotation_overlap": (0, 30 * _DAY),
            "past_secrets_kept": (_DAY, None),
            "signing_key_rotation": (_DAY, None),
            "next_key_lead": (300, 30 * _DAY),  # the JWK Set may be cached for 300 s
            "idle_after": (_DAY, None),
            "audit_kept_for": (30 * _DAY, None),
            "usage_kept_for": (2 * _DAY, None),
            "propagation_seconds": (1, 60),
            "max_staleness_seconds": (1, 3600),
        }
        for name, (least, most) in bounds.items():
            value = getattr(self, name)
            if name in _MAY_BE_NONE and value is None:
                continue
            checked = conf.seconds(name.upper(), value, least=least, most=most)
            object.__setattr__(self, name, checked)

    @property
    def jwks_uri_networks(self) -> tuple[IPNetwork, ...]:
        """The networks of the setting, read."""
        return _read_networks(self.jwks_uri_allowed_networks)

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
    try:
        require_issuer_identifier(issuer)
    except ValueError as problem:
        raise conf.refuse("ISSUER", str(problem)) from None


def _require_key_sources(sources: object) -> None:
    if not isinstance(sources, list | tuple) or not all(map(_is_key_source, sources)):
        raise conf.refuse(
            "SIGNING_KEYS",
            "must be a list of PEM texts or pathlib.Path; for an RSA key also of pairs like "
            '("RS256", key).',
        )


def _is_key_source(source: object) -> bool:
    match source:
        case (str(algorithm), str() | Path()):
            return algorithm in set(SigningAlgorithm)
        case _:
            return isinstance(source, str | Path)


def _read_networks(networks: object) -> tuple[IPNetwork, ...]:
    try:
        if isinstance(networks, list | tuple) and all(isinstance(one, str) for one in networks):
            return tuple(parse_network(one) for one in networks)
    except ValueError:
        pass
    raise conf.refuse("JWKS_URI_ALLOWED_NETWORKS", 'must be a list of CIDRs: ["10.1.0.0/16"].')


def _require_function(key: str, path: object) -> None:
    if path is None:
        return
    if not isinstance(path, str):
        raise conf.refuse(key, "must be the dotted path of a function, as text.")
    try:
        found = import_string(path)
    except ImportError as error:
        raise conf.refuse(key, f"cannot be imported: {error}") from None
    if not callable(found):
        raise conf.refuse(key, "names something that cannot be called.")
