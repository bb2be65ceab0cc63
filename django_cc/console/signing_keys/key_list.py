"""The keys that sign tokens, in the admin; the private part is never shown."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext

from django_cc.console.signing_keys.key_facts import gather_key_facts, list_public_facts
from django_cc.console.signing_keys.key_pages import (
    ActivateEarlyPage,
    CompromisePage,
    CreateKeyPage,
    RetirePage,
    RotatePage,
)
from django_cc.console.site.actors import deny
from django_cc.console.site.guarded_list import GuardedList
from django_cc.console.site.pages import ConsolePage, Crumb
from django_cc.console.site.rights import Right, may
from django_cc.models import SigningKey

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[SigningKey]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone


class SigningKeyAdmin(GuardedList, _ModelAdmin):
    """The life of the keys on one page, with what can be done about it."""

    fields = readonly_fields = (
        "kid",
        "algorithm",
        "state",
        "created_at",
        "activated_at",
        "retiring_at",
        "verifies_until",
        "retired_at",
    )
    actions = None

    class Media:
        css = {"all": ["django_cc/console.css"]}
        js = ["django_cc/console.js"]

    @cached_property
    def pages(self) -> list[ConsolePage]:
        """The pages for what can be done."""
        acts = (CreateKeyPage, RotatePage, ActivateEarlyPage, CompromisePage, RetirePage)
        return [act(self) for act in acts]

    def get_urls(self) -> list[URLPattern]:
        """Add our pages to the admin's."""
        return [*(page.to_url() for page in self.pages), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SigningKey]:
        """Leave the private halves in the database."""
        rows: QuerySet[SigningKey] = list_public_facts()
        return rows

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the keys."""
        if not self.has_view_permission(request):
            return deny(request, "view_signingkey")
        request.current_app = self.admin_site.name
        return _KeysPage(self).render(
            request,
            "django_cc/signing_keys/keys.html",
            gettext("Signing keys"),
            facts=gather_key_facts(),
            may_rotate=may(request.user, Right.ROTATE_SIGNING_KEY),
            may_retire=may(request.user, Right.RETIRE_SIGNING_KEY),
            **(extra_context or {}),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keys are made by what the page offers."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keys change by what the page offers."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keys are retired, not deleted."""
        return False


class _KeysPage(ConsolePage):
    def list_crumbs(self, request: HttpRequest, **_context: Any) -> list[Crumb]:
        """Return the way to the page, which is the list itself."""
        return super().list_crumbs(request)[:1]
