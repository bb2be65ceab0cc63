"""Ask an issuer about a token, as one of its machine clients (RFC 7662 §2.1)."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from django_cc.protocol.names import Parameter
from django_cc.remote.form_post import FormPoster
from django_cc.remote.unavailable import DocumentUnavailable
from django_cc.resource_server.verification.discovery import fetch_introspection_endpoint
from django_cc.resource_server.verification.issuer_settings import IssuerSettings

_TIMEOUT = timedelta(seconds=2)
AT_ONCE = 32  # requests of one process
_LOOKED_UP_FOR = timedelta(minutes=5)


class IntrospectionEndpoint:
    """The endpoint of one issuer, found when it is first needed and looked up again at times."""

    def __init__(self, settings: IssuerSettings) -> None:
        """Describe it; nothing is asked yet."""
        self._settings = settings
        self._found: tuple[str, datetime] | None = None
        self._poster = FormPoster(
            timeout=_TIMEOUT, at_once=AT_ONCE, plain_http=settings.issuer.startswith("http://")
        )

    def ask(self, token: str, *, now: datetime) -> Mapping[str, Any]:
        """Return the answer about `token`, as it came.

        Raises:
            TooManyUnderWay: the issuer was not asked.
            DocumentUnavailable: there is none; the reason holds no secret.
        """
        form = {Parameter.TOKEN.value: token, Parameter.TOKEN_TYPE_HINT.value: "access_token"}
        headers = {"Authorization": self._authorize()}
        return self._poster.post(self._find_url(now), form, headers).content

    def _find_url(self, now: datetime) -> str:
        if self._settings.introspection_endpoint is not None:
            return self._settings.introspection_endpoint
        known = self._found
        if known is not None and timedelta(0) <= now - known[1] < _LOOKED_UP_FOR:
            return known[0]
        try:
            url = fetch_introspection_endpoint(self._settings.issuer)
        except DocumentUnavailable:
            if known is None:
                raise
            url = known[0]  # it moves once in years
        self._found = (url, now)
        return url

    def _authorize(self) -> str:
        # RFC 6749 §2.3.1: each part is form-urlencoded before they are joined.
        parts = (self._settings.client_id or "", self._get_secret())
        pair = ":".join(map(quote_plus, parts))
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    def _get_secret(self) -> str:
        source = self._settings.client_secret
        try:
            secret = source() if callable(source) else source
        except Exception:  # noqa: BLE001 - the project's own function: its vault may be away
            raise DocumentUnavailable("its function client_secret fails") from None
        if not isinstance(secret, str) or not secret:
            raise DocumentUnavailable("its function client_secret returns no text")
        return secret
