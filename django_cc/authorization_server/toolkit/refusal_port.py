"""Whom the toolkit's endpoints tell that they refused an application that is not adopted.

The port is here and whoever records refusals is above, announced when the apps get ready.
"""

from collections.abc import Callable

from django.http import HttpRequest

# From the client ID and the request to the reference that the answer quotes.
RefusalRecorder = Callable[[str, HttpRequest], str]


class NoRecorderError(Exception):
    """Nobody was announced: the app `django_cc` is not ready."""


def _refuse_to_record(client_id: str, request: HttpRequest) -> str:  # noqa: ARG001 - the port's
    raise NoRecorderError


_in_use: RefusalRecorder = _refuse_to_record


def use(recorder: RefusalRecorder) -> None:
    """Tell `recorder` from now on; called when apps get ready."""
    global _in_use  # noqa: PLW0603 - announced once, at start-up
    _in_use = recorder


def record_refusal(client_id: str, request: HttpRequest) -> str:
    """Have the refusal of an application that is not adopted recorded; return its reference."""
    return _in_use(client_id, request)
