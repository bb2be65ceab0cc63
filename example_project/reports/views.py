"""The reports API: everything needs `reports:read`."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from django_cc.resource_server.permissions import HasRequiredScopes
from example_project.reports.orders import list_orders


class ReportView(APIView):
    """A view of this API."""

    permission_classes = [HasRequiredScopes]
    required_scopes = ["reports:read"]


class StatusView(ReportView):
    """Says who calls; needs nobody else for it."""

    def get(self, request: Request) -> Response:
        return Response({"status": "ok", "client": request.user.get_username()})


class SummaryView(ReportView):
    """Sums up the orders, which it asks for with a token of its own, never the caller's."""

    def get(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        orders = list_orders()
        quantity = sum(order["quantity"] for order in orders)
        return Response({"orders": len(orders), "quantity": quantity})
