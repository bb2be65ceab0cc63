"""The orders API: reading needs `orders:read`, writing `orders:write`."""

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import mixins, serializers, viewsets

from django_cc.resource_server.permissions import HasRequiredScopes
from example_project.orders.models import Order


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order as JSON."""

    class Meta:
        model = Order
        fields = ["id", "item", "quantity", "placed_by", "placed_at"]


class OrderViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet[Order],
):
    """List, show and place orders."""

    queryset: QuerySet[Order] = Order.objects.all()
    serializer_class = OrderSerializer
    api = settings.ORDERS_API
    permission_classes = [HasRequiredScopes]
    required_scopes = {"GET": ["orders:read"], "POST": ["orders:write"]}

    def perform_create(self, serializer: serializers.BaseSerializer[Order]) -> None:
        """Note which machine placed the order."""
        serializer.save(placed_by=self.request.user.get_username())
