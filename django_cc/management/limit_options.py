"""The options that limit what a machine client gets: how long, from where, how often."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, TypedDict

from django_cc.authorization_server.unchanged import UNCHANGED, Unchanged
from django_cc.management.durations import read_duration


class Limits(TypedDict):
    """The limits of a new client, as `Registration` takes them."""

    token_lifetime: timedelta | None


class LimitChanges(TypedDict):
    """The changed limits of a client, as `Changes` takes them."""

    token_lifetime: timedelta | Unchanged | None


def add_limit_options(parser: ArgumentParser) -> None:
    """Describe the limits of a new client."""
    add_token_lifetime_option(parser)


def read_limits(options: dict[str, Any]) -> Limits:
    """Return the limits the options of a new client ask for."""
    return {"token_lifetime": options["token_lifetime"]}


def add_limit_changes(parser: ArgumentParser) -> None:
    """Describe the limits of a client that is there, and how to lift each."""
    add_token_lifetime_changes(parser)


def read_limit_changes(options: dict[str, Any]) -> LimitChanges:
    """Return the changes of limits the options ask for."""
    return {"token_lifetime": read_token_lifetime_change(options)}


def add_token_lifetime_option(parser: Any) -> None:
    """Describe how long tokens live, of a client or for an API."""
    parser.add_argument(
        "--token-lifetime",
        type=read_duration,
        metavar="DURATION",
        help="How long its access tokens live: 60s to 24h, such as 5m.",
    )


def add_token_lifetime_changes(parser: ArgumentParser) -> None:
    """Describe how long tokens live, and how to leave that to the next in the order."""
    lifetime = parser.add_mutually_exclusive_group()
    add_token_lifetime_option(lifetime)
    lifetime.add_argument(
        "--default-token-lifetime",
        action="store_true",
        help="As long as is set elsewhere: for a client by its API, else by TOKEN_LIFETIME.",
    )


def read_token_lifetime_change(options: dict[str, Any]) -> timedelta | Unchanged | None:
    """Return the change of a token lifetime the options ask for."""
    if options["default_token_lifetime"]:
        return None
    lifetime: timedelta | None = options["token_lifetime"]
    return UNCHANGED if lifetime is None else lifetime
