"""What every page of our own in the admin needs."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.client_address import find_client_address
from django_cc.models import MachineClient

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[MachineClient]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone


class ClientPages(_ModelAdmin):
    """Pages under a machine client, which they fetch as the user may see it."""

    def get_client(self, request: HttpRequest, pk: int) -> MachineClient:
        """Return the client.

        Raises:
            Http404: there is none, or none that this user may see.
        """
        client = self.get_queryset(request).filter(pk=pk).first()
        if client is None:
            raise Http404
        return client

    def get_actor(self, request: HttpRequest) -> Actor:
        """Return the user of the console as the server knows actors."""
        address = find_client_address(request)
        return Actor.for_user(request.user, address=address)  # type: ignore[arg-type]  # never anonymous here

    def build_context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        """Return what the admin's templates expect, and `more`."""
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            **more,
        }

    def render_page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """Answer with one of our templates."""
        return TemplateResponse(request, template, context)

    def return_to(
        self,
        request: HttpRequest,
        client: MachineClient,
        text: str | SafeString,
        *,
        level: int = messages.SUCCESS,
    ) -> HttpResponse:
        """Go to the client's page with a message; a message never holds a secret."""
        messages.add_message(request, level, text)
        page = reverse(
            "admin:django_cc_machineclient_change",
            args=[client.pk],
            current_app=self.admin_site.name,
        )
        return HttpResponseRedirect(page)
