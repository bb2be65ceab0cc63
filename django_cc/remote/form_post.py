"""Post forms to a server that this project trusts, over connections that stay open.

Unlike a document whose URL a stranger may have chosen (`https`), the endpoint here is one that
whoever runs the project named: its address is not judged. It stands in the path of requests, so
a new connection for each would be felt.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPException
from urllib.parse import urlencode

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, SSLError

from django_cc.protocol.names import FORM_MEDIA_TYPE
from django_cc.remote.bounded_work import Slots, run_within
from django_cc.remote.document_url import DocumentURL
from django_cc.remote.forked_children import start_anew_in_children
from django_cc.remote.json_response import FetchedDocument, read_document
from django_cc.remote.unavailable import DocumentUnavailable

_MAX_BYTES = 64 * 1024
_OPEN_CONNECTIONS = 8  # kept to one host; more are opened and closed
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": FORM_MEDIA_TYPE,
    "User-Agent": "django-client-credentials",
}
# The server may close a connection while we write to it: once more, on a new one. No redirects,
# for they would carry the form elsewhere.
_ONCE_MORE = Retry(total=1, connect=0, redirect=0, status=0, other=0, allowed_methods=None)


class FormPoster:
    """Posts forms; thread-safe, and usable in forked children."""

    _pool: PoolManager

    def __init__(self, *, timeout: timedelta, at_once: int, plain_http: bool = False) -> None:
        """Open nothing yet.

        Args:
            timeout: for one request and its answer together.
            at_once: how many requests may be under way.
            plain_http: whether http:// URLs are good enough.
        """
        self._timeout, self._plain_http = timeout, plain_http
        self._slots = Slots(at_once)
        self.start_anew()
        start_anew_in_children(self)

    def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> FetchedDocument:
        """Return the JSON object that `url` answers with.

        Args:
            url: where to.
            form: what; written as a form in UTF-8.
            headers: besides those of a form.

        Raises:
            TooManyUnderWay: nothing was sent.
            DocumentUnavailable: no such answer within the time; the reason repeats nothing of it.
        """
        DocumentURL.parse(url, plain_http=self._plain_http)
        body = urlencode(form).encode()
        answers: list[BaseHTTPResponse] = []  # one, once it began to arrive
        return run_within(
            self._timeout,
            lambda: self._exchange(url, body, {**_HEADERS, **headers}, answers),
            self._slots,
            abandon=lambda: _cut_short(answers),
        )

    def start_anew(self) -> None:
        """Have no connections: a forked child must not write to its parent's."""
        self._pool = PoolManager(
            maxsize=_OPEN_CONNECTIONS,
            retries=_ONCE_MORE,
            timeout=Timeout(total=self._timeout.total_seconds()),
        )

    def _exchange(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        answers: list[BaseHTTPResponse],
    ) -> FetchedDocument:
        try:
            response = self._pool.request(
                "POST",
                url,
                body=body,
                headers=headers,
                preload_content=False,
                decode_content=False,
                redirect=False,
            )
            answers.append(response)
            with response:
                document = read_document(response, _MAX_BYTES)
                response.release_conn()
                return document
        except (OSError, HTTPError, HTTPException) as error:
            raise DocumentUnavailable(_describe(error)) from None


def _cut_short(answers: list[BaseHTTPResponse]) -> None:
    # Each wait for the server is bounded, but a body that drips would make one after another.
    for answer in answers:
        with suppress(OSError, ValueError, RuntimeError):  # it came to its end meanwhile
            answer.shutdown()


def _describe(error: Exception) -> str:
    reason = getattr(error, "reason", error)  # of giving up
    if isinstance(reason, SSLError):
        return "TLS failed"
    return "it cannot be reached, or does not answer in time"
