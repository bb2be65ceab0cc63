"""The console as a person uses it, over Django's test client by https."""

import base64
import html
import re
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from django_cc.models import MachineClient, Scope
from tests.machines import Machine

# What it takes to register a client with access and see its secret.
REGISTRAR = ("add_machineclient", "issue_credential", "grant_access")
_SECRET = re.compile(r"dccs_[0-9A-Za-z]{49}")
_DATA_LINK = re.compile(r"data:[a-z/]+;base64,([0-9A-Za-z+/=]+)")


class Console:
    """The pages of machine clients, visited by one signed-in user."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.browser = Client()
        self.browser.force_login(user)

    def visit(self, page: str, *args: Any, query: dict[str, str] | None = None) -> HttpResponse:
        """Get a page by the last part of its URL name."""
        answer = self.browser.get(page_url(page, *args), query, secure=True)
        return cast("HttpResponse", answer)

    def submit(self, page: str, *args: Any, **fields: Any) -> HttpResponse:
        """Post a form to a page; redirects are not followed."""
        answer = self.browser.post(page_url(page, *args), fields, secure=True)
        return cast("HttpResponse", answer)

    def register(self, name: str = "Billing sync", **changes: Any) -> HttpResponse:
        """Submit the registration form, filled in well apart from `changes`."""
        return self.submit("add", **fill_in(name, **changes))


def fill_in(
    name: str = "Billing sync",
    *,
    key: UUID | None = None,
    scopes: Sequence[str] = ("orders:read",),
    **changes: Any,
) -> dict[str, Any]:
    """Return a good submission of the registration form."""
    fields = {
        "name": name,
        "description": "Ask ana.",
        "registration_key": str(key or uuid4()),
        "secret_expires": "90",
        "scopes": list(Scope.objects.filter(name__in=scopes).values_list("pk", flat=True)),
    }
    return fields | changes


def page_url(page: str, *args: Any) -> str:
    """Return the URL of a page of machine clients."""
    return reverse(f"admin:django_cc_machineclient_{page}", args=args)


def create_user(username: str, *rights: str, **fields: Any) -> User:
    """Create a user of the admin who holds `rights`, permissions of this app by codename."""
    user = get_user_model().objects.create_user(username, is_staff=True, **fields)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="django_cc", codename__in=rights)
    )
    return user


def read(answer: HttpResponse) -> str:
    """Return the page as text, with no HTML entities left."""
    return html.unescape(answer.content.decode())


def find_secrets(answer: HttpResponse) -> set[str]:
    """Return every client secret in an answer, also in what it offers for download."""
    text = read(answer)
    files = [base64.b64decode(link).decode() for link in _DATA_LINK.findall(text)]
    return set(_SECRET.findall("\n".join([text, *files])))


def read_secret(answer: HttpResponse) -> str:
    """Return the one secret that a page shows."""
    (secret,) = find_secrets(answer)
    return secret


def registered_machine(answer: HttpResponse, name: str = "Billing sync") -> Machine:
    """Return the client that was registered under `name`, with the secret the page shows."""
    row = MachineClient.objects.select_related("application").get(name=name)
    return Machine(row, row.client_id, read_secret(answer))
