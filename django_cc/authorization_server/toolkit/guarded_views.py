"""The two views of the toolkit that look a client up without asking its validator.

The answer to the consent form and the logout page take the client ID of the request to the
database themselves: they would tell a machine client from an unknown one, and the logout page its
name. For an unknown one they fail with 500. Here both get the same 400.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBadRequest, HttpResponseBase
from oauth2_provider.views import AuthorizationView, RPInitiatedLogoutView

from django_cc.authorization_server.toolkit.machine_clients import is_left_to_toolkit

_View = Callable[..., HttpResponseBase]


def guard_authorization_view() -> _View:
    """Return the toolkit's authorization view; its form is for clients of the toolkit's alone."""
    return _guard(AuthorizationView.as_view(), methods={"POST"})


def guard_logout_view() -> _View:
    """Return the toolkit's logout view, for clients of the toolkit's alone."""
    return _guard(RPInitiatedLogoutView.as_view(), methods={"GET", "POST"})


def _guard(view: _View, *, methods: set[str]) -> _View:
    @wraps(view)
    def guarded(request: HttpRequest, *arguments: object, **options: object) -> HttpResponseBase:
        form = request.POST if request.method == "POST" else request.GET
        client_id = form.get("client_id")
        if request.method in methods and client_id and not is_left_to_toolkit({client_id}):
            return HttpResponseBadRequest("There is no such client.", content_type="text/plain")
        return view(request, *arguments, **options)

    return guarded
