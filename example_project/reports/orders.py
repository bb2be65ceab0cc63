"""Calls the orders API as a machine client of its own."""

from functools import cache
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings as django_settings
from rest_framework.exceptions import APIException

settings: Any = django_settings  # mypy knows those of the other service
_TIMEOUT_SECONDS = 3


class OrdersUnavailable(APIException):
    """We cannot do our part just now; the caller did nothing wrong."""

    status_code = 503
    default_detail = "The orders are out of reach. Try again later."
    default_code = "orders_unavailable"


def list_orders() -> list[dict[str, Any]]:
    """Return all orders.

    Raises:
        OrdersUnavailable: the API or the token endpoint does not answer, or refuses us.
    """
    session = _get_session()
    try:
        if not session.token:
            session.fetch_token()
        answer = session.get(settings.ORDERS_URL)
        answer.raise_for_status()
        orders: list[dict[str, Any]] = answer.json()
    except (requests.RequestException, OAuthError) as error:
        raise OrdersUnavailable from error
    return orders


@cache
def _get_session() -> OAuth2Session:
    # Knowing endpoint and grant, Authlib renews the token by itself a minute before it expires.
    return OAuth2Session(
        settings.ORDERS_CLIENT_ID,
        settings.ORDERS_CLIENT_SECRET,
        scope="orders:read",
        grant_type="client_credentials",
        token_endpoint=settings.ORDERS_TOKEN_URL,
        default_timeout=_TIMEOUT_SECONDS,
    )
