"""What of the toolkit's URLs takes care of machine clients, mounted before the toolkit's own.

    path("o/", include("django_cc.toolkit_urls")),
    path("o/", include("oauth2_provider.urls")),

Machine clients get tokens at the toolkit's token URL; everything else reaches the toolkit's views.
A project with a token view of its own mounts `share_token_url(its_view)` instead.
"""

from django.urls import path

from django_cc.authorization_server.endpoints.shared_token_url import share_token_url
from django_cc.authorization_server.toolkit.guarded_views import (
    guard_authorization_view,
    guard_logout_view,
)
from django_cc.authorization_server.toolkit.token_view import get_token_view

app_name = "django_cc_toolkit"

urlpatterns = [
    path("token/", share_token_url(get_token_view()), name="token"),
    path("authorize/", guard_authorization_view(), name="authorize"),
    path("logout/", guard_logout_view(), name="logout"),
]
