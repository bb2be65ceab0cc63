"""Database routers a project might have."""

from typing import Any


class ReadsFromReplica:
    """Reads from a replica, which lags behind."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "replica"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"


class ToolkitElsewhere:
    """Sends the toolkit's tables to another database."""

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "other" if model._meta.app_label == "oauth2_provider" else None
