"""The example's routes: django_cc at the root, the console, the orders API."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from rest_framework.routers import SimpleRouter

from example_project.orders.views import OrderViewSet

router = SimpleRouter()
router.register("orders", OrderViewSet)

urlpatterns = [
    path("", include("django_cc.urls")),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/", include(router.urls)),
]
