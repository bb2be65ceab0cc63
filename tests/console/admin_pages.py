"""The console's pages of any model, visited by one signed-in user."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.console.console import read


class Pages:
    """The pages of one model in the admin, over Django's test client by https."""

    def __init__(self, user: User, model: str) -> None:
        self.user = user
        self.model = model
        self.browser = Client()
        self.browser.force_login(user)

    def url(self, page: str, *args: Any) -> str:
        """Return the address of a page by the last part of its URL name."""
        return reverse(f"admin:django_cc_{self.model}_{page}", args=args)

    def visit(self, page: str, *args: Any, **query: Any) -> Any:
        """Get a page."""
        return self.browser.get(self.url(page, *args), query, secure=True)

    def text(self, page: str, *args: Any, **query: Any) -> str:
        """Return a page as text."""
        answer = self.visit(page, *args, **query)
        assert answer.status_code == 200, answer
        return read(answer)

    def submit(self, page: str, *args: Any, follow: bool = False, **fields: Any) -> Any:
        """Post a form to a page."""
        return self.browser.post(self.url(page, *args), fields, secure=True, follow=follow)
