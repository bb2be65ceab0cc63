"""A page about one secret or one key of a machine client."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from django_cc.console.clients.client_page import ClientPage


class CredentialPage(ClientPage):
    """Fetches the credential of the address; `get` and `post` are called with it as well.

    Attributes:
        credentials: where a client has them: `secrets` or `keys`.
        argument: what the page calls one of them: `secret` or `key`.
    """

    credentials: ClassVar[str]
    argument: ClassVar[str]

    def answer(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Find the credential, of a client that this user may see, and answer."""
        number = arguments.pop("number")
        client = self.model_admin.get_queryset(request).filter(pk=arguments["pk"]).first()
        if client is not None:
            credential = getattr(client, self.credentials).filter(pk=number).first()
            if credential is None:
                text = gettext("It is not there any more.")
                return self.return_to(
                    request, client, text, tab="credentials", level=messages.ERROR
                )
            arguments[self.argument] = credential
        return super().answer(request, **arguments)
