"""An Application with a key and a field of its own."""

import uuid
from typing import Any

from django.db import models
from oauth2_provider.models import AbstractApplication


class Program(AbstractApplication):
    """What the project has in place of the toolkit's Application."""

    id: Any = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cost_centre = models.CharField(max_length=20, default="4711")

    class Meta(AbstractApplication.Meta):
        app_label = "own_application"
