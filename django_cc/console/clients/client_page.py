"""A page below a machine client, and one that is a tab of it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from django_cc.console.site.actors import deny
from django_cc.console.site.links import client_url
from django_cc.console.site.pages import ConsolePage, Crumb
from django_cc.console.site.rights import Right
from django_cc.models import MachineClient


class ClientPage(ConsolePage):
    """A page below a machine client, which it fetches as the user may see it.

    Somebody else's client does not exist: the answer is the admin's own for an object that is
    not there. `get` and `post` are called with the client.
    """

    rights: ClassVar[tuple[Right, ...]] = (Right.VIEW_CLIENT,)

    def answer(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Find the client, and answer."""
        pk = arguments.pop("pk")
        client = self.model_admin.get_queryset(request).filter(pk=pk).first()
        if client is None:
            missing: HttpResponse = self.model_admin._get_obj_does_not_exist_redirect(
                request, self.model_admin.opts, str(pk)
            )
            return missing
        return super().answer(request, client=client, **arguments)

    def turn_away(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Answer who lacks a right; the audit trail is told of the client, whoever sees it."""
        clients = MachineClient.objects.select_related("application")
        return deny(request, self.name, clients.filter(pk=arguments["pk"]).first())

    def list_crumbs(self, request: HttpRequest, **context: Any) -> list[Crumb]:
        """Return the way to the client."""
        crumbs = super().list_crumbs(request)
        client: MachineClient | None = context.get("client")
        if client is not None:
            may_open = self.model_admin.has_view_permission(request, client)
            url = client_url(request, "change", client.pk) if may_open else None
            crumbs.append(Crumb(client.name, url))
        return crumbs

    def return_to(
        self,
        request: HttpRequest,
        client: MachineClient,
        text: str | SafeString,
        *,
        tab: str = "change",
        level: int = messages.SUCCESS,
    ) -> HttpResponse:
        """Go to a tab of the client with a message; a message never holds a secret."""
        messages.add_message(request, level, text)
        return HttpResponseRedirect(client_url(request, tab, client.pk))


class Tab(ClientPage):
    """A tab of a client: `<pk>/NAME/`, below the navigation that all tabs share.

    Attributes:
        title: what the navigation calls it.
        template: what it is rendered with; extends `django_cc/clients/tab.html`.
    """

    title: ClassVar[Any]
    template: ClassVar[str]

    def show(self, request: HttpRequest, client: MachineClient, **context: Any) -> TemplateResponse:
        """Answer with the tab."""
        return self.render(
            request,
            self.template,
            f"{client.name}: {self.title}",
            client=client,
            tabs=self.model_admin.list_tabs(request, client, current=self.name),
            here=self.title,
            **context,
        )
