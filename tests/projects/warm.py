"""An application that answered requests before its server forks, as preloading may have it do."""

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client


def make_application() -> WSGIHandler:
    """Return the application; both of our threads run in this process already."""
    application = get_wsgi_application()
    assert Client().get("/oauth/jwks").status_code == 200
    assert Client().post("/oauth/token").status_code == 400
    return application
