"""The toolkit beside us in tests: where it is mounted, its applications, and what it answers."""

import base64
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client as HTTPClient
from django.urls import include, path
from oauth2_provider.models import get_application_model

from tests.machines import FORM, encode

SECRET = "a-secret-of-the-toolkits"

urlpatterns: list[Any] = []


def mount(settings: Any, prefix: str = "o/", *, shared: bool = False) -> None:
    """Mount ours at the root and the toolkit's at `prefix`; `shared` has both at its token URL."""
    toolkit = [path(prefix, include("oauth2_provider.urls"))]
    if shared:
        toolkit.insert(0, path(prefix, include("django_cc.toolkit_urls")))
    mount_all(settings, path("", include("django_cc.urls")), *toolkit)


def mount_all(settings: Any, *patterns: Any) -> None:
    """Make these the routes of the project."""
    urlpatterns[:] = patterns
    settings.ROOT_URLCONF = __name__


def set_toolkit(settings: Any, **changes: Any) -> None:
    """Change settings of the toolkit."""
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, **changes}


def create_application(grant: str = "client-credentials", **more: Any) -> Any:
    """Return an application of the toolkit's, whose secret is `SECRET`."""
    fields = {"name": "Old sync", "client_type": "confidential", "client_secret": SECRET, **more}
    return get_application_model().objects.create(authorization_grant_type=grant, **fields)


def create_user(name: str = "ada", **more: Any) -> Any:
    """Return a user who can log in with the password `secret`."""
    return get_user_model().objects.create_user(name, password="secret", **more)


def basic(client_id: str, secret: str = SECRET) -> str:
    """Return an Authorization header."""
    return f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"


def post(url: str, form: dict[str, str], authorization: str | None = None) -> Any:
    """Post a form by https, with the checks against CSRF that browsers meet."""
    headers = {} if authorization is None else {"authorization": authorization}
    client = HTTPClient(enforce_csrf_checks=True)
    return client.post(url, encode(form), FORM, headers=headers, secure=True)


def describe(answer: Any) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """Return all of an answer that a caller sees."""
    return answer.status_code, answer.content, tuple(sorted(answer.headers.items()))
