"""Middleware that says which worker process answered."""

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


def name_worker(get_response: Answer) -> Answer:
    """Put the process ID into a header of every answer, errors too."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["X-Worker"] = str(os.getpid())
        return response

    return answer
