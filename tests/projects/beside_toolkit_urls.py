"""Ours at the root and before the toolkit's; both at the toolkit's token URL."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("django_cc.urls")),
    path("o/", include("django_cc.toolkit_urls")),
    path("o/", include("oauth2_provider.urls")),
    path("admin/", admin.site.urls),
]
