"""Ask the project's `EXTRA_CLAIMS` what else a token shall say."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import import_string

from django_cc.authorization_server.settings import get_settings
from django_cc.protocol.access_token.extra_claims import UnusableClaimsError, read_extra_claims
from django_cc.protocol.client import Client

_Hook = Callable[[Client, HttpRequest], object]


class ExtraClaimsError(Exception):
    """The hook failed, or said what no token may; its `__cause__` is what it raised."""


def find_extra_claims(client: Client, *, request: HttpRequest) -> Mapping[str, Any]:
    """Return what `EXTRA_CLAIMS` says of a client that gets a token; nothing where it is not set.

    Raises:
        ExtraClaimsError: it raised something, or its answer cannot go into a token; a token
            without it would be wrong too.
    """
    path = get_settings().extra_claims
    if path is None:
        return {}
    try:
        hook: _Hook = import_string(path)
        return read_extra_claims(hook(client, request))
    except UnusableClaimsError as problem:
        text = f"the claims of EXTRA_CLAIMS for {client.client_id} cannot be used: {problem}"
        raise ExtraClaimsError(text) from None
    except Exception as error:  # whatever a project's hook raises
        text = f"EXTRA_CLAIMS failed for {client.client_id} ({type(error).__name__})."
        raise ExtraClaimsError(text) from error
