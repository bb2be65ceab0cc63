"""Routes of the main run."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("django_cc.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("tests.projects.api_views")),
]
