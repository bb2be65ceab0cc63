"""The options of `cc_client` that say how a client authenticates."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.authentication_family import change_authentication
from django_cc.management.durations import read_duration
from django_cc.management.jwk_files import read_jwks
from django_cc.management.jwks_uri_options import add_jwks_uri
from django_cc.models import MachineClient

_FAMILIES = MachineClient.Authentication


def add_authentication(parser: ArgumentParser) -> None:
    """Describe the options of a registration."""
    parser.add_argument(
        "--auth-method",
        choices=_FAMILIES.values,
        default=_FAMILIES.CLIENT_SECRET.value,
        help="How it authenticates: by a secret, which is printed once, or by JWTs that it signs.",
    )
    keys = parser.add_mutually_exclusive_group()
    keys.add_argument(
        "--jwks",
        type=read_jwks,
        metavar="FILE",
        help="Its public keys, for private_key_jwt: a JWK, a JWK Set, or a key in PEM; - reads "
        "standard input.",
    )
    add_jwks_uri(parser, keys)


def add_authentication_change(parser: ArgumentParser) -> None:
    """Describe the options of a change."""
    parser.add_argument(
        "--auth-method",
        choices=_FAMILIES.values,
        help="How it authenticates from now on. It needs a live credential of that kind.",
    )
    parser.add_argument(
        "--keep-previous",
        type=read_duration,
        metavar="DURATION",
        help="How long the previous method works beside the new one: 7d, at most 30d. Without: "
        "its credentials are revoked at once.",
    )
    keys = parser.add_mutually_exclusive_group()
    add_jwks_uri(parser, keys)
    keys.add_argument("--no-jwks-uri", action="store_true", help="It publishes them no more.")
    audience = parser.add_mutually_exclusive_group()
    audience.add_argument(
        "--accept-endpoint-audience",
        action="store_const",
        const=True,
        dest="accepts_endpoint_audience",
        help="Its assertions may name the token endpoint as aud; for older client libraries.",
    )
    audience.add_argument(
        "--no-accept-endpoint-audience",
        action="store_const",
        const=False,
        dest="accepts_endpoint_audience",
        help="They must name the issuer.",
    )


def read_keys(options: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the keys of a client that is to authenticate by keys; None for one with a secret.

    Raises:
        CommandError: keys for a client with a secret.
    """
    jwks: list[dict[str, Any]] | None = options["jwks"]
    if options["auth_method"] == _FAMILIES.PRIVATE_KEY_JWT:
        return jwks or []
    for name in ("jwks", "jwks_uri"):
        if options[name] is not None:
            option = f"--{name.replace('_', '-')}"
            raise CommandError(f"{option} goes with --auth-method private_key_jwt.")
    return None


def change_by_options(client: MachineClient, options: dict[str, Any], actor: Actor) -> bool:
    """Change how a client authenticates, where that is asked for; return whether it changed.

    Raises:
        CommandError: a time to keep the previous method, and no method.
        ValidationError: the change is not possible; by field.
    """
    if options["auth_method"] is None:
        if options["keep_previous"] is not None:
            raise CommandError("--keep-previous goes with --auth-method.")
        return False
    family = _FAMILIES(options["auth_method"])
    until = _read_end(options["keep_previous"])
    return change_authentication(client, family, actor, previous_until=until)


def _read_end(kept_for: timedelta | None) -> datetime | None:
    return timezone.now() + kept_for if kept_for else None
