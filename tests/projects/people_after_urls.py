"""Ours at the root, and both at the toolkit's token URL."""

from django.urls import include, path

from tests.projects.people_before_urls import urlpatterns as before

urlpatterns = [
    path("", include("django_cc.urls")),
    path("o/", include("django_cc.toolkit_urls")),
    *before,
]
