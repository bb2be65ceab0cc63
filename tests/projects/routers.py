"""Database routers a project might have."""

from typing import Any


class ToolkitElsewhere:
    """Sends the toolkit's tables to another database."""

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "other" if model._meta.app_label == "oauth2_provider" else None
