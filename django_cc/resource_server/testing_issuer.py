"""The issuers of the settings while a test runs: what they sign, the test can sign too."""

from collections.abc import Collection
from datetime import datetime
from functools import cache

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.access_token.jwt import read_unverified_token, sign_access_token
from django_cc.protocol.jose import PrivateKey, PublicKey
from django_cc.protocol.names import KeyID, SigningAlgorithm
from django_cc.resource_server.verification import strategies
from django_cc.resource_server.verification.issuer_settings import IssuerSettings
from django_cc.resource_server.verification.trusted_issuer import TrustedIssuer


class TestingIssuer:
    """An issuer of the settings, with a key of this process in the place of its own.

    Its audiences stay what the settings say. Nothing is fetched and nobody is asked.
    """

    __test__ = False  # pytest: no test class

    def __init__(self, settings: IssuerSettings) -> None:
        """Describe the issuer."""
        self._audience = settings.audience

    def get_audiences(self) -> Collection[str]:
        """Return the APIs of the settings."""
        return self._audience

    def vouches_for(self, audience: str) -> bool:
        """Tell whether the settings let this issuer's tokens open that API."""
        return audience in self._audience

    def find_key(self, kid: KeyID, *, now: datetime) -> PublicKey | None:  # noqa: ARG002 - the port's signature
        """Return the key of this process, or None for any other ID."""
        return get_public_key() if kid == get_kid() else None

    def confirm(self, token: str, claims: AccessTokenClaims, *, now: datetime) -> AccessTokenClaims:  # noqa: ARG002 - the port's signature
        """Return the claims as they are."""
        return claims


class TestingLocalIssuer:
    """The authorization server of this project, and the key of the test besides its own.

    Tokens that it issues itself are judged as ever; those of the test belong to no registered
    client, and live until they expire.
    """

    __test__ = False  # pytest: no test class

    def __init__(self, local: TrustedIssuer) -> None:
        """Stand before `local`."""
        self._local = local

    def get_audiences(self) -> Collection[str]:
        """Return the project's APIs."""
        return self._local.get_audiences()

    def vouches_for(self, audience: str) -> bool:
        """Tell what the server tells."""
        return self._local.vouches_for(audience)

    def find_key(self, kid: KeyID, *, now: datetime) -> PublicKey | None:
        """Return the key of this process, or what the server has under that ID."""
        return get_public_key() if kid == get_kid() else self._local.find_key(kid, now=now)

    def confirm(self, token: str, claims: AccessTokenClaims, *, now: datetime) -> AccessTokenClaims:
        """Return the claims of a token of the test, or what the server confirms.

        Raises:
            InvalidToken: the server ended a token of its own.
        """
        read = read_unverified_token(token)  # verified before: the ID is that of its key
        if read is not None and read.kid == get_kid():
            return claims
        return self._local.confirm(token, claims, now=now)


def make_testing_issuer(settings: IssuerSettings) -> TrustedIssuer:
    """Return what stands for the issuer that `settings` describe."""
    if settings.verification == strategies.LOCAL:
        return TestingLocalIssuer(strategies.make(settings))
    return TestingIssuer(settings)


def sign(claims: AccessTokenClaims) -> str:
    """Return an access token signed by the key of this process."""
    return sign_access_token(claims, kid=get_kid(), key=_get_key())


def get_kid() -> KeyID:
    """Return the ID of the key of this process."""
    return KeyID(get_public_key().to_jwk()["kid"])


@cache
def get_public_key() -> PublicKey:
    """Return what verifies tokens of tests."""
    return PublicKey(_get_key().algorithm, _get_key().key.public_key())


@cache
def _get_key() -> PrivateKey:
    return PrivateKey.generate(SigningAlgorithm.ES256)
