"""A page of our own in the admin: a GET shows, a POST does."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst

from django_cc.console.site.actors import deny
from django_cc.console.site.links import console_url
from django_cc.console.site.rights import Right, may

_SHOWING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to a page; without an address it is only named."""

    title: str
    url: str | None = None


class ConsolePage:
    """One page beside those that a ModelAdmin brings.

    A subclass says its name and address, the rights it takes, and answers `get` and `post`.

    Attributes:
        name: the last part of its URL name, after the model's.
        route: its address below the model's list.
        rights: what a user needs to see it, all of them.
        rights_to_post: what a user needs besides to do what it offers.
        actions: whether it takes a POST at all.
    """

    name: ClassVar[str]
    route: ClassVar[str]
    rights: ClassVar[tuple[Right, ...]] = ()
    rights_to_post: ClassVar[tuple[Right, ...]] = ()

    def __init__(self, model_admin: Any) -> None:
        """Belong to a ModelAdmin, whose site, model and media it shares."""
        self.model_admin = model_admin
        self.site: admin.AdminSite = model_admin.admin_site

    def to_url(self) -> URLPattern:
        """Return its entry of the URLconf, behind the admin's login."""
        opts = self.model_admin.opts
        name = f"{opts.app_label}_{opts.model_name}_{self.name}"
        return path(self.route, self.site.admin_view(self), name=name)

    def __call__(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Answer a request of a signed-in member of staff."""
        request.current_app = self.site.name  # as the admin does
        if not self.may_see(request) or (request.method == "POST" and not self.may_post(request)):
            return self.turn_away(request, **arguments)
        return self.answer(request, **arguments)

    def turn_away(self, request: HttpRequest, **_arguments: Any) -> HttpResponse:
        """Answer who lacks a right."""
        return deny(request, self.name)

    def answer(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Answer who has the rights."""
        if request.method in _SHOWING:
            return self.get(request, **arguments)
        if request.method == "POST":
            return self.post(request, **arguments)
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Show the page."""
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Do what it offers."""
        return HttpResponseNotAllowed(["GET", "HEAD"])

    def may_see(self, request: HttpRequest) -> bool:
        """Tell whether the user has the rights for the page."""
        return all(may(request.user, right) for right in self.rights)

    def may_post(self, request: HttpRequest) -> bool:
        """Tell whether the user may do what it offers; its buttons depend on it too."""
        return all(may(request.user, right) for right in self.rights_to_post)

    def render(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> TemplateResponse:
        """Answer with a template of ours, which gets what the admin's templates expect."""
        opts = self.model_admin.opts
        standard = {
            **self.site.each_context(request),
            "title": title,
            "opts": opts,
            "media": self.model_admin.media,
            "crumbs": self.list_crumbs(request, **context),
        }
        return TemplateResponse(request, template, standard | context)

    def list_crumbs(self, request: HttpRequest, **_context: Any) -> list[Crumb]:
        """Return the way from the index of the admin to the list of the model."""
        request.current_app = self.site.name  # the admin's own views set it later
        opts = self.model_admin.opts
        may_list = self.model_admin.has_view_permission(request)
        listed = console_url(request, f"{opts.app_label}_{opts.model_name}_changelist")
        return [
            Crumb(
                str(opts.app_config.verbose_name), console_url(request, "app_list", opts.app_label)
            ),
            Crumb(capfirst(str(opts.verbose_name_plural)), listed if may_list else None),
        ]
