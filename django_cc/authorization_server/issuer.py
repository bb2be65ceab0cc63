"""The URLs this server publishes, all under its issuer."""

from urllib.parse import urlsplit

from django.urls import reverse

from django_cc.authorization_server.settings import get_settings


def endpoint_url(name: str) -> str:
    """Return the absolute URL of an endpoint: scheme and host of the issuer, path of the route.

    Never the Host header of a request: whoever sends it would choose what we publish.
    """
    issuer = urlsplit(get_settings().issuer)
    return f"{issuer.scheme}://{issuer.netloc}{reverse(f'django_cc:{name}')}"
