"""Pieces of code and files for the pages that hand over credentials."""

import base64
import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string

from django_cc.authorization_server.clients.credentials import RequestForToken

API_ADDRESS: Final = "https://api.example.com/"  # where an API is nobody has told this server


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code that gets a token; what it needs it reads from the environment.

    Attributes:
        name: of the piece, in the page.
        title: a lazy translation: the tool it is for.
        text: gets the token.
        call: goes on to call the API with it.
    """

    name: str
    title: Any
    text: str
    call: str


def make_snippets(
    pieces: dict[str, tuple[Any, str]], asked: RequestForToken, **context: Any
) -> Iterator[Snippet]:
    """Yield a snippet for each name, with its title and the name of the piece that goes on.

    Args:
        pieces: title and further piece, by the name of a template of `django_cc/snippets`.
        asked: what the request names; each template finds it quoted as its language needs it.
        context: what else the templates insert.
    """
    words = {"api_address": API_ADDRESS, **_quote(asked), **context}
    for name, (title, call) in pieces.items():
        yield Snippet(name, title, render_plain(name, words), render_plain(call, words))


def render_plain(name: str, context: dict[str, Any]) -> str:
    """Return a snippet as plain text."""
    # Joined to a plain str: what a template renders is marked safe, and would go into the page
    # unescaped.
    return "".join(render_to_string(f"django_cc/snippets/{name}.txt", context))


def make_data_link(media_type: str, text: str) -> str:
    """Return a file as a link that holds it: no second request, no storage."""
    return f"data:{media_type};base64,{base64.b64encode(text.encode()).decode()}"


def _quote(asked: RequestForToken) -> dict[str, dict[str, str]]:
    parameters = {"scope": asked.scope, "resource": asked.resource}
    named = {name: value for name, value in parameters.items() if value}
    return {
        "literal": {name: json.dumps(value) for name, value in named.items()},
        "shell": {name: shlex.quote(f"{name}={value}") for name, value in named.items()},
    }
