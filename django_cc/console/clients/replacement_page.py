"""Replace the secret that its registrant lost, and show the new one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.clients.replacement import replace_lost_secret
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.show_once import render_new_secret
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right
from django_cc.models import MachineClient


class ReplaceSecretPage(ClientPage):
    """Answers a POST of the page "registered already" with a new secret."""

    name = "replace_secret"
    route = "<int:pk>/replace-secret/"
    rights = (Right.REGISTER_CLIENT, Right.ISSUE_CREDENTIAL)

    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Replace it, if this user registered the client a moment ago."""
        client: MachineClient = arguments["client"]
        try:
            new = replace_lost_secret(client, get_actor(request))
        except ValidationError as error:
            problem = " ".join(error.messages)
            return self.return_to(request, client, problem, level=messages.ERROR)
        title = gettext("“%(name)s” has a new secret") % {"name": new.client.name}
        return render_new_secret(self, request, new, title)
