"""What the console says of signing keys: everything but their private halves."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.configured_keys import (
    are_keys_configured,
    get_configured_keys,
)
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.issuer import endpoint_url
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.jwk_set import write_jwk_set
from django_cc.authorization_server.signing_keys.key_ring import (
    NoSigningKeyError,
    get_signing_algorithm,
)
from django_cc.authorization_server.signing_keys.schedule import (
    JWK_SET_MAX_AGE,
    get_due_at,
    get_ready_at,
    get_signing_since,
    is_ready,
)
from django_cc.authorization_server.signing_keys.undecryptable import list_undecryptable
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification
from django_cc.console.site.times import format_both, format_time
from django_cc.models import SigningKey

State = SigningKey.State
MOST_RETIRED = 20

_STEPS = {
    State.NEXT: (_("Next"), _("Published, not signing.")),
    State.CURRENT: (_("Current"), _("Signs.")),
    State.RETIRING: (
        _("Retiring"),
        _("Published, verifies only, until the longest token has expired."),
    ),
    State.RETIRED: (_("Retired"), _("Unpublished, private part destroyed.")),
}
_PUBLIC = ("pk", "kid", "algorithm", "state", "created_at", "activated_at")
_TIMES = ("retiring_at", "verifies_until", "retired_at")


@dataclass(frozen=True, slots=True)
class Step:
    """One state in the life of a key, and which keys are in it."""

    title: Any  # a lazy translation
    meaning: Any  # a lazy translation
    kids: Sequence[str]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key as the table has it; `pk` is None for a key of the settings."""

    pk: int | None
    kid: str
    algorithm: str
    state: Any  # perhaps a lazy translation
    since: str
    leaves: str
    kept_in: str
    retirable: bool = False


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One look at the keys.

    Attributes:
        rows: in the order of a key's life; of the retired ones the last.
        ready: whether the Next key may sign.
        ready_at: when it may, in words; empty where there is no Next key.
        schedule: when the next rotation is due, in words.
        from_settings: whether keys of the settings sign.
        signing_problem: why the Current key cannot sign; empty where it can.
        jwk_set: the published document, or empty with a `problem`.
    """

    steps: Sequence[Step]
    rows: Sequence[KeyRow]
    current: SigningKey | None
    upcoming: SigningKey | None
    ready: bool
    ready_at: str
    schedule: str
    from_settings: bool
    signing_problem: str
    jwks_url: str
    jwks_max_age: int
    jwk_set: str
    problem: str

    @property
    def curl(self) -> str:
        """How to fetch the document, with its headers."""
        return f"curl -i {shlex.quote(self.jwks_url)}"


def gather_key_facts() -> KeyFacts:
    """Return what there is to know now."""
    now, keys = timezone.now(), _list_keys()
    current, upcoming = _find(keys, State.CURRENT), _find(keys, State.NEXT)
    jwk_set, problem = _read_jwk_set()
    problems = list_undecryptable()
    return KeyFacts(
        steps=[_describe_step(state, keys) for state in State],
        rows=[*_list_configured(), *(_describe(key, problems, now=now) for key in keys)],
        current=current,
        upcoming=upcoming,
        ready=upcoming is not None and is_ready(upcoming),
        ready_at=format_both(get_ready_at(upcoming), now=now) if upcoming else "",
        schedule=_describe_schedule(current),
        from_settings=are_keys_configured(),
        signing_problem=problems.get(current.kid, "") if current else "",
        jwks_url=endpoint_url("jwks"),
        jwks_max_age=int(JWK_SET_MAX_AGE.total_seconds()),
        jwk_set=jwk_set,
        problem=problem,
    )


def list_public_facts() -> Any:
    """Return the rows of keys without their private halves: those never leave the database."""
    return SigningKey.objects.using(get_database()).only(*_PUBLIC, *_TIMES)


def is_retirable(key: SigningKey) -> bool:
    """Tell whether a key may be offered to be retired; the one that signs is not."""
    signs = key.state == State.CURRENT and key.algorithm == get_signing_algorithm()
    return key.state != State.RETIRED and (not signs or are_keys_configured())


def _list_keys() -> list[SigningKey]:
    order = list(State)
    retired = list_public_facts().filter(state=State.RETIRED).order_by("-retired_at", "-pk")
    alive = list_public_facts().exclude(state=State.RETIRED)
    alive = sorted(alive, key=lambda key: (order.index(State(key.state)), key.pk))
    return [*alive, *retired[:MOST_RETIRED]]


def _find(keys: Sequence[SigningKey], state: State) -> SigningKey | None:
    algorithm = get_signing_algorithm()
    fitting = (key for key in keys if key.state == state and key.algorithm == algorithm)
    return next(fitting, None)


def _describe_step(state: State, keys: Sequence[SigningKey]) -> Step:
    title, meaning = _STEPS[state]
    # Of those that are gone the table tells enough.
    kids = [key.kid for key in keys if key.state == state and state != State.RETIRED]
    return Step(title, meaning, kids)


def _describe(key: SigningKey, problems: Mapping[str, str], *, now: datetime) -> KeyRow:
    return KeyRow(
        pk=key.pk,
        kid=key.kid,
        algorithm=key.algorithm,
        state=_STEPS[State(key.state)][0],
        since=format_time(_find_since(key)),
        leaves=_describe_leaving(key, now=now),
        kept_in=_describe_keeping(key, problems.get(key.kid)),
        retirable=is_retirable(key),
    )


def _describe_keeping(key: SigningKey, problem: str | None) -> str:
    if key.state == State.RETIRED:
        return gettext("destroyed")
    if problem:
        return gettext("database, %(problem)s.") % {"problem": problem}
    return gettext("database, encrypted")


def _find_since(key: SigningKey) -> datetime:
    times = {
        State.NEXT: key.created_at,
        State.CURRENT: get_signing_since(key),
        State.RETIRING: key.retiring_at,
        State.RETIRED: key.retired_at,
    }
    return times[State(key.state)] or key.created_at


def _describe_leaving(key: SigningKey, *, now: datetime) -> str:
    if key.state == State.RETIRED:
        return gettext("has left it")
    if key.state == State.RETIRING and key.verifies_until:
        if key.verifies_until <= now:
            return gettext("may be retired now")
        return format_both(key.verifies_until, now=now)
    if key.state == State.CURRENT:
        return gettext("some minutes after it is replaced")
    return gettext("not yet")


def _list_configured() -> list[KeyRow]:
    found = get_configured_keys()
    signing = None if found.problems else found.find_signing_key(get_signing_algorithm())
    return [
        KeyRow(
            pk=None,
            kid=key.kid,
            algorithm=key.private_key.algorithm.value,
            state=_("Current") if key is signing else _("Published"),
            since="",
            leaves=gettext("when it leaves the settings"),
            kept_in=gettext("settings"),
        )
        for key in found.keys
    ]


def _describe_schedule(current: SigningKey | None) -> str:
    rotation = get_settings().signing_key_rotation
    due_at = None if current is None else get_due_at(current)
    if rotation is None or due_at is None:
        return gettext("No rotation is scheduled (SIGNING_KEY_ROTATION).")
    text = gettext("Next rotation %(time)s (every %(days)d days), by %(command)s.")
    return text % {
        "time": format_time(due_at),
        "days": rotation.days,
        "command": "manage.py cc_signing_key rotate --if-due",
    }


def _read_jwk_set() -> tuple[str, str]:
    try:
        return write_jwk_set(get_snapshot_for_verification()).decode(), ""
    except (NoSigningKeyError, SnapshotTooOldError) as error:
        return "", str(error)
