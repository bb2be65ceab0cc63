"""The settings of the resource server role."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django_cc import conf

# A quoted-string that needs no escapes (RFC 9110 §5.6.4); empty, a challenge would be malformed.
_REALM = re.compile(r"[\x20\x21\x23-\x5B\x5D-\x7E]+")

OURS = "django_cc.resource_server.challenges.exception_handler"


@dataclass(frozen=True)
class ResourceServerSettings:
    """Keys of `DJANGO_CC` that an API reads.

    Attributes:
        leeway: how far the clocks of issuer and API may differ; at most 60 seconds.
        exception_handler: dotted path of the DRF exception handler that ours wraps.
        realm: the name in `WWW-Authenticate` challenges.
    """

    leeway: timedelta = timedelta(seconds=30)
    exception_handler: str = "rest_framework.views.exception_handler"
    realm: str = "api"

    def __post_init__(self) -> None:
        """Refuse wrong values."""
        object.__setattr__(self, "leeway", conf.seconds("LEEWAY", self.leeway, least=0, most=60))
        if not isinstance(self.exception_handler, str) or self.exception_handler == OURS:
            raise conf.refuse("EXCEPTION_HANDLER", "must be the path of the handler ours wraps.")
        if not isinstance(self.realm, str) or not _REALM.fullmatch(self.realm):
            raise conf.refuse("REALM", "must be printable ASCII without quotes or backslashes.")


def get_settings() -> ResourceServerSettings:
    """Return the settings in force.

    Raises:
        ImproperlyConfigured: `DJANGO_CC` is wrong.
    """
    return conf.get(ResourceServerSettings)
