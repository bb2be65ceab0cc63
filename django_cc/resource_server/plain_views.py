"""Let machines into plain Django views, without DRF's dispatch."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import CSRFCheck
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from django_cc.protocol.errors import OAuthError
from django_cc.resource_server.challenges import answer_refusal
from django_cc.resource_server.machine_rules import MachineRules
from django_cc.resource_server.presented_token import (
    find_api,
    log_refusal,
    read_token,
    require_one_transport,
    verify_token,
)
from django_cc.resource_server.principal import MachinePrincipal

View = Callable[..., Any]


class MachineAccessIsMisplaced(BasePermission):
    """Refuses everybody: what a function has when `@machine_access` stands below `@api_view`.

    `@api_view` takes it over from the function, and check `django_cc.E121` finds it.
    """

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 - DRF's signature
        """Refuse."""
        return False


def guard(view: View, rules: MachineRules) -> View:
    """Return `view`, asynchronous if it is, open to the machines that meet `rules`."""
    guarded = _guard_async(view, rules) if iscoroutinefunction(view) else _guard_sync(view, rules)
    attributes = {
        # A bearer token is nothing a browser sends by itself. For people it is checked inside.
        "csrf_exempt": True,
        "login_required": False,  # Django's LoginRequiredMiddleware would send a machine to a form
        "machine_rules": rules,
        "permission_classes": (MachineAccessIsMisplaced,),
    }
    for name, value in attributes.items():
        setattr(guarded, name, value)
    return guarded


def _guard_sync(view: View, rules: MachineRules) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refusal = _refuse(request, view, rules)
        answer: HttpResponseBase = refusal or view(request, *args, **kwargs)
        return answer

    return guarded


def _guard_async(view: View, rules: MachineRules) -> View:
    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Verifying may ask the database or another server; sessions of people always do.
        refusal = await sync_to_async(_refuse)(request, view, rules)
        answer: HttpResponseBase = refusal or await view(request, *args, **kwargs)
        return answer

    return guarded


@sensitive_variables("token")
def _refuse(request: HttpRequest, view: View, rules: MachineRules) -> HttpResponseBase | None:
    """Return the answer to who may not enter; None for who may, whom the request then names."""
    if isinstance(request, Request):
        raise ImproperlyConfigured("@machine_access must stand above @api_view.")
    place = getattr(view, "__qualname__", type(view).__qualname__)
    try:
        token = read_token(request)
        if token is None:
            return _refuse_without_token(request, rules)
        require_one_transport(request)
        _admit(token, request, rules, place)
    except OAuthError as error:
        log_refusal(error, place=place)
        return answer_refusal(request, rules, error)
    return None


@sensitive_variables("token")
def _admit(token: str, request: Any, rules: MachineRules, place: str) -> None:
    verified = verify_token(token, api=find_api(rules), place=place)
    rules.require_met(verified, method=request.method)
    machine = MachinePrincipal(verified, invited=True)

    async def auser() -> MachinePrincipal:
        return machine

    # All that AuthenticationMiddleware set, or the session's user would still be there.
    request.user, request.auser, request.auth = machine, auser, verified


def _refuse_without_token(request: HttpRequest, rules: MachineRules) -> HttpResponseBase | None:
    user = getattr(request, "user", None)
    if not (rules.people and user is not None and user.is_authenticated):
        return answer_refusal(request, rules, None)
    check = CSRFCheck(lambda _: HttpResponse())
    check.process_request(request)
    # Not the view: one that served machines before may be exempt, and people need the check.
    reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]  # as DRF does
    return JsonResponse({"detail": f"CSRF Failed: {reason}"}, status=403) if reason else None
