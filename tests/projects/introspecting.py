"""The project that only checks tokens, and asks their issuer about each."""

from tests.projects.resource_server import *  # noqa: F403
from tests.projects.resource_server import ISSUER, REPORTS_API, env

DJANGO_CC = {
    "ISSUERS": [
        {
            "issuer": ISSUER,
            "audience": REPORTS_API,
            "verification": "introspection",
            "client_id": env.str("CLIENT_ID"),
            "client_secret": env.str("CLIENT_SECRET"),
        }
    ]
}
