"""Find the page of an act for whoever may do it."""

from typing import Any

from django.http import HttpRequest

from django_cc.console.site.links import client_url


def find_offer(model_admin: Any, request: HttpRequest, name: str, *arguments: object) -> str:
    """Return the address of the act `name` on a machine client, or nothing.

    Args:
        model_admin: that of machine clients.
        request: of the user to whom it would be offered.
        name: what the act's page is called.
        arguments: those of its route: the client's key, and that of a credential.
    """
    act = next((act for act in model_admin.acts if act.name == name), None)
    is_offered = act is not None and act.may_see(request) and act.may_post(request)
    return client_url(request, name, *arguments) if is_offered else ""
