"""Orders, for the example API to have something real to serve."""

from django.db import models


class Order(models.Model):
    """An order somebody placed through the API."""

    item = models.CharField(max_length=100)
    quantity = models.PositiveIntegerField()
    placed_by = models.CharField(max_length=255, editable=False)
    placed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item}"
