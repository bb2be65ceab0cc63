"""The suite runs a second time with ATOMIC_REQUESTS: what is otherwise there."""

from collections.abc import Iterable

from django.conf import settings

IS_ATOMIC = bool(settings.DATABASES.get("default", {}).get("ATOMIC_REQUESTS"))
_OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def list_questions(captured: Iterable[dict[str, str]]) -> list[str]:
    """Return the queries that ask or change something, without those of transactions."""
    return [query["sql"] for query in captured if not query["sql"].startswith(_OF_TRANSACTIONS)]
