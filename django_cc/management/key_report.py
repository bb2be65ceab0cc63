"""Signing keys as commands print them: everything but their private halves."""

from collections.abc import Iterable
from typing import Any

from django_cc.authorization_server.configured_keys import (
    ConfiguredKey,
    are_keys_configured,
    get_configured_keys,
)
from django_cc.authorization_server.signing_keys.key_ring import get_signing_algorithm
from django_cc.authorization_server.signing_keys.schedule import (
    get_due_at,
    get_ready_at,
    get_signing_since,
)
from django_cc.authorization_server.signing_keys.undecryptable import list_undecryptable
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import SigningKey

State = SigningKey.State


def describe_keys() -> list[dict[str, Any]]:
    """Return all keys as JSON: those of the settings, then those of the database.

    They come in the order of a key's life, Next before Retired; times in ISO 8601, UTC. What is
    wrong with one is its `problem`.
    """
    problems = list_undecryptable()
    order = [state.value for state in State]
    rows = sorted(SigningKey.objects.all(), key=lambda key: (order.index(key.state), key.pk))
    described = [*_describe_configured(), *map(describe_key, rows)]
    return [key | {"problem": problems.get(key["kid"])} for key in described]


def describe_key(key: SigningKey) -> dict[str, Any]:
    """Return a key of the database as JSON."""
    is_current = key.state == State.CURRENT
    in_use = is_current and key.algorithm == get_signing_algorithm() and not are_keys_configured()
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": key.state,
        "source": "database",
        "signs": in_use,
        "created_at": write_timestamp(key.created_at),
        "ready_at": write_timestamp(get_ready_at(key) if key.state == State.NEXT else None),
        "activated_at": write_timestamp(get_signing_since(key) if is_current else key.activated_at),
        "due_at": write_timestamp(get_due_at(key) if in_use else None),
        "retiring_at": write_timestamp(key.retiring_at),
        "verifies_until": write_timestamp(key.verifies_until),
        "retired_at": write_timestamp(key.retired_at),
    }


def write_table(keys: Iterable[dict[str, Any]]) -> list[str]:
    """Return one line for each described key."""
    return [
        f"{key['kid']}  {key['algorithm']:<6} {key['state']:<8}  {_say_when(key)}" for key in keys
    ]


def _describe_configured() -> list[dict[str, Any]]:
    keys = get_configured_keys()
    signing = keys.find_signing_key(get_signing_algorithm())
    found = None if keys.problems else signing
    return [_describe_configured_key(key, signs=key is found) for key in keys.keys]


def _describe_configured_key(key: ConfiguredKey, *, signs: bool) -> dict[str, Any]:
    times = (
        *("created_at", "ready_at", "activated_at", "due_at"),
        *("retiring_at", "verifies_until", "retired_at"),
    )
    return {
        "kid": key.kid,
        "algorithm": key.private_key.algorithm.value,
        "state": "settings",
        "source": "settings",
        "signs": signs,
        **dict.fromkeys(times),
    }


def _say_when(key: dict[str, Any]) -> str:
    if key["problem"]:
        return str(key["problem"])
    if key["source"] == "settings":
        return "signs" if key["signs"] else "published, verifies"
    due = f", due {key['due_at']}" if key["due_at"] else ""
    unused = "published, not in use: “cc_signing_key retire” ends it"
    return {
        State.NEXT: f"published since {key['created_at']}, may sign from {key['ready_at']}",
        State.CURRENT: f"signs since {key['activated_at']}{due}" if key["signs"] else unused,
        State.RETIRING: f"verifies until {key['verifies_until']}",
        State.RETIRED: f"since {key['retired_at']}",
    }[State(key["state"])]
