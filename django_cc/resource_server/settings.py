"""The settings of the resource server role."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django_cc import conf
from django_cc.resource_server.configured_issuers import read_issuers
from django_cc.resource_server.verification.issuer_settings import IssuerSettings

# A quoted-string that needs no escapes (RFC 9110 §5.6.4); empty, a challenge would be malformed.
_REALM = re.compile(r"[\x20\x21\x23-\x5B\x5D-\x7E]+")

OURS = "django_cc.resource_server.challenges.exception_handler"


@dataclass(frozen=True)
class ResourceServerSettings:
    """Keys of `DJANGO_CC` that an API reads.

    Attributes:
        issuer: the authorization server whose tokens are accepted; no default. Where the
            authorization server is installed it is this project's own.
        audience: the identifier of this project's API, or a list of several; no default. Where
            the authorization server is installed its APIs are known, and this stays out.
        issuers: further issuers, or ones that need more words: a list of dicts with `issuer`,
            `audience`, `verification` (`jwt` or `introspection`), `jwks_uri`, and for
            introspection `introspection_endpoint`, `client_id` and `client_secret`.
        jwks_max_stale: how long keys that cannot be fetched again go on verifying.
        introspection_cache_seconds: how long an answer of an introspection endpoint is used.
        remembered_tokens: how many verified tokens each process remembers; 0 for none.
        leeway: how far the clocks of issuer and API may differ; at most 60 seconds.
        exception_handler: dotted path of the DRF exception handler that ours wraps.
        realm: the name in `WWW-Authenticate` challenges.
    """

    issuer: str | None = None
    audience: str | Sequence[str] | None = None
    issuers: Sequence[Any] = field(default=(), repr=False)
    jwks_max_stale: timedelta = timedelta(hours=1)
    introspection_cache_seconds: timedelta = timedelta(seconds=10)
    remembered_tokens: int = 10_000
    leeway: timedelta = timedelta(seconds=30)
    exception_handler: str = "rest_framework.views.exception_handler"
    realm: str = "api"

    def __post_init__(self) -> None:
        """Refuse wrong values."""
        self._normalise_durations()
        if not isinstance(self.exception_handler, str) or self.exception_handler == OURS:
            raise conf.refuse("EXCEPTION_HANDLER", "must be the path of the handler ours wraps.")
        if not isinstance(self.realm, str) or not _REALM.fullmatch(self.realm):
            raise conf.refuse("REALM", "must be printable ASCII without quotes or backslashes.")
        if type(self.remembered_tokens) is not int or self.remembered_tokens < 0:
            raise conf.refuse("REMEMBERED_TOKENS", "must be a number, 0 or more.")
        _ = self.trusted_issuers

    @property
    def trusted_issuers(self) -> Sequence[IssuerSettings]:
        """The issuers of the settings, read and valid."""
        return read_issuers(
            self.issuer,
            self.audience,
            self.issuers,
            jwks_max_stale=self.jwks_max_stale,
            introspection_cache=self.introspection_cache_seconds,
        )

    def _normalise_durations(self) -> None:
        bounds = {
            "leeway": (0, 60),
            "jwks_max_stale": (300, 86_400),  # keys are fetched anew every 300 s
            "introspection_cache_seconds": (0, 300),
        }
        for name, (least, most) in bounds.items():
            checked = conf.seconds(name.upper(), getattr(self, name), least=least, most=most)
            object.__setattr__(self, name, checked)


def get_settings() -> ResourceServerSettings:
    """Return the settings in force.

    Raises:
        ImproperlyConfigured: `DJANGO_CC` is wrong.
    """
    return conf.get(ResourceServerSettings)
