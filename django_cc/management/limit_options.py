"""The options that limit what a machine client gets: how long, from where, how often."""

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypedDict

from django_cc.authorization_server.unchanged import UNCHANGED, Unchanged
from django_cc.management.durations import read_duration


class Limits(TypedDict):
    """The limits of a new client, as `Registration` takes them."""

    token_lifetime: timedelta | None
    allowed_networks: Sequence[str]
    rate: int | None


class LimitChanges(TypedDict):
    """The changed limits of a client, as `Changes` takes them."""

    token_lifetime: timedelta | Unchanged | None
    allowed_networks: Sequence[str] | Unchanged
    rate: int | Unchanged | None


def add_limit_options(parser: ArgumentParser) -> None:
    """Describe the limits of a new client."""
    add_token_lifetime_option(parser)
    _add_network_option(parser)
    _add_rate_option(parser)


def read_limits(options: dict[str, Any]) -> Limits:
    """Return the limits the options of a new client ask for."""
    return {
        "token_lifetime": options["token_lifetime"],
        "allowed_networks": options["allow_network"] or (),
        "rate": options["rate"],
    }


def add_limit_changes(parser: ArgumentParser) -> None:
    """Describe the limits of a client that is there, and how to lift each."""
    add_token_lifetime_changes(parser)
    networks = parser.add_mutually_exclusive_group()
    _add_network_option(networks)
    networks.add_argument("--any-network", action="store_true", help="From anywhere.")
    rate = parser.add_mutually_exclusive_group()
    _add_rate_option(rate)
    rate.add_argument("--no-rate", action="store_true", help="Any number of tokens.")


def read_limit_changes(options: dict[str, Any]) -> LimitChanges:
    """Return the changes of limits the options ask for."""
    return {
        "token_lifetime": read_token_lifetime_change(options),
        "allowed_networks": _read_network_change(options),
        "rate": _read_rate_change(options),
    }


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


def _add_network_option(parser: Any) -> None:
    parser.add_argument(
        "--allow-network",
        action="append",
        metavar="CIDR",
        help=(
            "From where it may ask for tokens: 10.0.0.0/8, 2001:db8::/32; the option several times "
            "for several, which are then all there are."
        ),
    )


def _read_network_change(options: dict[str, Any]) -> Sequence[str] | Unchanged:
    if options["any_network"]:
        return ()
    networks: list[str] | None = options["allow_network"]
    return UNCHANGED if networks is None else networks


def _add_rate_option(parser: Any) -> None:
    parser.add_argument(
        "--rate", type=int, metavar="N", help="How many tokens it may get in a minute."
    )


def _read_rate_change(options: dict[str, Any]) -> int | Unchanged | None:
    if options["no_rate"]:
        return None
    rate: int | None = options["rate"]
    return UNCHANGED if rate is None else rate
