"""Everything django_cc serves: `path("", include("django_cc.urls"))` at the root."""

from django_cc.authorization_server.endpoints.urls import urlpatterns

__all__ = ["app_name", "urlpatterns"]

app_name = "django_cc"
