"""The verifier that `DJANGO_CC` describes, made on first use."""

from datetime import datetime

from django_cc.resource_server import process_memory
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.settings import ResourceServerSettings, get_settings
from django_cc.resource_server.verification import port, strategies
from django_cc.resource_server.verification.strategies import Maker
from django_cc.resource_server.verification.token_memory import TokenMemory
from django_cc.resource_server.verification.verifier import IssuersVerifier


class ConfiguredVerifier:
    """Follows the settings: a change of them forgets every key and token known before.

    Nothing is read, fetched or started before the first token.
    """

    def __init__(self, make_issuer: Maker = strategies.make) -> None:
        """Read nothing yet.

        Args:
            make_issuer: how an issuer of the settings is asked for its keys.
        """
        self._make_issuer = make_issuer
        self.forget()

    def forget(self) -> None:
        """Forget every key and token, as if no token had come yet."""
        self._made: tuple[ResourceServerSettings, IssuersVerifier] | None = None

    def recognises(self, token: str) -> bool:
        """Tell whether `token` is a JWT that names an issuer of the settings."""
        return self._get().recognises(token)

    def find_default_audience(self) -> str | None:
        """Return the project's only API, or None when it has none or several."""
        return self._get().find_default_audience()

    def verify(self, token: str, *, audience: str, now: datetime) -> AccessToken:
        """Return the verified token.

        Raises:
            InvalidToken: any check fails.
            TemporarilyUnavailable: it cannot be told right now.
        """
        return self._get().verify(token, audience=audience, now=now)

    def _get(self) -> IssuersVerifier:
        settings, made = get_settings(), self._made
        if made is None or made[0] is not settings:
            made = self._made = (settings, self._make(settings))
        return made[1]

    def _make(self, settings: ResourceServerSettings) -> IssuersVerifier:
        return IssuersVerifier(
            {one.issuer: self._make_issuer(one) for one in settings.trusted_issuers},
            leeway=settings.leeway,
            remembered=TokenMemory(settings.remembered_tokens),
        )


def install() -> None:
    """Have the settings say whose tokens are accepted; called when apps get ready."""
    verifier = ConfiguredVerifier()
    port.use(verifier)
    process_memory.register(verifier.forget)
