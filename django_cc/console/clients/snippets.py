"""Pieces of code and files for the pages that hand over credentials."""

import base64
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code that gets a token; what it needs it reads from the environment."""

    name: str
    title: Any  # a lazy translation
    text: str


def render_plain(name: str, context: dict[str, Any]) -> str:
    """Return a snippet as plain text."""
    # Joined to a plain str: what a template renders is marked safe, and would go into the page
    # unescaped.
    return "".join(render_to_string(f"django_cc/snippets/{name}.txt", context))


def make_data_link(media_type: str, text: str) -> str:
    """Return a file as a link that holds it: no second request, no storage."""
    return f"data:{media_type};base64,{base64.b64encode(text.encode()).decode()}"
