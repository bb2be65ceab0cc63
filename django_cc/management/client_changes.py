"""The options of `cc_client update`, and the changes they ask for."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils import timezone

from django_cc.authorization_server.apis.scope_choice import find_api
from django_cc.authorization_server.clients.editing import Changes
from django_cc.authorization_server.clients.lookup import find_group, find_owner
from django_cc.authorization_server.unchanged import UNCHANGED, Unchanged
from django_cc.management.authentication_options import add_authentication_change
from django_cc.management.durations import read_duration
from django_cc.management.limit_options import add_limit_changes, read_limit_changes
from django_cc.management.moments import read_moment

_Row = TypeVar("_Row")
_Value = TypeVar("_Value", str, bool)


def add_change_options(parser: ArgumentParser) -> None:
    """Describe the options; what is not given stays as it is."""
    parser.add_argument("--name", help="What it is and where it runs.")
    parser.add_argument("--description", help="What it does, whom to call.")
    owner = parser.add_mutually_exclusive_group()
    owner.add_argument("--owner", metavar="USERNAME", help="Who manages it.")
    owner.add_argument("--no-owner", action="store_true", help="Nobody does.")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--group", metavar="NAME", help="Whose members manage it too.")
    group.add_argument("--no-group", action="store_true", help="Those of no group.")
    api = parser.add_mutually_exclusive_group()
    api.add_argument(
        "--default-api",
        metavar="IDENTIFIER",
        help="Of several APIs, the one a token is for when the request does not say.",
    )
    api.add_argument("--no-default-api", action="store_true", help="None of them.")
    end = parser.add_mutually_exclusive_group()
    add_lifetime_option(end)
    end.add_argument(
        "--expires-at",
        type=read_moment,
        metavar="ISO",
        help="When it ends: 2027-01-31, 2027-01-31T18:00+01:00; in UTC where no zone is named.",
    )
    end.add_argument("--never-expires", action="store_true", help="It has no end.")
    add_limit_changes(parser)
    add_authentication_change(parser)
    parser.add_argument(
        "--if-version",
        type=int,
        metavar="N",
        help="Change it only if nobody has since you read this version (cc_client show).",
    )


def add_lifetime_option(parser: Any) -> None:
    """Describe the option that ends a client after a while."""
    parser.add_argument(
        "--expires-in",
        type=read_duration,
        metavar="DURATION",
        help="When the client itself ends, from now: 24h, 90d. Its tokens die at that moment.",
    )


def read_changes(options: dict[str, Any]) -> Changes:
    """Return what the options ask for.

    Raises:
        ValidationError: there is no such user or API.
    """
    return Changes(
        name=_keep_if_absent(options["name"]),
        description=_keep_if_absent(options["description"]),
        owner=None if options["no_owner"] else _find(find_owner, options["owner"]),
        owning_group=None if options["no_group"] else _find(find_group, options["group"]),
        default_api=None if options["no_default_api"] else _find(find_api, options["default_api"]),
        expires_at=_read_end(options),
        **read_limit_changes(options),
        accepts_endpoint_audience=_keep_if_absent(options["accepts_endpoint_audience"]),
        jwks_uri="" if options["no_jwks_uri"] else _keep_if_absent(options["jwks_uri"]),
    )


def _keep_if_absent(value: _Value | None) -> _Value | Unchanged:
    return UNCHANGED if value is None else value


def _find(find: Callable[[str], _Row], name: str | None) -> _Row | Unchanged:
    return UNCHANGED if name is None else find(name)


def _read_end(options: dict[str, Any]) -> datetime | Unchanged | None:
    if options["never_expires"]:
        return None
    lifetime: timedelta | None = options["expires_in"]
    if lifetime is not None:
        return timezone.now() + lifetime
    expires_at: datetime | None = options["expires_at"]
    return UNCHANGED if expires_at is None else expires_at
