"""The reports service's routes."""

from django.urls import include, path

from example_project.reports.views import StatusView, SummaryView

urlpatterns = [
    path("", include("django_cc.resource_server.urls")),
    path("reports/status/", StatusView.as_view()),
    path("reports/summary/", SummaryView.as_view()),
]
