"""By what name a strategy of verification is chosen, and what makes it."""

from collections.abc import Callable
from typing import Final

from django_cc.resource_server.verification.introspection import IntrospectedIssuer
from django_cc.resource_server.verification.issuer_settings import IssuerSettings
from django_cc.resource_server.verification.offline import OfflineIssuer
from django_cc.resource_server.verification.trusted_issuer import TrustedIssuer

Maker = Callable[[IssuerSettings], TrustedIssuer]

JWT: Final = "jwt"
INTROSPECTION: Final = "introspection"
LOCAL: Final = "local"

_makers: dict[str, Maker] = {JWT: OfflineIssuer, INTROSPECTION: IntrospectedIssuer}


def register(name: str, maker: Maker) -> None:
    """Offer a strategy; called when apps get ready."""
    _makers[name] = maker


def list_names() -> list[str]:
    """Return what there is to choose from, in this project."""
    return list(_makers)


def make(settings: IssuerSettings) -> TrustedIssuer:
    """Return the issuer that `settings` describe. Nothing is fetched yet."""
    return _makers[settings.verification](settings)
