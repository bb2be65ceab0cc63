"""DRF throttles for machines: a count for each client, never for an address."""

import hashlib
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.core.exceptions import ImproperlyConfigured
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from django_cc.resource_server.access_token import AccessToken

if TYPE_CHECKING:
    # At run time rest_framework.views imports this module, by the name in its settings.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

_MINUTE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests are allowed.

    Attributes:
        name: of the count.
        limit: how many in a period; None for any number.
        period: seconds.
    """

    name: str
    limit: int | None
    period: int


class ClientRateThrottle(SimpleRateThrottle):
    """Holds each machine client to a number of requests in a period, such as `"1000/hour"`.

    The rate is the first there is of

    1. the claim of the access token that `rate_claim` names, if a subclass names one;
    2. the view's attribute `client_rate`; that view is then counted by itself;
    3. `REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["client"]`; None means any number.

    People and strangers pass uncounted, whatever address they share with a machine. Requests are
    counted by periods of the clock in Django's cache, as one number that every process adds to; so
    around the turn of a period a client may make twice as many. `Retry-After` is the end of the
    period. While the cache is away nobody is throttled.
    """

    scope = "client"
    rate_claim: ClassVar[str | None] = None

    def __init__(self) -> None:
        """Leave the rate open: it depends on the token and the view."""
        self._wait: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request of a machine; tell whether it is within its rate."""
        token = request.auth
        if not isinstance(token, AccessToken):
            return True
        rate = self._find_claimed_rate(token) or self.find_rate_of_view(view)
        if rate.limit is None:
            return True
        now = self.timer()
        period = int(now // rate.period)
        if self._count(f"{rate.name}:{_fingerprint(token)}:{period}", rate.period) <= rate.limit:
            return True
        self._wait = rate.period - now % rate.period
        return False

    def wait(self) -> float | None:
        """Return the seconds until the client may try again."""
        return self._wait

    def find_rate_of_view(self, view: Any) -> Rate:
        """Return the rate of a view, or class of views, for clients whose token names none.

        Raises:
            ImproperlyConfigured: no rate is set, or one that is none.
        """
        own = getattr(view, "client_rate", None)
        if own is None:
            return self.read_rate(str(self.scope), read_default_rate(str(self.scope)))
        kind = view if isinstance(view, type) else type(view)
        return self.read_rate(f"{self.scope}:{kind.__module__}.{kind.__qualname__}", own)

    def read_rate(self, name: str, rate: str | None) -> Rate:
        """Read what is written like `"1000/hour"`, for a count of this name.

        Raises:
            ImproperlyConfigured: it is not written so.
        """
        try:
            limit, period = self.parse_rate(rate)
        except (ValueError, KeyError, IndexError, AttributeError, TypeError):
            raise ImproperlyConfigured(
                f"{rate!r} is no rate: write it like '1000/hour' (second, minute, hour, day)."
            ) from None
        return Rate(name, limit, period or 1)

    def _find_claimed_rate(self, token: AccessToken) -> Rate | None:
        claimed = token.extra_claims.get(self.rate_claim) if self.rate_claim else None
        if claimed is None:
            return None
        try:
            return self.read_rate(str(self.scope), claimed)
        except ImproperlyConfigured:  # by the issuer, and no reason to answer 500 here
            text = "The claim %s of a token of client %s is no rate: it counts as missing."
            logger.warning(text, self.rate_claim, token.client_id)
            return None

    def _count(self, name: str, period: int) -> int:
        key = f"django_cc:throttle:{name}"
        try:
            self.cache.add(key, 0, timeout=2 * period)
            return int(self.cache.incr(key))
        except ValueError:  # a cache that keeps nothing, or had no room for the key
            return 0
        except Exception:  # each cache raises its own
            if _is_news():
                logger.exception("Requests of machines are not counted: the cache is away.")
            return 0


class ScopedClientRateThrottle(ClientRateThrottle):
    """Holds each machine client to the rate of the view's `throttle_scope`.

    Rates are those of `REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]`, by that name. Views with the same
    name share a count; a view without one is not throttled.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request of a machine where the view says what it counts for."""
        if getattr(view, "throttle_scope", None) is None:
            return True
        return super().allow_request(request, view)

    def find_rate_of_view(self, view: Any) -> Rate:
        """Return the rate of the view's `throttle_scope`.

        Raises:
            ImproperlyConfigured: it has none, or one that is none.
        """
        scope: str | None = getattr(view, "throttle_scope", None)
        if scope is None:
            return self.read_rate("", None)
        return self.read_rate(f"scope:{scope}", read_default_rate(scope))


def read_default_rate(scope: str) -> str | None:
    """Return a rate of the project, as the settings are now.

    Raises:
        ImproperlyConfigured: there is none of that name.
    """
    try:
        rate: Any = api_settings.DEFAULT_THROTTLE_RATES[scope]
    except KeyError:
        raise ImproperlyConfigured(
            f'Set REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["{scope}"], or None for any number.'
        ) from None
    return cast("str | None", rate)


def _fingerprint(token: AccessToken) -> str:
    # Two issuers may know a client ID each; and a cache's keys have few characters and bytes.
    named = f"{token.claims.issuer} {token.client_id}"
    return hashlib.sha256(named.encode()).hexdigest()


_told_at: float | None = None


def _is_news() -> bool:
    """Tell whether the log has had nothing about it for a minute."""
    global _told_at  # noqa: PLW0603 - one for each process
    now = time.monotonic()
    is_news = _told_at is None or now - _told_at >= _MINUTE
    if is_news:
        _told_at = now
    return is_news
