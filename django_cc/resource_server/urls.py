"""Routes of a project that only checks tokens: what its APIs tell about themselves (RFC 9728).

Include them at the root: `path("", include("django_cc.resource_server.urls"))`. Where the
authorization server is installed, `django_cc.urls` has them.
"""

from django.urls import path

from django_cc.protocol.metadata import PROTECTED_RESOURCE_WELL_KNOWN
from django_cc.resource_server.protected_resource import protected_resource_metadata

app_name = "django_cc_resource_server"

urlpatterns = [
    path(
        PROTECTED_RESOURCE_WELL_KNOWN,
        protected_resource_metadata,
        name="protected_resource_metadata",
    ),
    path(
        f"{PROTECTED_RESOURCE_WELL_KNOWN}<path:resource_path>",
        protected_resource_metadata,
        name="metadata_of_protected_resource",
    ),
]
