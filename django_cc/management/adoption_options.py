"""The options of `cc_adopt`, and what they ask for."""

import argparse
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from django_cc.authorization_server.adoption.plan import AdoptionRules
from django_cc.authorization_server.adoption.proposals import ScopeRules
from django_cc.authorization_server.apis.scope_choice import choose_scopes, find_api
from django_cc.authorization_server.toolkit.adoption_candidates import Selection
from django_cc.management.counts import read_count
from django_cc.management.durations import read_duration

_BATCH_SIZE = 100
_LARGEST_BATCH = 1000
_RECENT = timedelta(days=90)
_LONGEST_AGO = timedelta(days=36_500)  # before any token there is


def add_adoption_options(parser: ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument(
        "client_ids", nargs="*", metavar="CLIENT_ID", help="These; without: all, for a plan."
    )
    parser.add_argument("--all", action="store_true", help="All, where something is changed.")
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="CLIENT_ID", help="But not this one."
    )
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--apply", action="store_true", help="Do it. Without, the plan is printed.")
    act.add_argument(
        "--revert",
        action="store_true",
        help="Give adopted clients back, as long as nothing of them has changed.",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="Adopt also those of which the plan says that they need it.",
    )
    _add_scope_options(parser)
    parser.add_argument(
        "--batch-size",
        type=read_count(most=_LARGEST_BATCH),
        default=_BATCH_SIZE,
        metavar="N",
        help=f"Adopt so many in one transaction (default {_BATCH_SIZE}).",
    )
    parser.add_argument("--json", action="store_true", help="Print the result as JSON.")


def _add_scope_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        type=read_duration,
        default=_RECENT,
        metavar="DURATION",
        help="Propose the scopes of tokens that are no older (default 90d).",
    )
    parser.add_argument(
        "--scope",
        action="append",
        metavar="SCOPE",
        help="Give these instead; several names in quotes, or the option several times.",
    )
    parser.add_argument(
        "--api", metavar="IDENTIFIER", help="The API that offers the scopes, if several do."
    )
    parser.add_argument(
        "--map",
        action="append",
        type=_read_renaming,
        default=[],
        metavar="OLD=NEW",
        help="What a scope of the toolkit is called here.",
    )
    parser.add_argument("--restricted", action="store_true", help="Propose restricted scopes too.")


def _read_renaming(text: str) -> tuple[str, str]:
    old, _equals, new = text.partition("=")
    if not old or not new:
        raise argparse.ArgumentTypeError(f"“{text}” does not fit: write OLD=NEW.")
    return old, new


def read_selection(options: Mapping[str, Any]) -> Selection:
    """Return which Applications the options mean."""
    client_ids: Sequence[str] = options["client_ids"]
    return Selection(client_ids or None, options["exclude"])


def read_rules(options: Mapping[str, Any]) -> AdoptionRules:
    """Return what the options say of how to adopt.

    Raises:
        ValidationError: a scope or an API is unknown.
    """
    api: str | None = options["api"]
    if api is not None:
        find_api(api)
    scopes = ScopeRules(
        given=_read_scopes(options, api),
        api=api,
        renamed=dict(options["map"]),
        allow_restricted=options["restricted"],
    )
    since = timezone.now() - min(options["since"], _LONGEST_AGO)
    return AdoptionRules(scopes=scopes, since=since, force=options["force"])


def _read_scopes(options: Mapping[str, Any], api: str | None) -> list[Any] | None:
    if options["scope"] is None:
        return None
    scopes = choose_scopes(" ".join(options["scope"]).split(), api_identifier=api)
    restricted = sorted(scope.name for scope in scopes if scope.restricted)
    if restricted and not options["restricted"]:
        names = ", ".join(restricted)
        raise ValidationError(f"Restricted: {names}. Add --restricted if you mean it.")
    return scopes
