"""What the console can do, a command can do: nobody depends on a browser.

A new page, action or open form of the admin fails here until it has an entry in `TWINS`.
"""

from argparse import ArgumentParser, _SubParsersAction
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.management import load_command_class
from django.test import RequestFactory

from django_cc.console.registration import register_console

# Model and page, or model and bulk action → the commands that do the same, with the subcommand
# and the options that it takes.
TWINS: dict[str, tuple[str, ...]] = {
    "api_changelist": ("cc_api list",),
    "api_add": ("cc_api create --name --token-lifetime", "cc_scope create --restricted"),
    "api_change": (
        "cc_api update --name --token-lifetime",
        "cc_scope create --description --restricted",
        "cc_scope update --description --restricted",
        "cc_scope delete",
    ),
    "api_delete": ("cc_api delete",),
    "api_introspection": ("cc_api allow-introspection", "cc_api deny-introspection"),
    "auditevent_changelist": ("cc_audit list --client --event --result",),
    "auditevent_change": ("cc_audit list --reference",),
    "dashboard_changelist": ("cc_report --hours",),
    "machineclient_changelist": ("cc_client list",),
    "machineclient_adopt": ("cc_adopt --apply",),
    "machineclient_add": ("cc_client create",),
    "machineclient_change": ("cc_client show", "cc_client update"),
    "machineclient_delete": ("cc_client delete",),
    "machineclient_disable": ("cc_client disable --reason",),
    "machineclient_enable": ("cc_client enable --reason",),
    "machineclient_replace_secret": ("cc_secret rotate", "cc_secret revoke"),
    "machineclient_access": ("cc_access list", "cc_access grant", "cc_access revoke"),
    "machineclient_remove_access": ("cc_access revoke",),
    "machineclient_activity": ("cc_audit list --client", "cc_client usage"),
    "machineclient_limits": (
        "cc_client update --token-lifetime --rate --no-rate --allow-network --any-network",
    ),
    "machineclient_tokens": ("cc_client usage", "cc_token revoke"),
    "machineclient_revoke_tokens": ("cc_token revoke --reason",),
    "machineclient_try": ("cc_token preview", "cc_token test"),
    "machineclient_identify": ("cc_token identify",),
    "machineclient_credentials": ("cc_secret list", "cc_client_key list"),
    "machineclient_create_secret": ("cc_secret create",),
    "machineclient_rotate_secret": ("cc_secret rotate --overlap",),
    "machineclient_update_secret": ("cc_secret update --note",),
    "machineclient_revoke_secret": ("cc_secret revoke --reason",),
    "machineclient_add_key": ("cc_client_key add",),
    "machineclient_remove_key": ("cc_client_key remove",),
    "machineclient_jwks_url": ("cc_client update --jwks-uri",),
    "machineclient_remove_jwks_url": ("cc_client update --no-jwks-uri",),
    "machineclient_check_jwks_url": ("cc_client_key fetch",),
    "machineclient_endpoint_audience": (
        "cc_client update --accept-endpoint-audience --no-accept-endpoint-audience",
    ),
    "machineclient_change_authentication": ("cc_client update --auth-method --keep-previous",),
    "machineclient_end_transition": ("cc_client update --auth-method",),
    "machineclient_disable_clients": ("cc_client disable --reason",),
    "machineclient_enable_clients": ("cc_client enable",),
    "machineclient_revoke_all_tokens": ("cc_token revoke --reason",),
    "scope_changelist": ("cc_scope list",),
    "scope_change": ("cc_scope list --api",),
    "signingkey_changelist": ("cc_signing_key list", "cc_signing_key jwks"),
    "signingkey_change": ("cc_signing_key list",),
    "signingkey_ensure": ("cc_signing_key ensure",),
    "signingkey_rotate": ("cc_signing_key rotate",),
    "signingkey_activate_early": ("cc_signing_key rotate --now",),
    "signingkey_compromise": ("cc_signing_key compromise --reason",),
    "signingkey_retire": ("cc_signing_key retire --force --reason",),
}
# The admin's own log of who edited what: `cc_audit list` tells more.
OF_DJANGO = frozenset({"history"})


def list_acts() -> list[str]:
    """Return every page and action of the console that is open to a superuser."""
    site = admin.AdminSite(name="walked")
    register_console(site)
    return sorted(
        act
        for model, model_admin in site._registry.items()
        for act in walk(str(model._meta.model_name), model_admin)
    )


def walk(model: str, model_admin: Any) -> Iterator[str]:
    names = Counter(url.name for url in model_admin.get_urls() if getattr(url, "name", None))
    closed = find_closed(model_admin)
    for name, count in names.items():
        page = name.removeprefix(f"django_cc_{model}_")
        # A page of ours may stand in the place of one of Django's that is closed.
        if page not in OF_DJANGO and (page not in closed or count > 1):
            yield f"{model}_{page}"
    for action in model_admin.actions or ():
        yield f"{model}_{getattr(action, '__name__', action)}"


def find_closed(model_admin: Any) -> set[str]:
    request = RequestFactory().get("/")
    request.user = get_user_model()(is_superuser=True, is_active=True, is_staff=True)
    is_open = {
        "add": model_admin.has_add_permission(request),
        "delete": model_admin.has_delete_permission(request),
        # A page of figures has no rows to look at.
        "change": not model_admin.opts.proxy,
    }
    return {page for page, yes in is_open.items() if not yes}


def find_parser(words: list[str]) -> ArgumentParser:
    """Return the parser of a command, or of its subcommand, that takes the words."""
    command = load_command_class("django_cc", words[0])
    parser: ArgumentParser = command.create_parser("manage.py", words[0])
    groups = [one for one in parser._actions if isinstance(one, _SubParsersAction)]
    if not groups:
        return parser
    found: ArgumentParser = groups[0].choices[words[1]]
    return found


def find_missing_words(twin: str) -> set[str]:
    words = twin.split()
    options = {word for word in words if word.startswith("--")}
    return options - {*find_parser(words)._option_string_actions}


@pytest.mark.parametrize("act", list_acts())
def test_has_a_command_that_does_the_same(act: str) -> None:
    assert act in TWINS, f"{act} needs a command, and an entry that names it"
    assert [*map(find_missing_words, TWINS[act])] == [set()] * len(TWINS[act])
