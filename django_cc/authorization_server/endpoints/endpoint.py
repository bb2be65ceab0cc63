"""The DRF view that every OAuth endpoint is, closed to the project's DRF settings."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings as django_settings
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from django_cc.authorization_server.endpoints.errors import ErrorAnswer, answer_error
from django_cc.authorization_server.settings import get_settings
from django_cc.protocol.errors import InvalidRequest


@method_decorator(sensitive_post_parameters(), name="dispatch")
class OAuthEndpoint(APIView):
    """Every policy of DRF is pinned here.

    A project's `REST_FRAMEWORK` defaults are for its APIs. Its throttles, permissions, parsers or
    exception handler must not change what an OAuth endpoint accepts or answers. Error reports
    leave the parameters out.
    """

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes: Sequence[type[BasePermission]] = ()
    throttle_classes = ()
    parser_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = DefaultContentNegotiation
    versioning_class = None
    metadata_class = None
    schema = None
    records_refusals = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - DRF's
        """Require TLS, in place of DRF's negotiation and policies.

        Raises:
            InvalidRequest: plain HTTP, unless something else protects the hop (RFC 6749 §3.2).
        """
        request.accepted_renderer = JSONRenderer()
        request.accepted_media_type = JSONRenderer.media_type
        may_be_plain = django_settings.DEBUG or get_settings().allow_insecure_transport
        if not (request.is_secure() or may_be_plain):
            raise InvalidRequest("Use https: credentials and tokens need TLS.")

    def get_exception_handler(self) -> ErrorAnswer:
        """Answer errors as OAuth does."""
        return answer_error
