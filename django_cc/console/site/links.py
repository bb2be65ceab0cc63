"""Addresses of the console's pages, in whichever admin site a request is in."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

from django_cc.models import API


def console_url(request: HttpRequest, name: str, *arguments: object) -> str:
    """Return the address of the admin page `name`, such as `django_cc_machineclient_change`.

    The site is that of the request: the admin sets `current_app` on it, and our pages do.
    """
    site = getattr(request, "current_app", None)
    return reverse(f"admin:{name}", args=arguments, current_app=site)


def client_url(request: HttpRequest, page: str, *arguments: object) -> str:
    """Return the address of a page of machine clients by its short name, such as `change`."""
    return console_url(request, f"django_cc_machineclient_{page}", *arguments)


def find_add_api(request: HttpRequest, site: AdminSite) -> str | None:
    """Return the address of the page that adds an API; None where this user has no such page."""
    has_page = site.is_registered(API) and site.get_model_admin(API).has_add_permission(request)
    return console_url(request, "django_cc_api_add") if has_page else None
