"""Verify tokens by their issuer's keys, then ask it whether they live: `introspection`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.errors import InvalidToken, RefusalReason, TemporarilyUnavailable
from django_cc.protocol.introspection_answer import MalformedAnswer, confirm_by_answer
from django_cc.remote.unavailable import DocumentUnavailable, TooManyUnderWay
from django_cc.resource_server.verification.circuit_breaker import CircuitBreaker, CircuitOpen
from django_cc.resource_server.verification.introspection_endpoint import IntrospectionEndpoint
from django_cc.resource_server.verification.issuer_settings import IssuerSettings
from django_cc.resource_server.verification.offline import OfflineIssuer
from django_cc.resource_server.verification.token_memory import TokenMemory

_PAUSE = timedelta(seconds=5)
_SOON = 1  # second
_MOST_ANSWERS = 10_000
_DEAD_FOR = timedelta(seconds=10)  # what died does not come to life again


@dataclass(frozen=True, slots=True)
class _Answer:
    claims: AccessTokenClaims | None
    said_at: datetime

    def is_good(self, now: datetime, cache: timedelta) -> bool:
        # A clock that was set back must not make an answer good for longer.
        return timedelta(0) <= now - self.said_at < (_DEAD_FOR if self.claims is None else cache)


class IntrospectedIssuer(OfflineIssuer):
    """An issuer elsewhere that is asked about each token that verified, now and then.

    A token is good only if its signature is, too: whoever forges one causes no call. Where the
    endpoint cannot say, nobody is let in: 503, for the token may well be good.
    """

    def __init__(self, settings: IssuerSettings) -> None:
        """Describe the issuer; nothing is fetched yet."""
        super().__init__(settings)
        self._cache = settings.introspection_cache
        self._endpoint = IntrospectionEndpoint(settings)
        self._answers: TokenMemory[_Answer] = TokenMemory(_MOST_ANSWERS)
        self._breaker = CircuitBreaker(f"The introspection of {settings.issuer}", pause=_PAUSE)

    def confirm(self, token: str, claims: AccessTokenClaims, *, now: datetime) -> AccessTokenClaims:
        """Return the claims of a token that its issuer says is active (RFC 7662 §2.2).

        An answer is used again for a while, never beyond the token's `exp` (§4).

        Raises:
            InvalidToken: it is not.
            TemporarilyUnavailable: the issuer does not say.
        """
        answer = self._answers.find(token)
        if answer is None or not answer.is_good(now, self._cache):
            answer = _Answer(self._ask(token, claims, now=now), now)
            self._answers.add(token, answer)
        if answer.claims is None:
            raise InvalidToken(reason=RefusalReason.REVOKED_TOKEN, client_id=claims.client_id)
        return answer.claims

    def _ask(
        self, token: str, claims: AccessTokenClaims, *, now: datetime
    ) -> AccessTokenClaims | None:
        try:
            self._breaker.enter(now)
            confirmed = confirm_by_answer(claims, self._endpoint.ask(token, now=now))
        except CircuitOpen as error:
            raise _refuse(error.retry_after) from None
        except TooManyUnderWay:
            raise _refuse(_SOON) from None
        except (DocumentUnavailable, MalformedAnswer) as error:
            raise _refuse(self._breaker.report_failure(str(error), now=now)) from None
        self._breaker.report_success()
        return confirmed


def _refuse(retry_after: int) -> TemporarilyUnavailable:
    return TemporarilyUnavailable("Tokens cannot be verified right now.", retry_after=retry_after)
