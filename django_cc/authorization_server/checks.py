"""System checks of the authorization server role."""

import contextlib
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core import checks
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DriverError
from django.db import connections, router
from django.urls import NoReverseMatch, get_script_prefix, reverse

from django_cc.authorization_server import view_checks
from django_cc.authorization_server.adoption.checks import check_old_hashes
from django_cc.authorization_server.configured_keys import (
    are_keys_configured,
    get_configured_keys,
)
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.undecryptable import find_signing_problem
from django_cc.models import MachineClient
from django_cc.protocol.metadata import WELL_KNOWN

_Messages = list[checks.CheckMessage]
_Check = Callable[..., _Messages]

_SUPPORTED_DATABASES = frozenset({"postgresql", "sqlite"})


def register() -> None:
    """Let `manage.py check` run these."""
    for check in (
        check_settings,
        check_encryption_keys,
        check_configured_keys,
        check_time_zone_support,
        check_database_routing,
        check_database_vendor,
        check_urls,
        check_cache,
    ):
        checks.register(check, checks.Tags.security)
    for check in (check_old_hashes, check_signing_key):
        checks.register(check, checks.Tags.database)
    checks.register(check_transport, checks.Tags.security, deploy=True)
    view_checks.register()


def check_settings(**_kwargs: Any) -> _Messages:
    """E001: `DJANGO_CC` must be right for this role."""
    try:
        get_settings()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="django_cc.E001")]
    return []


def _with_right_settings(check: _Check) -> _Check:
    """Leave wrong settings to E001, the one check that explains them."""

    @wraps(check)
    def run(**kwargs: Any) -> _Messages:
        return [] if check_settings() else check(**kwargs)

    return run


@_with_right_settings
def check_encryption_keys(**_kwargs: Any) -> _Messages:
    """E002, W001: private signing keys are encrypted with keys of their own."""
    keys = get_settings().key_encryption_keys
    if not keys and are_keys_configured():
        return []
    hint = (
        'Set DJANGO_CC["KEY_ENCRYPTION_KEYS"] to a list of Fernet keys. A new one: python -c '
        '"from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
    )
    if not keys and django_settings.DEBUG:
        text = "Signing keys are encrypted with a key derived from SECRET_KEY: good for DEBUG only."
        return [checks.Warning(text, hint=hint, id="django_cc.W001")]
    if not keys:
        text = "There is no key to encrypt signing keys with: tokens cannot be issued."
        hint += " Tests need one too: Django's test runner turns DEBUG off."
        return [checks.Error(text, hint=hint, id="django_cc.E002")]
    if not all(map(_is_fernet_key, keys)):
        text = 'DJANGO_CC["KEY_ENCRYPTION_KEYS"] holds something that is no Fernet key.'
        return [checks.Error(text, hint=hint, id="django_cc.E002")]
    return []


@_with_right_settings
def check_configured_keys(**_kwargs: Any) -> _Messages:
    """E007: every key of SIGNING_KEYS can be used, and one of them signs."""
    hint = "Until this is right, token requests are answered with 503."
    problems = get_configured_keys().problems
    return [checks.Error(problem, hint=hint, id="django_cc.E007") for problem in problems]


@_with_right_settings
def check_signing_key(databases: Sequence[str] | None = None, **_kwargs: Any) -> _Messages:
    """E011, with --database: the key that signs can be decrypted."""
    no_key_to_try = any(isinstance(found, checks.Error) for found in check_encryption_keys())
    if get_database() not in (databases or ()) or no_key_to_try:
        return []
    try:
        problem = find_signing_problem()
    except DriverError:  # before the first migrate
        return []
    if not problem:
        return []
    hint = (
        "Until then token requests are answered with 503. “cc_signing_key compromise” needs no old "
        "encryption key, and ends all tokens that were signed with the keys it discards. “migrate” "
        "runs in spite of this with --skip-checks."
    )
    return [checks.Error(f"The signing key {problem}", hint=hint, id="django_cc.E011")]


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except (ValueError, TypeError, AttributeError):
        return False
    return True


def check_time_zone_support(**_kwargs: Any) -> _Messages:
    """E003: expiry is compared in UTC."""
    if django_settings.USE_TZ:
        return []
    text = "USE_TZ is False: the expiry of credentials cannot be told from local times."
    return [checks.Error(text, hint="Set USE_TZ = True.", id="django_cc.E003")]


def check_database_routing(**_kwargs: Any) -> _Messages:
    """E004: a change to a client is one transaction, so its tables are in one database."""
    related = [
        MachineClient._meta.get_field(name).related_model for name in ("application", "owner")
    ]
    aliases = {router.db_for_write(model) for model in related if isinstance(model, type)}
    aliases.add(router.db_for_read(MachineClient))
    if aliases <= {get_database()}:
        return []
    text = "django_cc, oauth2_provider and the user model are routed to different databases."
    hint = (
        "Route them to one, for reading too: registering a client looks at them and writes to "
        "them in one transaction."
    )
    return [checks.Error(text, hint=hint, id="django_cc.E004")]


def check_database_vendor(**_kwargs: Any) -> _Messages:
    """W002: what the suite runs on."""
    vendor = connections[get_database()].vendor
    if vendor in _SUPPORTED_DATABASES:
        return []
    text = f"django_cc is tested on PostgreSQL and SQLite, not on {vendor}."
    return [checks.Warning(text, id="django_cc.W002")]


@_with_right_settings
def check_urls(**_kwargs: Any) -> _Messages:
    """E005: metadata has one place, at the root of the host (RFC 8414 §3.1)."""
    with contextlib.suppress(NoReverseMatch):
        # Where the project itself lives under a prefix, the host's root is not its own.
        if reverse("django_cc:metadata") == f"{get_script_prefix()}{WELL_KNOWN}":
            return []
    text = "The URLs of django_cc are not mounted at the root, where RFC 8414 wants the metadata."
    hint = 'Add path("", include("django_cc.urls")) to the root URLconf.'
    return [checks.Error(text, hint=hint, id="django_cc.E005")]


@_with_right_settings
def check_transport(**_kwargs: Any) -> _Messages:
    """W003, with --deploy: credentials go over TLS, unless a mesh protects the hop."""
    if not get_settings().allow_insecure_transport:
        return []
    text = 'DJANGO_CC["ALLOW_INSECURE_TRANSPORT"] is on: credentials are accepted over plain HTTP.'
    hint = "Leave it off, unless a service mesh or proxy encrypts every hop to Django."
    return [checks.Warning(text, hint=hint, id="django_cc.W003")]


@_with_right_settings
def check_cache(**_kwargs: Any) -> _Messages:
    """W004: failed requests are counted where all processes see the count."""
    if django_settings.DEBUG or get_settings().failed_requests_per_minute is None:
        return []
    cache = caches[DEFAULT_CACHE_ALIAS]
    if not isinstance(cache, LocMemCache | DummyCache | FileBasedCache):
        return []
    text = (
        f"The default cache is {type(cache).__name__}, which the processes do not share: limits on "
        "failed requests are counted per process, or not at all, and so are the rates of clients."
    )
    hint = (
        'Set CACHES["default"] to a cache shared by all processes on all hosts, such as Redis or '
        "Valkey."
    )
    return [checks.Warning(text, hint=hint, id="django_cc.W004")]
