"""What the demo shows, step by step, as a program on the outside sees it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session

_SHOWN_CHARACTERS = 160
_PATIENCE_SECONDS = 15


@dataclass
class Walk:
    """An outside client's walk through both services: HTTP alone, nothing of Django.

    Attributes:
        issuer: the authorization server, which has the orders API too.
        reports_api: the other service: its identifier, and its address.
        client_id: who asks.
        client_secret: the secret.
        write: prints a line.
        failures: the steps that did not do what they should.
    """

    issuer: str
    reports_api: str
    client_id: str
    client_secret: str
    write: Callable[[str], None]
    failures: list[str] = field(default_factory=list)
    _step: int = 0

    @property
    def token_url(self) -> str:
        """The token endpoint, as the server's own metadata names it (RFC 8414)."""
        metadata = requests.get(
            f"{self.issuer}/.well-known/oauth-authorization-server", timeout=10
        ).json()
        url: str = metadata["token_endpoint"]
        return url

    def run(self, disable_client: Callable[[], None]) -> str:
        """Take every step that needs the server; return a token for reports."""
        token = self.get_token("Get a token for all it may do with orders, with HTTP Basic")
        self.call_api("Place an order with it", "POST", token, expected=201)
        self.call_api("List the orders", "GET", token, expected=200)
        narrow = self.get_token("Ask for less: a token that only reads", scope="orders:read")
        self.call_api("Reading works", "GET", narrow, expected=200)
        self.call_api("Placing an order is refused for want of scope", "POST", narrow, expected=403)
        self.call_api("Without a token the API asks for one", "GET", None, expected=401)
        for_reports = self.visit_reports(token)
        self.refuse_wrong_secret()
        disable_client()
        self.see_token_die(token)
        self.refuse_disabled_client()
        return for_reports

    def visit_reports(self, token_for_orders: str) -> str:
        """Call the other service; return the token for it."""
        token = self.get_token("Get a token for another service", resource=self.reports_api)
        title = "Reports checks it offline, and asks orders with a token of its own"
        self.call_reports(title, "summary", token, expected=200)
        title = "A token for orders opens nothing at reports"
        self.call_reports(title, "summary", token_for_orders, expected=401)
        return token

    def do_without_issuer(self, token_for_reports: str) -> None:
        """Call the other service while the authorization server is down."""
        title = "The authorization server is stopped: reports goes on checking tokens"
        self.call_reports(title, "status", token_for_reports, expected=200)
        self.write("   offline nobody hears of disabled clients: a token lives out its ten minutes")
        title = "What needs orders says that it has to wait"
        self.call_reports(title, "summary", token_for_reports, expected=503)

    def get_token(self, title: str, **narrower: str) -> str:
        """Get a token as a program would, with Authlib; for one `scope` or `resource` if named."""
        self._begin(title)
        form = {"grant_type": "client_credentials", **narrower}
        with OAuth2Session(self.client_id, self.client_secret) as session:
            answer = session.fetch_token(self.token_url, **form)
        shown_form = "&".join(f"{name}={value}" for name, value in form.items())
        self.write(f"   > POST {self.token_url}   {shown_form}")
        shown = {**answer, "access_token": answer["access_token"][:20] + "…"}
        shown.pop("expires_at", None)  # Authlib's own arithmetic
        self.write(f"   < 200 {json.dumps(shown, ensure_ascii=False)}")
        self._expect("refresh_token" not in answer and answer["token_type"] == "Bearer", title)  # noqa: S105
        token: str = answer["access_token"]
        return token

    def call_api(self, title: str, method: str, token: str | None, *, expected: int) -> None:
        """Call the orders API."""
        self._begin(title)
        self._judge(title, method, self._request_orders(method, token), expected)

    def call_reports(self, title: str, page: str, token: str, *, expected: int) -> None:
        """Call the reports API."""
        self._begin(title)
        url = f"{self.reports_api}/{page}/"
        answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        self._judge(title, "GET", answer, expected)

    def refuse_wrong_secret(self) -> None:
        """Try another secret."""
        self._refuse("A wrong secret gets nothing", self.client_secret[::-1])

    def refuse_disabled_client(self) -> None:
        """Try the right secret of the client that is disabled by now."""
        self._refuse("And the disabled client gets no new one", self.client_secret)

    def see_token_die(self, token: str) -> None:
        """Call with the token of a disabled client until the server's process knows."""
        title = "The client is disabled (by another process): its token dies"
        self._begin(title)
        started = time.monotonic()
        answer = self._request_orders("GET", token)
        while answer.status_code != 401 and time.monotonic() - started < _PATIENCE_SECONDS:  # noqa: PLR2004
            time.sleep(0.2)
            answer = self._request_orders("GET", token)
        self._show(f"GET {answer.url}", answer)
        self.write(f"   the server knew after {time.monotonic() - started:.1f} s")
        self._expect(answer.status_code == 401, title)  # noqa: PLR2004

    def _refuse(self, title: str, secret: str) -> None:
        self._begin(title)
        url = self.token_url
        answer = requests.post(
            url,
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, secret),
            timeout=10,
        )
        self._show(f"POST {url}   grant_type=client_credentials", answer)
        refused = answer.status_code == 401 and answer.json()["error"] == "invalid_client"  # noqa: PLR2004
        self._expect(refused, title)

    def _request_orders(self, method: str, token: str | None) -> requests.Response:
        return requests.request(
            method,
            f"{self.issuer}/api/orders/",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            json={"item": "espresso", "quantity": 2} if method == "POST" else None,
            timeout=10,
        )

    def _judge(self, title: str, method: str, answer: requests.Response, expected: int) -> None:
        self._show(f"{method} {answer.url}", answer)
        self._expect(answer.status_code == expected, title)
        if expected in {401, 403}:
            self._expect("Bearer" in answer.headers.get("WWW-Authenticate", ""), title)

    def _begin(self, title: str) -> None:
        self._step += 1
        self.write(f"\n{self._step}. {title}")

    def _show(self, request: str, answer: requests.Response) -> None:
        self.write(f"   > {request}")
        self.write(f"   < {answer.status_code} {_shorten(answer.json())}")
        if answer.headers.get("WWW-Authenticate"):
            self.write(f"     WWW-Authenticate: {answer.headers['WWW-Authenticate']}")

    def _expect(self, holds: bool, title: str) -> None:  # noqa: FBT001 - an assertion
        if not holds:
            self.failures.append(title)
            self.write("   ! This is not what should happen.")


def _shorten(document: Any) -> str:
    text = json.dumps(document, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
