"""The options of `cc_client` that say where a client publishes its keys."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from django_cc.authorization_server.clients.jwks_uri import (
    UnreadableJWKSetError,
    read_published_keys,
)
from django_cc.management.validation_errors import explain


def add_jwks_uri(parser: ArgumentParser, keys: Any) -> None:
    """Describe the options; `keys` is the group of those of which one may be given."""
    keys.add_argument(
        "--jwks-uri",
        metavar="URL",
        help="Where it publishes its public keys as a JWK Set, for private_key_jwt: https. It is "
        "read once to see whether it can be. Keys registered one by one come first.",
    )
    parser.add_argument(
        "--save-anyway",
        action="store_true",
        help="Keep the URL of --jwks-uri without reading it.",
    )


def require_readable_jwks_uri(options: dict[str, Any]) -> None:
    """Return if the URL that is given can be read, or need not be. No transaction may be open.

    Raises:
        CommandError: it cannot be read now, or there is no URL to save anyway.
        ValidationError: it is none that is ever fetched; by field.
    """
    url, anyway = options["jwks_uri"], options["save_anyway"]
    if anyway and url is None:
        raise CommandError("--save-anyway goes with --jwks-uri.")
    if anyway or not url:
        return
    try:
        read_published_keys(url)
    except UnreadableJWKSetError as error:
        raise CommandError(f"{explain(error)} --save-anyway keeps it all the same.") from None
