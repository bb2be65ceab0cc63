"""A project that runs the toolkit for people, from before django_cc came."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.projects import combined

_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = [
    app for app in combined.INSTALLED_APPS if app not in {"django_cc", "example_project.orders"}
]
MIDDLEWARE = combined.MIDDLEWARE
TEMPLATES = combined.TEMPLATES
PASSWORD_HASHERS = combined.PASSWORD_HASHERS
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
STATIC_URL = "static/"
LOGIN_URL = "/admin/login/"
ROOT_URLCONF = "tests.projects.people_before_urls"
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth2_provider.contrib.rest_framework.OAuth2Authentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
}
OAUTH2_PROVIDER: dict[str, Any] = {
    "SCOPES": {"read": "Read", "write": "Write", "openid": "Who you are"},
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": _KEY.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode(),
}
