"""One token URL for two token endpoints: the toolkit's, and ours for machine clients.

For teams whose clients already post to the toolkit's URL. A request for client credentials is
ours, unless it names an Application that is no machine client. Unknown client IDs are ours too:
answered by two endpoints, they could be told from those of machine clients.
"""

from base64 import b64decode
from collections.abc import Callable
from functools import wraps
from urllib.parse import unquote_plus

from django.db import InterfaceError, OperationalError, connections, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.request import Request

from django_cc.authorization_server.endpoints.token import TokenView
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.authorization_server.toolkit.machine_clients import is_left_to_toolkit
from django_cc.protocol.access_token.jwt import read_unverified_issuer
from django_cc.protocol.names import GrantType, Parameter

_View = Callable[..., HttpResponseBase]


class _UndecidedView(TokenView):
    """Answers 503 while the database cannot say whose a client is."""

    def post(self, request: Request) -> HttpResponse:  # noqa: ARG002 - DRF's
        """Refuse.

        Raises:
            SnapshotTooOldError: always.
        """
        raise SnapshotTooOldError("The database of machine access is out of reach.")


def share_token_url(toolkit_view: _View) -> _View:
    """Return a view that serves machine clients and hands all others to `toolkit_view`.

    What it hands over is untouched, and is in a transaction where the project's settings put
    every view in one. What middleware looks at, such as the exemption from CSRF checks, is
    `toolkit_view`'s own.
    """
    own, undecided = TokenView.as_view(), _UndecidedView.as_view()
    handed_over = _wrap_in_transactions(toolkit_view)

    @wraps(toolkit_view)
    def dispatch(request: HttpRequest, *arguments: object, **options: object) -> HttpResponseBase:
        try:
            view = own if _is_for_us(request) else handed_over
        except (OperationalError, InterfaceError):
            view = undecided
        return view(request, *arguments, **options)

    # A refusal of ours must not roll back what it recorded.
    vars(dispatch)["_non_atomic_requests"] = set(connections)
    return dispatch


def _is_for_us(request: HttpRequest) -> bool:
    # As the toolkit reads it: what it would take for another grant must reach it.
    if request.method != "POST" or request.POST.get("grant_type") != GrantType.CLIENT_CREDENTIALS:
        return False
    return not is_left_to_toolkit(_find_named_clients(request))


def _find_named_clients(request: HttpRequest) -> set[str]:
    named = {
        _read_basic(request.META.get("HTTP_AUTHORIZATION", "")),
        request.POST.get(Parameter.CLIENT_ID),
        read_unverified_issuer(request.POST.get(Parameter.CLIENT_ASSERTION, "")),
    }
    return {client_id for client_id in named if client_id}


def _read_basic(authorization: str) -> str | None:
    # More lenient than our own endpoint, which reads the header again and strictly.
    scheme, _, encoded = authorization.strip(" ").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return unquote_plus(b64decode(encoded).decode().partition(":")[0])
    except ValueError:
        return None


def _wrap_in_transactions(view: _View) -> _View:
    # What Django does to the views of a URLconf; this one it does not see.
    exempt: set[str] = getattr(view, "_non_atomic_requests", set())
    for alias, database in connections.settings.items():
        if database["ATOMIC_REQUESTS"] and alias not in exempt:
            view = transaction.atomic(using=alias)(view)
    return view
