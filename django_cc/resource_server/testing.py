"""Test an API as machines call it: tokens made in the process, verified by the real code.

For the test suites of projects; nothing of django_cc imports it.
"""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from django.test import Client
from rest_framework.test import APIClient

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.access_token.extra_claims import read_extra_claims
from django_cc.protocol.names import ClientID
from django_cc.protocol.scope import Scope
from django_cc.resource_server.configured_verifier import ConfiguredVerifier
from django_cc.resource_server.process_memory import forget_all
from django_cc.resource_server.settings import get_settings
from django_cc.resource_server.testing_issuer import make_testing_issuer, sign
from django_cc.resource_server.verification import port
from django_cc.resource_server.verification.port import TokenVerifier

DEFAULT_CLIENT_ID = "test-client"
DEFAULT_LIFETIME = timedelta(minutes=10)


class MachineTokens:
    """While it is entered, this process accepts the tokens that it mints; before and after, not.

    The key is made anew in each process and never leaves it. Whatever else is said of a token is
    checked as in production: issuer, audience, times and, by the view, its scopes. Nothing is
    fetched, no setting is changed, no table is needed. Entering and leaving forget what the
    process had learnt before: tokens, keys, the snapshot of the authorization server.
    """

    def __init__(self) -> None:
        """Accept nothing yet."""
        self._before: list[TokenVerifier] = []

    def __enter__(self) -> Self:
        """Accept what `mint` returns from now on, in all threads of this process."""
        forget_all()
        self._before.append(port.get_verifier())
        port.use(_TestingVerifier(make_testing_issuer))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Accept it no longer."""
        port.use(self._before.pop())
        forget_all()

    def mint(self, scopes: Iterable[str] | str = (), **options: Any) -> str:
        """Return an access token; see the function `mint`."""
        return mint(scopes, **options)


def mint(
    scopes: Iterable[str] | str = (),
    *,
    client_id: str = DEFAULT_CLIENT_ID,
    audience: str | None = None,
    issuer: str | None = None,
    expires_in: timedelta | int = DEFAULT_LIFETIME,
    **claims: Any,
) -> str:
    """Return an access token of a machine client.

    Args:
        scopes: what it may do: names, or one text with spaces.
        client_id: who it was issued to; no client of that ID has to exist.
        audience: which API it is for; the project's only one unless named.
        issuer: who issued it; the first of the settings that may speak for the API unless named.
        expires_in: until when it is good, from now; negative for one that has expired. Seconds,
            or a timedelta. Mind the leeway, 30 seconds by default.
        **claims: what else it says, such as a plan or a tenant; no registered claim.

    Raises:
        RuntimeError: no `MachineTokens` is entered.
        ValueError: a scope or a claim that no server could issue, or no audience to choose.
    """
    if not isinstance(port.get_verifier(), _TestingVerifier):
        raise RuntimeError("Tokens for tests are accepted within MachineTokens alone: enter one.")
    names = scopes.split() if isinstance(scopes, str) else scopes
    lifetime = expires_in if isinstance(expires_in, timedelta) else timedelta(seconds=expires_in)
    now = datetime.now(UTC).replace(microsecond=0)
    api = audience or _choose_audience()
    token = AccessTokenClaims(
        issuer=issuer or _choose_issuer(api),
        subject=client_id,
        audience=api,
        client_id=ClientID(client_id),
        scope=Scope.of(names),
        issued_at=min(now, now + lifetime),
        expires_at=now + lifetime,
        token_id=secrets.token_urlsafe(16),
        extra=read_extra_claims(claims),
    )
    return sign(token)


def act_as_machine(client: Client, scopes: Iterable[str] | str = (), **options: Any) -> None:
    """Have every request of a test client carry one access token; takes what `mint` takes.

    For Django's `Client` and DRF's `APIClient`.
    """
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {mint(scopes, **options)}"


class MachineAPIClient(APIClient):
    """DRF's test client as a machine that holds some scopes: a fresh token for each request.

    A request that brings an `Authorization` header of its own keeps it.
    """

    def __init__(self, scopes: Iterable[str] | str = (), **options: Any) -> None:
        """Take what `mint` takes; ask for no token yet."""
        super().__init__()
        self._scopes = scopes if isinstance(scopes, str) else tuple(scopes)
        self._options = options

    def request(self, **kwargs: Any) -> Any:
        """Send a request with a token."""
        if "HTTP_AUTHORIZATION" not in kwargs:
            kwargs["HTTP_AUTHORIZATION"] = f"Bearer {mint(self._scopes, **self._options)}"
        return super().request(**kwargs)


class _TestingVerifier(ConfiguredVerifier):
    """The verifier of the settings; being in use, it says that a test runs."""


def _choose_audience() -> str:
    audience = port.get_verifier().find_default_audience()
    if audience is None:
        raise ValueError("The project has several APIs or none: say which by audience=.")
    return audience


def _choose_issuer(audience: str) -> str:
    issuers = get_settings().trusted_issuers
    for one in issuers:
        if not one.audience or audience in one.audience:  # local has its APIs elsewhere
            return one.issuer
    return issuers[0].issuer  # for another API than ours: a token to be refused
